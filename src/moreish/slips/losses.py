"""A loss that was written out by hand: summed, averaged twice, or over the wrong axis."""

import numpy as np

from ..engine.edges import line_of
from ..engine.tensor import Tensor
from ..engine.value import Value
from ..errors import OptionError
from .feedback import Feedback, line_told
from .numbers import Numbers, array_of

__all__ = ["loss"]

ROUNDING = 1e-6  # of the largest logit: a small loss is a difference of those
NEAR = 1e-4  # relative: losses are often copied with few digits, or computed in single precision
WORDS = {
    "sign": "it has the wrong sign: a loss is minus the mean log-probability",
    "sum": "it is summed, and the mean over the examples was wanted: divide by their number",
    "twice": "it is averaged twice: it was divided by the number of examples once more",
    "everywhere": "it is averaged over all classes, and only the target of each counts",
    "axis": "the softmax runs over the examples: the axis of the classes is the last",
    "base": "the logarithm is to another base: nats need the natural logarithm",
    "probability": "the logarithm is missing: it is the mean probability",
    "again": "a softmax is taken of what is a softmax already: cross_entropy takes the logits",
    "softmax": "the softmax is missing: it averages the logits themselves",
}


def loss(answer: float | Value | Tensor, logits: Numbers, targets: Numbers) -> Feedback:
    """Which slip explains a cross-entropy that was worked out by hand?

    `answer` is the learner's loss in nats, from `logits` (B, V) and the positions of the `targets`
    (B,). What it should be is the mean over B of -log softmax(logits)[target].

    OptionError for other shapes, for targets that are no positions, and for NaN or infinity.
    TypeError for what is no number.

    >>> logits, targets = [[2.0, 0.0, 1.0], [0.0, 3.0, 0.0]], [0, 1]
    >>> loss(0.25126, logits, targets)
    The loss is right: 0.251264 nats.
    >>> loss(0.50253, logits, targets).slip
    'sum'
    """
    given = array_of(answer, "your loss")
    scores, indices = array_of(logits, "logits").astype(np.float64), array_of(targets, "targets")
    if given.size != 1:
        raise OptionError(f"a loss is one number, got shape {list(given.shape)}")
    if scores.ndim != 2 or not scores.size or indices.shape != scores.shape[:1]:
        raise OptionError(
            f"logits of shape (B, V) and targets of shape (B,) were wanted, got "
            f"{list(scores.shape)} and {list(indices.shape)}"
        )
    if indices.dtype.kind not in "iu" or (indices < 0).any() or (indices >= scores.shape[1]).any():
        raise OptionError(f"targets are positions from 0 to {scores.shape[1] - 1}, whole numbers")
    number, wanted = float(given.reshape(())), _cross_entropy(scores, indices)
    rounding = ROUNDING * max(1.0, float(np.abs(scores).max()))
    if _near(number, wanted, rounding):
        return Feedback(True, f"The loss is right: {wanted:.6g} nats.")
    begin = f"The loss is {number:.6g}, and {wanted:.6g} was wanted"
    line = line_of(answer)
    lines = (line,) if line else ()
    for slip, other in _mistaken(scores, indices, wanted):
        if _near(number, other, rounding):
            sentence = f"{begin}: {WORDS[slip]}{line_told(line)}."
            return Feedback(False, sentence, slip, lines=lines)
    return Feedback(False, f"{begin}. No single slip explains it{line_told(line)}.", lines=lines)


def _near(a: float, b: float, rounding: float) -> bool:
    return abs(a - b) <= NEAR * abs(b) + rounding


def _log_softmax(scores: np.ndarray, axis: int) -> np.ndarray:
    shifted = scores - scores.max(axis, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis, keepdims=True)))


def _cross_entropy(scores: np.ndarray, targets: np.ndarray, axis: int = 1) -> float:
    return -float(_log_softmax(scores, axis)[np.arange(len(targets)), targets].mean())


def _mistaken(scores: np.ndarray, targets: np.ndarray, wanted: float) -> list[tuple[str, float]]:
    """What the loss would be with each slip, the most frequent first."""
    n = len(targets)
    picked = np.arange(n), targets
    logs = _log_softmax(scores, 1)
    return [
        ("sign", -wanted),
        ("sum", wanted * n),
        ("twice", wanted / n),
        ("everywhere", -float(logs.mean())),
        ("everywhere", wanted / scores.shape[1]),
        ("axis", _cross_entropy(scores, targets, axis=0)),
        ("again", _cross_entropy(np.exp(logs), targets)),
        ("base", wanted / float(np.log(2))),
        ("base", wanted / float(np.log(10))),
        ("probability", float(np.exp(logs)[picked].mean())),
        ("probability", -float(np.exp(logs)[picked].mean())),
        ("softmax", -float(scores[picked].mean())),
        ("softmax", float(scores[picked].mean())),
    ]
