"""What items have from the list, against looking through all of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import moreish
from moreish.scoring import novelty
from moreish.scoring.novelty import Ledger, edit_distances
from moreish.text import Vocabulary, read_items
from moreish.text.dataset import Dataset

TEXTS = st.text("abcé", min_size=1, max_size=8)


def distance(one: str, other: str) -> int:
    """By the definition: the last token stays, goes, comes, or is another."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


def ledger_of(texts: list[str], kind: str = "characters") -> Ledger:
    items = read_items(texts)
    dataset = Dataset(items, np.zeros(len(items), np.uint8))
    return Ledger(dataset, Vocabulary.of(items.texts[:3], kind))


@pytest.mark.parametrize("library", [True, False], ids=["rapidfuzz", "our own"])
@pytest.mark.parametrize("kind", ["characters", "words"])
@given(st.lists(TEXTS, min_size=1, max_size=12), TEXTS, st.booleans())
def test_the_nearest_and_what_is_copied(
    library: bool, kind: str, texts: list[str], item: str, many: bool
) -> None:
    spaced = " ".join if kind == "words" else str
    ledger = ledger_of([spaced(text) for text in texts], kind)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(novelty, "_is_rapidfuzz_there", lambda: library)
        found = ledger.entries([spaced(item)] * (novelty.MANY if many else 1))
    entry = found[-1]
    assert set(found) == {entry}
    listed = [text.replace(" ", "") for text in ledger.dataset.items.texts]
    distances = [distance(item, text) for text in listed]
    assert entry.distance == min(distances)
    assert entry.nearest == spaced(listed[distances.index(min(distances))])
    runs = [item[i:j] for j in range(len(item) + 1) for i in range(j + 1)]
    copied = [run for run in runs if any(run in text for text in listed)]
    assert entry.copied == spaced(max(copied, key=len))
    assert entry.new == (item not in listed)
    assert (entry.split is None) == entry.new


def test_distances_of_more_than_a_byte() -> None:
    one, other = np.ones(300, dtype=np.int32), np.full((200, 1), 2, dtype=np.int32)
    assert edit_distances(one, other).tolist() == [300]


def test_words() -> None:
    ledger = ledger_of(["the cat sat", "a dog sat down"], "words")
    entry = ledger.entry("the dog sat up")
    assert (entry.nearest, entry.distance, entry.copied) == ("the cat sat", 2, "dog sat")
    assert ledger.entry("th at").copied == ""


def test_the_summary() -> None:
    ledger = ledger_of(["anna", "bob", "cleo"])
    found = ledger.summary(["anna", "ben", "ben", "al"])
    assert (found.items, found.new, found.distinct) == (4, 0.75, 0.75)
    assert found.lengths == {
        2: (0.25, 0.0),
        3: (0.5, pytest.approx(1 / 3)),
        4: (0.25, pytest.approx(2 / 3)),
    }
    assert ledger.summary([]).distinct == 0


def test_of_a_model() -> None:
    model = moreish.train(["anna", "hanna", "hannah"] * 2, model="bigram", seed=3)
    drawn = model.sample(30)
    for item, entry in zip(drawn, model.ledger(drawn), strict=True):
        assert entry.item == item
        assert entry.split == model.dataset.known.get(item)
    assert model.summary(drawn).items == 30


def test_without_a_list() -> None:
    empty = ledger_of(["a"])
    ledger = Ledger(
        Dataset(read_items(["a"]).chosen(np.zeros(1, bool)), np.zeros(0)), empty.vocabulary
    )
    entry = ledger.entry("anna")
    assert (entry.nearest, entry.distance, entry.copied) == (None, None, "")
