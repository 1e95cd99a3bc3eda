"""The Learning view as a person sees it: watched, paused, stepped, steered, brought back."""

import re
from typing import Any

import pytest

from studio.test_in_browser import (  # noqa: F401
    address,
    chromium,
    faults,
    page,
    playwright,
    pytestmark,
)

# ruff: noqa: F811


@pytest.fixture
def view(page: Any) -> Any:
    page.click("#to-learning")
    page.click("[data-take=names]")
    page.wait_for_selector("#l-form:not([hidden])")
    return page


def said(view: Any) -> str:
    return view.locator("#l-status").inner_text()


def step(view: Any) -> int:
    return int(re.search(r"tep ([\d,]+)", said(view))[1].replace(",", ""))


def paused(view: Any) -> int:
    """Begin, and pause: the step after which it stands still."""
    view.click("#l-begin")
    view.wait_for_selector("#l-layers svg")
    view.click("#l-pause")
    view.wait_for_selector("#l-status:has-text('Paused')")
    view.wait_for_timeout(700)
    return step(view)


def test_it_is_watched_to_its_end(view: Any) -> None:
    view.click("#l-begin")
    view.wait_for_selector("#l-plane g")
    first = view.locator("#l-plane g").first.get_attribute("style")
    drafts = view.locator("#l-drafts").inner_text()
    view.wait_for_selector("#l-verdict:not([hidden])")
    assert view.locator("#l-plane g").count() == 27
    assert view.locator("#l-plane g").first.get_attribute("style") != first
    assert view.locator("#l-drafts").inner_text() != drafts
    assert view.locator("#l-layers svg").count() == 6
    assert "of the hidden activations are saturated" in view.locator("#l-saturated").inner_text()
    assert view.locator("#l-moved tr").count() == 5
    assert re.search(r"Learnt, in .* dev 1\.9\d\d\d nats per token\.$", said(view))
    view.click("#to-list")  # the model is there, too
    view.wait_for_selector("#items li")


def test_it_is_paused_and_goes_a_step(view: Any) -> None:
    before = paused(view)
    view.wait_for_timeout(700)
    assert step(view) == before
    view.click("#l-step")
    playwright.expect(view.locator("#l-status")).to_contain_text(f"after step {before + 1}:")
    view.click("#l-pause")
    view.wait_for_selector("#l-verdict:not([hidden])")


def test_a_rate_that_is_too_high_and_the_way_back(view: Any) -> None:
    before = paused(view)
    view.fill("#l-rate", "100000")
    view.wait_for_timeout(700)
    view.click("#l-pause")
    view.wait_for_selector("#l-status.error:has-text('the range test suggests one')")
    button = view.locator("#l-back")
    back = int(re.search(r"step (\d+)", button.inner_text())[1])
    assert back <= before
    assert faults(view) == ""
    button.click()
    view.wait_for_selector("#l-verdict:not([hidden])")
    assert "no command makes the same model again" in said(view)
    assert view.locator("#l-curve .mark-line").count() == 2


def test_numbers_that_can_not_be(view: Any) -> None:
    view.fill("#l-rate", "-1")
    view.click("#l-begin")
    view.wait_for_selector("#l-status.error:has-text('Learning rate: a number from 0')")
    view.fill("#l-rate", "")
    view.fill("#l-dropout", "0.99")
    view.click("#l-begin")
    view.wait_for_selector("#l-status.error:has-text('Dropout: a number from 0 to 0.95')")


def test_the_range_test_and_its_rate(view: Any) -> None:
    view.click("#l-test")
    view.wait_for_selector("#l-range-chart svg")
    view.click("#l-use")
    assert 0 < float(view.locator("#l-rate").input_value()) < 1


def test_two_bigrams_become_equal(view: Any) -> None:
    view.click("#l-neural")
    losses = view.locator("#l-bigram-losses")
    playwright.expect(losses).to_contain_text("differ by")
    apart = []
    for _ in range(4):
        apart.append(float(re.search(r"differ by ([\d.]+)", losses.inner_text())[1]))
        view.wait_for_timeout(1_000)
    assert apart[0] > 0.01 > 0.002 > apart[-1]
    view.focus("#l-counted")
    view.keyboard.press("ArrowDown")
    view.keyboard.press("ArrowDown")
    assert "After a comes the end: counted 0.1959, learnt" in view.locator("#l-cell").inner_text()
    view.locator("#l-smoothing").fill("40")
    playwright.expect(losses).to_contain_text("train 3.2958, dev 3.2958 nats per token")
    view.locator("#l-smoothing").fill("0")
    playwright.expect(losses).to_contain_text(re.compile(r"dev infinite|dev 2\.4"))


def test_a_link_shows_the_same_run(view: Any) -> None:
    view.select_option("#l-speed", "0.1")
    view.click("#l-begin")
    view.wait_for_selector("#l-layers svg")
    other = view.context.new_page()
    other.goto(view.url)
    other.wait_for_selector("#l-layers svg")
    view.click("#l-stop")
    for one in (view, other):
        one.wait_for_selector("#l-status:has-text('Stopped; this is the model so far')")
    assert said(view) == said(other)
    other.close()


@pytest.mark.parametrize("width", [390, 1_400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_and_fits(view: Any, width: int, scheme: str) -> None:
    view.set_viewport_size({"width": width, "height": 844})
    view.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    paused(view)
    view.click("#l-test")
    view.wait_for_selector("#l-use:not([hidden])")
    assert faults(view) == ""
    assert view.evaluate("document.documentElement.scrollWidth") <= width


def test_everything_by_keyboard(view: Any) -> None:
    view.focus("#l-rate")
    view.keyboard.press("Enter")
    view.wait_for_selector("#l-layers svg")
    view.focus("#l-pause")
    view.keyboard.press("Enter")
    view.wait_for_selector("#l-step:enabled")
    view.focus("#l-step")
    view.keyboard.press("Enter")
    view.wait_for_selector("#l-status:has-text('Paused after step')")
    view.focus("#l-stop")
    view.keyboard.press("Enter")
    view.wait_for_selector("#l-status:has-text('Stopped')")
