"""The studio as a person sees it: in Chromium, which may ask nobody but the studio's own server."""

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="make test-browser installs it")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
NAMES = "\n".join(["emma", "olivia", "ava", "isabella", "sophia", "mia", "amelia", "anna"] * 2)
HOSTILE = [
    "<img src=x onerror=\"document.title='taken'\">",
    "<script>document.title='taken'</script>",
    "ab\u202etaken\u202c",
    "a\u200bb",
    "x" * 1_000,
    "'\"&lt;&amp;",
]
WAIT = 30_000  # milliseconds
REFUSED = "responded with a status of 422"  # the browser's own remark on a sentence

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
]


@contextmanager
def running(port: int = 0) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A studio of its own, and its address."""
    command = [sys.executable, "-m", "moreish", "studio", "--no-browser", "--port", str(port)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(20)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running() as (_, address):
        yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Any, address: str) -> Iterator[Any]:
    """The studio's page; at the end nothing has gone wrong in it, and nothing has left."""
    with watched(chromium, address) as page:
        yield page


@contextmanager
def watched(
    chromium: Any, address: str, expected: str = REFUSED, script: str = ""
) -> Iterator[Any]:
    context = chromium.new_context(viewport={"width": 1_400, "height": 900})
    context.set_default_timeout(WAIT)
    if script:
        context.add_init_script(script)
    page = context.new_page()
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.goto(address)
    page.wait_for_selector("#examples button")
    yield page
    assert [url for url in asked if not url.startswith((address, "blob:"))] == []
    assert [one for one in wrong if not re.search(expected, one)] == []
    context.close()


def learn(page: Any, text: str = NAMES, model: str = "ngram") -> None:
    page.fill("#text", text)
    page.wait_for_selector("#learn:not([hidden])")
    page.wait_for_selector("#list-numbers strong")
    page.select_option("#model", model)
    page.click("#begin")
    page.wait_for_selector("#items li")


def faults(page: Any) -> str:
    found = axe.Axe().run(page)
    return found.generate_report() if found.violations_count else ""


def test_from_a_list_to_why(page: Any) -> None:
    page.click("text=Chemical elements")
    page.wait_for_selector("text=118 different items")
    page.click("#begin")
    page.wait_for_selector("#curve svg polyline")
    page.wait_for_selector("#items li")
    assert page.locator("#items li").count() == 20
    page.fill("#make-suffix", "ium")
    page.wait_for_selector("#probability:has-text('meets these constraints')")
    made = page.locator("#items .made").all_text_contents()
    assert all(item.endswith("ium") for item in made)
    page.click("#items li:nth-child(3) button")
    page.wait_for_selector("#bars button")
    assert page.locator("#bars button").count() == len(made[2]) + 1
    page.click("#bars button:nth-child(2)")
    page.wait_for_selector("#followers-rows tr.here")
    assert page.locator("#any-item").input_value() == made[2]
    with page.expect_download() as saved:
        page.click("#save")
    assert saved.value.path().read_bytes()[8:9] == b"{"


def test_the_address_is_a_link(page: Any) -> None:
    page.click("text=Constellations")
    page.wait_for_selector("text=88 different items")
    page.select_option("#model", "ngram")
    page.click("#begin")
    page.wait_for_selector("#items li")
    page.fill("#make-prefix", "C")
    page.wait_for_selector("#probability:has-text('meets')")
    page.fill("#any-item", "Cetus")
    page.click("#bars button:nth-child(3)")
    page.wait_for_selector("#followers:not([hidden])")
    made = page.locator("#items .made").all_text_contents()
    link = re.sub(r"run=\w+", "run=none", page.url)
    for url in (page.url, link):  # the same run, and one that the server does not have any more
        page.goto("about:blank")
        page.goto(url)
        page.wait_for_selector("#followers:not([hidden])")
        page.wait_for_selector("#items li")
        assert page.locator("#items .made").all_text_contents() == made
        assert page.locator("#bars button[aria-pressed=true]").get_attribute("aria-label")[0] == "t"


def test_a_hostile_list_is_text(page: Any) -> None:
    learn(page, "\n".join([*HOSTILE, *NAMES.split()]), "bigram")
    assert page.locator("#list-items img, #list-items script").count() == 0
    shown = page.locator("#list-items").text_content()
    assert "<img src=x" in shown
    assert "\\u202e" in shown
    assert "\u202e" not in shown
    assert len(shown) < 1_000
    for item in HOSTILE:
        page.fill("#any-item", item)
        playwright.expect(page.locator("#bars button")).to_have_count(len(item) + 1)
        page.click("#bars button:nth-child(2)")
        page.wait_for_selector("#followers:not([hidden])")
    assert page.title() == "moreish studio"
    assert page.evaluate("document.documentElement.scrollWidth") <= 1_400


def test_a_paste_of_ten_megabytes(page: Any) -> None:
    page.evaluate("""() => {
      const text = Array.from({length: 900000}, (_, n) => `item ${n}`).join("\\n");
      const data = new DataTransfer();
      data.setData("text", text);
      const event = new ClipboardEvent("paste", {clipboardData: data, cancelable: true});
      document.getElementById("text").dispatchEvent(event);
    }""")
    page.wait_for_selector("text=900,000 different items")
    assert len(page.locator("#text").input_value()) < 21_000
    assert "which has 10," in page.locator("#text-note").text_content()


