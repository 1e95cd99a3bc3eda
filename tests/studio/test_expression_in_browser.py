"""The Expression view as a person sees it: typed, stepped through by keyboard, moved by sliders."""

from typing import Any
from urllib.parse import urlencode

import pytest

from studio.test_in_browser import (  # noqa: F401
    address,
    chromium,
    faults,
    page,
    playwright,
    pytestmark,
)

FIRST = "(a*b + b**3).tanh()"
STEPS = 9
# ruff: noqa: F811


@pytest.fixture
def view(page: Any) -> Any:
    page.click("#to-expression")
    page.wait_for_selector("#exp-drawing svg")
    page.wait_for_selector("#moons-told:has-text('Step 0')")
    return page


def said(view: Any) -> str:
    return view.locator("#exp-say").inner_text()


def grads(view: Any) -> list[str]:
    boxes = view.locator("#exp-drawing g[data-node] text").all_text_contents()
    return [text.removeprefix("grad ") for text in boxes if text.startswith("grad ")]


def row(view: Any, name: str) -> Any:
    return view.locator("#exp-rows tr").filter(has=view.locator(f"th:text-is('{name}')"))


def typed(view: Any, text: str) -> None:
    view.fill("#exp-text", text)
    view.wait_for_function(
        "text => document.getElementById('exp-formula').textContent === text"
        " || !document.getElementById('exp-where').hidden",
        arg=text,
    )


def test_forward_and_back_by_keyboard(view: Any) -> None:
    assert "The leaves have their numbers" in said(view)
    assert view.locator("#exp-drawing .later").count() == 4
    view.focus("#exp-drawing")
    view.keyboard.press("ArrowRight")
    assert "a*b = 2.0000 × 0.5000 = 1.0000." in said(view)  # noqa: RUF001
    assert view.locator("#exp-formula mark").text_content() == "a*b"
    assert view.locator("#exp-drawing path.now").count() == 2
    assert set(grads(view)) == {"0.0000"}
    for _ in range(STEPS - 1):
        view.keyboard.press("ArrowRight")
    assert "b gets 2.0000 × 0.3450 = 0.6901 from the product a*b" in said(view)  # noqa: RUF001
    assert "and has 0.9488 now" in said(view)
    assert view.locator("#exp-next").is_disabled()
    assert sorted(grads(view))[:2] == ["0.1725", "0.3450"]
    view.keyboard.press("ArrowLeft")
    assert "0.9488" not in grads(view)
    view.keyboard.press("Home")
    assert view.locator("#exp-drawing .later").count() == 4
    view.keyboard.press("End")
    assert "0.9488" in grads(view)


def test_a_leaf_moves_everything(view: Any) -> None:
    view.focus("#exp-drawing")
    view.keyboard.press("End")
    slider = row(view, "b").locator("input[type=range]")
    slider.focus()
    before = row(view, "a").locator("td").nth(1).text_content()
    for _ in range(10):
        view.keyboard.press("ArrowRight")
    view.wait_for_function(
        "before => document.querySelector('#exp-rows td:nth-child(3)').textContent !== before",
        arg=before,
    )
    assert view.evaluate("document.activeElement.type") == "range"
    playwright.expect(row(view, "b").locator("input[type=number]")).to_have_value("1")
    playwright.expect(view.locator("#exp-drawing")).to_contain_text("data 1.0000")
    gradient, measured = (row(view, "b").locator("td").nth(i).text_content() for i in (1, 2))
    assert gradient == measured


def test_leaves_keep_their_numbers_while_the_text_changes(view: Any) -> None:
    row(view, "b").locator("input[type=number]").fill("1.25")
    playwright.expect(view.locator("#exp-drawing")).to_contain_text("data 1.2500")
    typed(view, "a*b*c")
    playwright.expect(row(view, "b").locator("input[type=number]")).to_have_value("1.25")
    typed(view, "b = 3.0\na*b*c")
    playwright.expect(row(view, "b").locator("input[type=number]")).to_have_value("3")
    view.click("text=A product and a power")
    playwright.expect(row(view, "b").locator("input[type=number]")).to_have_value("0.5")


def test_the_address_is_a_link(view: Any) -> None:
    typed(view, "c*d + c")
    row(view, "c").locator("input[type=number]").fill("-1.5")
    playwright.expect(view.locator("#exp-drawing")).to_contain_text("data -1.5000")
    view.select_option("#exp-slip", "assigned")
    view.wait_for_selector("#exp-found:not([hidden])")
    for _ in range(3):
        view.click("#exp-next")
    shown, link = said(view), view.url
    view.goto("about:blank")
    view.goto(link)
    view.wait_for_selector("#exp-drawing svg")
    playwright.expect(row(view, "c").locator("input[type=number]")).to_have_value("-1.5")
    assert view.locator("#exp-text").input_value() == "c*d + c"
    assert view.locator("#exp-slip").input_value() == "assigned"
    assert said(view) == shown


def test_staged_slips(view: Any) -> None:
    view.select_option("#exp-slip", "assigned")
    view.wait_for_selector("#exp-found:has-text('forgot the path')")
    view.focus("#exp-drawing")
    view.keyboard.press("End")
    assert "was there is lost: b has 0.6901 now" in said(view)
    assert view.locator("#exp-drawing .wrong").count() == 1
    assert "0.9488, differs" in row(view, "b").text_content()
    view.select_option("#exp-slip", "kept")
    view.wait_for_selector("#exp-found:has-text('zero_grad')")
    playwright.expect(view.locator("#exp-drawing .wrong")).to_have_count(2)
    view.select_option("#exp-slip", "right")
    view.wait_for_selector("#exp-found", state="hidden")
    assert view.locator("#exp-drawing .wrong").count() == 0


