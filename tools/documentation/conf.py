"""Sphinx's configuration: how pages are made of documents, docstrings and files of source."""

import builtins
import inspect
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.highlighting import PygmentsBridge
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

sys.path.insert(0, str(Path(__file__).parents[1]))
from documentation import docstrings, source_pages, staging

LOGGER = logging.getLogger(__name__)
NAVIGATION: dict[int, str] = {}  # of the pages of source, by the depth of their folder
PROJECT = tomllib.loads((staging.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

project = "moreish"
release = PROJECT["version"]
html_title = f"moreish {release}"
smartquotes = False  # (...) is any shape
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.linkcode"]

myst_enable_extensions = ["dollarmath", "html_image"]
myst_dmath_allow_space = False  # as on GitHub: "$3 and $4" is no formula
myst_heading_anchors = 4
myst_url_schemes = ["http", "https", "mailto", staging.SCHEME.rstrip(":")]

autodoc_mock_imports = ["sklearn"]
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
autodoc_member_order = "bysource"
add_module_names = False
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 150
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_theme_options = {"top_of_page_buttons": [], "navigation_with_keys": True}
html_static_path = ["static"]
html_css_files = ["site.css"]
html_favicon = "static/icon.svg"
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_domain_indices = False
html_use_index = False
html_math_renderer = "mathml"


def linkcode_resolve(domain: str, names: dict[str, str]) -> str | None:
    """The page and line of source of an entry; entries stand one folder below the front page."""
    thing: Any = import_module(names["module"])
    for name in names["fullname"].split("."):
        thing = inspect.getattr_static(thing, name, None)
    thing = inspect.unwrap(getattr(thing, "fget", getattr(thing, "func", thing)))
    try:
        path = Path(inspect.getsourcefile(thing) or "").relative_to(staging.ROOT)
        line = inspect.getsourcelines(thing)[1]
    except (TypeError, OSError, ValueError):
        return None
    return f"../{source_pages.FOLDER}/{path.as_posix()}.html#L{line}"


def restructure(
    app: Sphinx, kind: str, name: str, thing: Any, options: Any, lines: list[str]
) -> None:
    """Docstrings are in the house's form. A function that is a method says only which."""
    method = method_of(name, thing)
    if method:
        lines[:] = [f":py:meth:`{method} <moreish.torch.{method}>` as a function."]
    else:
        lines[:] = docstrings.to_restructured(lines)


def method_of(name: str, thing: Any) -> str | None:
    """The method that a function of `moreish.torch` calls, and does nothing else."""
    inner = getattr(thing, "__wrapped__", None)
    is_method = inner is not None and inner.__qualname__.endswith(f".{inner.__name__}")
    return f"Tensor.{inner.__name__}" if is_method and name.count(".") == 2 else None


def tidy_signature(
    app: Sphinx, kind: str, name: str, thing: Any, options: Any, signature: str | None, gives: str
) -> tuple[str, str] | None:
    """A method as a function has `input` first. A default that is made anew is dots."""
    if signature is None:
        return None
    if kind == "function" and method_of(name, thing):
        signature = signature.replace("(self", "(input", 1)
    return re.sub(r"<[^>]*>", "...", signature), gives


def lead_to_source(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Point links to files at their pages, and remember which files these are."""
    for link in doctree.findall(nodes.reference):
        target = link.get("refuri", "")
        if target.startswith(staging.SCHEME):
            path, mark, anchor = target.removeprefix(staging.SCHEME).partition("#")
            page = app.builder.get_relative_uri(docname, f"{source_pages.FOLDER}/{path}")
            link["refuri"] = f"{page}{mark}{anchor}"


def keep_builtins(app: Sphinx, doctree: nodes.document) -> None:
    """Python's own names are no names of ours: `type` would lead to `dtype.type`."""
    for link in doctree.findall(addnodes.pending_xref):
        if link["refdomain"] == "py" and hasattr(builtins, link["reftarget"]):
            link["reftarget"] = f"builtins.{link['reftarget']}"


def tell_bases(app: Sphinx, name: str, thing: type, options: Any, bases: list[Any]) -> None:
    """Of the classes that a class is made of, tell those that have an entry, or are not ours."""
    from documentation import reference  # which wants what is mocked

    bases[:] = reference.told_bases(thing)


def end_blocks(app: Sphinx, doctree: nodes.document) -> None:
    """Take the empty line away with which blocks of examples end, for doctest's sake."""
    for block in doctree.findall(nodes.literal_block):
        block.rawsource = block.astext().rstrip()
        block.children = []
        block += nodes.Text(block.rawsource)


def collect_source(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """The pages of source."""
    for name, title, body in source_pages.pages(app.config.source_files):
        yield name, {"title": title, "body": body, "parents": []}, "page.html"


def share_navigation(app: Sphinx, page: str, template: str, context: Any, doctree: Any) -> None:
    """Pages of source in folders of one depth have the same navigation: it is made once."""
    if page.startswith(f"{source_pages.FOLDER}/"):
        made, depth, toctree = NAVIGATION, page.count("/"), context["toctree"]

        def shared(**options: Any) -> str:
            if depth not in made:
                made[depth] = toctree(**options)
            return made[depth]

        context["toctree"] = shared


def mathml(writer: HTML5Translator, node: nodes.math | nodes.math_block) -> None:
    """A formula as MathML, which browsers draw by themselves."""
    try:
        writer.body.append(tex2mathml(node.astext(), as_block=isinstance(node, nodes.math_block)))
    except MathError as error:
        LOGGER.warning("can't read the formula %r: %s", node.astext(), error, location=node)
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Connect all of these."""
    PygmentsBridge.html_formatter = source_pages.Formatter
    app.add_config_value("source_files", [], "")
    app.add_html_math_renderer("mathml", (mathml, None), (mathml, None))
    app.connect("autodoc-process-docstring", restructure)
    app.connect("autodoc-process-signature", tidy_signature)
    app.connect("autodoc-process-bases", tell_bases)
    app.connect("doctree-read", end_blocks)
    app.connect("doctree-read", keep_builtins)
    app.connect("doctree-resolved", lead_to_source)
    app.connect("html-collect-pages", collect_source)
    app.connect("html-page-context", share_navigation, priority=100)  # before the theme's