def test_files_that_are_none(page: Any) -> None:
    broken = {"name": "names.safetensors", "mimeType": "", "buffer": b"\x40" + b"\0" * 7 + b"{"}
    page.set_input_files("#file", broken)
    page.wait_for_selector("#list-status.error:has-text('names.safetensors is not a whole model')")
    page.set_input_files("#file", {"name": "a.png", "mimeType": "", "buffer": b"\x89PNG\0\0"})
    page.wait_for_selector("#list-status.error:has-text('a.png')")
    table = "id,name\n" + "".join(f"{n},{name}\n" for n, name in enumerate(NAMES.split()))
    page.set_input_files("#file", {"name": "t.csv", "mimeType": "", "buffer": table.encode()})
    page.wait_for_selector("text=name the column")
    page.fill("#column", "name")
    page.press("#column", "Enter")
    page.wait_for_selector("text=8 different items")


def test_what_can_not_be_is_a_sentence(page: Any) -> None:
    learn(page)
    page.fill("#make-matches", "a(b")
    page.wait_for_selector("#make-status.error:has-text('not a regular expression')")
    page.fill("#make-matches", "")
    page.wait_for_selector("#items li")
    page.fill("#make-min_length", "1.5")
    page.wait_for_selector("#make-status.error:has-text('a whole number is wanted')")
    page.click("text=No constraints")
    page.wait_for_selector("#items li")
    assert page.locator("#make-min_length").input_value() == ""


def test_what_is_slow_gives_way_to_what_is_wanted_next(page: Any) -> None:
    page.click("text=First names")
    page.wait_for_selector("text=29,910 different items")
    page.select_option("#model", "mlp")
    page.click("#begin")
    page.wait_for_selector("#curve svg")
    page.click("#stop")
    page.wait_for_selector("#items li")
    page.fill("#make-matches", ".{900}")
    page.wait_for_selector("#make-status:has-text('Drawing')")
    page.fill("#make-matches", "")
    page.fill("#make-prefix", "zoe")
    page.wait_for_selector("#items li .made:has-text('zoe')", timeout=10_000)


def test_stop_keeps_the_model_so_far(page: Any) -> None:
    page.click("text=First names")
    page.wait_for_selector("text=29,910 different items")
    page.select_option("#model", "mlp")
    page.click("#begin")
    page.wait_for_selector("#curve svg")
    page.click("#stop")
    page.wait_for_selector("#learn-status:has-text('Stopped; this is the model so far')")
    page.wait_for_selector("#items li")


def test_everything_by_keyboard(page: Any) -> None:
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.example") == "colours":
            break
    page.keyboard.press("Enter")
    page.wait_for_selector("text=148 different items")
    page.focus("#model")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # in the seed: the form is sent
    page.wait_for_selector("#items li")
    page.focus("#items button")
    page.keyboard.press("Enter")
    page.wait_for_selector("#bars button")
    page.focus("#bars button")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_selector("#followers:not([hidden])")
    chosen = page.locator("#bars button[aria-pressed=true]")
    assert chosen.evaluate("bar => [...bar.parentNode.children].indexOf(bar)") == 1


@pytest.mark.parametrize("width", [390, 1_400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_and_fits(page: Any, width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    assert faults(page) == ""
    learn(page, model="mlp")
    page.click("#items li button")
    page.wait_for_selector("#bars button")
    page.click("#bars button")
    page.wait_for_selector("#followers:not([hidden])")
    assert faults(page) == ""
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.fill("#make-prefix", "zz")
    page.wait_for_selector("#make-status.error")
    assert faults(page) == ""


def test_a_server_that_is_gone_and_comes_back(chromium: Any) -> None:
    with running() as (process, address):
        port = int(address.rpartition(":")[2])
        with watched(chromium, address, expected=f"{REFUSED}|ERR_CONNECTION_REFUSED") as page:
            learn(page)
            made = page.locator("#items .made").all_text_contents()
            process.send_signal(signal.SIGINT)
            process.wait(20)
            page.fill("#make-prefix", "a")
            page.wait_for_selector("#lost:not([hidden])")
            assert page.locator("#items .made").all_text_contents() == made
            assert page.locator("#text").input_value() == NAMES
            with running(port) as (_, again):
                assert again == address
                page.wait_for_selector("#lost", state="hidden")
                page.wait_for_selector("text=the server was started anew: learn it again")
                page.wait_for_selector("text=8 different items")
                page.click("#begin")
                page.wait_for_selector("#items li")
                assert page.locator("#make-prefix").input_value() == "a"


def test_storage_that_is_refused(chromium: Any, address: str) -> None:
    refused = """Object.defineProperty(window, "sessionStorage", {
      get() { throw new DOMException("refused", "SecurityError"); } });"""
    with watched(chromium, address, script=refused) as page:
        learn(page)


def test_twelve_tabs_each_see_it_all(chromium: Any, address: str) -> None:
    context = chromium.new_context()
    context.set_default_timeout(WAIT)
    first = context.new_page()
    first.goto(address)
    first.click("text=Cities")
    first.wait_for_selector("text=463 different items")
    first.click("#begin")
    first.wait_for_url(re.compile("run="))
    tabs = [first]
    for _ in range(11):
        tabs.append(context.new_page())
        tabs[-1].goto(first.url)
    tabs[3].reload()
    tabs.pop(5).close()
    for tab in tabs:
        tab.wait_for_selector("#learn-status:has-text('Learnt')")
    told = {tab.locator("#learn-status").text_content() for tab in tabs}
    lines = {
        tab.locator("#curve polyline").first.get_attribute("points").count(",") for tab in tabs
    }
    assert (len(told), len(lines)) == (1, 1)
    context.close()
