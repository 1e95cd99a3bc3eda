"""Check a static site: python tools/check_site.py FOLDER

- A link inside leads to a file that is there, and to an anchor that is there.
- Nothing that a browser loads by itself comes from elsewhere: scripts, stylesheets, fonts,
  pictures, frames, connections made ahead. A link that a person follows may lead elsewhere.
- A page has a title and at most 300 kB, and names no folder of this machine.

It reads HTML, stylesheets and SVG pictures, and not what scripts do.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LARGEST = 300_000  # bytes of a page
# What a `link` may say of another address without its being loaded.
SAID_ONLY = {"alternate", "author", "canonical", "index", "license", "next", "prev", "search"}
LOADED = {  # attributes whose address is loaded with the page
    *(("script", "src"), ("img", "src"), ("iframe", "src"), ("frame", "src"), ("embed", "src")),
    *(("source", "src"), ("video", "src"), ("video", "poster"), ("audio", "src"), ("track", "src")),
    *(("input", "src"), ("object", "data"), ("body", "background"), ("link", "href")),
    *((name, link) for name in ("image", "use", "feimage") for link in ("href", "xlink:href")),
}
FOLLOWED = {("a", "href"), ("a", "xlink:href"), ("area", "href"), ("form", "action")}
IN_STYLE = re.compile(r"url\(\s*(['\"]?)(.*?)\1\s*\)|@import\s+(['\"])(.*?)\3", re.DOTALL)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


@dataclass
class Page(HTMLParser):
    """What one page, or picture, names."""

    loaded: list[str] = field(default_factory=list)
    followed: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    title: str = ""
    is_based: bool = False
    _open: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note the addresses of one element."""
        given = {name: value or "" for name, value in attributes}
        self._open = tag
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        is_said = tag == "link" and set(given.get("rel", "").lower().split()) <= SAID_ONLY
        for name, value in given.items():
            if (tag, name) in FOLLOWED or (is_said and name == "href"):
                self.followed.append(value)
            elif (tag, name) in LOADED:
                self.loaded.append(value)
            elif name in ("srcset", "imagesrcset"):
                self.loaded += [part.split()[0] for part in value.split(",") if part.split()]
            elif name == "style":
                self.loaded += in_style(value)
        if tag == "meta" and given.get("http-equiv", "").lower() == "refresh":
            self.loaded += re.findall(r"url=\s*['\"]?([^'\"]+)", given.get("content", ""), re.I)
        self.is_based |= tag == "base"

    def handle_endtag(self, tag: str) -> None:
        """Forget which element text stands in."""
        self._open = ""

    def handle_data(self, data: str) -> None:
        """Note the title, and the addresses of a style."""
        if self._open == "style":
            self.loaded += in_style(data)
        elif self._open == "title":
            self.title += data.strip()


def in_style(text: str) -> list[str]:
    """The addresses that a stylesheet loads.

    >>> in_style("@import 'a.css'; /* url(b) */ p { background: url(c.png) }")
    ['a.css', 'c.png']
    """
    return [found[1] or found[3] for found in IN_STYLE.findall(COMMENT.sub("", text))]


@cache
def read(path: Path) -> Page:
    """What a page or a picture names."""
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    page.close()
    return page


def faults(site: Path, machine: str = "") -> list[str]:
    """A sentence for each fault of the pages, pictures and stylesheets below a folder.

    `machine` is a folder of this machine that no page may name.
    """
    site = site.resolve()
    read.cache_clear()
    file_at.cache_clear()
    files = sorted(path for path in site.rglob("*") if path.is_file())
    pages = [path for path in files if path.suffix == ".html"]
    found = [] if pages else [f"{site.name} has no page"]
    for path in files:
        name = path.relative_to(site).as_posix()
        if path.suffix in (".html", ".svg"):
            page = read(path)
            found += [f"{name}: {fault}" for fault in links(page, path, site)]
        if path.suffix == ".css":
            loaded = in_style(path.read_text(encoding="utf-8"))
            found += [f"{name}: {fault}" for one in loaded for fault in load(one, path, site)]
    for path in pages:
        name, text = path.relative_to(site).as_posix(), path.read_text(encoding="utf-8")
        if not read(path).title:
            found.append(f"{name}: it has no title")
        if (size := path.stat().st_size) > LARGEST:
            found.append(f"{name}: {size:,} bytes, and a page has at most {LARGEST:,}")
        if machine and machine in text:
            found.append(f"{name}: it names a folder of this machine, {machine}")
    return found


def links(page: Page, path: Path, site: Path) -> Iterator[str]:
    """What is wrong with the addresses on a page."""
    if page.is_based:
        yield "a <base> would lead all its links elsewhere"
    for address in dict.fromkeys(page.loaded):
        yield from load(address, path, site)
    for address in dict.fromkeys(page.followed):
        if urlsplit(address).scheme not in ("http", "https", "mailto"):
            yield from inside(address, path, site)


def load(address: str, path: Path, site: Path) -> Iterator[str]:
    """What is wrong with an address that a browser loads by itself."""
    parts = urlsplit(address.strip())
    if parts.scheme == "data":
        return
    if parts.scheme or parts.netloc:
        yield f"a browser would load {address} from elsewhere"
    else:
        yield from inside(address, path, site)


def inside(address: str, path: Path, site: Path) -> Iterator[str]:
    """What is wrong with an address that is meant to be of the site."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or parts.path.startswith("/"):
        yield f"{address} is no address that holds wherever the site is"
        return
    target = file_at(path.parent, unquote(parts.path), site) if parts.path else path
    if target is None:
        yield f"{address} leads to no file"
    elif parts.fragment and unquote(parts.fragment) not in anchors(target):
        yield f"{address} leads to no anchor"


@cache
def file_at(folder: Path, address: str, site: Path) -> Path | None:
    """The file of a site that a relative address means, if there is one."""
    target = (folder / address).resolve()
    return target if target.is_relative_to(site) and target.is_file() else None


def anchors(path: Path) -> set[str]:
    """What a link can lead to in a file."""
    return read(path).anchors if path.suffix in (".html", ".svg") else set()


def main() -> int:
    """Print the faults of a site; the exit code."""
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.stderr.write("a folder was wanted: python tools/check_site.py FOLDER\n")
        return 2
    found = faults(Path(sys.argv[1]))
    sys.stdout.write("".join(f"{fault}\n" for fault in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
