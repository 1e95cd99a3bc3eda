"""Right losses are called right; of wrong ones the slip is named."""

from typing import Any

import pytest

import moreish.torch as torch
import moreish.torch.nn.functional as F
from moreish import Value, slips
from moreish.errors import OptionError

G = torch.Generator().manual_seed(1)
LOGITS = torch.randn((32, 27), generator=G)
TARGETS = torch.randint(0, 27, (32,), generator=G)
ROWS = torch.arange(32)
P = LOGITS.exp() / LOGITS.exp().sum(1, keepdim=True)
MEAN = F.cross_entropy(LOGITS, TARGETS)

RIGHT = [
    MEAN,
    MEAN.item(),
    Value(MEAN.item()),
    round(MEAN.item(), 4),
    -P[ROWS, TARGETS].log().mean(),
    -P.log()[ROWS, TARGETS].sum() / 32,
    -(F.one_hot(TARGETS, 27) * P.log()).sum(1).mean(),
    F.nll_loss(F.log_softmax(LOGITS, 1), TARGETS),
    -(LOGITS - LOGITS.exp().sum(1, keepdim=True).log())[ROWS, TARGETS].mean(),
    [MEAN.item()],
]
WRONG = [
    (P[ROWS, TARGETS].log().mean(), "sign"),
    (F.cross_entropy(P, TARGETS), "again"),
    (-P[ROWS, TARGETS].log().sum(), "sum"),
    (F.cross_entropy(LOGITS, TARGETS, reduction="sum"), "sum"),
    (MEAN / 32, "twice"),
    (-P.log().mean(), "everywhere"),
    (-(F.one_hot(TARGETS, 27) * P.log()).mean(), "everywhere"),
    (-(LOGITS.softmax(0))[ROWS, TARGETS].log().mean(), "axis"),
    (-P[ROWS, TARGETS].log2().mean(), "base"),
    (-P[ROWS, TARGETS].log10().mean(), "base"),
    (P[ROWS, TARGETS].mean(), "probability"),
    (-LOGITS[ROWS, TARGETS].mean(), "softmax"),
    (MEAN + 0.1, None),
]


@pytest.mark.parametrize("answer", RIGHT)
def test_right(answer: Any) -> None:
    said = slips.loss(answer, LOGITS, TARGETS)
    assert said.right, said


@pytest.mark.parametrize(("answer", "slip"), WRONG)
def test_wrong(answer: Any, slip: str | None) -> None:
    said = slips.loss(answer, LOGITS, TARGETS)
    assert (said.right, said.slip) == (False, slip), said


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ((float("nan"), LOGITS, TARGETS), OptionError, "your loss is nan"),
        ((None, LOGITS, TARGETS), OptionError, "None was given"),
        (("3", LOGITS, TARGETS), TypeError, "numbers, got str"),
        ((LOGITS, LOGITS, TARGETS), OptionError, "one number"),
        ((1.0, LOGITS[0], TARGETS), OptionError, r"\(B, V\)"),
        ((1.0, LOGITS, TARGETS[:5]), OptionError, r"\[5\]"),
        ((1.0, LOGITS, TARGETS + 27), OptionError, "from 0 to 26"),
        ((1.0, LOGITS, TARGETS * 1.0), OptionError, "whole numbers"),
    ],
)
def test_what_does_not_fit(given: Any, error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        slips.loss(*given)


def test_the_line_of_a_loss_that_was_computed_here() -> None:
    logits = torch.tensor([[2.0, 0.0, 1.0], [0.0, 3.0, 0.0]], requires_grad=True)
    logprobs = logits.log_softmax(1)
    answer = -logprobs[[0, 1], [0, 1]].sum()  # the slip
    found = slips.loss(answer, logits, torch.tensor([0, 1]))
    assert found.slip == "sum"
    assert found.line is not None
    assert found.line.text.endswith("# the slip")
    assert str(found).endswith("# the slip.")


def test_a_loss_in_single_precision_that_is_nearly_0() -> None:
    for size in (10.0, 20.0, 1e4):
        logits = torch.tensor([[size, 0.0], [size, size - 9]])
        assert slips.loss(F.cross_entropy(logits, torch.tensor([0, 0])), logits, [0, 0]).right
