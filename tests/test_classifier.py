"""Which list an item belongs to, how sure that is, and how well it is told."""

import random

import numpy as np
import pytest

import moreish
from moreish.errors import DataError, OptionError
from moreish.text import read_items

NAMES = read_items(None).texts
LIKE = {"a": [n for n in NAMES if n.endswith("a")], "n": [n for n in NAMES if n.endswith("n")]}


@pytest.fixture(scope="module")
def classifier() -> moreish.Classifier:
    lists = {"a": LIKE["a"][:3_000], "n": LIKE["n"][:1_000]}
    return moreish.Classifier({k: moreish.train(v, model="bigram") for k, v in lists.items()})


def test_probabilities_are_probabilities(classifier: moreish.Classifier) -> None:
    found = classifier.probabilities(["anna", "ann", "王芳", ""][:3])
    assert found.shape == (3, 2)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert classifier.probabilities([]).shape == (0, 2)
    assert classifier.classes(["hanna", "jordan"]) == ["a", "n"]


def test_they_are_calibrated() -> None:
    """Beginnings of names that end in a or n, hard to tell apart: of those that are given so many
    percent, so many are right."""
    lists = {k: [name[:4] + str(i % 10) for i, name in enumerate(v)] for k, v in LIKE.items()}
    rng = random.Random(2)
    lists = {
        k: rng.sample(v, size) for (k, v), size in zip(lists.items(), (5000, 2500), strict=True)
    }
    classifier = moreish.Classifier(
        {k: moreish.train(v, model="ngram", block_size=3) for k, v in lists.items()}
    )
    texts = [m.dataset.split("test").texts for m in classifier.models.values()]
    truth = np.repeat([0, 1], [len(own) for own in texts])
    found = classifier.probabilities([text for own in texts for text in own])[:, 1]
    order = np.array_split(np.argsort(found), 5)
    for part in order:
        error = np.sqrt(found[part].mean() * (1 - found[part].mean()) / len(part))
        assert abs(truth[part].mean() - found[part].mean()) < 4 * error
    judged = classifier.judge()
    assert judged.accuracy == pytest.approx(judged.confidence, abs=0.06)
    assert judged.items == {k: len(own) for k, own in zip(lists, texts, strict=True)}
    by_size = -np.mean(np.log(np.array([len(own) for own in texts])[truth] / len(truth)))
    assert judged.nats < by_size


def test_judged_by_hand(classifier: moreish.Classifier) -> None:
    judged = classifier.judge("dev")
    for name, model in classifier.models.items():
        texts = model.dataset.split("dev").texts
        assert judged.items[name] == len(texts)
        assert judged.right[name] == classifier.classes(texts).count(name)
    assert judged.accuracy > 0.95


def test_a_longer_list_is_likelier_beforehand() -> None:
    """Two lists of the same kind: what is said is how long they are."""
    names = random.Random(1).sample(NAMES, 8_000)
    lists = {"long": names[:6_000], "short": names[6_000:]}
    classifier = moreish.Classifier({k: moreish.train(v, model="bigram") for k, v in lists.items()})
    found = classifier.probabilities(random.Random(3).sample(NAMES, 500))
    assert found[:, 0].mean() == pytest.approx(0.75, abs=0.03)


def test_what_cannot_be() -> None:
    model = moreish.train(NAMES[:100], model="bigram")
    with pytest.raises(OptionError, match="two models or more"):
        moreish.Classifier({"a": model})
    alone = moreish.train(NAMES[:100], model="bigram", split=(100, 0, 0))
    with pytest.raises(DataError, match="there are no dev items of b"):
        moreish.Classifier({"a": model, "b": alone})


def test_what_one_model_finds_impossible() -> None:
    lists = {"a": ["aab", "aba", "baa"] * 20, "c": ["ccd", "cdc", "dcc"] * 20}
    models = {k: moreish.train(v, model="bigram", smoothing=0, dev=v) for k, v in lists.items()}
    found = moreish.Classifier(models).probabilities(["abaab", "cdccd", "xyz"])
    assert np.isfinite(found).all()
    assert found[0, 0] > 0.99 < found[1, 1]


def test_a_token_that_no_model_has_tells_nothing() -> None:
    """Whatever the sizes of the lists, from which each model has its price for one."""
    lists = {"long": NAMES[:2_000], "short": NAMES[2_000:2_100]}
    models = {n: moreish.train(items, model="bigram") for n, items in lists.items()}
    assert models["long"].unknown_nats > models["short"].unknown_nats + 1
    classifier = moreish.Classifier(models)
    nats = -classifier._log_probs(["\u00c9", "\u00c9\u00c9"])
    each = nats[1] - nats[0]  # and what a model thinks at the start of an item, where it is alike
    ends = [-model.next_log_probs(np.zeros((1, 1)))[0, 0] for model in models.values()]
    np.testing.assert_allclose(each, np.full(2, models["long"].unknown_nats))
    np.testing.assert_allclose(nats[0] - ends, each)
