"""Items and scores as rows for JSON, and what should be known of them as sentences.

Commands print them with `--json`, and they are what is served.

It prints nothing and knows no HTTP.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .errors import OptionError
from .generate.passages import USUAL
from .model import Model
from .scoring.diagnosis import share_interval
from .scoring.scorer import Explanation
from .text import Items
from .text.dataset import SPLITS

__all__ = [
    "by_split",
    "described",
    "drawn_nats",
    "evaluated",
    "explained",
    "finite",
    "flagged_share",
    "made_rows",
    "remarks_on",
    "remarks_on_known",
    "remarks_on_unknown",
    "scored_rows",
    "summed",
]

Row = dict[str, Any]
FEW = 20  # held-out items


def finite(thing: Any) -> Any:
    """The same with None for each number that JSON can't write, such as infinity.

    >>> finite({"nats": [float("inf"), 1.5]})
    {'nats': [None, 1.5]}
    """
    if isinstance(thing, float):
        return thing if math.isfinite(thing) else None
    if isinstance(thing, Mapping):
        return {key: finite(value) for key, value in thing.items()}
    if isinstance(thing, (list, tuple)):
        return [finite(value) for value in thing]
    return thing


def described(model: Model) -> Row:
    """A model in short.

    >>> from moreish import train
    >>> described(train(["anna", "hannah"], model="bigram"))["model"]
    'bigram'
    """
    return {
        "model": model.language_model.name,
        "parameters": model.language_model.parameter_count,
        "seconds": round(model.report.seconds, 3),
    }


def evaluated(model: Model, judged: Mapping[str, Items | str]) -> dict[str, Row]:
    """Lists by name, or splits of the model's own → how well it predicts each of them.

    >>> from moreish import train
    >>> model = train(["anna", "hannah"], model="bigram", split=(100, 0, 0))
    >>> row = evaluated(model, {"train": "train"})["train"]
    >>> row["items"], row["tokens"], round(row["nats_per_token"], 3)
    (2, 12.0, 0.996)
    """
    rows = {}
    for name, items in judged.items():
        total = model.evaluate(items)
        rows[name] = {
            "nats_per_token": total.nats_per_token,
            "interval": model.interval(items),
            "perplexity": total.perplexity,
            "tokens": total.tokens,
            "items": model.dataset.size(items) if isinstance(items, str) else len(items),
        }
    return rows


def by_split(model: Model, items: Items) -> dict[str, Items]:
    """Items by the split of the model that they are in; those that are in none are "new".

    >>> from moreish import train
    >>> from moreish.text import read_items
    >>> model = train(["anna", "hannah"], model="bigram", split=(100, 0, 0))
    >>> {name: own.texts for name, own in by_split(model, read_items(["anna", "zoe"])).items()}
    {'train': ['anna'], 'new': ['zoe']}
    """
    found = np.array([model.dataset.split_of(text) or "new" for text in items.texts])
    parts = {name: items.chosen(found == name) for name in (*SPLITS, "new")}
    return {name: part for name, part in parts.items() if len(part)}


def flagged_share(model: Model, items: Items | str | None, rate: float) -> Row:
    """How many of these items, or of a split, would be flagged at a rate, and from where to where
    that share may be. OptionError where there are none.

    >>> from moreish import train
    >>> model = train(["anna", "hannah"], model="bigram", dev=["nan", "ann"])
    >>> flagged_share(model, "train", 0.5)["items"]
    2
    """
    if items is None:
        raise OptionError("a flag rate is seen on test, and this model has no test split")
    texts = model.dataset.split(items).texts if isinstance(items, str) else items.texts
    flagged = model.scores(texts, flag_rate=rate).flagged
    assert flagged is not None
    count = int(flagged.sum())
    return {
        "asked": rate,
        "flagged": count,
        "items": len(texts),
        "rate": count / len(texts),
        "interval": share_interval(count, len(texts)),
    }


def made_rows(
    model: Model, items: Sequence[str], nats: Sequence[float], *, ledger: bool = True
) -> list[Row]:
    """Items that a model made, and their nats → where each stands beside the list; with a `ledger`
    also what it has from it, which takes a millisecond an item.

    >>> from moreish import train
    >>> model = train(["anna", "hannah"], model="bigram", split=(100, 0, 0))
    >>> made_rows(model, ["anna"], [1.5], ledger=False)
    [{'item': 'anna', 'nats': 1.5, 'new': False, 'in': 'train'}]
    """
    dataset = model.dataset
    rows: list[Row] = [
        {"item": item, "nats": cost, "new": dataset.is_new(item), "in": dataset.split_of(item)}
        for item, cost in zip(items, nats, strict=True)
    ]
    if ledger or dataset.documents is not None:  # of passages it tells what is new
        names = ("new", "nearest", "distance", "copied")
        for row, entry in zip(rows, model.ledger(items), strict=True):
            row |= {name: getattr(entry, name) for name in names}
    return rows


def drawn_nats(model: Model, items: Sequence[str], max_length: int | None = None) -> list[float]:
    """Items that a model drew, at most of so many tokens → their nats; those of a passage that was
    cut there are without an end.

    >>> from moreish import train
    >>> model = train(["anna", "hannah"], model="bigram", item_per="file", split=(100, 0, 0))
    >>> [round(nats, 2) for nats in drawn_nats(model, ["ann", "an"], max_length=3)]
    [2.73, 4.34]
    """
    nats = -model.score_samples(items)
    if model.dataset.documents is not None:
        split, longest = model.vocabulary.split, max_length or USUAL[model.vocabulary.kind]
        for place, item in enumerate(items):
            if len(split(item)) == longest:
                nats[place] -= model.surprise(item)[-1]
    return [float(cost) for cost in nats]


def summed(model: Model, items: Sequence[str], new: bool = False, **options: Any) -> Row:
    """Items that a model drew with these options of `sample` → what all of them have from the list,
    and how likely an item is that meets the constraints; None where a temperature changes that.

    >>> from moreish import train
    >>> model = train(["anna", "hannah"], model="bigram", split=(100, 0, 0))
    >>> summed(model, ["anna", "an"], max_length=4)["lengths"][0]
    {'tokens': 2, 'share': 0.5, 'share_of_list': 0.0}
    """
    found = model.summary(items)
    constraints = {name: value for name, value in options.items() if name not in ("seed", "unique")}
    if constraints.get("temperature") == 1:
        constraints.pop("temperature")
    is_changed = not constraints.keys().isdisjoint(("temperature", "top_k", "top_p"))
    return {
        "items": found.items,
        "new": found.new,
        "distinct": found.distinct,
        "longest_copied": found.longest_copied,
        "probability": None
        if is_changed or model.dataset.documents
        else model.probability(new=new, **constraints),
        "lengths": [
            {"tokens": tokens, "share": here, "share_of_list": there}
            for tokens, (here, there) in found.lengths.items()
        ],
    }


def scored_rows(model: Model, items: Sequence[str], *, flag_rate: float | None = None) -> list[Row]:
    """Items → how well each belongs; see `Model.scores`.

    >>> from moreish import train
    >>> model = train(["anna", "hannah"], model="bigram", split=(100, 0, 0))
    >>> list(scored_rows(model, ["anna"])[0])
    ['item', 'nats', 'nats_per_token', 'tokens', 'percentile', 'in', 'as_if_new']
    """
    scores, none = model.scores(items, flag_rate=flag_rate), [None] * len(items)
    columns = {
        "item": items,
        "nats": scores.nats.tolist(),
        "nats_per_token": scores.nats_per_token.tolist(),
        "tokens": scores.tokens.tolist(),
        "percentile": none if scores.percentile is None else scores.percentile.tolist(),
        "in": [model.dataset.split_of(item) for item in items],
        "as_if_new": scores.as_if_new.tolist(),
    }
    if scores.flagged is not None:
        columns["flagged"] = scores.flagged.tolist()
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def explained(found: Explanation) -> Row:
    """What is surprising about an item, and its best repair, in the rest of its row.

    >>> from moreish import train
    >>> model = train(["anna", "hannah"], model="bigram", split=(100, 0, 0))
    >>> explained(model.explain("anxna"))["repair"]
    'anna'
    """
    return {
        "surprise": found.nats.tolist(),
        "repair": found.repair,
        "edit": found.edit,
        "repaired_nats": found.repaired_nats,
        "saved": found.saved,
    }


def remarks_on(model: Model, items: Sequence[str]) -> list[str]:
    """What should be known of the scores of these items: tokens that the model does not have, what
    can't be taken back of what it learnt from them, and whether percentiles say little.

    >>> from moreish import train
    >>> model = train(["anna", "hannah"], model="bigram", split=(100, 0, 0))
    >>> remarks_on(model, ["anna", "zoe"])
    ["not in the training data, so 14.5 nats each: 'e', 'o', 'z'"]
    """
    remarks = remarks_on_unknown(model, items)
    stays = model.cannot_forget or ([] if model.dataset.has_texts else [model.language_model.name])
    if stays and any(model.dataset.split_of(item) == "train" for item in items):
        what = " and ".join(stays)
        remarks.append(f"some of these were trained on, and what {what} learnt from them stays")
    held_out = len(model.dataset.split("dev")) or len(model.dataset.held_out[0])
    if 0 < held_out < FEW:
        remarks.append(f"percentiles say little: they are among {held_out} held-out items only")
    return remarks


def remarks_on_known(model: Model, items: Items) -> list[str]:
    """How many of the items were trained on, if any.

    >>> from moreish import train
    >>> from moreish.text import read_items
    >>> model = train(["anna", "hannah"], model="bigram", split=(100, 0, 0))
    >>> remarks_on_known(model, read_items(["anna", "zoe"]))
    ['1 of the 2 distinct items were trained on']
    """
    known = sum(model.dataset.split_of(text) == "train" for text in items.texts)
    least = "at least " if model.dataset.tables else ""
    sentence = f"{least}{known:,} of the {len(items):,} distinct items were trained on"
    return [sentence] if known else []


def remarks_on_unknown(model: Model, items: Sequence[str]) -> list[str]:
    """Which tokens of the items the model does not have, if any, and what they cost.

    >>> from moreish import train
    >>> remarks_on_unknown(train(["anna", "hannah"], model="bigram", split=(100, 0, 0)), ["ann"])
    []
    """
    known = set(model.vocabulary.numbers)
    unknown = sorted({token for item in items for token in model.vocabulary.split(item)} - known)
    if not unknown:
        return []
    names = ", ".join(map(repr, unknown[:8])) + (", ..." if len(unknown) > 8 else "")
    if model.vocabulary.has_unknown:  # what one costs depends on what stands before it
        return [f"not in the vocabulary, so judged as <unk>: {names}"]
    return [f"not in the training data, so {model.unknown_nats:.1f} nats each: {names}"]
