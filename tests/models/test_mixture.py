"""What two models say together, and how their shares are found."""

from typing import Any

import numpy as np
import pytest

import moreish
from moreish.errors import OptionError
from moreish.models.mixture import Mixture
from moreish.text import count_items, read_items

NAMES = read_items(None).texts[:1_500]
TWO = {"mixture": "bigram,ngram", "block_size": 3}


def trained(**options: Any) -> moreish.Model:
    return moreish.train(NAMES, model="mixture", seed=3, **options)


def test_each_has_its_share_in_every_prediction() -> None:
    mixed = trained(**TWO, share=0.3)
    one, two = mixed.language_model.parts
    contexts = np.array([[0, 0, 0], [0, 5, 1], [3, 1, 2]])
    expected = 0.3 * np.exp(one.next_log_probs(contexts[:, -1:]))
    expected += 0.7 * np.exp(two.next_log_probs(contexts))
    np.testing.assert_allclose(np.exp(mixed.next_log_probs(contexts)), expected, rtol=1e-12)


@pytest.mark.parametrize(("share", "only"), [(1, "bigram"), (0, "ngram")])
def test_all_of_one_is_that_one(share: int, only: str) -> None:
    options = {"block_size": 3} if only == "ngram" else {}
    alone = moreish.train(NAMES, model=only, seed=3, **options)
    mixed = trained(**TWO, share=share)
    assert mixed.nats_per_token("dev") == pytest.approx(alone.nats_per_token("dev"), abs=1e-12)


def test_the_parts_are_those_that_are_trained_alone() -> None:
    options = {"steps": 20, "hidden_size": 9, "block_size": 2}
    mixed = trained(mixture="ngram,mlp", **options).language_model
    for part, own in zip(mixed.parts, ({"block_size": 2}, options), strict=True):
        alone = moreish.train(NAMES, model=part.name, seed=3, **own).language_model
        for name, array in alone.arrays().items():
            assert (array == part.arrays()[name]).all(), name


def test_two_of_a_kind_differ() -> None:
    mixed = trained(mixture="mlp,mlp", steps=5, hidden_size=9, block_size=2).language_model
    one, two = (part.arrays()["embedding"] for part in mixed.parts)
    assert (one != two).any()


def test_a_share_that_is_learnt_is_the_best_on_dev() -> None:
    options = {**TWO, "smoothing": 0.1}
    learnt = trained(**options, share="learnt").nats_per_token("dev")
    fixed = [trained(**options, share=x).nats_per_token("dev") for x in (0, 0.2, 0.4, 0.7, 1)]
    assert learnt < min(fixed)
    assert trained(**options, share="by-frequency").nats_per_token("dev") < learnt - 0.01


@pytest.mark.parametrize("share", ["learnt", "by-frequency"])
def test_from_what_both_find_impossible_nothing_is_learnt(share: str) -> None:
    options = {"mixture": "bigram,bigram", "smoothing": 0, "share": share}
    model = moreish.train(["ab"] * 3, dev=["ba"], model="mixture", **options)
    assert (model.language_model.arrays()["weights"] == 0.5).all()
    assert model.nats_per_token("dev") == np.inf
    assert model.sample(2) == ["ab", "ab"]


def test_by_frequency_long_contexts_are_trusted_where_they_are_well_known() -> None:
    model = trained(mixture="ngram,bigram", smoothing=0.1, block_size=3)
    mixed, items = model.language_model, model.dataset.split("train")
    counts = count_items(items, model.vocabulary, 3)
    shares = mixed.arrays()["weights"][mixed._bins_of(counts.contexts), 0]
    inside = (counts.contexts > 0).all(axis=1)
    often = shares[inside & (counts.totals > 30)].mean()
    assert often > shares[inside & (counts.totals == 1)].mean() + 0.1


def test_stopped_early_it_is_mixed_as_it_is() -> None:
    learning = moreish.learn(NAMES, model="mixture", steps=2_000, hidden_size=9)
    for record in learning:
        if record.step >= 40:
            break
    model = learning.model()
    assert model.report.steps == 40
    assert model.language_model.arrays()["weights"].shape[0] > 1
    assert np.isfinite(model.nats_per_token("dev"))


def test_options_of_its_own_for_each_part() -> None:
    model = Mixture(
        5, mixture="ngram,mlp", parts=({"block_size": 4}, {"block_size": 2}), direct=True
    )
    assert [part.block_size for part in model.parts] == [4, 2]
    assert model.block_size == 4
    assert model.options()["parts"][1]["direct"] is True
    assert (Mixture(5, **model.options()).options()) == model.options()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"mixture": "ngram"}, "of two models, as in ngram,mlp; got 'ngram'"),
        ({"mixture": "ngram,mlp,bigram"}, "of two models"),
        ({"mixture": "ngram,oracle"}, "no model 'oracle'; there are bigram"),
        (
            {"mixture": "mixture,ngram"},
            "a mixture of a mixture can't be; there are bigram, class-ngram, mlp",
        ),
        ({"share": 1.5}, "a number from 0 to 1, learnt or by-frequency; got 1.5"),
        ({"share": np.nan}, "got nan"),
        ({"share": "half"}, "got half"),
        (
            {"mixture": "bigram,ngram", "hidden_size": 3},
            "--hidden-size is not an option of bigram,",
        ),
        ({"mixture": "bigram,ngram", "steps": 3}, "--steps can't be set for mixture"),
        ({"mixture": "bigram,ngram", "block_size": 0}, "block size must be 1 or more"),
        ({"mixture": "bigram,ngram", "smoothing": -1}, "0 or more"),
        ({"split": (100, 0, 0), "share": "learnt"}, "nothing is held out for that"),
    ],
)
def test_what_cannot_be_is_a_sentence(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(OptionError, match=sentence):
        moreish.train(NAMES[:50], model="mixture", **options)


@pytest.mark.parametrize(
    "damage",
    [
        lambda a: a.pop("weights"),
        lambda a: a.update(weights=np.ones((3, 3))),
        lambda a: a.update(weights=a["weights"][:2]),
        lambda a: a.pop("0.counts"),
        lambda a: a.pop("1.shares.2"),
        lambda a: a.pop("bins.1"),
        lambda a: a.update({"keys.2": a["keys.2"][1:]}),
        lambda a: a.update({"keys.2": a["keys.2"][::-1]}),
        lambda a: a.update({"bins.2": a["bins.2"].astype(np.int64) - 1_000}),
    ],
)
def test_damaged_arrays_are_refused(damage) -> None:
    model = trained(**TWO).language_model
    arrays = model.arrays()
    damage(arrays)
    with pytest.raises((KeyError, ValueError)):
        Mixture(model.vocabulary_size, **model.options()).restore(arrays)
