"""Programs of our own that call what the later notebooks of the course call, in both libraries.

They reckon in double precision, where other processors' rounding is far below the bound.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch

import moreish.torch
import moreish.torch.nn.functional
from moreish import Value

pytestmark = pytest.mark.numeric

SEED = 2147483647
NAMES = ["mara", "tobias", "ilse", "oona", "fritz", "quentin", "zoe", "abigail"]
LETTERS = ".abcdefghijklmnopqrstuvwxyz"
BOUND = 1e-9  # of numbers near 1: some 1,000 roundings of 1e-16, times a condition below 10,000


def functional(t: Any) -> Any:
    return torch.nn.functional if t is torch else moreish.torch.nn.functional


def normal(t: Any, *shape: int, generator: Any = None) -> Any:
    """Nearly normal numbers, by adding up: PyTorch's `randn` differs by processor, `rand` does not.

    `randn` itself is compared in tests/engine/test_generator.py.
    """
    return t.rand((12, *shape), generator=generator, dtype=t.float64).sum(0) - 6


def examples(t: Any, length: int) -> tuple[Any, Any]:
    contexts, answers = [], []
    for name in NAMES:
        numbers = [LETTERS.index(letter) for letter in name + "."]
        for i, number in enumerate(numbers):
            contexts.append(([0] * length + numbers[:i])[-length:])
            answers.append(number)
    return t.tensor(contexts), t.tensor(answers)


class Layer:
    """What the lectures build by hand: `out` is kept, parameters are listed."""

    def __init__(self, t: Any) -> None:
        self.t, self.out, self.training = t, None, True

    def parameters(self) -> list[Any]:
        return []


class Linear(Layer):
    def __init__(self, t: Any, inputs: int, outputs: int, g: Any = None) -> None:
        super().__init__(t)
        self.weight = normal(t, inputs, outputs, generator=g) / inputs**0.5
        self.bias = t.zeros(outputs, dtype=t.float64)

    def __call__(self, x: Any) -> Any:
        self.out = x @ self.weight
        self.out += self.bias
        return self.out

    def parameters(self) -> list[Any]:
        return [self.weight, self.bias]


class BatchNorm(Layer):
    def __init__(self, t: Any, size: int) -> None:
        super().__init__(t)
        self.gamma, self.beta = t.ones(size, dtype=t.float64), t.zeros(size, dtype=t.float64)
        self.mean, self.variance = t.zeros(size), t.ones(size)

    def __call__(self, x: Any) -> Any:
        mean, variance = self.mean, self.variance
        if self.training:
            dim = 0 if x.ndim == 2 else (0, 1)
            mean, variance = x.mean(dim, keepdim=True), x.var(dim, keepdim=True)
            with self.t.no_grad():
                self.mean = 0.9 * self.mean + 0.1 * mean
                self.variance = 0.9 * self.variance + 0.1 * variance
        self.out = self.gamma * ((x - mean) / self.t.sqrt(variance + 1e-5)) + self.beta
        return self.out

    def parameters(self) -> list[Any]:
        return [self.gamma, self.beta]


class Tanh(Layer):
    def __call__(self, x: Any) -> Any:
        self.out = self.t.tanh(x)
        return self.out


class Embedding(Layer):
    def __init__(self, t: Any, count: int, size: int) -> None:
        super().__init__(t)
        self.weight = normal(t, count, size)

    def __call__(self, x: Any) -> Any:
        self.out = self.weight[x]
        return self.out

    def parameters(self) -> list[Any]:
        return [self.weight]


class Flatten(Layer):
    """Neighbours beside each other."""

    def __call__(self, x: Any) -> Any:
        B, T, C = x.shape
        x = x.view(B, T // 2, C * 2)
        self.out = x.squeeze(1) if x.shape[1] == 1 else x
        return self.out


def neuron(t: Any) -> Iterator[Any]:
    """The neuron of the first lecture, with a number in each tensor."""
    x1, x2, w1, w2, b = (
        t.Tensor([number]).double() for number in (2.0, 0.0, -3.0, 1.0, 6.881373587019543)
    )
    for leaf in (x1, x2, w1, w2, b):
        leaf.requires_grad = True
    o = t.tanh(x1 * w1 + x2 * w2 + b)
    yield o.data.item()
    o.backward()
    yield from (leaf.grad.item() for leaf in (x1, w1, x2, w2))


def deep(t: Any) -> Iterator[Any]:
    """Layers with batch normalisation: what comes out of each, its gradient, and their sizes."""
    F = functional(t)
    g = t.Generator().manual_seed(SEED)
    C = normal(t, 27, 4, generator=g)
    layers: list[Any] = [Linear(t, 12, 10, g), BatchNorm(t, 10), Tanh(t)]
    layers += [Linear(t, 10, 10, g), BatchNorm(t, 10), Tanh(t), Linear(t, 10, 27, g)]
    with t.no_grad():
        layers[-1].weight *= 0.1
    parameters = [C, *(p for layer in layers for p in layer.parameters())]
    yield sum(p.nelement() for p in parameters)
    for p in parameters:
        p.requires_grad = True
    X, Y = examples(t, 3)
    for _ in range(3):
        ix = t.randint(0, X.shape[0], (16,), generator=g)
        x = C[X[ix]].view(16, -1)
        for layer in layers:
            x = layer(x)
            layer.out.retain_grad()
        loss = F.cross_entropy(x, Y[ix])
        for p in parameters:
            p.grad = None
        loss.backward()
        for p in parameters:
            p.data += -0.1 * p.grad
        yield loss.log10().item()
    for layer in layers:
        if isinstance(layer, Tanh):
            out, grad = layer.out, layer.out.grad
            shares = (out.abs() > 0.97).float().mean() * 100
            yield f"{out.abs().mean():+.2f} {out.std():.2f} {shares:.2f}"
            yield "%+.6f %e" % (grad.abs().mean(), grad.std())  # noqa: UP031
            heights, edges = t.histogram(out.detach(), density=True)
            yield len(heights), heights.sum().item(), edges[0].item(), edges[-1].item()
    yield [(p.grad.std() / p.std()).item() for p in parameters if p.ndim == 2]
    with t.no_grad():
        h = layers[0](C[X].view(X.shape[0], -1))
        yield h.mean(0, keepdim=True), h.std(0, keepdim=True)


def by_hand(t: Any) -> Iterator[Any]:
    """Cross-entropy and batch normalisation walked back by hand, and compared with the engine."""
    F = functional(t)
    g = t.Generator().manual_seed(SEED)
    W = normal(t, 12, 27, generator=g)
    gain = normal(t, 1, 27, generator=g) * 0.1 + 1.0
    bias = normal(t, 1, 27, generator=g) * 0.1
    C = normal(t, 27, 4, generator=g)
    X, Y = examples(t, 3)
    n = X.shape[0]
    for p in (W, gain, bias, C):
        p.requires_grad = True
    emb = C[X]
    before = emb.view(n, -1) @ W
    mean = 1 / n * before.sum(0, keepdim=True)
    apart = before - mean
    variance = 1 / (n - 1) * (apart**2).sum(0, keepdim=True)
    inverse = (variance + 1e-5) ** -0.5
    raw = apart * inverse
    logits = gain * raw + bias
    shifted = logits - logits.max(1, keepdim=True).values
    counts = shifted.exp()
    shares = counts * counts.sum(1, keepdims=True) ** -1
    logprobs = shares.log()
    loss = -logprobs[range(n), Y].mean()
    for tensor in (logprobs, shares, counts, shifted, logits, raw, inverse, apart, before, emb):
        tensor.retain_grad()
    loss.backward()
    yield loss.item()
    yield (F.cross_entropy(logits, Y) - loss).abs().item() < 1e-12
    dlogprobs = t.zeros_like(logprobs)
    dlogprobs[range(n), Y] = -1.0 / n
    yield t.all(dlogprobs == logprobs.grad).item()
    dlogits = F.softmax(logits, 1)
    dlogits[range(n), Y] -= 1
    dlogits /= n
    dbefore = gain * inverse / n
    dbefore = dbefore * (n * dlogits - dlogits.sum(0) - n / (n - 1) * raw * (dlogits * raw).sum(0))
    demb = (dbefore @ W.T).view(emb.shape)
    dC = t.zeros_like(C)
    for k in range(n):
        for j in range(X.shape[1]):
            dC[X[k, j]] += demb[k, j]
    byhand = {"logits": (dlogits, logits), "before": (dbefore, before), "C": (dC, C)}
    byhand["W"] = emb.view(n, -1).T @ dbefore, W
    byhand["gain"] = (raw * dlogits).sum(0, keepdim=True), gain
    for name, (own, tensor) in byhand.items():
        yield name, t.allclose(own, tensor.grad), (own - tensor.grad).abs().max().item() < 1e-12
        yield tensor.grad
    dshifted = logits.grad.clone()
    largest = F.one_hot(logits.max(1).indices, num_classes=27)
    yield (dshifted + largest * (-dshifted).sum(1, keepdim=True)).detach()
    bessel = before.var(0, keepdim=True, unbiased=True)
    yield (bessel - variance).abs().max().item() < 1e-12


def hierarchy(t: Any) -> Iterator[Any]:
    """Neighbours are put together two by two; all draws come from the one stream."""
    F = functional(t)
    t.manual_seed(42)
    layers: list[Any] = [Embedding(t, 27, 6)]
    for inputs in (12, 16, 16):
        layers += [Flatten(t), Linear(t, inputs, 8), BatchNorm(t, 8), Tanh(t)]
    layers.append(Linear(t, 8, 27))
    parameters = [p for layer in layers for p in layer.parameters()]
    for p in parameters:
        p.requires_grad = True

    def model(x: Any) -> Any:
        for layer in layers:
            x = layer(x)
        return x

    X, Y = examples(t, 8)
    losses = []
    for _ in range(4):
        ix = t.randint(0, X.shape[0], (12,))
        loss = F.cross_entropy(model(X[ix]), Y[ix])
        for p in parameters:
            p.grad = None
        loss.backward()
        for p in parameters:
            p.data += -0.1 * p.grad
        losses.append(loss.log10().item())
    yield losses
    yield t.tensor(losses).view(-1, 2).mean(1)
    for layer in layers:
        layer.training = False
    yield [tuple(layer.out.shape) for layer in layers]

    @t.no_grad()
    def whole() -> Any:
        return F.cross_entropy(model(X), Y)

    yield whole().item()
    yield whole().requires_grad
    for _ in range(5):
        context, drawn = [0] * 8, ""
        while len(drawn) < 12:
            shares = F.softmax(model(t.tensor([context])), dim=1)
            number = t.multinomial(shares, num_samples=1).item()
            context, drawn = [*context[1:], number], drawn + LETTERS[number]
            if not number:
                break
        yield drawn
    logits = t.zeros(8, 27, dtype=t.float64)
    for i in range(8):
        logits[i] = model(X[[i]])
    yield logits.detach()


def agree(ours: Any, theirs: Any) -> None:
    if isinstance(theirs, (tuple, list)):
        assert len(ours) == len(theirs)
        for a, b in zip(ours, theirs, strict=True):
            agree(a, b)
    elif isinstance(theirs, torch.Tensor):
        assert str(ours.dtype) == str(theirs.dtype)
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=BOUND, atol=BOUND)
    elif isinstance(theirs, float):
        assert ours == pytest.approx(theirs, rel=BOUND, abs=BOUND)
    else:
        assert ours == theirs


@pytest.mark.parametrize("lecture", [neuron, deep, by_hand, hierarchy])
def test_a_lectures_calls_give_the_same(lecture: Callable[[Any], Iterator[Any]]) -> None:
    ours, theirs = list(lecture(moreish.torch)), list(lecture(torch))
    assert len(ours) == len(theirs) > 3
    agree(ours, theirs)


def test_the_neuron_of_values_has_the_gradients_of_the_one_of_tensors() -> None:
    x1, x2, w1, w2 = Value(2.0), Value(0.0), Value(-3.0), Value(1.0)
    o = (x1 * w1 + x2 * w2 + float(np.float32(6.881373587019543))).tanh()
    o.backward()
    agree([o.data, *(leaf.grad for leaf in (x1, w1, x2, w2))], list(neuron(torch)))
