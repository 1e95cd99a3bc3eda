"""How the site's pages are made, short of Sphinx, which `make docs` runs."""

import doctest
import re
from html import unescape
from importlib import import_module
from pathlib import Path

import pytest

from documentation import docstrings, reference, source_pages, staging
from project.structure import ROOT

LISTS = "docs/lists.md"


@pytest.mark.parametrize("module", [docstrings, reference, staging])
def test_examples(module: object) -> None:
    found = doctest.testmod(module)  # type: ignore[arg-type]
    assert found.attempted
    assert not found.failed


@pytest.mark.parametrize(
    ("link", "led"),
    [
        ("[a](models.md#b)", "[a](/models.md#b)"),
        ("[a](../README.md)", "[a](/index.md)"),
        ("[a](decisions/README.md)", "[a](/decisions/index.md)"),
        ("[`a`](../src/moreish/model.py#L9)", "[`a`](source:src/moreish/model.py#L9)"),
        ("[a](../examples)", "[a](source:examples/index)"),
        ("[a](../examples/)", "[a](source:examples/index)"),
        ("[a]: ../LICENSE", "[a]: source:LICENSE"),
        ("![a](pictures/graph.svg)", "![a](/pictures/graph.svg)"),
        ('<img src="pictures/graph.svg" width="9">', '<img src="/pictures/graph.svg" width="9">'),
        ("[a](#b) [c](https://example.org/d.md)", "[a](#b) [c](https://example.org/d.md)"),
        ("`[a](models.md)` [a](models.md)", "`[a](models.md)` [a](/models.md)"),
        ("`` ` [a](models.md) ``", "`` ` [a](models.md) ``"),
        ("```python\nx[a](models.md)\n```\n", "```python\nx[a](models.md)\n```\n"),
        ("[a](gone.md) ![b](gone.svg)", "[a](gone.md) ![b](gone.svg)"),
        ("[a\nb](models.md)", "[a\nb](/models.md)"),
    ],
)
def test_a_link_leads_to_its_page(link: str, led: str) -> None:
    assert staging.staged(link, LISTS) == led


def test_lines_stay_in_their_places() -> None:
    """So that a warning names the line of the document."""
    for document in staging.documents():
        text = (ROOT / document).read_text(encoding="utf-8")
        assert staging.staged(text, document).count("\n") == text.count("\n")


def test_a_second_title_goes_a_level_down() -> None:
    text = "# A\n\n## B\n\n```console\n# c\n```\n\n# D\n"
    assert staging.one_title(text) == "# A\n\n### B\n\n```console\n# c\n```\n\n## D\n"
    assert staging.one_title("# A\n\n```console\n# c\n```\n## B") == (
        "# A\n\n```console\n# c\n```\n## B"
    )


def test_every_document_is_in_the_navigation_once() -> None:
    added = staging.navigation(["reference/a"])
    pages = re.findall(r"(?m)^/(\S+)$", "\n".join(added.values()))
    assert sorted(pages) == sorted(
        {"reference/a", *map(staging.page_of, staging.documents())} - {"index"}
    )
    captions = re.findall(r":caption: (.+)", added["index"])
    assert captions == [
        "With a list",
        "With other programs",
        "To learn",
        "Reference",
        "The project",
    ]
    assert pages.index("lists") < pages.index("course") < pages.index("reference/a")
    assert pages.index("reference/a") < pages.index("design") < pages.index("SECURITY")


def test_a_document_stands_below_that_of_its_folder() -> None:
    known = {"README.md", "docs/course.md", "docs/decisions/README.md", "docs/notes.md"}
    parents = {
        "docs/course/words.md": "docs/course.md",
        "docs/decisions/no_pickle.md": "docs/decisions/README.md",
        "docs/decisions/README.md": "README.md",
        "docs/notes.md": "README.md",
        "benchmarks/RESULTS.md": "README.md",
    }
    assert {name: staging.parent_of(name, known) for name in parents} == parents


def test_linked_files_get_a_page() -> None:
    text = staging.staged("[a](../LICENSE) [b](../examples) `[c](../Makefile)`", LISTS)
    assert staging.linked_files(text) == {"LICENSE", "examples/index"}
    files = source_pages.wanted({"LICENSE", "examples/index"})
    assert {"LICENSE", "examples/two_moons.py", "src/moreish/model.py"} <= set(files)
    assert "Makefile" not in files


