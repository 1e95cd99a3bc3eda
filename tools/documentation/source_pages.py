"""Files of the repository as pages of source, with an anchor at each line, and lists of folders."""

from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import Any

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import TextLexer, get_lexer_for_filename
from pygments.token import Name, Punctuation, Text, Whitespace
from pygments.util import ClassNotFound

ROOT = Path(__file__).parents[2]
FOLDER = "source"  # of the site
UNCOLOURED = {Name, Punctuation, Whitespace}  # as text is, in the styles of the theme


class Formatter(HtmlFormatter):
    """Code as HTML, without a mark at each name and comma: pages are a quarter smaller."""

    def format_unencoded(self, tokensource: Iterable[tuple[Any, str]], outfile: Any) -> None:
        """Write the tokens of a text to a file."""
        tokens = ((Text if kind in UNCOLOURED else kind, text) for kind, text in tokensource)
        super().format_unencoded(tokens, outfile)


PLAIN = Formatter(nowrap=True)


def wanted(linked: Iterable[str], root: Path = ROOT) -> list[str]:
    """The files that get a page: all modules, and what documents link to, with folders' files."""
    found = {path.relative_to(root).as_posix() for path in (root / "src").rglob("*.py")}
    for path in linked:
        folder, _, name = path.rpartition("/")
        if name == "index":
            found |= {file.relative_to(root).as_posix() for file in (root / folder).glob("*.py")}
        else:
            found.add(path)
    return sorted(found)


def lines_of(text: str, name: str) -> list[str]:
    """Each line of a file as HTML, coloured as its language wants."""
    try:
        lexer = get_lexer_for_filename(name, stripnl=False)
    except ClassNotFound:
        lexer = TextLexer(stripnl=False)
    return highlight(text, lexer, PLAIN).removesuffix("\n").split("\n")


def body(path: str, text: str) -> str:
    """The page of a file: where it stands, and its lines, each of which can be linked to.

    The numbers are no text: they are not marked with the lines, nor copied.
    """
    lines = "".join(
        f'<span class="line" id="L{number}"><a href="#L{number}" tabindex="-1" '
        f'aria-label="line {number}" data-line="{number}"></a>{line}\n</span>'
        for number, line in enumerate(lines_of(text, path), start=1)
    )
    return f'{_heading(path, up=0)}<div class="highlight source"><pre>{lines}</pre></div>'


def listing(folder: str, entries: Iterable[str]) -> str:
    """The page of a folder: links to what is in it; "name/" is a folder."""
    links = "".join(
        f'<li><a href="{entry}{"index" if entry.endswith("/") else ""}.html">'
        f"<code>{escape(entry)}</code></a></li>"
        for entry in sorted(entries, key=lambda entry: (not entry.endswith("/"), entry))
    )
    return f"{_heading(folder, up=1)}<ul>{links}</ul>"


def _heading(path: str, up: int) -> str:
    """The path as a heading, each folder of it a link; the first is so many folders up."""
    *folders, last = ["moreish", *PurePosixPath(path).parts]
    steps = [
        f'<a href="{"../" * above}index.html">{escape(folder)}</a> /'
        for above, folder in zip(range(up + len(folders) - 1, -1, -1), folders, strict=False)
    ]
    return f'<h1 class="path">{" ".join([*steps, escape(last)])}</h1>'


def pages(files: Iterable[str], root: Path = ROOT) -> Iterator[tuple[str, str, str]]:
    """The name, title and body of each page: files, and the folders that they are in."""
    folders: dict[str, set[str]] = {}
    for path in files:
        yield f"{FOLDER}/{path}", path, body(path, (root / path).read_text(encoding="utf-8"))
        inner = path
        for folder in [parent.as_posix() for parent in PurePosixPath(path).parents]:
            entry = inner.removeprefix(f"{folder}/") + ("" if inner == path else "/")
            folders.setdefault(folder, set()).add(entry)
            inner = folder
    for folder, entries in folders.items():
        name = "" if folder == "." else folder
        yield normpath(f"{FOLDER}/{folder}/index"), name or "source", listing(name, entries)
