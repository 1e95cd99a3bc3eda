"""Build the site into site/: python tools/documentation/build.py (or make docs).

- The documents and the pages of the reference are staged in a temporary folder.
- Sphinx makes HTML of them, as conf.py says.
- tools/check_site.py checks what came out. A warning of Sphinx's or a fault ends it with 1.
"""

import io
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.ext.autodoc.mock import mock

sys.path.insert(0, str(Path(__file__).parents[1]))
import check_site
from documentation import conf, source_pages, staging

SITE = staging.ROOT / "site"
LEFT_OVER = (".buildinfo", "_sources", "_static/debug.css")


def stage(folder: Path) -> list[str]:
    """Write all pages into a folder; the files that get a page of source."""
    with mock(conf.autodoc_mock_imports):
        from documentation import reference

        pages = reference.pages()
    added = staging.navigation(reference.navigation())
    linked: set[str] = set()
    for document in staging.documents():
        page = staging.page_of(document)
        text = staging.staged((staging.ROOT / document).read_text(encoding="utf-8"), document)
        linked |= staging.linked_files(text)
        write(folder / f"{page}.md", text + added.get(page, ""))
    for page, text in pages.items():
        write(folder / f"{page}.rst", text)
    shutil.copytree(staging.ROOT / "docs" / "pictures", folder / "pictures")
    return source_pages.wanted(linked)


def write(path: Path, text: str) -> None:
    """Write a file, and make its folder if there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def build() -> str:
    """Build the site anew; what Sphinx warns of, each with its document and line."""
    shutil.rmtree(SITE, ignore_errors=True)
    warnings = io.StringIO()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        app = Sphinx(
            srcdir=folder / "pages",
            confdir=Path(__file__).parent,
            outdir=SITE,
            doctreedir=folder / "doctrees",
            buildername="html",
            confoverrides={"source_files": stage(folder / "pages")},
            status=None,
            warning=warnings,
        )
        app.build()
    for left in LEFT_OVER:
        path = SITE / left
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    said = re.sub(r"\x1b\[[\d;]*m", "", warnings.getvalue())  # without colours
    for document in staging.documents():
        said = said.replace(f"{folder}/pages/{staging.page_of(document)}.md", document)
    return said


def main() -> int:
    """Build and check; the exit code."""
    start = time.perf_counter()
    warnings = build()
    faults = check_site.faults(SITE, machine=str(staging.ROOT))
    if warnings or faults:
        sys.stderr.write(warnings + "".join(f"{fault}\n" for fault in faults))
        sys.stderr.write("The site has faults: mend the pages that are named above.\n")
        return 1
    size = sum(path.stat().st_size for path in SITE.rglob("*") if path.is_file())
    sys.stdout.write(
        f"site/index.html: {len(list(SITE.rglob('*.html')))} pages, {size / 1e6:.1f} MB, "
        f"{time.perf_counter() - start:.0f} s\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
