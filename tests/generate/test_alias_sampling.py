"""Look-ups draw what the chain has: table by table, and item by item."""

from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import moreish
from generate.test_exact import ITEMS, Table, unflat
from moreish.engine.generator import Generator
from moreish.errors import DataError
from moreish.generate.alias_sampling import AliasSampler, paired
from moreish.models import states_of

SHAPES = st.tuples(st.integers(1, 4), st.integers(1, 9))


@settings(max_examples=200, deadline=None)
@given(SHAPES.flatmap(lambda shape: arrays(np.float64, shape, elements=st.floats(0, 1))))
def test_columns_and_their_pairs_make_up_the_chances(chances: np.ndarray) -> None:
    chances[:, 0] += 1e-3
    shares, others = paired(chances)
    size = chances.shape[1]
    made = shares / size
    rows = np.broadcast_to(np.arange(len(chances))[:, None], others.shape)
    np.add.at(made, (rows, others), (1 - shares) / size)
    wanted = chances / chances.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(made, wanted, atol=1e-14)


@pytest.mark.parametrize("block_size", [1, 2])
def test_frequencies_are_the_probabilities(block_size: int) -> None:
    model = Table(block_size=block_size, seed=4)
    lookup = AliasSampler(model, states_of(model), [], longest=100)
    count = 100_000
    drawn = unflat(lookup.draw(count, Generator().manual_seed(3)))
    assert len(drawn) == count
    assert min(map(len, drawn)) == 1
    seen = {item: drawn.count(item) for item in ITEMS[:30]}
    for item, times in seen.items():
        expected = count * model.probability(item)
        assert abs(times - expected) < 5 * np.sqrt(expected) + 5


def test_many_samples_come_by_look_ups_and_few_do_not_differ_for_it() -> None:
    model = moreish.train(["anna", "hannah", "nan", "ann"], model="bigram", split=(100, 0, 0))
    many = list(islice(model.samples(seed=5), 40_000))
    assert many[:50] == model.sample(50, seed=5)
    for item in ("n", "an", "anna"):
        share = model.probability(matches=item)
        for half in (many[:20_000], many[20_000:]):
            assert abs(half.count(item) - 20_000 * share) < 5 * (20_000 * share) ** 0.5


def test_what_may_never_end_is_not_looked_up() -> None:
    loop = moreish.train(["ab" * 20], model="bigram", smoothing=0, split=(100, 0, 0))
    assert len(list(islice(loop.samples(seed=1), 25_000))) == 25_000


def test_words() -> None:
    model = moreish.train(
        ["red fox", "red hen", "fox"], model="bigram", words=True, split=(100, 0, 0)
    )
    many = list(islice(model.samples(seed=2), 30_000))
    assert {"red fox", "fox", "red hen"} <= set(many[-5_000:])


def test_a_mixture_of_what_sees_all_tokens_with_what_sees_few() -> None:
    """States that no item comes to have rows, too, and contexts with tokens that are not seen."""
    names = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "amelia"]
    names += ["anna", "hanna", "nina"]
    sizes = {"hidden_size": 4, "embedding_size": 2, "block_size": 2, "steps": 5}
    model = moreish.train(names, model="mixture", seed=1, **sizes)
    with pytest.raises(DataError, match="no more than 1 different"):
        model.sample(3, top_k=1, unique=True, seed=1)
