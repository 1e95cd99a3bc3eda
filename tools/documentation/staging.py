"""Documents of the repository as pages of the site: where each goes, and where its links lead.

- A document is copied line by line, so that Sphinx names the right line in a warning.
- A link to another document leads to its page, one to any other file to a page of source.
- The order of the pages is that of README's "Read on"; what it does not name comes last.
"""

import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from posixpath import normpath

ROOT = Path(__file__).parents[2]
PATTERNS = ("*.md", "docs/**/*.md", "benchmarks/*.md", "src/**/*.md")
SCHEME = "source:"  # links to files that are no documents, until the page they stand on is known

# Code is kept as it is: blocks first, then spans. Then links, pictures, and definitions of links.
LINK = re.compile(
    r"(?P<code>^ *```.*?^ *```|(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))"
    r"|(?P<before>\]\(|<img [^>]*?src=\"|^\[[^]\n]+\]: +)(?P<target>[^)\"\s]+)",
    re.DOTALL | re.MULTILINE,
)
TITLES = re.compile(r"^# .+$", re.MULTILINE)
HEADING = re.compile(r"(?P<code>^ *```.*?^ *```)|^#+ ", re.DOTALL | re.MULTILINE)


def documents(root: Path = ROOT) -> list[str]:
    """The paths of all documents, from the root of the repository."""
    found = {path for pattern in PATTERNS for path in root.glob(pattern)}
    return sorted(path.relative_to(root).as_posix() for path in found)


def page_of(path: str) -> str:
    """The name of a document's page.

    >>> page_of("README.md"), page_of("docs/decisions/README.md"), page_of("docs/lists.md")
    ('index', 'decisions/index', 'lists')
    """
    place = PurePosixPath(path.removeprefix("docs/")).with_suffix("")
    return str(place.with_name("index") if place.name == "README" else place)


def target_of(target: str, document: str, root: Path = ROOT) -> str:
    """Where a link that stands in a document leads on the site.

    >>> target_of("../src/moreish/model.py#L12", "docs/lists.md")
    'source:src/moreish/model.py#L12'
    >>> target_of("../CHANGELOG.md", "docs/lists.md"), target_of("#top", "docs/lists.md")
    ('/CHANGELOG.md', '#top')
    """
    name, mark, anchor = target.partition("#")
    path = normpath((PurePosixPath(document).parent / name).as_posix())
    if not name or re.match(r"[a-z]+:", target) or not (root / path).exists():
        return target  # what leads nowhere is Sphinx's to say, with its line
    if path in documents(root):
        return f"/{page_of(path)}.md{mark}{anchor}"
    if path.startswith("docs/pictures/"):
        return f"/{path.removeprefix('docs/')}"
    if (root / path).is_dir():
        return f"{SCHEME}{path}/index"
    return f"{SCHEME}{path}{mark}{anchor}"


def staged(text: str, document: str, root: Path = ROOT) -> str:
    """The text of a document with its links leading to where they do on the site."""

    def lead(match: re.Match[str]) -> str:
        if match["code"]:
            return match[0]
        return match["before"] + target_of(match["target"], document, root)

    return LINK.sub(lead, one_title(text))


def one_title(text: str) -> str:
    """The text with its first heading alone at the top: in the navigation a page is one entry."""
    if len(TITLES.findall(without_code(text))) < 2:
        return text
    first = TITLES.search(text)
    assert first is not None
    kept, rest = text[: first.end()], text[first.end() :]
    return kept + HEADING.sub(lambda match: match["code"] or f"#{match[0]}", rest)


def without_code(text: str) -> str:
    return LINK.sub(lambda match: "" if match["code"] else match[0], text)


def linked_files(text: str) -> set[str]:
    """The files, no documents, that a staged text links to; "examples/index" is a folder."""
    found = re.findall(rf"{SCHEME}([^)\"\s#]+)", without_code(text))
    return set(found)


def reading_order(readme: str) -> dict[str, list[str]]:
    """The captions of README's "Read on", each with the documents that are linked below it."""
    part = re.split(r"(?m)^## ", readme.partition("\n## Read on\n")[2])[0]
    groups: dict[str, list[str]] = {}
    for caption, items in re.findall(r"(?ms)^(\w[^\n]*):\n(.*?)(?=\n\n|\Z)", part):
        paths = re.findall(r"\]\(([\w./-]+\.md)\)", items)
        groups[caption] = list(dict.fromkeys(paths))
    return groups


def toctree(pages: Iterable[str], caption: str = "") -> str:
    """Pages as a part of the navigation."""
    lines = ["", "```{toctree}", ":hidden:", *[f":caption: {caption}"] * bool(caption), ""]
    return "\n".join([*lines, *(f"/{page}" for page in pages), "```", ""])


def parent_of(document: str, known: Iterable[str]) -> str:
    """The document below which another stands: of its folder's name, or that folder's README."""
    folder = PurePosixPath(document).parent.as_posix()
    parents = [f"{folder}/README.md", f"{folder}.md"]
    found = [parent for parent in parents if parent in known and parent != document]
    return found[0] if found else "README.md"


def navigation(reference: Iterable[str], root: Path = ROOT) -> dict[str, str]:
    """What is added to each page that leads to others, by its name."""
    known = documents(root)
    below: dict[str, list[str]] = {}
    for document in known:
        if document != "README.md":
            below.setdefault(parent_of(document, known), []).append(document)
    groups = reading_order((root / "README.md").read_text(encoding="utf-8"))
    named = {path for paths in groups.values() for path in paths}
    *first, last = groups
    groups[last] += [path for path in below.pop("README.md") if path not in named]
    order = [toctree(map(page_of, groups[caption]), caption) for caption in first]
    order += [toctree(reference, "Reference"), toctree(map(page_of, groups[last]), last)]
    inner = {page_of(parent): toctree(map(page_of, pages)) for parent, pages in below.items()}
    return {"index": "\n".join(order), **inner}
