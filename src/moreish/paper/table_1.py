"""Table 1 of the paper: its rows, their perplexities there, and what each is made of here.

Source: Y. Bengio, R. Ducharme, P. Vincent, C. Jauvin, "A Neural Probabilistic Language Model",
Journal of Machine Learning Research 3 (2003) 1137-1155.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..errors import OptionError

__all__ = ["DEL_INT", "KN5", "ROWS", "Row", "parts_of", "rows_named"]

DEL_INT, KN5 = "del-int", "kn5"


@dataclass(frozen=True)
class Row:
    """A row of the table: a model, or several whose probabilities are averaged."""

    name: str
    parts: tuple[str, ...]
    valid: float | None = None  # the paper's perplexities
    test: float | None = None
    is_learnt: bool = False  # the mixture weights, on valid; else they are all the same


ROWS = {
    row.name: row
    for row in (
        Row("MLP1", ("MLP1",), 284, 268),
        Row("MLP2", ("MLP1", DEL_INT), 275, 257),
        Row("MLP3", ("MLP3",), 327, 310),
        Row("MLP4", ("MLP3", DEL_INT), 286, 272),
        Row("MLP5", ("MLP5",), 296, 279),
        Row("MLP6", ("MLP5", DEL_INT), 273, 259),
        Row("MLP7", ("MLP7",), 309, 293),
        Row("MLP8", ("MLP7", DEL_INT), 284, 270),
        Row("MLP9", ("MLP9",), 280, 276),
        Row("MLP10", ("MLP9", DEL_INT), 265, 252),
        Row(DEL_INT, (DEL_INT,), 352, 336),
        Row("kn3", ("kn3",), 334, 323),
        Row(KN5, (KN5,), 332, 321),
        Row("class-500", ("class-500",), 326, 312),
        Row("tied", ("tied",)),
        Row("tied+ngrams", ("tied", KN5, DEL_INT), is_learnt=True),
        Row("tied-2", ("tied", "tied-second")),
        Row("tied-2+ngrams", ("tied", "tied-second", KN5, DEL_INT), is_learnt=True),
    )
}


def rows_named(names: Sequence[str] | None) -> list[Row]:
    """The rows of these names, in the order of the table; all if none are named.

    OptionError for a name that no row has.

    >>> [row.name for row in rows_named(["kn3", "MLP10"])]
    ['MLP10', 'kn3']
    >>> rows_named(["MLP11"])
    Traceback (most recent call last):
    moreish.errors.OptionError: there is no row 'MLP11'; there are MLP1, MLP2, MLP3, MLP4, ...
    """
    wanted = {name.strip() for name in names} if names is not None else set(ROWS)
    for name in sorted(wanted - set(ROWS)):
        raise OptionError(f"there is no row {name!r}; there are {', '.join(ROWS)}")
    return [row for row in ROWS.values() if row.name in wanted]


def parts_of(rows: Iterable[Row]) -> list[str]:
    """What has to be made for these rows, and for the two that all are compared with.

    >>> parts_of(rows_named(["MLP10"]))
    ['del-int', 'kn5', 'MLP9']
    """
    return list(dict.fromkeys([DEL_INT, KN5, *(part for row in rows for part in row.parts)]))
