"""A graph of Values as arrays: what each node is made by and from, by number.

`flatten` reads the graph that a call has built. `repeated` is the same graph written out for many
examples: what depends on an input once for each example, what does not just once.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..engine.graph import Primitive
from ..engine.value import Value

LEAF = -1  # the code of what nothing made
NOTHING = -1  # the number of an operand that is no Value


@dataclass
class Flat:
    """N nodes of a graph as arrays (N,).

    `code` says which row made each, `a` and `b` from which nodes, or from which plain numbers
    `plain_a` and `plain_b`. `data` is what leaves hold.
    """

    rows: list[tuple[Primitive, dict[str, Any]]]
    code: np.ndarray
    a: np.ndarray
    b: np.ndarray
    plain_a: np.ndarray
    plain_b: np.ndarray
    data: np.ndarray
    leaves: list[int]  # nodes whose numbers come from outside at each call, in the given order
    roots: list[int]  # nodes whose numbers are wanted

    def __len__(self) -> int:
        return len(self.code)


def flatten(roots: list[Value], is_fixed: Any) -> tuple[Flat, list[Value]]:
    """The graph that the roots were made from, and its leaves that were not made inside.

    `is_fixed` says of a leaf whether it was.
    """
    found: list[Value] = list(dict.fromkeys(roots))
    place = {node: i for i, node in enumerate(found)}
    rows: list[tuple[Primitive, dict[str, Any]]] = []
    codes: dict[Any, int] = {}
    code, a, b, plain_a, plain_b = [], [], [], [], []
    for node in found:  # which grows meanwhile
        row = node._row
        if row is None:
            code.append(LEAF)
            a.append(NOTHING)
            b.append(NOTHING)
            plain_a.append(0.0)
            plain_b.append(0.0)
            continue
        options = node._options
        key = (row, *options.items()) if options else row
        known = codes.get(key)
        if known is None:
            known = codes[key] = len(rows)
            rows.append((row, options))
        code.append(known)
        for x, numbers, plain in ((node._a, a, plain_a), (node._b, b, plain_b)):
            if type(x) is Value:
                number = place.get(x)
                if number is None:
                    number = place[x] = len(found)
                    found.append(x)
                numbers.append(number)
                plain.append(0.0)
            else:
                numbers.append(NOTHING)
                plain.append(np.nan if x is None else x)
    own = [(i, x) for i, x in enumerate(found) if x._row is None and not is_fixed(x)]
    flat = Flat(
        rows,
        np.array(code, dtype=np.intp),
        np.array(a, dtype=np.intp),
        np.array(b, dtype=np.intp),
        np.array(plain_a, dtype=np.float64),
        np.array(plain_b, dtype=np.float64),
        np.array([x._data if x._row is None else 0.0 for x in found]),
        [i for i, _ in own],
        [place[root] for root in roots],
    )
    return flat, [x for _, x in own]


def repeated(flat: Flat, inputs: list[int], count: int) -> tuple[Flat, np.ndarray]:
    """The graph for `count` examples, whose only root is the sum of all their roots.

    `inputs` are the leaves that each example has its own of; their nodes, (count, inputs), come
    with it.
    """
    depends = np.zeros(len(flat) + 1, dtype=bool)  # the last one stands for NOTHING
    depends[inputs] = True
    before = -1
    while before != depends.sum():  # as many rounds as the graph is deep
        before = depends.sum()
        depends[:-1] |= depends[flat.a] | depends[flat.b]
    own = np.flatnonzero(depends[:-1])
    size = len(flat)
    number = np.arange(size + 1)[None, :].repeat(count, axis=0)
    number[:, -1] = NOTHING
    number[1:, own] = size + np.arange((count - 1) * len(own)).reshape(count - 1, len(own))

    def all_of(array: np.ndarray) -> np.ndarray:
        return np.concatenate([array, np.tile(array[own], count - 1)])

    def operands(array: np.ndarray) -> np.ndarray:
        return np.concatenate([array, number[1:][:, array[own]].reshape(-1)])

    from ..engine import rules

    root, total = flat.roots[0], size + (count - 1) * len(own)
    if not depends[root]:
        number[:, root] = root
    rows = [*flat.rows, (rules.add, {})]
    ends = number[:, root]
    # a chain of additions: first root, plus the second, plus the third ...
    sums = total + np.arange(count - 1)
    before_each = np.concatenate([ends[:1], sums[:-1]]) if count > 1 else ends[:0]
    zeros = np.zeros(count - 1)
    result = Flat(
        rows,
        np.concatenate([all_of(flat.code), np.full(count - 1, len(rows) - 1)]),
        np.concatenate([operands(flat.a), before_each]),
        np.concatenate([operands(flat.b), ends[1:]]),
        np.concatenate([all_of(flat.plain_a), zeros]),
        np.concatenate([all_of(flat.plain_b), zeros]),
        np.concatenate([all_of(flat.data), zeros]),
        [leaf for leaf in flat.leaves if not depends[leaf]],
        [int(sums[-1]) if count > 1 else root],
    )
    return result, number[:, inputs]
