"""The check of the site: each fault that it is for is planted in a small site, and seen."""

from pathlib import Path

import pytest

import check_site

PAGE = """<!doctype html><html><head><title>A page</title>
<link rel="stylesheet" href="style.css"><link rel="next" href="other.html"></head>
<body><h1 id="top">A</h1><a href="other.html#there">x</a> <a href="#top">y</a> <a href="#">z</a>
<a href="https://example.org/">elsewhere</a> <a href="mailto:a@example.org">letter</a>
<img src="picture.svg" alt=""><img src="data:image/png;base64,AAAA" alt="">
<form action="other.html"></form></body></html>"""
OTHER = '<html><head><title>Other</title></head><body><p id="there">B</p></body></html>'
FILES = {
    "index.html": PAGE,
    "other.html": OTHER,
    "style.css": "@font-face { src: url('font.woff2') } /* url(https://example.org/a.css) */",
    "font.woff2": "",
    "picture.svg": '<svg xmlns="http://www.w3.org/2000/svg"><g id="a"/><use href="#a"/></svg>',
}


def faults(folder: Path, **changed: str) -> list[str]:
    """What is found in the small site with additions to its files; outside is one more page."""
    (folder / "outside.html").write_text(OTHER)
    folder = folder / "site"
    folder.mkdir(exist_ok=True)
    for name, text in FILES.items():
        addition = changed.pop(name.replace(".", "_"), "")
        (folder / name).write_text(text.replace("</body>", f"{addition}</body>"))
        if "</body>" not in text:
            (folder / name).write_text(text + addition)
    assert not changed
    return check_site.faults(folder, machine="/home/somebody")


def test_a_site_without_faults(tmp_path: Path) -> None:
    assert faults(tmp_path) == []


@pytest.mark.parametrize(
    "planted",
    [
        '<script src="https://example.org/a.js"></script>',
        '<script src="//example.org/a.js"></script>',
        '<link rel="stylesheet" href="https://example.org/a.css">',
        '<link rel="preconnect" href="https://example.org">',
        '<link rel="dns-prefetch" href="//example.org">',
        '<link rel="icon next" href="https://example.org/a.png">',
        '<img src="http://example.org/a.png">',
        '<img srcset="picture.svg 1x, https://example.org/a.png 2x">',
        '<picture><source srcset="https://example.org/a.webp"></picture>',
        '<iframe src="https://example.org/"></iframe>',
        '<video poster="https://example.org/a.png"></video>',
        '<object data="https://example.org/a.svg"></object>',
        '<svg><image xlink:href="https://example.org/a.png"/></svg>',
        '<svg><use href="https://example.org/a.svg#b"/></svg>',
        '<p style="background: url(https://example.org/a.png)">',
        "<style>@import 'https://example.org/a.css';</style>",
        '<style>p { background: url( "https://example.org/a.png" ) }</style>',
        '<meta http-equiv="refresh" content="0; url=https://example.org/">',
    ],
)
def test_what_is_loaded_from_elsewhere_is_seen(tmp_path: Path, planted: str) -> None:
    (fault,) = faults(tmp_path, index_html=planted)
    assert fault.startswith("index.html: a browser would load ")
    assert "example.org" in fault


@pytest.mark.parametrize(
    "planted", ["p { src: url(https://example.org/a.woff2) }", '@import "//example.org/a.css";']
)
def test_what_a_stylesheet_loads_is_seen(tmp_path: Path, planted: str) -> None:
    (fault,) = faults(tmp_path, style_css=planted)
    assert fault.startswith("style.css: a browser would load ")


def test_what_a_picture_loads_is_seen(tmp_path: Path) -> None:
    planted = '<svg><image href="https://example.org/a.png"/></svg>'
    (fault,) = faults(tmp_path, picture_svg=planted)
    assert fault == "picture.svg: a browser would load https://example.org/a.png from elsewhere"


@pytest.mark.parametrize(
    ("planted", "fault"),
    [
        ('<a href="gone.html">', "gone.html leads to no file"),
        ('<a href="../outside.html">', "../outside.html leads to no file"),
        ('<img src="gone.png">', "gone.png leads to no file"),
        ("<style>p { background: url(gone.png) }</style>", "gone.png leads to no file"),
        ('<a href="other.html#gone">', "other.html#gone leads to no anchor"),
        ('<a href="#gone">', "#gone leads to no anchor"),
        ('<svg><use href="picture.svg#b"/></svg>', "picture.svg#b leads to no anchor"),
        ('<a href="style.css#L1">', "style.css#L1 leads to no anchor"),
        ('<a href="/index.html">', "/index.html is no address that holds wherever the site is"),
        (
            '<a href="source:src/a.py">',
            "source:src/a.py is no address that holds wherever the site is",
        ),
        ('<base href="other.html">', "a <base> would lead all its links elsewhere"),
        ("in /home/somebody/moreish", "it names a folder of this machine, /home/somebody"),
    ],
)
def test_a_broken_address_is_seen(tmp_path: Path, planted: str, fault: str) -> None:
    assert faults(tmp_path, index_html=planted) == [f"index.html: {fault}"]


def test_a_large_page_is_seen(tmp_path: Path) -> None:
    longest = check_site.LARGEST - len(OTHER.encode())
    assert faults(tmp_path, other_html="é" * (longest // 2)) == []
    (fault,) = faults(tmp_path, other_html="é" * (longest // 2 + 1))
    assert fault.endswith("bytes, and a page has at most 300,000")


def test_a_page_without_title_and_a_site_without_page_are_seen(tmp_path: Path) -> None:
    assert check_site.faults(tmp_path) == [f"{tmp_path.name} has no page"]
    (tmp_path / "index.html").write_text("<body>A</body>")
    assert check_site.faults(tmp_path) == ["index.html: it has no title"]


def test_the_program(
    tmp_path: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults(tmp_path, index_html='<a href="gone.html">')
    monkeypatch.setattr("sys.argv", ["check_site.py", str(tmp_path / "site")])
    assert check_site.main() == 1
    assert capsys.readouterr().out == "index.html: gone.html leads to no file\n"
    monkeypatch.setattr("sys.argv", ["check_site.py", str(tmp_path / "gone")])
    assert check_site.main() == 2
    assert "a folder was wanted" in capsys.readouterr().err
