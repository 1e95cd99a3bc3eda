"""What chose or picked numbers is needed by the walk back: if it was changed, it is noticed."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import moreish.torch as ours
import moreish.torch.nn.functional


def assigned(x: Any, i: Any) -> Any:
    y = x * 1
    y[i] = x[:3] * 2
    return y


# Of a library, F, numbers, indices and a mask: what is computed, and what is changed afterwards.
CHOSEN: dict[str, Callable[..., tuple[Any, Any]]] = {
    "where": lambda L, F, x, i, m: (L.where(m, x, 0.0), m),
    "masked_fill": lambda L, F, x, i, m: (x.masked_fill(m, 0.0), m),
    "masked_fill_": lambda L, F, x, i, m: ((x * 1).masked_fill_(m, 0.0), m),
    "x[mask]": lambda L, F, x, i, m: (x[m], m),
    "x[indices]": lambda L, F, x, i, m: (x[i], i),
    "x[indices] = y": lambda L, F, x, i, m: (assigned(x, i), i),
    "gather": lambda L, F, x, i, m: (x.gather(1, i[:, None]), i),
    "embedding": lambda L, F, x, i, m: (F.embedding(i, x), i),
    "cross_entropy": lambda L, F, x, i, m: (F.cross_entropy(x, i), i),
    "clamp": lambda L, F, x, i, m: (x.clamp(i[:, None]), i),
    "sort": lambda L, F, x, i, m: x.sort(),
    "topk": lambda L, F, x, i, m: x.topk(2),
    "max": lambda L, F, x, i, m: x.max(1),
    "tril": lambda L, F, x, i, m: (x.tril(), x.detach() * 1),
}


@pytest.mark.parametrize("name", CHOSEN)
@pytest.mark.parametrize("is_changed", [False, True])
def test_what_chose_is_watched_and_kept_as_in_pytorch(name: str, is_changed: bool) -> None:
    told = []
    for library, functional in (
        (torch, torch.nn.functional),
        (ours, moreish.torch.nn.functional),
    ):
        x = library.tensor(np.arange(-6.0, 6.0).reshape(3, 4), requires_grad=True)
        indices = library.tensor([0, 2, 1])
        y, chose = CHOSEN[name](library, functional, x, indices, x.detach() > 0)
        if is_changed:
            chose.zero_()
        errors = []
        for _ in range(1 if is_changed else 2):
            try:
                y.sum().backward()
                errors.append("")
            except RuntimeError as error:
                errors.append("modified by an inplace" if "inplace" in str(error) else "again")
        told.append(errors)
    assert told[0] == told[1]
