"""The course's recipe: the same numbers as PyTorch running it."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

import moreish
from moreish.errors import OptionError
from moreish.models.mlp import MLP
from moreish.text import Vocabulary, count_contexts
from moreish.training import Examples, Run, Settings, begin

NAMES = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "amelia", "anna", "hanna", "nina"]
VOCABULARY = Vocabulary.of(NAMES)
V = len(VOCABULARY)
STEPS = 60


def rows(words: list[str]) -> tuple[list[list[int]], list[int]]:
    """The course's loop over words."""
    contexts, targets = [], []
    for word in words:
        context = [0] * 3
        for letter in [*word, None]:
            number = VOCABULARY.numbers[letter] if letter else 0
            contexts.append(context)
            targets.append(number)
            context = [*context[1:], number]
    return contexts, targets


def pytorchs_losses(words: list[str], seed: int) -> list[float]:
    """The course's code, in PyTorch."""
    contexts, targets = map(torch.tensor, rows(words))
    g = torch.Generator().manual_seed(seed)
    shapes = [(V, 10), (30, 200), (200,), (200, V), (V,)]
    parameters = [torch.randn(shape, generator=g).requires_grad_() for shape in shapes]
    table, w1, b1, w2, b2 = parameters
    losses = []
    for step in range(STEPS):
        chosen = torch.randint(0, len(contexts), (32,), generator=g)
        hidden = torch.tanh(table[contexts[chosen]].view(-1, 30) @ w1 + b1)
        loss = F.cross_entropy(hidden @ w2 + b2, targets[chosen])
        for p in parameters:
            p.grad = None
        loss.backward()
        for p in parameters:
            p.data += -(0.1 if step < STEPS // 2 else 0.01) * p.grad
        losses.append(loss.item())
    return losses


def test_its_losses_step_by_step_are_pytorchs() -> None:
    settings = Settings.chosen(recipe="course", steps=STEPS, records=STEPS, seed=2147483647)
    model = MLP(V, block_size=3, embedding_size=10, hidden_size=200)
    generator = begin(model, settings)
    tokens = VOCABULARY.encode(NAMES)
    examples = Examples.of(tokens, np.ones(len(NAMES), dtype=np.int64), 3)
    run = Run(model, count_contexts(tokens, 3, V), None, settings, generator, examples)
    ours = [record.train_loss for record in run]
    theirs = pytorchs_losses(NAMES, seed=2147483647)
    assert theirs[0] > 10
    assert_alike(ours, theirs)


def assert_alike(ours: list[float], theirs: list[float]) -> None:
    """Rounding grows from step to step, so the first are held closer than the last."""
    np.testing.assert_allclose(ours[:12], theirs[:12], rtol=1e-5)
    np.testing.assert_allclose(ours, theirs, rtol=0.02)


def test_the_same_from_a_list() -> None:
    options = {"steps": STEPS, "records": STEPS, "split": (100, 0, 0), "seed": 7}
    learning = moreish.learn(NAMES, recipe="course", **options)
    usual = {"block_size": 3, "embedding_size": 10, "hidden_size": 200}
    assert learning.language_model.options().items() >= usual.items()
    ours = [record.train_loss for record in learning]
    assert_alike(ours, pytorchs_losses(NAMES, seed=7))


def test_repeated_lines_stand_next_to_the_first() -> None:
    texts, counts = ["emma", "ava", "mia"], np.array([2, 1, 3])
    tokens = VOCABULARY.encode(texts)
    examples = Examples.of(tokens, counts, 3)
    assert len(examples) == 2 * 5 + 4 + 3 * 4
    chosen = examples.rows(np.arange(len(examples)))
    contexts, targets = rows(["emma", "emma", "ava", "mia", "mia", "mia"])
    assert examples.contexts[chosen].tolist() == contexts
    assert examples.tokens[chosen].tolist() == targets


def test_a_part_of_a_line_cannot_be_drawn() -> None:
    tokens = VOCABULARY.encode(["emma", "ava"])
    assert len(Examples.of(tokens, np.array([2.0, 0.0]), 3)) == 10
    with pytest.raises(OptionError, match="whole numbers"):
        Examples.of(tokens, np.array([0.5, 1.0]), 3)
