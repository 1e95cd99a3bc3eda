"""What a notebook shows of an object never holds the list, nor screens of numbers."""

import dataclasses
import gc
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import moreish
from moreish.comparison import Comparison
from moreish.generate.chain import chain_of
from moreish.models.leave_one_out import WholeList
from moreish.models.ngram_counts import levels_of

SECRET = [f"zq{a}{b}x{c}" for a in "abcdefgh" for b in "ijklm" for c in "nopqrst"]
OPTIONS = {"steps": 20, "hidden_size": 4, "block_size": 2}
# What says something of one item that it was asked about, or of none: it may show what it has.
WITHOUT_LISTS = ("engine", "torch", "recording", "draw")  # rooms that know no list
OPEN = {
    "Entry",  # an item and what is nearest to it
    "Explanation",  # an item
    "Limits",  # what was asked for
    "Batch",  # numbers of a few contexts, for a moment
}


def held(thing: object, folder: Path) -> Iterator[object]:
    """All that hangs on what one makes of a list, in every family, and what uses it."""
    for model in ("bigram", "ngram", "mlp", "mixture"):
        options = OPTIONS if model in ("mlp", "mixture") else {}
        learning = moreish.learn(SECRET, model=model, **options)
        records = list(learning)
        made = learning.model()
        made.save(folder / "m")
        again = moreish.load(folder / "m")
        scores = made.scores(SECRET[:3], flag_rate=0.1)
        made.sample(20), made.top(3), made.sample(3, new=True, suffix="n"), made.explain(SECRET[0])
        table = made.dataset.counts("train", made.vocabulary, 2)
        entry, summary = made.ledger(SECRET[:1]), made.summary(SECRET)
        yield [learning, records, made, again, scores, table, entry, summary]
        yield [levels_of(table), WholeList(table)]
    yield moreish.Classifier({"a": made, "b": again})
    yield Comparison(SECRET, ["bigram"], {})
    yield moreish.count(SECRET, block_size=2)


def reached(things: object) -> Iterator[object]:
    """Everything that is ours among what can be reached from these."""
    waiting, seen = [things], set()
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen or isinstance(thing, type) or type(thing).__name__ == "module":
            continue
        seen.add(id(thing))
        if type(thing).__module__.startswith("moreish."):
            yield thing
        if not callable(thing) or type(thing).__module__.startswith("moreish."):
            waiting += gc.get_referents(thing)


def test_nothing_that_holds_the_list_shows_it(tmp_path: Path) -> None:
    kept = list(held(SECRET, tmp_path))
    kinds = set()
    for thing in reached(kept):
        kind = type(thing)
        if kind.__name__ in OPEN or kind.__module__.split(".")[1] in WITHOUT_LISTS:
            continue
        kinds.add(kind.__name__)
        shown = repr(thing)
        assert "\n" not in shown, kind
        assert len(shown) < 300, f"{kind}: {shown[:400]}"
        assert not any(item in shown for item in SECRET), f"{kind}: {shown[:400]}"
    assert kinds >= {"Model", "Learning", "Dataset", "Items", "ContextCounts", "Vocabulary", "Run"}
    assert kinds >= {"Level", "Shares", "Report", "Scores", "NGram", "MLP", "Mixture", "Comparison"}


def test_the_last_line_of_a_cell_is_short() -> None:
    model = moreish.train(SECRET, model="bigram")
    assert repr(model) == "<Model: bigram, 22 characters, 280 items>"
    assert repr(moreish.learn(SECRET)) == "<Learning: mixture, 22 characters, 280 items>"


def test_every_class_of_ours_that_has_arrays_or_lists_is_brief() -> None:
    """A dataclass that is new, and has a field for an array, shows its shape and no numbers."""
    found = []
    modules = [own for name, own in sys.modules.items() if name.startswith("moreish.")]
    kinds = {id(thing): thing for own in modules for thing in vars(own).values()}
    for kind in kinds.values():
        is_ours = issubclass(type(kind), type) and str(kind.__module__).startswith("moreish.")
        if (
            is_ours
            and dataclasses.is_dataclass(kind)
            and kind.__module__.split(".")[1] not in ("engine", "torch", "recording")
        ):
            types = [str(field.type) for field in dataclasses.fields(kind)]
            holds = any("ndarray" in name or "list[str]" in name for name in types)
            if holds and kind.__name__ not in OPEN and "draw" not in kind.__module__:
                found.append(kind)
    assert len(found) > 8
    for kind in found:
        made_by_dataclass = hasattr(kind.__repr__, "__wrapped__")
        assert not made_by_dataclass, f"{kind.__name__} needs `__repr__ = brief`"


@pytest.mark.parametrize("name", ["sklearn"])
def test_an_estimator_is_its_options(name: str) -> None:
    pytest.importorskip(name)
    from moreish.estimator import ItemDensity

    density = ItemDensity(model="bigram").fit(SECRET)
    assert repr(density) == "ItemDensity(model='bigram')"


def test_a_chain_and_an_automaton(tmp_path: Path) -> None:
    from moreish.generate.automaton import anything

    model = moreish.train(SECRET, model="bigram")
    automaton = anything(len(model.vocabulary))
    chain = chain_of(model.language_model, automaton)
    assert repr(automaton) == "<Automaton: table (1, 23), accepts (1,), start 0>"
    assert repr(chain).startswith("<Chain: chances (")
    assert np.isfinite(chain.chances).all()
