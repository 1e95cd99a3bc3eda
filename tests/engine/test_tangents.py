"""The walk forward is the walk back, transposed: g · (J t) is (Jᵀ g) · t, for any g and t."""

from collections.abc import Callable

import numpy as np
import pytest

import moreish.torch as torch
import moreish.torch.nn.functional as F
from moreish.engine.edges import TensorGraph
from moreish.engine.tangents import AT_ONCE, pushed

PLACES = torch.tensor([[0, 2, 1], [1, 1, 0]])
AT_ONE_CALL: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {  # by row, and what is odd of it
    "log_softmax": lambda x: x.log_softmax(0),
    "softmax": lambda x: x.softmax(1),
    "sum": lambda x: x.sum(1, keepdim=True),
    "mean": lambda x: x.mean((0, 1)),
    "largest": lambda x: x.amax(1),
    "largest, of equal ones": lambda x: x.sign().amax((0, 1), keepdim=True),
    "smallest": lambda x: x.amin(0, keepdim=True),
    "prod": lambda x: x.prod(1),
    "prod, of all": lambda x: x.prod(),
    "prod, with a zero": lambda x: (x * (x > 0)).prod(1, keepdim=True),
    "norm": lambda x: x.norm(3, dim=1),
    "cross_entropy": lambda x: F.cross_entropy(x, torch.tensor([2, 0])),
    "cumsum": lambda x: x.cumsum(1),
    "take_along": lambda x: x.gather(1, PLACES),
    "embedding": lambda x: F.embedding(torch.tensor([1, 0, 1, 1]), x),
    "flip": lambda x: x.flip(0, 1),
    "cat": lambda x: torch.cat([x, x * x, x.detach()], dim=1),
    "tril": lambda x: x.tril(),
    "triu": lambda x: x.triu(1),
    "diagonal": lambda x: x.diagonal(1),
    "unfold": lambda x: x.unfold(1, 2, 1),
    "put": lambda x: changed(x * 2, x[1].exp()),
    "matmul": lambda x: x @ x.T,
    "permute": lambda x: x.permute(1, 0),
    "expand": lambda x: x.expand(4, 2, 3),
    "select": lambda x: x[:, ::2],
    "reshape": lambda x: x.reshape(3, 2),
    "where": lambda x: torch.where(x > 0, x, x * x),
    "power": lambda x: (x * x) ** x,
    "tanh": lambda x: x.tanh(),
}
RECORDED: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "cumprod": lambda x: x.cumprod(1),
    "put_along": lambda x: x.scatter(1, PLACES, x.exp()),
}


def changed(x: torch.Tensor, row: torch.Tensor) -> torch.Tensor:
    x[0] = row
    return x


@pytest.mark.parametrize("name", [*AT_ONE_CALL, *RECORDED])
def test_it_is_the_walk_back_transposed(name: str) -> None:
    draw = np.random.default_rng(4)
    call = {**AT_ONE_CALL, **RECORDED}[name]
    x = torch.tensor(draw.normal(size=(2, 3)), dtype=torch.float64, requires_grad=True)
    graph = TensorGraph(call(x).sum())
    step = next(node for node in graph.nodes[1:] if graph.operation(node) == name.split(",")[0])
    assert (step.primitive in AT_ONCE) == (name in AT_ONE_CALL)
    for _ in range(5):
        g = draw.normal(size=graph.gradient(step).shape)
        inputs = dict(zip(step._parents, step.shapes, strict=True))
        tangents = {x: [draw.normal(size=n)] for x, n in inputs.items() if x is not None}
        (change,) = pushed(step, g, tangents, 1)
        back = sum(np.sum(part * tangents[x][0]) for x, part in step.pull(g.copy()))
        assert change.shape == g.shape
        assert np.sum(g * change) == pytest.approx(back, rel=1e-9, abs=1e-12)