def test_each_line_of_source_has_an_anchor() -> None:
    text = '"""A\nb.\n"""\n\nx = "<é>"\n'
    html = source_pages.body("src/a.py", text)
    assert re.findall(r'id="(L\d+)"', html) == ["L1", "L2", "L3", "L4", "L5"]
    lines = re.findall(r'<span class="line".*?</a>(.*?)\n</span>', html, re.DOTALL)
    plain = [unescape(re.sub("<[^>]+>", "", line)) for line in lines]
    assert plain == text.split("\n")[:-1]
    for line in lines:  # no colour goes on from one line to the next
        assert line.count("<span") == line.count("</span>")


def test_folders_lead_to_their_files(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c.py").write_text("x = 1\n")
    (tmp_path / "LICENSE").write_text("free\n")
    pages = source_pages.pages(["LICENSE", "a/b/c.py"], tmp_path)
    found = {name: re.findall(r'href="([^#"]+)"', body) for name, _, body in pages}
    assert found == {
        "source/LICENSE": ["index.html"],
        "source/a/b/c.py": ["../../index.html", "../index.html", "index.html"],
        "source/index": ["a/index.html", "LICENSE.html"],
        "source/a/b/index": ["../../index.html", "../index.html", "c.py.html"],
        "source/a/index": ["../index.html", "b/index.html"],
    }


@pytest.mark.parametrize(
    ("house", "restructured"),
    [
        ("Draws `Tensor.x`, `n.x`.", "Draws :py:obj:`Tensor.x`, :py:obj:`n.x`."),
        ("Draws `x`.", "Draws ``x``."),
        ("Of `x[0]`, *args and zero_.", r"Of ``x[0]``, \*args and zero\_."),
        ("`Tensor`s of |x|.", r":py:obj:`Tensor`\ s of \|x\|."),
        ("(...) -> (...).", r"\(...) -> (...)."),
        ("J. L. Ba found it.", r"J\. L. Ba found it."),
        ("(i) is one.", r"(i\) is one."),
        ("As this::", r"As this:\:"),
        ("- a `b`\n- c\n  d", "- a ``b``\n- c\n  d"),
        ("    p(a | b)", ".. code-block:: text\n\n       p(a | b)"),
        ("import a\na.b()", ".. code-block:: text\n\n   import a\n   a.b()"),
        (">>> a * b\n`c`", ">>> a * b\n`c`"),
    ],
)
def test_docstrings_in_the_houses_form(house: str, restructured: str) -> None:
    written = docstrings.to_restructured(house.split("\n"))
    assert "\n".join(written).removesuffix("\n") == restructured


def test_every_public_name_is_in_the_reference() -> None:
    pages = reference.pages()
    assert set(reference.navigation()) <= pages.keys()
    text = "\n".join(pages.values())
    told = set(re.findall(r"(?m)^\.\. (?:auto\w+|py:class):: (\S+)$", text))
    names = {
        f"{module}.{name}": thing
        for module in reference.MODULES
        for name, thing in reference.listed(import_module(module))
    }
    assert len(names) > 350
    missing = {name for name in names.keys() - told if callable(names[name])}
    assert missing == set()
    assert "- ``float32`` is ``torch.float32``" in text
    assert {"moreish.torch.Tensor.sum", "moreish.learning.learning.Learning"} <= told
    assert "moreish train [OPTIONS]" in pages["reference/commands"]


def test_members_are_told_where_they_are_defined() -> None:
    from moreish.recording.captured import Captured
    from moreish.torch import Tensor, nn

    assert {"shape", "backward", "sum"} <= set(reference.told(Tensor))
    assert "forward" in reference.told(nn.Linear)
    assert "named_parameters" not in reference.told(nn.Linear)
    assert "__call__" in reference.told(Captured)
    assert "named_parameters" in reference.told(nn.Module)


def test_what_is_promised_is_in_the_reference() -> None:
    """The modules that the design's public face imports."""
    face = (ROOT / "docs" / "design.md").read_text(encoding="utf-8").partition("public face")[2]
    modules = re.findall(r"(?m)^(?:import|from) (moreish[\w.]*)", face)
    assert len(modules) > 4
    assert set(modules) <= set(reference.MODULES)
