"""Embeddings as a picture: each token where its numbers put it in the plane.

More than two numbers are brought down to two by principal components, which NumPy finds by its
decomposition into singular values; the picture says how much of the differences they show.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...errors import OptionError
from .chart import Chart
from .token_labels import labels_of, most_frequent

__all__ = ["embeddings"]

DOT, INK = "#2f5d9f", "#1f2328"


def embeddings(table: Any, tokens: Sequence[str], counts: Any = None, *, limit: int = 200) -> Chart:
    """Each token at its place in the plane: those that are used alike come to lie near each other.

    table (V, E), an embedding for each token; `tokens` (V - 1,), the names of the numbers from 1;
    the boundary of items is a dot → a Chart. Two numbers are drawn as they are, more by their two
    first principal components, of which the title says what share of the variance they show. Of
    more than `limit` tokens those are shown that came most often by `counts` (V,), or else the
    first. OptionError for other shapes, or numbers that are not finite.

    >>> chart = embeddings([[0.0, 0.0, 1.0], [3.0, 0.0, 1.0], [0.0, 1.0, 1.0]], ["a", "b"])
    >>> print(chart.text())
    3 numbers for each token; their two first principal components: 92.7 % + 7.3 % of the variance.
    token        x        y
    .      -0.9245  -0.5064
    a       2.0274   0.0289
    b      -1.1029   0.4775
    """
    array = np.asarray(table, dtype=np.float64)
    if array.ndim != 2 or not array.size:
        raise OptionError(f"embeddings of shape (V, E) were wanted, got {array.shape}")
    if not np.isfinite(array).all():
        raise OptionError("embeddings were wanted; some are infinite or not a number")
    size = len(array)
    labels = labels_of(tokens, size)
    often = np.arange(size, 0, -1) if counts is None else np.asarray(counts)
    if often.shape != (size,):
        raise OptionError(f"a count for each of {size} tokens was wanted, got {often.shape}")
    shown = most_frequent(often, limit)
    places, says = in_the_plane(array)
    places, names = places[shown], [labels[i] for i in shown]
    if len(shown) < size:
        says += f"\nthe {len(shown)} most frequent of {size:,} tokens"

    def draw(figure: Any) -> None:
        figure.set_size_inches(7.4, 7.4)
        chart = figure.subplots()
        is_short = max(map(len, names)) == 1
        chart.scatter(*places.T, s=190 if is_short else 14, c=DOT, edgecolors="white")
        for name, place in zip(names, places, strict=True):
            style: dict[str, Any] = {"parse_math": False}  # a token may be $
            if is_short:
                style |= {"ha": "center", "va": "center", "color": "white", "fontsize": 9}
                chart.annotate(name, place, **style)
            else:
                style |= {"textcoords": "offset points", "color": INK, "fontsize": 7}
                chart.annotate(name, place, xytext=(4, 2), **style)
        chart.margins(0.08)
        chart.set_axisbelow(True)
        chart.set_aspect("equal", adjustable="datalim")
        chart.set_title(says.replace("; ", ";\n"))

    width = max(5, *map(len, names))
    lines = [f"{says}.".replace("\n", "; "), f"{'token':<{width}}  {'x':>7}  {'y':>7}"]
    lines += [
        f"{name:<{width}}  {x:>7.4f}  {y:>7.4f}" for name, (x, y) in zip(names, places, strict=True)
    ]
    return Chart("embeddings in the plane", draw, "\n".join(lines), "".join(names))


def in_the_plane(table: np.ndarray) -> tuple[np.ndarray, str]:
    """(V, E) embeddings → (V, 2) places, and a sentence that says how they were found.

    >>> in_the_plane(np.array([[1.0, 2.0], [3.0, 4.0]]))[1]
    '2 numbers for each token, as they are'
    """
    size = table.shape[1]
    if size == 1:
        return np.pad(table, ((0, 0), (0, 1))), "1 number for each token, as it is"
    if size == 2:
        return table, "2 numbers for each token, as they are"
    centred = table - table.mean(axis=0)
    _, values, axes = np.linalg.svd(centred, full_matrices=False)
    axes = axes * np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])[:, None]
    places = centred @ axes[:2].T
    places = np.pad(places, ((0, 0), (0, 2 - places.shape[1])))
    shares = np.append(values**2, 0.0)[:2] / max((values**2).sum(), np.finfo(float).tiny)
    one, two = (f"{100 * share:.1f} %" for share in shares)
    return places, (
        f"{size} numbers for each token; their two first principal components: {one} + {two} of "
        f"the variance"
    )