@pytest.mark.parametrize(
    ("text", "sentence", "marked"),
    [
        ("a + cos(b)", "`cos` is not known here, at character 5: allowed are", "cos"),
        ("a/(b-b)", "divides by zero, at character 4", "b-b"),
        ("😀 + 1", "at character 1", "😀"),
        ("<img src=x>", "is not expected here", "<"),
    ],
)
def test_what_is_wrong_is_marked_and_what_was_shown_stays(view, text, sentence, marked) -> None:
    typed(view, text)
    view.wait_for_selector("#exp-status.error")
    assert sentence in view.locator("#exp-status").text_content()
    assert view.locator("#exp-where mark").text_content() == marked
    assert view.locator("#exp-where").text_content() == text
    assert view.locator("#exp-formula").text_content() == FIRST
    typed(view, "a*b")
    playwright.expect(view.locator("#exp-status")).to_have_text("")


def test_only_the_way_to_the_node_is_lit(view: Any) -> None:
    view.click("text=A layer")
    view.wait_for_selector("#exp-remarks:has-text('3 numbers')")
    view.focus("#exp-drawing")
    view.keyboard.press("ArrowRight")
    assert "n1.w1 * x1" in said(view)
    ends = "path => path.dataset.to === undefined"
    lit = view.locator("#exp-drawing path.now").evaluate_all(
        f"paths => paths.filter({ends}).length"
    )
    every = view.locator("#exp-drawing path[data-from]").evaluate_all(
        f"paths => paths.filter({ends}).length"
    )
    assert 1 <= lit <= 2 < every  # into the layer, and into one of its three neurons


def test_networks_fold_and_a_large_graph_has_no_steps(view: Any) -> None:
    view.click("text=An MLP")
    view.wait_for_selector("#exp-weights:not([hidden])")
    playwright.expect(view.locator("#exp-rows tr")).to_have_count(15)
    boxes = view.locator("#exp-drawing g[data-node]").count()
    view.select_option("#exp-fold", "Layer")
    view.wait_for_selector("#exp-next", state="hidden")
    assert view.locator("#exp-drawing g[data-node]").count() < boxes
    view.click("text=20,000 nodes")
    view.wait_for_selector("#exp-remarks:has-text('20,243 nodes')")
    assert "The result is" in said(view)
    view.click("text=A product and a power")
    view.wait_for_selector("#exp-next:not([hidden])")


def test_two_moons(view: Any) -> None:
    pixels = "document.getElementById('moons-plane').toDataURL()"
    first = view.evaluate(pixels)
    view.click("#moons-one")
    view.wait_for_selector("#moons-told:has-text('Step 1 ')")
    assert view.evaluate(pixels) != first
    view.click("#moons-play")
    view.wait_for_selector("#moons-told:has-text('Step 3')")
    view.click("#moons-play")
    told = view.locator("#moons-told").text_content()
    view.wait_for_timeout(300)
    assert view.locator("#moons-told").text_content().split()[1] in (
        told.split()[1],
        str(int(told.split()[1]) + 1),  # the step that was on its way
    )
    playwright.expect(view.locator("#moons-neurons button")).to_have_count(8)
    score = view.evaluate(pixels)
    view.click("#moons-neurons button:nth-child(2)")
    view.wait_for_selector("#moons-legend:has-text('Neuron 2:')")
    assert view.evaluate(pixels) != score
    view.select_option("#moons-hidden", "4")
    playwright.expect(view.locator("#moons-neurons button")).to_have_count(4)
    view.wait_for_selector("#moons-told:has-text('Step 0')")
    view.fill("#moons-rate", "1e18")
    view.click("#moons-play")
    view.wait_for_selector("#moons-status.error:has-text('smaller learning rate')")
    assert view.locator("#moons-play").get_attribute("aria-pressed") == "false"


def test_it_stops_when_another_view_is_shown(view: Any) -> None:
    view.click("#moons-play")
    view.wait_for_selector("#moons-told:has-text('Step 2')")
    view.click("#to-list")
    view.wait_for_selector("#view-expression", state="hidden")
    assert view.locator("#moons-play").get_attribute("aria-pressed") == "false"


@pytest.mark.parametrize("width", [390, 1_400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_and_fits(view: Any, width: int, scheme: str) -> None:
    view.set_viewport_size({"width": width, "height": 844})
    view.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    assert faults(view) == ""
    view.click("text=An MLP")
    view.wait_for_selector("#exp-weights:not([hidden])")
    view.focus("#exp-drawing")
    view.keyboard.press("End")
    assert faults(view) == ""
    view.select_option("#exp-slip", "kept")
    view.wait_for_selector("#exp-found:not([hidden])")
    typed(view, "a/(b-b)")
    view.wait_for_selector("#exp-status.error")
    assert faults(view) == ""
    assert view.evaluate("document.documentElement.scrollWidth") <= width


def test_a_link_with_nonsense_is_no_harm(page: Any, address: str) -> None:
    state = {"e": "a*b", "at": "a:x,b:,:3,zzz:4", "step": "-7", "slip": "?", "fold": "?"}
    page.goto("about:blank")
    page.goto(f"{address}#expression?{urlencode(state | {'hidden': '9,9', 'seed': '2'})}")
    page.wait_for_selector("#exp-drawing svg")
    assert "The leaves have their numbers" in said(page)
