"""The course's losses step by step, and where gradient descent arrives: at the counts."""

from pathlib import Path

import numpy as np
import pytest

import moreish
from moreish.engine import rules
from moreish.errors import OptionError
from moreish.models.bigram import Bigram
from moreish.models.neural_bigram import NeuralBigram
from moreish.text import Vocabulary, count_contexts, read_items
from moreish.torch import from_numpy
from moreish.torch.optim import SGD
from moreish.training.run import Run, Settings

SEED = 2147483647


def course_losses(items: list[str], regularisation: float, steps: int) -> list[float]:
    """Full batch, plain gradient descent of rate 50, from the course's seed; penalty included."""
    vocabulary = Vocabulary("abcdefghijklmnopqrstuvwxyz")
    counts = count_contexts(vocabulary.encode(items), 1, 27)
    shares = from_numpy((counts.dense() / counts.total).astype(np.float32))
    model = NeuralBigram(27, regularisation=regularisation).initialise(SEED)
    optimizer = SGD(model.parameters.values(), lr=50)
    losses = []
    for _ in range(steps):
        loss = rules.cross_entropy(model.logits(counts.contexts), shares).sum()
        penalty = model.penalty()
        loss = loss if penalty is None else loss + penalty
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize(
    ("regularisation", "expected"),
    [
        (0, {0: 3.7589538, 1: 3.3711007, 9: 2.7114964, 49: 2.4971449, 99: 2.4728763}),
        (0.01, {0: 3.7686187, 1: 3.3788068, 9: 2.7188305, 49: 2.5107582, 99: 2.4901305}),
    ],
)
def test_the_courses_losses(
    course_names: Path, regularisation: float, expected: dict[int, float]
) -> None:
    losses = course_losses(course_names.read_text().split(), regularisation, 100)
    for step, loss in expected.items():
        assert losses[step] == pytest.approx(loss, abs=2e-6), step


def test_the_courses_losses_of_one_word() -> None:
    expected = [3.7693, 3.7492, 3.7292, 3.7092, 3.6892, 3.6693]
    vocabulary = Vocabulary("abcdefghijklmnopqrstuvwxyz")
    counts = count_contexts(vocabulary.encode(["emma"]), 1, 27)
    shares = from_numpy((counts.dense() / counts.total).astype(np.float32))
    model = NeuralBigram(27, regularisation=0).initialise(SEED)
    optimizer = SGD(model.parameters.values(), lr=0.1)
    for loss in expected:
        found = rules.cross_entropy(model.logits(counts.contexts), shares).sum()
        assert found.item() == pytest.approx(loss, abs=5e-5)
        optimizer.zero_grad()
        found.backward()
        optimizer.step()


def test_a_row_of_the_matrix_is_a_one_hot_row_times_it() -> None:
    model = NeuralBigram(5).initialise(seed=3)
    contexts = np.array([[4], [0], [4]])
    weight = model.parameters["weight"].detach().numpy()
    one_hot = np.eye(5, dtype=np.float32)[[4, 0, 4]]
    assert (model.logits(contexts).detach().numpy() == one_hot @ weight).all()


def test_it_arrives_at_the_counts() -> None:
    names = read_items(None).texts[:4_000]
    counted = moreish.train(names, model="bigram", smoothing=0, split=(100, 0, 0))
    learnt = moreish.train(names, model="neural-bigram", regularisation=0, split=(100, 0, 0))
    loss = counted.nats_per_token("train")
    assert loss < learnt.nats_per_token("train") < loss + 1e-4
    every = np.arange(27)[:, None]
    chances = np.exp(learnt.next_log_probs(every)), np.exp(counted.next_log_probs(every))
    np.testing.assert_allclose(*chances, atol=0.005)


def trained(regularisation: float, items: list[str]) -> tuple[np.ndarray, np.ndarray, float]:
    """The table that was learnt, that of `bigram` with the smoothing that is equal, and it."""
    vocabulary = Vocabulary.of(items)
    V = len(vocabulary)
    counts = count_contexts(vocabulary.encode(items), 1, V)
    model = NeuralBigram(V, regularisation=regularisation).initialise(seed=1)
    for _ in Run(model, counts, None, Settings(**NeuralBigram.training)):
        pass
    smoothing = 2 * regularisation * counts.total / V**2
    smoothed = Bigram(V, smoothing=smoothing).fit(counts)
    every = np.arange(V)[:, None]
    return np.exp(model.next_log_probs(every)), np.exp(smoothed.next_log_probs(every)), smoothing


def test_regularisation_is_smoothing() -> None:
    """By the formula in the module: exactly where both are strong, and nearly elsewhere."""
    names = read_items(None).texts[:2_000]
    learnt, smoothed, smoothing = trained(1_000.0, names)
    assert smoothing > 10_000
    away = smoothed - 1 / len(smoothed)
    np.testing.assert_allclose(learnt - 1 / len(learnt), away, atol=0.01 * np.abs(away).max())
    learnt, smoothed, smoothing = trained(0.01, names)
    assert 0.3 < smoothing < 1
    divergence = (learnt * np.log(learnt / smoothed)).sum(axis=1)
    assert divergence.mean() < 0.02


@pytest.mark.parametrize("regularisation", [-1, np.nan, np.inf])
def test_regularisation_that_is_none(regularisation: float) -> None:
    with pytest.raises(OptionError, match="regularisation must be 0 or more"):
        moreish.train(["ab"], model="neural-bigram", regularisation=regularisation)


def test_by_default_it_is_as_strong_as_the_smoothing_of_bigram() -> None:
    names = read_items(None).texts
    few, others = names[:20], names[-500:]
    losses = {
        model: moreish.train(few, model=model, split=(100, 0, 0)).nats_per_token(others)
        for model in ("bigram", "neural-bigram")
    }
    assert losses["neural-bigram"] == pytest.approx(losses["bigram"], abs=0.1)
