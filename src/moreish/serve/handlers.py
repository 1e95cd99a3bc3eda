"""From a request to a model to its answer. It knows no HTTP.

The fields of an item are those of the command's `--json`.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..errors import ApproximateWarning
from ..model import Model
from ..rows import Row, drawn_nats, explained, made_rows, remarks_on, scored_rows, summed
from .answers import Answer, as_json, as_sentence, failure


@dataclass(frozen=True)
class Request:
    """What is asked of which model, and how."""

    wanted: str  # one of WANTED
    model: str
    options: Mapping[str, Any] = field(default_factory=dict)


def answer(models: Mapping[str, Model], request: Request) -> Answer:
    """The answer of a model; a sentence and a status where there is none.

    >>> from moreish import train
    >>> models = {"names": train(["anna", "nan", "ann"], model="bigram", split=(100, 0, 0))}
    >>> answer(models, Request("sample", "names", {"n": 0}))
    Answer(status=200, content=b'{"items": [], "notes": []}')
    >>> answer(models, Request("sample", "names", {"top_k": 0, "n": 1})).content
    b'{"status": 422, "error": "Top-k must be 1 or more, got 0."}'
    """
    try:
        with warnings.catch_warnings(record=True) as noted:
            warnings.simplefilter("always", ApproximateWarning)
            found = WANTED[request.wanted](models[request.model], **request.options)
    except Exception as error:
        return failure(error)
    remarks = (*found.remarks, *(str(note.message) for note in noted))
    content = {"items": found.rows, "notes": [as_sentence(remark) for remark in remarks]}
    if found.summary is not None:
        content["summary"] = found.summary
    return Answer(200, as_json(content))


class Found(NamedTuple):
    """What was found, and what should be known of it."""

    rows: list[Row]
    remarks: Sequence[str] = ()
    summary: Row | None = None


def _sampled(
    model: Model, n: int, ledger: bool = False, summary: bool = False, **options: Any
) -> Found:
    items = model.sample(n, **options)
    nats = drawn_nats(model, items, options.get("max_length"))
    rows = made_rows(model, items, nats, ledger=ledger)
    return Found(rows, summary=summed(model, items, **options) if summary else None)


def _likeliest(model: Model, n: int, ledger: bool = False, **constraints: Any) -> Found:
    found = list(model.tops(n, **constraints))
    items, nats = [item for item, _ in found], [-log_prob for _, log_prob in found]
    return Found(made_rows(model, items, nats, ledger=ledger))


def _scored(
    model: Model, items: list[str], flag_rate: float | None = None, explain: bool = False
) -> Found:
    texts = model.as_read(items)
    rows = scored_rows(model, texts, flag_rate=flag_rate)
    if explain:
        rows = [row | explained(model.explain(row["item"])) for row in rows]
    return Found(rows, remarks_on(model, texts))


WANTED: dict[str, Callable[..., Found]] = {
    "sample": _sampled,
    "top": _likeliest,
    "score": _scored,
}
