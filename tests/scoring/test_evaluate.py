"""Sums and counts against one token after another, asked of the model one by one."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moreish.models import Predictor, base
from moreish.models.ngram import NGram
from moreish.scoring.evaluate import Total, evaluate, item_log_probs, unknown_nats
from moreish.text import BOUNDARY, Vocabulary, count_contexts

ITEMS = st.lists(st.text("abc", min_size=1, max_size=5), min_size=1, max_size=8)
VOCABULARY = Vocabulary("abc")


def one_by_one(model: Predictor, items: list[str]) -> list[list[float]]:
    """The log-probability of each token of each item, and of its end, in nats."""
    result = []
    for item in items:
        context, own = [BOUNDARY] * model.block_size, []
        for token in VOCABULARY.encode([item]).tolist():
            if token < len(VOCABULARY):  # what the model does not know ends what it sees
                asked = np.array([context[-model.block_size :]])
                own.append(float(model.next_log_probs(asked)[0, token]))
            context = [*context, token] if token < len(VOCABULARY) else [BOUNDARY] * 9
        result.append(own)
    return result


def fitted(items: list[str], block_size: int) -> NGram:
    tokens = VOCABULARY.encode(items)
    counts = count_contexts(tokens, block_size, len(VOCABULARY))
    return NGram(len(VOCABULARY), block_size=block_size).fit(counts)


@pytest.fixture(params=[1, 2, 8_192], ids="at once {}".format)
def _parts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "AT_ONCE", request.param)


@pytest.mark.usefixtures("_parts")
class TestOneByOne:
    @given(ITEMS, ITEMS, st.integers(1, 3))
    def test_items(self, items: list[str], asked: list[str], block_size: int) -> None:
        model = fitted(items, block_size)
        expected = [sum(own) for own in one_by_one(model, asked)]
        found = item_log_probs(model, VOCABULARY.encode(asked))
        np.testing.assert_allclose(found, expected, atol=1e-12)

    @given(ITEMS, st.integers(1, 3), st.integers(0, 99))
    def test_contexts_in_any_order(self, items: list[str], block_size: int, seed: int) -> None:
        model, rng = fitted(items, block_size), np.random.default_rng(seed)
        contexts = rng.integers(0, 4, (20, block_size)).astype(np.intp)
        tokens = rng.integers(0, 4, 20).astype(np.intp)
        expected = [
            model.next_log_probs(context[None])[0, token]
            for context, token in zip(contexts, tokens, strict=True)
        ]
        np.testing.assert_allclose(model.log_probs_of(contexts, tokens), expected, atol=1e-12)

    @given(ITEMS, st.lists(st.text("abxy", min_size=1, max_size=5), max_size=8))
    def test_totals_with_what_is_unknown(self, items: list[str], asked: list[str]) -> None:
        model = fitted(items, 2)
        counts = count_contexts(VOCABULARY.encode(asked), 2, len(VOCABULARY))
        found = evaluate(model, counts, unknown=7.0)
        parts = one_by_one(model, asked)
        unknown = sum(item.count("x") + item.count("y") for item in asked)
        assert found.tokens == sum(len(item) + 1 for item in asked)
        assert found.nats == pytest.approx(7.0 * unknown - sum(map(sum, parts)), abs=1e-11)
        assert evaluate(model, counts).nats == (math.inf if unknown else found.nats)


@given(st.floats(0, 1e6), st.floats(1, 1e6))
def test_a_loss_is_a_mean_and_perplexity_its_power(nats: float, tokens: float) -> None:
    total = Total(nats, tokens)
    assert total.nats_per_token == nats / tokens
    expected = math.exp(nats / tokens) if nats / tokens < 709 else math.inf
    assert total.perplexity == pytest.approx(expected)


def test_of_no_tokens_there_is_no_loss() -> None:
    assert math.isnan(Total(0.0, 0).nats_per_token)
    assert math.isnan(Total(0.0, 0).perplexity)


def test_what_an_unknown_token_costs() -> None:
    """One in n + 1 is new, and is one of Unicode's 149,813 characters."""
    for trained in (0, 1, 99.5, 1e12):
        chance = 1 / (trained + 1) / 149_813
        assert unknown_nats(trained) == pytest.approx(-math.log(chance), rel=1e-14)
