"""A list as it stands says of contexts what its table of counts does."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import moreish
from moreish.engine.generator import Generator
from moreish.errors import ApproximateWarning, DataError, OptionError
from moreish.models.ngram import NGram
from moreish.scoring.evaluate import evaluate
from moreish.text import Positions, Vocabulary, contexts_of, count_contexts
from moreish.text.dataset import Dataset
from moreish.training.batches import DrawnPositions

VOCABULARY = Vocabulary("abc")
V = len(VOCABULARY)
TEXTS = st.dictionaries(st.text("abx", max_size=5), st.sampled_from([0.5, 1, 2, 7]), min_size=1)


def of(texts: dict[str, float], block_size: int) -> Positions:
    tokens = VOCABULARY.encode(list(texts))
    return Positions(tokens, np.array(list(texts.values())), block_size, V)


@given(TEXTS, st.integers(0, 6))
def test_contexts_are_those_of_the_list(texts: dict[str, float], block_size: int) -> None:
    positions = of(texts, block_size)
    wanted = contexts_of(positions.tokens, block_size, unknown=V)
    assert (positions.contexts(np.arange(len(positions))) == wanted).all()


@given(TEXTS, st.integers(1, 4), st.integers(1, 9))
def test_the_loss_is_that_of_the_table(
    texts: dict[str, float], block_size: int, at_once: int
) -> None:
    positions = of(texts, block_size)
    table = count_contexts(positions.tokens, block_size, V, positions.times)
    assert positions.total == pytest.approx(table.total)
    assert positions.unknown == pytest.approx(table.unknown)
    assert positions.pairs >= table.pairs
    model = NGram(V, block_size=block_size, smoothing=0.1).fit(table)
    one, two = (evaluate(model, corpus, unknown=3.0) for corpus in (positions, table))
    assert one.nats == pytest.approx(two.nats)
    parts = [part for corpus in (positions, table) for part in corpus.parts(at_once)]
    assert sum(len(tokens) for _, tokens in parts) == positions.pairs + table.pairs


def test_a_place_is_drawn_as_often_as_it_came() -> None:
    positions = of({"ab": 2, "a": 0.5, "c": 4}, 2)
    assert positions.total == 3 * 2 + 2 * 0.5 + 2 * 4
    steps = np.arange(0, positions.total, 1 / 8)
    found = Counter(positions.places(steps).tolist())
    assert [found[place] / 8 for place in range(len(positions))] == [2, 2, 2, 0.5, 0.5, 4, 4]


@pytest.mark.parametrize("size", [1, 4, 7, 15, 40])
def test_each_place_comes_once_in_a_pass(size: int) -> None:
    positions = of({"ab": 2, "a": 1, "c": 4, "bab": 1}, 2)  # 20 tokens
    drawn = DrawnPositions(positions, size, Generator().manual_seed(3))
    batches = [batch for step in range(60 // size + 1) for batch in drawn.next(step)]
    rows = np.concatenate([np.column_stack([b.contexts, b.followed]) for b in batches])
    passes = [Counter(map(tuple, rows[n : n + 20].tolist())) for n in range(0, 60, 20)]
    whole = Counter(
        (*context, token)
        for (context, token, times) in zip(
            positions.contexts(np.arange(len(positions))).tolist(),
            positions.tokens.tolist(),
            np.repeat(positions.times, [3, 2, 2, 4]).tolist(),
            strict=True,
        )
        for _ in range(times)
    )
    assert passes == [whole] * 3
    assert rows[:20].tolist() != rows[20:40].tolist()
    (again,) = drawn.next(1)
    assert (again.followed == batches[1].followed).all()


WORDS = [f"{a} {b} {c}" for a in ("the", "a") for b in ("red", "old", "big") for c in ("ox", "hen")]


@pytest.mark.long
def test_words_are_drawn_and_contexts_may_be_long() -> None:
    options = {"model": "mlp", "words": True, "steps": 500, "hidden_size": 8, "weight_decay": 0.0}
    model = moreish.train(WORDS * 3, split=(100, 0, 0), block_size=40, **options)
    assert model.language_model.block_size == 40
    with pytest.raises(OptionError, match="can have at most"):
        moreish.train(WORDS, words=True, model="ngram", block_size=40)
    with pytest.raises(OptionError, match="can have at most"):
        moreish.train(WORDS, block_size=40, batch_size="all", **{**options, "steps": 1})
    (loss, again) = (model.nats_per_token("train"), -model.score_samples(WORDS).sum())
    assert loss == pytest.approx(again / sum(len(text.split()) + 1 for text in WORDS))
    assert loss < 0.8  # 0.62 is what the list has: log(2 * 3 * 2) / 4
    assert set(model.sample(50, new=False)) & set(WORDS)
    assert model.top(1)[0] in WORDS
    with pytest.warns(ApproximateWarning):
        assert 0 < model.probability(prefix="the", max_length=3) < 1


def test_what_was_learnt_of_long_contexts_is_kept(tmp_path) -> None:
    options = {"model": "mlp", "steps": 20, "hidden_size": 8, "embedding_size": 3}
    model = moreish.train(["anna", "hannah", "nan"] * 9, block_size=70, **options)
    model.save(tmp_path / "m.safetensors")
    again = moreish.load(tmp_path / "m.safetensors")
    assert again.sample(9) == model.sample(9)
    assert (again.score_samples(["anna"]) == model.score_samples(["anna"])).all()
    assert again.explain("anan").repair == model.explain("anan").repair


def test_of_a_list_that_was_not_kept_no_line_is_drawn() -> None:
    items = moreish.text.read_items(["ab", "b"])
    table = count_contexts(VOCABULARY.encode(items.texts), 2, V, vocabulary=VOCABULARY)
    dataset = Dataset(items, np.zeros(2, np.uint8), tables={"train": table})
    with pytest.raises(DataError, match="lines can't be drawn"):
        dataset.positions("train", VOCABULARY, 2)
