"""The code of the makemore course, run through both libraries: the same losses, the same names.

Losses after several steps are compared in double precision: in single precision two libraries add
in different orders, which each step multiplies. In single precision they are held to the digits
that the lectures print.
"""

from typing import Any

import numpy as np
import pytest
import torch

import moreish.torch
import moreish.torch.nn.functional
from moreish.engine.generator import Generator
from moreish.text import read_items

SEED = 2147483647
WORDS = ["emma", "olivia", "ava", "isabella", "sophia"]
LETTERS = "abcdefghijklmnopqrstuvwxyz"
NUMBERS = {letter: number for number, letter in enumerate("." + LETTERS)}


def functional(t: Any) -> Any:
    return torch.nn.functional if t is torch else moreish.torch.nn.functional


def counts(t: Any, words: list[str]) -> Any:
    table = t.zeros((27, 27), dtype=t.int32)
    pairs = [(NUMBERS[a], NUMBERS[b]) for w in words for a, b in zip(f".{w}", f"{w}.", strict=True)]
    for (i, j), count in zip(*np.unique(pairs, axis=0, return_counts=True), strict=True):
        table[int(i), int(j)] += int(count)
    return table


def names_drawn(t: Any, table: Any, count: int = 5) -> list[str]:
    shares = (table + 1).float()
    shares /= shares.sum(1, keepdims=True)
    g = t.Generator().manual_seed(SEED)
    names = []
    for _ in range(count):
        name, number = "", 0
        while True:
            row = shares[number]
            number = t.multinomial(row, num_samples=1, replacement=True, generator=g).item()
            name += ("." + LETTERS)[number]
            if not number:
                break
        names.append(name)
    return names


def test_the_smoothed_bigram_model_draws_the_same_names() -> None:
    words = [w for w in read_items(None).texts if set(w) <= set(LETTERS)]
    assert len(words) > 20_000
    ours = names_drawn(moreish.torch, counts(moreish.torch, words), 40)
    assert ours == names_drawn(torch, counts(torch, words), 40)


def test_the_names_of_the_course(course_names: Any) -> None:
    table = counts(moreish.torch, course_names.read_text().split("\n"))
    assert table.sum().item() == 228_146
    # Source: the notebook makemore_part1_bigrams, run with PyTorch 2.13.
    assert names_drawn(moreish.torch, table) == [
        "cexze.",
        "momasurailezitynn.",
        "konimittain.",
        "llayn.",
        "ka.",
    ]


def normal(t: Any, size: Any, g: Generator, dtype: str = "float32") -> Any:
    """The same numbers for both libraries: PyTorch's own differ by processor in the last place."""
    return t.tensor(g.randn(size)).to(getattr(t, dtype))


def neural_bigram(t: Any, dtype: str = "float32") -> list[float]:
    F = functional(t)
    xs = t.tensor([NUMBERS[a] for a in ".emma"])
    ys = t.tensor([NUMBERS[b] for b in "emma."])
    W = normal(t, (27, 27), Generator().manual_seed(SEED), dtype)
    W.requires_grad = True
    losses = []
    for _ in range(6):
        xenc = F.one_hot(xs, num_classes=27).to(W.dtype)
        logits = xenc @ W
        powers = logits.exp()
        probs = powers / powers.sum(1, keepdims=True)
        loss = -probs[t.arange(5), ys].log().mean() + 0.0 * (W**2).mean()
        W.grad = None
        loss.backward()
        W.data += -0.1 * W.grad
        losses.append(loss.item())
    return losses


def test_the_neural_bigram_model_learns_the_same() -> None:
    both = [neural_bigram(t, "float64") for t in (moreish.torch, torch)]
    assert both[0] == pytest.approx(both[1], abs=1e-12)
    # Source: the notebook makemore_part1_bigrams.
    losses = [3.7693, 3.7492, 3.7292, 3.7092, 3.6892, 3.6693]
    assert neural_bigram(moreish.torch) == pytest.approx(losses, abs=6e-5)


def mlp(t: Any, dtype: str = "float32", embedding: int = 2, hidden: int = 100) -> list[float]:
    F = functional(t)
    contexts, answers = [], []
    for word in WORDS:
        context = [0] * 3
        for letter in word + ".":
            contexts.append(context)
            answers.append(NUMBERS[letter])
            context = [*context[1:], NUMBERS[letter]]
    X, Y = t.tensor(contexts), t.tensor(answers)
    assert tuple(X.shape) == (32, 3)
    g = Generator().manual_seed(SEED)
    C = normal(t, (27, embedding), g, dtype)
    W1 = normal(t, (3 * embedding, hidden), g, dtype)
    b1 = normal(t, hidden, g, dtype)
    W2 = normal(t, (hidden, 27), g, dtype)
    b2 = normal(t, 27, g, dtype)
    parameters = [C, W1, b1, W2, b2]
    for p in parameters:
        p.requires_grad = True
    losses = []
    for _ in range(101):
        emb = C[X]
        h = t.tanh(emb.view(-1, 3 * embedding) @ W1 + b1)
        assert t.allclose(t.cat(t.unbind(emb, 1), 1), emb.view(emb.shape[0], -1))
        logits = h @ W2 + b2
        loss = F.cross_entropy(logits, Y)
        for p in parameters:
            p.grad = None
        loss.backward()
        for p in parameters:
            p.data += -0.1 * p.grad
        losses.append(loss.item())
    assert sum(p.nelement() for p in parameters) == 27 * (embedding + hidden + 1) + hidden * (
        3 * embedding + 1
    )
    return losses


def test_the_mlp_learns_the_same() -> None:
    both = [mlp(t, "float64") for t in (moreish.torch, torch)]
    assert both[0] == pytest.approx(both[1], abs=1e-10)
    ours = mlp(moreish.torch)
    # Source: the lecture on the MLP.
    assert [ours[i] for i in (0, 1, 2, 3, 4, 5, 9, 10)] == pytest.approx(
        [17.7697, 13.6564, 11.2988, 9.4525, 7.9843, 6.8913, 4.4147, 3.9858], abs=1e-4
    )
    assert ours[100] == pytest.approx(0.3354, abs=1e-4)


def learning_rates(t: Any) -> tuple[Any, ...]:
    exponents = t.linspace(-3, 0, 1000)
    g = t.Generator().manual_seed(SEED)
    batch = t.randint(0, 1_000, (32,), generator=g)
    return exponents, 10**exponents, batch, t.tensor(17.7697).log10()


def test_batches_and_learning_rates_are_the_same() -> None:
    for a, b in zip(learning_rates(moreish.torch), learning_rates(torch), strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-6)


def normalised(t: Any) -> list[Any]:
    """Batch normalisation by hand, as in the third lecture."""
    x = normal(t, (32, 200), Generator().manual_seed(SEED), "float64") * 5
    gain = t.ones((1, 200), requires_grad=True, dtype=t.float64)
    bias = t.zeros((1, 200), requires_grad=True, dtype=t.float64)
    mean, std = x.mean(0, keepdim=True), x.std(0, keepdim=True)
    with t.no_grad():
        running = 0.999 * t.zeros((1, 200)) + 0.001 * mean
    h = t.tanh(gain * (x - mean) / std + bias)
    (h.abs() > 0.99).float().mean().item()
    h.sum().backward()
    return [mean, std, running, h.detach(), gain.grad, bias.grad]


def test_batch_normalisation_by_hand_is_the_same() -> None:
    for a, b in zip(normalised(moreish.torch), normalised(torch), strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-12, atol=1e-12)
