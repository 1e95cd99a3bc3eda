"""The layers of moreish.torch.nn: each line runs through torch.nn too, from the same seed.

Starting weights are PyTorch's to the bit where the processor has the instructions that PyTorch
draws with; normal numbers of some kinds are within a bound, see `alike.check_normal`.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import pytest
import torch

import moreish.torch
from engine.both import HAS_VECTORS
from torch_names.alike import check, check_normal, indices, numbers

# A layer of either library, and the shape of its input, or the end and shape of its indices.
LAYERS: list[tuple[Callable[[Any, Any], Any], Any]] = [
    (lambda nn, d: nn.Linear(4, 3, dtype=d), (5, 4)),
    (lambda nn, d: nn.Linear(4, 3, False, "cpu", d), (2, 5, 4)),
    (lambda nn, d: nn.Linear(in_features=7, out_features=30, bias=True, dtype=d), (7,)),
    (lambda nn, d: nn.Linear(2, 1, device="cpu", dtype=d), (3, 2)),
    (lambda nn, d: nn.Embedding(5, 3, dtype=d), (5, (2, 4))),
    (lambda nn, d: nn.Embedding(5, 9, padding_idx=0, dtype=d), (5, (2, 4))),
    (lambda nn, d: nn.Embedding(5, 3, -2, dtype=d), (5, (20,))),
    (lambda nn, d: nn.LayerNorm(4, dtype=d), (5, 4)),
    (lambda nn, d: nn.LayerNorm((3, 4), 1e-3, dtype=d), (2, 3, 4)),
    (lambda nn, d: nn.LayerNorm([4], bias=False, dtype=d), (5, 4)),
    (lambda nn, d: nn.LayerNorm(4, elementwise_affine=False), (5, 4)),
    (lambda nn, d: nn.BatchNorm1d(4, dtype=d), (5, 4)),
    (lambda nn, d: nn.BatchNorm1d(4, 1e-3, 0.3, dtype=d), (5, 4, 3)),
    (lambda nn, d: nn.BatchNorm1d(4, momentum=None, dtype=d), (5, 4)),
    (lambda nn, d: nn.BatchNorm1d(4, affine=False, dtype=d), (5, 4)),
    (lambda nn, d: nn.BatchNorm1d(4, bias=False, dtype=d), (5, 4)),
    (lambda nn, d: nn.BatchNorm1d(4, track_running_stats=False, dtype=d), (5, 4)),
    (lambda nn, d: nn.Dropout(), (5, 4)),
    (lambda nn, d: nn.Dropout(p=0.2), (5, 4, 30)),
    (lambda nn, d: nn.Dropout(1), (5, 4)),
    (lambda nn, d: nn.Dropout(0), (5, 4)),
    (lambda nn, d: nn.Sequential(nn.Identity(), nn.Dropout(0.5, True)), (5, 4)),
    (lambda nn, d: nn.Tanh(), (5, 4)),
    (lambda nn, d: nn.Sigmoid(), (5, 4)),
    (lambda nn, d: nn.ReLU(), (5, 4)),
    (lambda nn, d: nn.Sequential(nn.Tanh(), nn.ReLU(inplace=True)), (5, 4)),
    (lambda nn, d: nn.GELU(), (5, 4)),
    (lambda nn, d: nn.GELU("tanh"), (5, 4)),
    (lambda nn, d: nn.Softmax(1), (5, 4)),
    (lambda nn, d: nn.Softmax(dim=-2), (2, 5, 4)),
    (lambda nn, d: nn.Flatten(), (2, 3, 4)),
    (lambda nn, d: nn.Flatten(0, 1), (2, 3, 4)),
    (lambda nn, d: nn.Identity(3, kind=4), (2, 3)),
    (lambda nn, d: nn.Sequential(nn.Linear(4, 3, dtype=d), nn.Tanh(), nn.Flatten()), (5, 4)),
    (lambda nn, d: nn.Sequential(OrderedDict(a=nn.Linear(4, 3, dtype=d), b=nn.ReLU())), (5, 4)),
]
EACH = pytest.mark.parametrize("number", range(len(LAYERS)))


def given(library: Any, shape: Any, seed: int) -> Any:
    if isinstance(shape[-1], tuple):
        return indices(library, shape[0], *shape[1], seed=seed)
    return numbers(library, *shape, seed=seed, grad=True)


@EACH
def test_values_gradients_and_running_statistics(number: int) -> None:
    """Two batches in training, a third in use."""
    make, shape = LAYERS[number]

    def run(library: Any) -> Any:
        layer = make(library.nn, library.float64)
        found = []
        for seed in range(3):
            if seed == 2:
                assert layer.eval() is layer
            x = given(library, shape, seed)
            y = layer(x)
            if y.requires_grad:
                (y * numbers(library, *y.shape, seed=9)).sum().backward()
            found += [y, x.grad, {name: p.grad for name, p in layer.named_parameters()}]
            found.append({name: b.clone() for name, b in layer.state_dict().items()})
        return found

    check(run)


@EACH
@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_starting_weights_to_the_bit_and_texts(number: int, kind: str) -> None:
    make, _ = LAYERS[number]

    def run(library: Any) -> Any:
        layer = make(library.nn, getattr(library, kind))
        return repr(layer), layer.training, layer.state_dict(), library.rand(1)

    is_normal = "Embedding" in run(moreish.torch)[0]
    if is_normal:
        check_normal(lambda library: run(library)[2]["weight"])
    else:
        check(run, exact=HAS_VECTORS)


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_the_masks_of_dropout_are_pytorchs(kind: str) -> None:
    check(lambda t: t.nn.Dropout(0.3)(t.ones(7, 30, dtype=getattr(t, kind))), exact=True)


REFUSED: list[Callable[[Any], Any]] = [
    lambda t: t.nn.Linear(3, 4)(t.ones(2, 5)),
    lambda t: t.nn.Linear(3, 4)(t.ones(2, 3, dtype=t.float64)),
    lambda t: t.nn.Linear(-1, 4),
    lambda t: t.nn.Linear(3),
    lambda t: t.nn.Embedding(3, 4)(t.tensor([3])),
    lambda t: t.nn.Embedding(3, 4)(t.tensor([0.5])),
    lambda t: t.nn.LayerNorm(3)(t.ones(2, 5)),
    lambda t: t.nn.BatchNorm1d(3)(t.ones(3)),
    lambda t: t.nn.BatchNorm1d(3)(t.ones(1, 3)),
    lambda t: t.nn.BatchNorm1d(3)(t.ones(2, 4)),
    lambda t: t.nn.BatchNorm1d(3)(t.ones(2, 3, 4, 5)),
    lambda t: t.nn.Dropout(1.5),
    lambda t: t.nn.Dropout(-0.1),
    lambda t: t.nn.GELU("tan")(t.ones(2)),
    lambda t: t.nn.Flatten(3)(t.ones(2, 2)),
    lambda t: t.nn.CrossEntropyLoss()(t.ones(2, 3), t.tensor([0, 3])),
    lambda t: t.nn.CrossEntropyLoss(t.ones(2))(t.ones(2, 3), t.tensor([0, 1])),
    lambda t: t.nn.MSELoss(reduction="average")(t.ones(2), t.ones(2)),
    lambda t: t.nn.Sequential({"a": t.nn.ReLU()}),
    lambda t: t.nn.Parameter(t.tensor([1])),
]


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_what_pytorch_refuses(number: int) -> None:
    check(REFUSED[number])
    with pytest.raises(Exception, match=r"\w \w"):
        REFUSED[number](moreish.torch)


@pytest.mark.parametrize("padding_idx", [3, -4])
def test_padding_is_a_row(padding_idx: int) -> None:
    with pytest.raises(AssertionError, match="within num_embeddings"):
        torch.nn.Embedding(3, 4, padding_idx=padding_idx)
    with pytest.raises(ValueError, match=f"one of 3 rows was wanted, got {padding_idx}"):
        moreish.torch.nn.Embedding(3, 4, padding_idx=padding_idx)


LOSSES: list[Callable[[Any], Any]] = [
    lambda nn: nn.CrossEntropyLoss(),
    lambda nn: nn.CrossEntropyLoss(ignore_index=1),
    lambda nn: nn.CrossEntropyLoss(reduction="none"),
    lambda nn: nn.CrossEntropyLoss(reduction="sum", label_smoothing=0.2),
]


@pytest.mark.parametrize("number", range(len(LOSSES)))
@pytest.mark.parametrize("is_weighted", [False, True])
def test_cross_entropy(number: int, is_weighted: bool) -> None:
    def run(library: Any) -> Any:
        loss = LOSSES[number](library.nn)
        if is_weighted:
            loss.weight = library.tensor([0.5, 1.0, 2.0, 0.1], dtype=library.float64)
        x = numbers(library, 6, 4, grad=True)
        y = loss(x, indices(library, 4, 6))
        y.sum().backward()
        return y, x.grad, loss.state_dict(), repr(loss)

    check(run)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_squared_error(reduction: str) -> None:
    def run(library: Any) -> Any:
        loss = library.nn.MSELoss(reduction=reduction)
        return loss(numbers(library, 3, 2, grad=True), numbers(library, 3, 2, seed=1)), repr(loss)

    check(run)


def test_weights_of_classes_are_a_buffer() -> None:
    check(lambda t: t.nn.CrossEntropyLoss(t.tensor([1.0, 2.0])).state_dict())


def test_the_first_axes_of_softmax_are_guessed_with_a_warning() -> None:
    with pytest.warns(UserWarning, match=r"dim"):
        check(lambda t: t.nn.Softmax()(numbers(t, 3, 4)))
