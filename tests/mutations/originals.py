"""Good files of every format and family, and what one must be to be of use.

A file that is read must be a valid one: it may be another than the original, if its checksum was
made right again, but its probabilities are numbers whose sum is 1, and whatever is asked of it ends
in an answer or in a sentence.
"""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import moreish
from moreish.errors import ApproximateWarning, MoreishError
from moreish.models.backoff import BackOff
from moreish.text import gather

NAMES = (
    *("emma", "olivia", "ava", "isabella", "sophia", "mia", "amelia", "anna", "hanna", "nina"),
    *("noah", "liam", "lia", "leon", "leo", "lena", "mona", "moana", "joan", "johan", "ann"),
    *("an", "hal", "al", "ali", "alina", "lina", "elin", "elina"),
)
WORDS = ["red hen", "red fox", "old hen", "old red fox", "hen", "a fox", "the old fox", "the hen"]
SPLIT = {"split": (70, 20, 10)}
SMALL = {"steps": 20, "hidden_size": 4, "embedding_size": 3, "block_size": 2, **SPLIT}

MODELS: dict[str, Callable[[], moreish.Model]] = {
    "bigram": lambda: moreish.train(list(NAMES), model="bigram", **SPLIT),
    "bigram smoothing 0": lambda: moreish.train(list(NAMES), model="bigram", smoothing=0, **SPLIT),
    "kneser-ney": lambda: moreish.train(list(NAMES), model="ngram", block_size=3, **SPLIT),
    "words": lambda: moreish.train(WORDS * 2, model="ngram", block_size=2, words=True, **SPLIT),
    "witten-bell": lambda: ngram("witten-bell"),
    "added": lambda: ngram(0.5),
    "deleted interpolation": lambda: ngram("deleted-interpolation"),
    "weights": lambda: moreish.train(
        [f'{{"a": "{name}", "w": {1.5 + place}}}' for place, name in enumerate(NAMES)],
        model="ngram",
        block_size=2,
        format="jsonl",
        column="a",
        weights="w",
        **SPLIT,
    ),
    "documents": lambda: moreish.train(
        [" ".join(WORDS[n:] + WORDS[:n]) for n in range(8)] * 2,
        model="ngram",
        block_size=2,
        item_per="file",
        words=True,
        min_count=9,
        **SPLIT,
    ),
    "classes": lambda: moreish.train(
        WORDS * 2, model="class-ngram", classes=3, words=True, **SPLIT
    ),
    "neural bigram": lambda: moreish.train(list(NAMES), model="neural-bigram", steps=20, **SPLIT),
    "mlp": lambda: moreish.train(list(NAMES), model="mlp", direct=True, **SMALL),
    "mlp tied": lambda: moreish.train(list(NAMES), model="mlp", tied=True, bag=1, **SMALL),
    "mixture": lambda: moreish.train(list(NAMES), model="mixture", **SMALL),
    "mixture share": lambda: moreish.train(
        NAMES, model="mixture", mixture="bigram,ngram", share=0.3, block_size=2, **SPLIT
    ),
    "long list": lambda: long_list(),
    "back-off": lambda: back_off(),
}


def ngram(smoothing: float | str) -> moreish.Model:
    return moreish.train(list(NAMES), model="ngram", block_size=2, smoothing=smoothing, **SPLIT)


def long_list() -> moreish.Model:
    """Of which the model file holds the counts and a sample."""
    usual = gather.__kwdefaults__
    try:
        gather.__kwdefaults__ = {**usual, "most": 20}
        return moreish.train(list(NAMES), model="ngram", block_size=2, **SPLIT)
    finally:
        gather.__kwdefaults__ = usual


