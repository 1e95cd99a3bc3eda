"""Two moons: a binary classifier made of single numbers, and where it draws the line.

    python examples/two_moons.py [PICTURE]

Two half circles of points reach into each other; a network of Values learns to tell them apart, one
gradient step after another, until every point is on its side. The data, the network, the loss and
the learning rate are those of micrograd's demo, and so are the numbers that come out.
"""

import random
import sys
from collections.abc import Iterator

import numpy as np

from moreish import Value, draw
from moreish.micrograd.losses import accuracy, max_margin
from moreish.micrograd.nn import MLP
from moreish.torch import no_grad

SEED = 1337


def moons(count: int = 100, noise: float = 0.1, seed: int = SEED) -> tuple[np.ndarray, list[int]]:
    """(count, 2) points on two half circles, moved by noise, and a label of -1 or +1 for each.

    As scikit-learn's make_moons has them.
    """
    draws = np.random.RandomState(seed)
    angle = np.linspace(0, np.pi, count // 2)
    outer = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    inner = np.stack([1 - np.cos(angle), 1 - np.sin(angle) - 0.5], axis=1)
    order = np.arange(count)
    draws.shuffle(order)
    points = np.concatenate([outer, inner])[order]
    labels = np.repeat([-1, 1], count // 2)[order]
    return points + draws.normal(scale=noise, size=points.shape), labels.tolist()


def network(seed: int = SEED) -> MLP:
    """Two inputs, two hidden layers of 16, one score."""
    random.seed(seed)
    return MLP(2, [16, 16, 1])


def loss_of(model: MLP, points: np.ndarray, labels: list[int]) -> tuple[Value, float]:
    """The loss over all points, and the share of them that is right.

    What scores fall short of their margin, and a little for every weight that is large.
    """
    scores = [model([Value(x), Value(y)]) for x, y in points]
    decay = sum(p * p for p in model.parameters())
    return max_margin(scores, labels) + 1e-4 * decay, accuracy(scores, labels)


def train(
    model: MLP, points: np.ndarray, labels: list[int], steps: int = 100
) -> Iterator[tuple[float, float]]:
    """The loss and the accuracy before each step down the gradient."""
    for step in range(steps):
        loss, right = loss_of(model, points, labels)
        yield loss.data, right
        model.zero_grad()
        loss.backward()
        for parameter in model.parameters():
            parameter.data -= (1.0 - 0.9 * step / steps) * parameter.grad


def picture(model: MLP, points: np.ndarray, labels: list[int]) -> draw.Chart:
    """The plane, each place in the colour of the class that the model has for it."""

    def scores(places: np.ndarray) -> list[float]:
        with no_grad():
            return [model(place).data for place in places]

    return draw.boundary(scores, points, labels)


def main() -> None:
    points, labels = moons()
    model = network()
    for step, (loss, right) in enumerate(train(model, points, labels)):
        if step % 10 == 0 or step == 99:
            print(f"step {step:>2}  loss {loss:.4f}  accuracy {right:.0%}")
    place = sys.argv[1] if len(sys.argv) > 1 else "two_moons.svg"
    picture(model, points, labels).save(place)
    print(f"the decision boundary is in {place}")


if __name__ == "__main__":
    main()
