"""The table of pairs as a picture: how often each token came after each.

Source: the picture of 27 rows and columns of the makemore course, A. Karpathy.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...errors import OptionError
from ...text import ContextCounts
from .chart import Chart
from .token_labels import labels_of, most_frequent

__all__ = ["counts"]

CELL = 0.42  # inches
ROWS = 20  # of the text
INK, PALE, LIGHT = "#1f2328", "#9aa4af", "#ffffff"


def counts(table: ContextCounts, tokens: Sequence[str], *, limit: int = 40) -> Chart:
    """How often each token (column) came after each (row), with the pair above the count.

    `table` of block size 1; `tokens` (V - 1,), the names of the numbers from 1 → a Chart in which
    the boundary of items is a dot. Of more than `limit` tokens it shows the most frequent, and
    says so. OptionError for a table of longer contexts, or names that are not as many.

    >>> from moreish.text import Vocabulary, count_items, read_items
    >>> vocabulary = Vocabulary("amn")
    >>> table = count_items(read_items(["anna", "ann", "mann"]), vocabulary, block_size=1)
    >>> print(counts(table, vocabulary.tokens).text().splitlines()[0])
    14 pairs, 8 different ones, of 4 tokens; a dot is the boundary of items.
    """
    if table.block_size != 1:
        raise OptionError(
            f"the picture is of pairs, so a table of block size 1 was wanted, got one of "
            f"{table.block_size}"
        )
    size = table.vocabulary_size
    labels = labels_of(tokens, size)
    pairs = np.zeros((size, size))
    pairs[table.contexts[:, 0]] = table.dense()
    shown = most_frequent(pairs.sum(axis=0), limit)
    seen = pairs[np.ix_(shown, shown)]
    title = "how often each token (column) came after each (row)"
    if len(shown) < size:
        title += (
            f"\nthe {len(shown)} most frequent of {size:,} tokens: "
            f"{_percent(seen.sum() / max(pairs.sum(), 1))} of all pairs"
        )
    names = [labels[i] for i in shown]

    def draw(figure: Any) -> None:
        inches = CELL * len(shown)
        figure.set_size_inches(max(inches + 0.7, 3.6), max(inches + 1.0, 2.2))
        chart = figure.subplots()
        chart.imshow(seen, cmap="Blues")
        chart.set_title(title, wrap=True)
        chart.grid(visible=False)
        chart.spines[:].set_visible(False)
        plain = {"parse_math": False}  # a token may be $
        is_short = max(map(len, names)) == 1
        chart.set_xticks(range(len(names)), names, rotation=0 if is_short else 90, **plain)
        chart.set_yticks(range(len(names)), names, **plain)
        chart.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
        dark = seen.max() / 2
        for (row, column), count in np.ndenumerate(seen):
            colour = LIGHT if count > dark else INK if count else PALE
            place = {"ha": "center", "color": colour, **plain}
            if is_short:
                pair = names[row] + names[column]
                chart.text(column, row - 0.04, pair, va="bottom", fontsize=7.5, **place)
                chart.text(column, row + 0.04, _short(count), va="top", fontsize=6.5, **place)
            else:
                chart.text(column, row, _short(count), va="center", fontsize=7, **place)

    return Chart("the counts of pairs", draw, _text(pairs, labels), "".join(names))


def _short(count: float) -> str:
    """A count in at most five characters, where that can be.

    >>> [_short(x) for x in (0, 6763, 12345, 2345678, 0.12345, 1234.5)]
    ['0', '6763', '12k', '2.3M', '0.123', '1234']
    """
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if count >= size:
            scaled = count / (1e3 if letter == "k" else size)
            return f"{scaled:.1f}{letter}" if scaled < 10 else f"{scaled:.0f}{letter}"
    return f"{count:.0f}" if count >= 100 or count == int(count) else f"{count:.3g}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _text(pairs: np.ndarray, labels: list[str]) -> str:
    """The most frequent pairs, with their share of what came after the first of the two."""
    total, size = pairs.sum(), len(labels)
    order = np.argsort(-pairs, axis=None, kind="stable")[: min(ROWS, np.count_nonzero(pairs))]
    lines = [
        f"{_whole(total)} pairs, {np.count_nonzero(pairs):,} different ones, of {size:,} tokens; a "
        f"dot is the boundary of items."
    ]
    rows = [("pair", "count", "of all", "after the first")]
    for first, second in zip(*np.unravel_index(order, pairs.shape), strict=True):
        count = pairs[first, second]
        pair = f"{labels[first]} {labels[second]}"
        after = _percent(count / pairs[first].sum())
        rows.append((pair, _whole(count), _percent(count / total), after))
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    for pair, *numbers in rows:
        cells = (n.rjust(w) for n, w in zip(numbers, widths[1:], strict=True))
        lines.append("  ".join([pair.ljust(widths[0]), *cells]))
    return "\n".join(lines)


def _whole(count: float) -> str:
    return f"{count:,.0f}" if count == int(count) else f"{count:,.2f}"
