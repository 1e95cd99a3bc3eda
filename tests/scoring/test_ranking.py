"""Surprise, token by token, and how it compares."""

import numpy as np
import pytest

import moreish
from moreish.errors import DataError, OptionError
from moreish.scoring.evaluate import unknown_nats
from moreish.scoring.ranking import Ranking

NAMES = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "amelia", "anna", "hanna", "nina"]


@pytest.fixture(scope="module", params=["bigram", "mlp"])
def model(request: pytest.FixtureRequest) -> moreish.Model:
    options = {"steps": 50, "hidden_size": 10} if request.param == "mlp" else {}
    return moreish.train(NAMES * 2, model=request.param, **options)


def test_a_score_is_the_chain_of_conditional_probabilities(model: moreish.Model) -> None:
    block_size = model.language_model.block_size
    for name in ("emma", "via", "a"):
        numbers = [model.vocabulary.numbers[letter] for letter in name]
        context, total = [0] * block_size, 0.0
        for number in [*numbers, 0]:
            window = np.array([context[-block_size:]])
            total += model.next_log_probs(window)[0, number]
            context.append(number)
        assert model.score_samples([name])[0] == pytest.approx(total, rel=1e-5)
        assert model.surprise(name).sum() == pytest.approx(-total, rel=1e-5)
        assert len(model.surprise(name)) == len(name) + 1


def test_the_mean_over_tokens_is_divided_once(model: moreish.Model) -> None:
    items = ["emma", "a", "hannahanna"]
    nats = -model.score_samples(items)
    assert model.nats_per_token(items) == pytest.approx(nats.sum() / (5 + 2 + 11), rel=1e-6)
    assert model.perplexity(items) == pytest.approx(np.exp(model.nats_per_token(items)))
    assert model.score(items) == pytest.approx(-nats.mean(), rel=1e-6)


def test_repeats_count_as_often_as_they_come(model: moreish.Model) -> None:
    one, other = -model.score_samples(["emma", "anna"])
    both = model.nats_per_token(["emma", "emma", "anna"])
    assert both == pytest.approx((2 * one + other) / 15, rel=1e-6)


def test_the_average_over_a_split_is_that_of_its_items(model: moreish.Model) -> None:
    items = model.dataset.split("train")
    nats = -model.score_samples(items.texts) @ items.counts
    tokens = model.scores(items.texts).tokens @ items.counts
    assert model.nats_per_token("train") == pytest.approx(nats / tokens, rel=1e-6)


def test_an_unseen_character_costs_its_price_and_what_follows_starts_afresh(
    model: moreish.Model,
) -> None:
    price = model.unknown_nats
    assert price == pytest.approx(unknown_nats(model.evaluate(model.dataset.split("train")).tokens))
    surprise = model.surprise("é" + "mma")
    assert surprise[0] == price
    assert surprise[1:] == pytest.approx(model.surprise("mma"), rel=1e-5)
    assert np.isfinite(model.nats_per_token(["josé", "王芳", "🚀"]))


def test_percentiles_rank_among_the_held_out(model: moreish.Model) -> None:
    likely, gibberish = model.scores(["anna", "xqzxq"]).percentile
    assert 0 == gibberish < likely <= 100
    alone = moreish.train(NAMES, model="bigram", split=(100, 0, 0))
    assert alone.scores(["anna"]).percentile is None


def test_items_are_read_as_they_were_learnt(model: moreish.Model) -> None:
    assert (model.score_samples([" anna ", "anna"]) == model.score_samples(["anna"] * 2)).all()
    assert len(model.score_samples([])) == 0


def test_what_cannot_be_scored(model: moreish.Model) -> None:
    with pytest.raises(OptionError, match="put it in a list"):
        model.score_samples("anna")
    with pytest.raises(OptionError, match="not a split"):
        model.nats_per_token("trian")
    with pytest.raises(DataError, match="NUL"):
        model.score_samples(["a\0b"])
    with pytest.raises(DataError, match="no dev split"):
        moreish.train(NAMES, model="bigram", split=(100, 0, 0)).nats_per_token("dev")


def test_what_is_no_number_has_no_percentile() -> None:
    ranking = Ranking(np.arange(200.0), np.full(200, 5))
    nats, tokens = np.array([50.0, np.nan]), np.array([5, 5])
    for rank in (ranking.percentiles, lambda *arrays: ranking.flags(*arrays, rate=0.1)):
        with pytest.raises(DataError, match="probability that is no number"):
            rank(nats, tokens)
    with pytest.raises(DataError, match="probability that is no number"):
        Ranking(nats, tokens)
    assert ranking.percentiles(np.array([np.inf]), np.array([5])).tolist() == [0]
