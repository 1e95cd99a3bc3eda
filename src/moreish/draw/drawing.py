"""What all drawings have in common: a drawing is a value, to be shown, read or saved.

It knows how to write files, and nothing of what is drawn.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import DrawingError, OptionError
from ..storage.atomic import reason_of, write_atomically

__all__ = ["Drawing"]

PAGE = (
    '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>\n'
    "<body>\n{body}\n</body>\n</html>\n"
)


class Drawing:
    """A picture with an `.svg()`, a `.text()` and others; a notebook shows it by itself."""

    title = "a drawing"

    def svg(self) -> str:
        """The picture as SVG: one element, which nothing else is needed for."""
        raise NotImplementedError

    def text(self) -> str:
        """What it shows, for a terminal."""
        raise NotImplementedError

    def html(self) -> str:
        """The picture as a part of a page; it fetches nothing."""
        return f'<div style="overflow-x:auto">\n{self.svg()}\n</div>'

    def _forms(self) -> Mapping[str, Any]:
        """For each ending of a file, what makes its content."""
        return {
            ".html": lambda: PAGE.format(title=self.title, body=self.html()),
            ".svg": lambda: f"{self.svg()}\n",
            ".txt": lambda: f"{self.text()}\n",
        }

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it to a file, in the form that the ending of its name says.

        OptionError for another ending; DrawingError if the file can't be written.
        """
        place = Path(path)
        forms = self._forms()
        if place.suffix.lower() not in forms:
            *others, last = sorted(forms)
            raise OptionError(
                f"a drawing is saved as {', '.join(others)} or {last}; got {str(path)!r}: give the "
                f"file one of these endings"
            )
        content = forms[place.suffix.lower()]()
        try:
            write_atomically(place, content if isinstance(content, bytes) else content.encode())
        except OSError as error:
            raise DrawingError(f"can't write {place}: {reason_of(error)}") from None

    def _repr_svg_(self) -> str:
        return self.svg()

    def _repr_html_(self) -> str:
        return self.html()

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<{self.title}: .svg(), .html(), .text() or .save(path)>"
