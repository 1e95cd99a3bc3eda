"""A chart: a drawing made by matplotlib, which is loaded when it is wanted and not before.

It knows how a figure becomes a file, and nothing of what is in it. A plain install has no
matplotlib; the extra `plot` brings it.
"""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

from ..errors import MissingError
from .drawing import Drawing

__all__ = ["Chart"]

SETTINGS = {  # of matplotlib, so that the same chart gives the same bytes
    "svg.hashsalt": "moreish",
    "svg.fonttype": "path",
    "font.family": ["DejaVu Sans"],
    "font.size": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "figure.facecolor": "white",
}


class Chart(Drawing):
    """A chart with `.svg()`, `.png()`, `.text()` and `.save(path)`; a notebook shows it by itself.

    MissingError if matplotlib is not installed.
    """

    def __init__(self, title: str, draw: Callable[[Any], None], table: str) -> None:
        _matplotlib()
        self.title = title
        self._draw = draw
        self._table = table

    def svg(self) -> str:
        """The chart as SVG."""
        content = self._made("svg", metadata={"Date": None}).decode()
        return content[content.index("<svg") :].rstrip()

    def png(self, dpi: int = 150) -> bytes:
        """The chart as PNG, with so many dots an inch."""
        return self._made("png", dpi=dpi, metadata={"Software": None})

    def text(self) -> str:
        """The main numbers, as a table."""
        return self._table

    def figure(self) -> Any:
        """A new matplotlib figure, to change it further."""
        matplotlib = _matplotlib()
        from matplotlib.figure import Figure

        with matplotlib.rc_context(SETTINGS):
            figure = Figure(layout="constrained")
            self._draw(figure)
        return figure

    def _made(self, form: str, **options: Any) -> bytes:
        matplotlib = _matplotlib()
        content = BytesIO()
        with matplotlib.rc_context(SETTINGS):
            self.figure().savefig(content, format=form, **options)
        return content.getvalue()

    def _forms(self) -> Mapping[str, Any]:
        return {**super()._forms(), ".png": self.png}

    def _repr_png_(self) -> bytes:
        return self.png()


def _matplotlib() -> Any:
    try:
        import matplotlib
    except ImportError:
        raise MissingError(
            "a chart needs matplotlib, which is not installed: pip install 'moreish[plot]'"
        ) from None
    return matplotlib
