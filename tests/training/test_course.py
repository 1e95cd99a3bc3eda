"""The course's recipe: the same numbers as PyTorch running it.

In single precision two libraries add in different orders, and each step of a training multiplies
the difference. So the method is compared in double precision over the whole run, and single
precision over one step, with a bound that follows from how often is rounded.
"""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

import moreish
from moreish.engine.generator import Generator
from moreish.errors import OptionError
from moreish.models.mlp import MLP
from moreish.text import Positions, Vocabulary
from moreish.training import Run, Settings, begin
from moreish.training.batches import DrawnExamples

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


def pytorchs_losses(run: Run, words: list[str], seed: int, dtype: torch.dtype) -> list[float]:
    """The course's code, in PyTorch; it starts from the parameters of `run`, which are its own
    but for the last place where the processor has no vector units."""
    contexts, targets = map(torch.tensor, rows(words))
    g = torch.Generator().manual_seed(seed)
    parameters = []
    for ours in run.model.parameters.values():
        drawn = torch.randn(tuple(ours.shape), generator=g)
        np.testing.assert_allclose(ours.detach().numpy(), drawn.numpy(), rtol=0, atol=1e-5)
        parameters.append(torch.tensor(ours.detach().numpy()).to(dtype).requires_grad_())
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


def run_by_hand(seed: int, dtype: type = np.float32) -> Run:
    settings = Settings.chosen(recipe="course", steps=STEPS, records=STEPS, seed=seed)
    model = MLP(V, block_size=3, embedding_size=10, hidden_size=200)
    generator = begin(model, settings)
    for parameter in model.parameters.values():
        parameter.data = parameter.data.to(dtype)
    tokens = VOCABULARY.encode(NAMES)
    positions = Positions(tokens, np.ones(len(NAMES), dtype=np.int64), 3, V)
    return Run(model, positions, None, settings, generator)


def losses_of(run: Run) -> list[float]:
    return [record.train_loss for record in run]


@pytest.mark.parametrize("seed", [2147483647, 7])
def test_in_double_precision_all_its_losses_are_pytorchs(seed: int) -> None:
    """60 steps multiply a rounding by less than 1e6 (in single precision 1e-7 becomes less than
    0.1), so what is left of 1e-16 is less than 1e-10; a wrong step is off by far more."""
    run = run_by_hand(seed, np.float64)
    theirs = pytorchs_losses(run, NAMES, seed, torch.float64)
    assert theirs[0] > 10
    assert max(theirs[-5:]) < 3
    np.testing.assert_allclose(losses_of(run), theirs, rtol=1e-9)


@pytest.mark.parametrize("seed", [2147483647, 7])
def test_in_single_precision_its_first_loss_is_pytorchs(seed: int) -> None:
    run = run_by_hand(seed)
    bound = 2 * rounding_of_the_first_loss(run)  # both libraries round
    theirs = pytorchs_losses(run, NAMES, seed, torch.float32)[0]
    assert bound < 0.001 * theirs
    assert losses_of(run)[0] == pytest.approx(theirs, abs=bound)


def rounding_of_the_first_loss(run: Run) -> float:
    """How far single precision takes the loss from the exact one, whatever the order of adding.

    A sum of n products is off by less than 6 sqrt(n) u times the sum of their absolute values, but
    for once in a million; the errors of the hidden units add up as their squares do, and a loss is
    off by at most twice what its logits are. Source: N. Higham, T. Mary, "A New Approach to
    Probabilistic Rounding Error Analysis", 2019, theorem 2.4.
    """
    u = float(np.finfo(np.float32).eps) / 2
    table, w1, b1, w2, b2 = (np.abs(p.detach().numpy()) for p in run.model.parameters.values())
    inputs = np.tile(table.max(axis=0), 3)
    hidden = 6 * np.sqrt(len(w1)) * u * (inputs @ w1 + b1) + 2 * u  # a tanh makes none larger
    logits = np.sqrt(hidden**2 @ w2**2) + 6 * np.sqrt(len(w2)) * u * (w2.sum(axis=0) + b2)
    return 2 * float(logits.max())


def test_the_same_from_a_list() -> None:
    options = {"steps": STEPS, "records": STEPS, "split": (100, 0, 0), "seed": 7}
    learning = moreish.learn(NAMES, recipe="course", **options)
    usual = {"block_size": 3, "embedding_size": 10, "hidden_size": 200}
    assert learning.language_model.options().items() >= usual.items()
    ours = [record.train_loss for record in learning]
    assert ours == losses_of(run_by_hand(seed=7))


def test_tokens_of_repeated_lines_stand_next_to_the_first() -> None:
    texts, counts = ["emma", "ava", "mia"], np.array([2, 1, 3])
    positions = Positions(VOCABULARY.encode(texts), counts, 3, V)
    assert positions.total == 2 * 5 + 4 + 3 * 4
    chosen = positions.places(np.arange(int(positions.total)))
    contexts, targets = rows(texts)
    often = np.repeat(np.arange(len(targets)), np.repeat(counts, [5, 4, 4]))
    assert positions.contexts(chosen).tolist() == [contexts[row] for row in often]
    assert positions.tokens[chosen].tolist() == [targets[row] for row in often]


def test_a_part_of_a_line_cannot_be_drawn() -> None:
    tokens = VOCABULARY.encode(["emma", "ava"])
    whole = Positions(tokens, np.array([2.0, 0.0]), 3, V)
    drawn = DrawnExamples(whole, 100, Generator().manual_seed(1))
    assert whole.total == 10
    (batch,) = drawn.next(0)
    assert set(batch.followed.tolist()) == set(VOCABULARY.encode(["emma"]).tolist())
    with pytest.raises(OptionError, match="whole numbers"):
        DrawnExamples(Positions(tokens, np.array([0.5, 1.0]), 3, V), 1, Generator())
