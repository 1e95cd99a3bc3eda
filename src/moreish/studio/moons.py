"""Two moons: micrograd's demo, a step at a time, with what each neuron gives over the plane.

The network is micrograd's MLP of Values. `moreish.capture` records its loss once and replays it, so
a step takes less than a millisecond. Data, loss and learning rate are those of micrograd's demo.
"""

import math
import random
import secrets
from typing import Any

import numpy as np

from ..engine import Value
from ..engine.activations import relu
from ..errors import OptionError, check_seed
from ..micrograd.losses import max_margin
from ..micrograd.nn import MLP
from ..recording import capture
from ..rows import Row

POINTS = 100
NOISE = 0.1
DECAY = 1e-4  # of squared weights, in the loss
SCHEDULE = 100  # steps over which the demo's learning rate falls, from 1 to 0.1
LAYERS, NEURONS = 3, 16  # hidden ones, at most
MOST_STEPS = 50  # in a call
LEFT, RIGHT, BOTTOM, TOP = -1.6, 2.6, -1.2, 1.7  # of the plane
ACROSS, UP = 63, 43  # places of the plane that are drawn
SMALL = 3  # each so many of them in the drawing of a neuron


def moons(count: int = POINTS, seed: int = 1337) -> tuple[np.ndarray, list[int]]:
    """(count, 2) points on two half circles, moved by noise, and a label of -1 or +1 for each.

    As scikit-learn's make_moons has them.

    >>> points, labels = moons(4)
    >>> points.shape, sorted(labels)
    ((4, 2), [-1, -1, 1, 1])
    """
    draws = np.random.RandomState(seed)
    angle = np.linspace(0, np.pi, count // 2)
    outer = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    inner = np.stack([1 - np.cos(angle), 1 - np.sin(angle) - 0.5], axis=1)
    order = np.arange(count)
    draws.shuffle(order)
    points = np.concatenate([outer, inner])[order]
    labels = np.repeat([-1, 1], count // 2)[order]
    return points + draws.normal(scale=NOISE, size=points.shape), labels.tolist()


class Moons:
    """A network on the two moons, and how far it has learnt.

    `hidden` are the sizes of its hidden layers. OptionError for sizes or a seed that can't be.

    >>> training = Moons([8, 8])
    >>> first = training.loss
    >>> training.take(40)
    >>> training.loss < first, training.step
    (True, 40)
    """

    def __init__(self, hidden: list[int], seed: int = 1337) -> None:
        check_seed(seed)
        if not 1 <= len(hidden) <= LAYERS or not all(1 <= size <= NEURONS for size in hidden):
            raise OptionError(
                f"1 to {LAYERS} hidden layers of 1 to {NEURONS} neurons were wanted, got {hidden}"
            )
        self.id = secrets.token_hex(4)
        self.step = 0
        self.points, self.labels = moons()
        before = random.getstate()
        random.seed(seed)
        self.model = model = MLP(2, [*hidden, 1])
        random.setstate(before)
        inputs = [[Value(x), Value(y)] for x, y in self.points.tolist()]
        labels = self.labels

        def loss() -> Value:
            scores = [model(x) for x in inputs]
            decay: Any = sum(p * p for p in model.parameters())
            return max_margin(scores, labels) + DECAY * decay

        self._loss = capture(loss)
        self.loss: float = self._loss().data

    def take(self, steps: int, rate: float | None = None) -> None:
        """So many steps down the gradient, with a learning rate or that of the demo.

        A loss that is no number stays: nothing is learnt from it.
        """
        with np.errstate(all="ignore"):
            for _ in range(steps):
                loss = self._loss()
                if not math.isfinite(loss.data):
                    break
                self.model.zero_grad()
                loss.backward()
                own = 1.0 - 0.9 * min(self.step / SCHEDULE, 1.0)
                for parameter in self.model.parameters():
                    parameter.data -= (own if rate is None else rate) * parameter.grad
                self.step += 1
            self.loss = self._loss().data

    def activations(self, points: np.ndarray) -> list[np.ndarray]:
        """(N, 2) points → what each layer gives there, (N, neurons); the last is the score."""
        found = []
        x = points
        for layer in self.model.layers:
            weights = np.array([[w.data for w in neuron.w] for neuron in layer.neurons])
            biases = np.array([neuron.b.data for neuron in layer.neurons])
            with np.errstate(all="ignore"):
                x = x @ weights.T + biases
                x = relu(x) if layer.neurons[0].nonlin else x
            found.append(x)
        return found

    def accuracy(self) -> float:
        """Which share of the points is on its side of the boundary."""
        scores = self.activations(self.points)[-1][:, 0]
        return float(np.mean((scores > 0) == (np.array(self.labels) > 0)))


def _plane() -> np.ndarray:
    """(ACROSS times UP, 2): the places that are drawn, row by row from the top."""
    across, up = np.linspace(LEFT, RIGHT, ACROSS), np.linspace(TOP, BOTTOM, UP)
    return np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)


def described(training: Moons, layer: int, neuron: int | None) -> Row:
    """Loss, accuracy, the score over the plane, and each neuron of a hidden layer, counted from 1.

    A neuron's part is what it gives times the weight with which the score takes it: of the last
    hidden layer they add up to the score, but for its bias. OptionError for one that there is not.
    """
    hidden = training.model.layers[:-1]
    if not 1 <= layer <= len(hidden):
        raise OptionError(f"a hidden layer from 1 to {len(hidden)} was wanted, got {layer}")
    many = len(hidden[layer - 1].neurons)
    if neuron is not None and not 1 <= neuron <= many:
        raise OptionError(f"a neuron from 1 to {many} was wanted, got {neuron}")
    found = training.activations(_plane())
    part = found[layer - 1]
    is_last = layer == len(hidden)
    if is_last:
        part = part * np.array([w.data for w in training.model.layers[-1].neurons[0].w])
    grid = part.reshape(UP, ACROSS, many)[::SMALL, ::SMALL].reshape(-1, many)
    return {
        "training": training.id,
        "step": training.step,
        "loss": training.loss,
        "accuracy": training.accuracy(),
        "parameters": len(training.model.parameters()),
        "layers": [len(one.neurons) for one in hidden],
        "score": _short(found[-1][:, 0]),
        "parts": [_short(grid[:, i]) for i in range(many)],
        "adds_up": is_last,
        "part": None if neuron is None else _short(part[:, neuron - 1]),
    }


def _short(numbers: np.ndarray) -> list[int]:
    """Numbers as whole ones from -100 to 100, for a colour: the sign, and how far from 0.

    1, the margin, is 76; what is no number is 0.
    """
    with np.errstate(all="ignore"):
        return np.nan_to_num(np.round(100 * np.tanh(numbers)), nan=0.0).astype(int).tolist()


def moons_step(
    training: Moons,
    steps: int = 1,
    rate: float | None = None,
    layer: int = 1,
    neuron: int | None = None,
) -> Row:
    """Some steps of a training, 0 to look at it again, and what it has learnt by then.

    OptionError for too many steps, and for a learning rate, a layer or a neuron that can't be.
    """
    if not 0 <= steps <= MOST_STEPS:
        raise OptionError(f"from 0 to {MOST_STEPS} steps were wanted, got {steps}")
    if rate is not None and not 0 < rate < math.inf:
        raise OptionError(f"a learning rate is more than 0, got {rate:g}")
    training.take(steps, rate)
    return described(training, layer, neuron)


def fixed() -> Row:
    """What a drawing needs once: the points, and where they are."""
    points, labels = moons()
    return {
        "points": np.round(points, 3).tolist(),
        "labels": labels,
        "plane": [LEFT, RIGHT, BOTTOM, TOP],
        "size": [ACROSS, UP],
        "small": [-(-ACROSS // SMALL), -(-UP // SMALL)],
    }
