"""A chart: a drawing made by matplotlib, which is loaded when it is wanted and not before.

It knows how a figure becomes a file, and nothing of what is in it. A plain install has no
matplotlib; the extra `plot` brings it. The text of a chart does without.
"""

import warnings
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

from ...errors import MissingError
from ..drawing import Drawing

__all__ = ["Chart"]

FONT = "DejaVu Sans"
SETTINGS = {  # of matplotlib, so that the same chart gives the same bytes
    "svg.hashsalt": "moreish",
    "svg.fonttype": "path",
    "font.size": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "figure.facecolor": "white",
}


class Chart(Drawing):
    """A chart with `.svg()`, `.png()`, `.text()` and `.save(path)`; a notebook shows it by itself.

    Everything but the text is a MissingError if matplotlib is not installed.
    """

    def __init__(
        self, title: str, draw: Callable[[Any], None], table: str, letters: str = ""
    ) -> None:
        self.title = title
        self._draw = draw
        self._table = table
        self._letters = letters  # that are written in it, of any script

    def svg(self) -> str:
        """The chart as SVG. MissingError if matplotlib is not installed."""
        content = self._made("svg", metadata={"Date": None}).decode()
        return content[content.index("<svg") :].rstrip()

    def png(self, dpi: int = 150) -> bytes:
        """The chart as PNG, with so many dots an inch. MissingError if matplotlib is missing."""
        return self._made("png", dpi=dpi, metadata={"Software": None})

    def text(self) -> str:
        """The main numbers, as a table."""
        return self._table

    def figure(self) -> Any:
        """A new matplotlib figure, to change further. MissingError if matplotlib is missing."""
        matplotlib = _matplotlib()
        from matplotlib.figure import Figure

        with matplotlib.rc_context(self._settings()):
            figure = Figure(layout="constrained")
            self._draw(figure)
        return figure

    def _made(self, form: str, **options: Any) -> bytes:
        matplotlib = _matplotlib()
        content = BytesIO()
        with matplotlib.rc_context(self._settings()), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph")  # no font has it: there is a box
            self.figure().savefig(content, format=form, **options)
        return content.getvalue()

    def _settings(self) -> dict[str, Any]:
        return {**SETTINGS, "font.family": fonts_for(self._letters)}

    def _forms(self) -> Mapping[str, Any]:
        return {**super()._forms(), ".png": self.png}

    def _repr_png_(self) -> bytes:
        return self.png()


def fonts_for(letters: str) -> list[str]:
    """Our font, and for what it does not have, others of this machine that do.

    MissingError if matplotlib is not installed.

    >>> fonts_for("abc")
    ['DejaVu Sans']
    """
    _matplotlib()
    from matplotlib import font_manager, ft2font

    families = [FONT]
    if letters.isascii():
        return families
    usual = font_manager.findfont(FONT)
    missing = set(map(ord, letters)) - ft2font.FT2Font(usual).get_charmap().keys()
    for entry in sorted(font_manager.fontManager.ttflist, key=lambda entry: entry.fname):
        if not missing:
            break
        try:
            font = ft2font.FT2Font(entry.fname)
        except (OSError, RuntimeError):
            continue
        found = missing & font.get_charmap().keys() if font.scalable else set()
        if found and entry.style == "normal" and not entry.name.startswith("Last Resort"):
            families.append(entry.name)
            missing -= found
    return families


def _matplotlib() -> Any:
    try:
        import matplotlib
    except ImportError:
        raise MissingError(
            "a chart needs matplotlib, which is not installed: pip install 'moreish[plot]'"
        ) from None
    return matplotlib