def back_off() -> moreish.Model:
    """Out of an ARPA file, without its list."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        moreish.train(list(NAMES), model="ngram", block_size=2, **SPLIT).save_arpa(
            f"{folder}/a.arpa"
        )
        return moreish.load(f"{folder}/a.arpa")


COUNTS: dict[str, Callable[[], moreish.ContextCounts]] = {
    "counts": lambda: moreish.count(list(NAMES), block_size=2),
    "fractions": lambda: 0.3 * moreish.count(WORDS, block_size=2, words=True),
}
TRAININGS: dict[str, dict[str, Any]] = {
    "adamw": {"model": "mlp", "dropout": 0.2, **SMALL},
    "momentum": {"model": "mlp", "optimizer": "momentum", "recipe": "table", **SMALL},
    "no dev": {"model": "neural-bigram", "steps": 20, "split": (100, 0, 0)},
    "two": {"model": "mixture", "mixture": "mlp,neural-bigram", **SMALL},
}
STOPPED_AT = 10


def write_all(folder: Path) -> list[Path]:
    """A good file of each kind; its name says which."""
    paths = []
    for name, make in MODELS.items():
        paths.append(folder / f"model {name}")
        make().save(paths[-1])
    for name, count in COUNTS.items():
        paths.append(folder / f"counts {name}")
        count().save(paths[-1])
    for name, options in TRAININGS.items():
        paths.append(folder / f"checkpoint {name}")
        learning = moreish.learn(list(NAMES), **options)
        for record in learning:
            if record.step == STOPPED_AT:
                learning.checkpoint(paths[-1])
    return paths


def check(path: Path, name: str) -> bool:
    """Read a file that may be damaged; whether it was taken. AssertionError for what is wrong."""
    kind, _, which = name.partition(" ")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ApproximateWarning)
            if kind == "model":
                check_model(moreish.load(path), again=path)
            elif kind == "counts":
                check_counts(moreish.ContextCounts.load(path), again=path)
            else:
                learning = moreish.learn(list(NAMES), **TRAININGS[which])
                learning.resume(path)
                for _ in learning:
                    pass
                check_model(learning.model())
    except MoreishError as error:
        line = str(error)
        assert line.strip(), "nothing is said"
        assert "\n" not in line, line
        assert len(line) < 600, line
        return False
    return True


def asked(question: Callable[[], Any]) -> Any:
    """The answer, or None where there is a sentence in its place."""
    try:
        return question()
    except MoreishError:
        return None


def check_model(model: moreish.Model, again: Path | None = None) -> None:
    """Its probabilities have a sum of 1, and all that is asked of it is answered in numbers."""
    own, size = model.language_model, len(model.vocabulary)
    items = [*model.dataset.items.texts[:40], "emma", "zzz", "red fox"]
    drawn = np.random.default_rng(1).integers(0, size, (40, own.block_size))
    began = np.arange(own.block_size) >= drawn[:, :1] % (own.block_size + 1)
    contexts = np.concatenate([np.zeros((1, own.block_size), np.intp), drawn * began])
    log_probs = model.next_log_probs(contexts)
    assert not np.isnan(log_probs).any(), "a probability is no number"
    is_given = isinstance(own, BackOff)  # it is as it is in its ARPA file, where sums need not be 1
    if not is_given:
        assert (log_probs <= 1e-5).all(), "a probability is more than 1"
        assert np.abs(np.exp(log_probs).sum(axis=1) - 1).max() < 1e-5, "the sum is not 1"
    for question in (
        lambda: model.sample(4, seed=1, max_length=6),
        lambda: model.sample(2, seed=1, new=True),
        lambda: model.top(2, max_length=4),
    ):
        for item in asked(question) or ():
            assert item.encode(), "an item is no text"
    scores = asked(lambda: model.scores(items))
    if scores is not None:
        assert not np.isnan(scores.nats).any(), "nats are no number"
        assert is_given or (scores.nats >= -1e-6).all(), "nats are less than 0"
        if scores.percentile is not None:
            percentile = scores.percentile
            assert ((percentile >= 0) & (percentile <= 100)).all(), "no percentile"
    for split in ("train", "dev"):
        loss = asked(lambda split=split: model.nats_per_token(split))
        assert is_given or loss is None or loss >= -1e-6, f"the loss on {split} is {loss}"
        asked(lambda split=split: model.interval(split))
    asked(lambda: model.explain("emma"))
    assert len(repr(model)) < 200
    if again is not None:
        model.save(again)
        assert (moreish.load(again).next_log_probs(contexts) == log_probs).all()


def check_counts(table: moreish.ContextCounts, again: Path) -> None:
    """Its sums are numbers, and the algebra holds."""
    assert np.isfinite(table.total)
    assert (table.totals > 0).all()
    assert (table.dense() >= 0).all()
    for block_size in range(table.block_size + 1):
        assert np.isclose(table.shorter(block_size).total, table.total)
    both = asked(lambda: table + table)
    if both is not None:
        assert np.isclose((both - table).total, table.total)
    table.save(again)
    assert moreish.ContextCounts.load(again) == table
    assert len(repr(table)) < 300


def as_it_was(path: Path, original: Path) -> bool:
    """Whether a file holds to the bit what the original holds."""
    from moreish.storage.model_file import read_file

    kind = original.name.partition(" ")[0]
    about, arrays = read_file(path, kind)
    other_about, others = read_file(original, kind)
    return (
        about == other_about
        and arrays.keys() == others.keys()
        and all(
            arrays[name].dtype == others[name].dtype
            and arrays[name].shape == others[name].shape
            and arrays[name].tobytes() == others[name].tobytes()
            for name in arrays
        )
    )
