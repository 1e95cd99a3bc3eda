"""Lanes: a graph of single numbers computed as few array operations.

Nodes of one kind that need nothing of each other lie side by side, and one operation computes them
all.

- Chains that only add up, and multiply by plain numbers, become one sum.
- Products that go into a sum become a part of it.
- Sums of each row with each column are one product of matrices, as when the same neurons look at
  many examples.

All is in double precision. Sums are in another order than the graph had, so results agree to
rounding.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..engine.graph import Primitive
from .tape import CaptureError
from .value_graph import LEAF, NOTHING, Flat
from .value_sums import Summed, Terms

FEWEST = 4  # sums that are worth looking for a matrix in


class Places:
    """Places (...) in the line of all numbers: how to read them, and how to add to them."""

    def __init__(self, places: np.ndarray) -> None:
        self.places = places
        self.shape = places.shape
        flat = places.reshape(-1)
        self.flat = flat
        self.key: Any = flat
        self.targets: np.ndarray | None = None
        if len(flat) and (np.diff(flat) == 1).all():
            self.key = slice(int(flat[0]), int(flat[-1]) + 1)
        else:
            targets, which = np.unique(flat, return_inverse=True)
            if len(targets) < len(flat):
                self.targets, self.which = targets, which

    def read(self, numbers: np.ndarray) -> np.ndarray:
        """(S,) all numbers → (...) those at the places."""
        return numbers[self.key].reshape(self.shape)

    def add(self, numbers: np.ndarray, more: Any) -> None:
        """Add `more`, (...), to what stands there in (S,); a place that comes twice gets both."""
        if self.targets is None:
            numbers[self.key] += more.reshape(-1) if type(more) is np.ndarray else more
        else:
            whole = np.broadcast_to(more, self.shape).reshape(-1)
            numbers[self.targets] += np.bincount(self.which, whole, len(self.targets))


class Grid:
    """(C, K) numbers times (R, K) numbers, summed over K, plus R others: C x R sums."""

    def __init__(
        self, out: np.ndarray, columns: np.ndarray, rows: np.ndarray, others: Any, offset: Any
    ) -> None:
        self.out = slice(int(out[0]), int(out[-1]) + 1)
        self.outputs = out
        self.columns, self.rows = Places(columns), Places(rows)
        self.others = None if others is None else (Places(others[0]), others[1])
        self.offset = offset
        self.shape = len(columns), len(rows)

    def reads(self) -> list[np.ndarray]:
        """The places that it needs, (n,) each."""
        others = [] if self.others is None else [self.others[0].flat]
        return [self.columns.flat, self.rows.flat, *others]

    def forward(self, v: np.ndarray) -> None:
        """Put its results, (C, R), into the line of all numbers, (S,)."""
        out = v[self.out].reshape(self.shape)
        np.matmul(self.columns.read(v), self.rows.read(v).T, out)
        if self.others is not None:
            places, coefficients = self.others
            out += (places.read(v) * coefficients).sum(-1)
        if self.offset is not None:
            out += self.offset

    def backward(self, v: np.ndarray, d: np.ndarray) -> None:
        """Add to the gradients `d`, (S,), of what it read from the numbers `v`, (S,)."""
        g = d[self.out].reshape(self.shape)
        self.columns.add(d, g @ self.rows.read(v))
        self.rows.add(d, g.T @ self.columns.read(v))
        if self.others is not None:
            places, coefficients = self.others
            places.add(d, g.sum(0)[:, None] * coefficients)

    def __str__(self) -> str:
        (c, r), k = self.shape, self.columns.shape[1]
        return f"matmul ({c}, {k}) ({k}, {r}){'' if self.others is None else ' + a row'}"


class Sums:
    """(N,) sums of products and of numbers, each with a coefficient."""

    def __init__(
        self,
        out: np.ndarray,
        products: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
        numbers: tuple[np.ndarray, np.ndarray, np.ndarray],
        offset: np.ndarray,
    ) -> None:
        self.out = slice(int(out[0]), int(out[-1]) + 1)
        self.outputs = out
        self.product_of, i, j, self.product_by = products
        self.i, self.j = Places(i), Places(j)
        self.number_of, x, self.number_by = numbers
        self.x = Places(x)
        self.offset = offset

    def reads(self) -> list[np.ndarray]:
        """The places that it needs, (n,) each."""
        return [self.i.flat, self.j.flat, self.x.flat]

    def forward(self, v: np.ndarray) -> None:
        """Put its results, (N,), into the line of all numbers, (S,)."""
        total, count = self.offset, len(self.offset)
        if len(self.product_of):
            products = self.i.read(v) * self.j.read(v)
            products *= self.product_by
            total = total + np.bincount(self.product_of, products, count)
        if len(self.number_of):
            total = total + np.bincount(self.number_of, self.x.read(v) * self.number_by, count)
        v[self.out] = total

    def backward(self, v: np.ndarray, d: np.ndarray) -> None:
        """Add to the gradients `d`, (S,), of what it read from the numbers `v`, (S,)."""
        g = d[self.out]
        if len(self.product_of):
            each = g[self.product_of] * self.product_by
            self.i.add(d, each * self.j.read(v))
            self.j.add(d, each * self.i.read(v))
        if len(self.number_of):
            self.x.add(d, g[self.number_of] * self.number_by)

    def __str__(self) -> str:
        return f"sum of {len(self.product_of)} products and {len(self.number_of)} numbers"


class Each:
    """One row of the table for N nodes: (N,) operands → (N,) results."""

    def __init__(
        self, out: np.ndarray, row: Primitive, options: dict[str, Any], operands: list[Any]
    ) -> None:
        self.out = slice(int(out[0]), int(out[-1]) + 1)
        self.outputs = out
        self.row, self.options = row, options
        self.operands = operands  # Places, numbers or arrays of numbers

    def reads(self) -> list[np.ndarray]:
        """The places that it needs, (n,) each."""
        return [x.flat for x in self.operands if type(x) is Places]

    def _read(self, v: np.ndarray) -> list[Any]:
        return [x.read(v) if type(x) is Places else x for x in self.operands]

    def forward(self, v: np.ndarray) -> None:
        """Put its results, (N,), into the line of all numbers, (S,)."""
        v[self.out] = self.row.array(*self._read(v), **self.options)

    def backward(self, v: np.ndarray, d: np.ndarray) -> None:
        """Add to the gradients `d`, (S,), of what it read from the numbers `v`, (S,)."""
        g, y, inputs = d[self.out], v[self.out], self._read(v)
        for x, slope in zip(self.operands, self.row.slopes, strict=True):
            if type(x) is Places:
                x.add(d, slope(g, y, *inputs, **self.options))

    def __str__(self) -> str:
        return self.row.name


class Lanes:
    """A flat graph as array operations, in order: single numbers, vectorized."""

    def __init__(self, flat: Flat) -> None:
        summed = Summed(flat)
        self.slot = np.full(len(flat) + 1, NOTHING, dtype=np.intp)
        self.operations: list[Grid | Sums | Each] = []
        self.size = 0
        leaves = np.flatnonzero(flat.code == LEAF)
        self._give_slots(leaves)
        for nodes in summed.levels():
            is_sum = summed.is_sum[nodes]
            self._add_sums(summed, nodes[is_sum])
            self._add_each(flat, nodes[~is_sum])
        self.v = np.zeros(self.size)
        self.v[self.slot[leaves]] = flat.data[leaves]
        self.leaves = self.slot[flat.leaves]
        self.roots = self.slot[flat.roots]

    def _give_slots(self, nodes: np.ndarray) -> np.ndarray:
        places = self.size + np.arange(len(nodes))
        self.slot[nodes] = places
        self.size += len(nodes)
        return places

    def _add_each(self, flat: Flat, nodes: np.ndarray) -> None:
        kinds = np.stack([flat.code[nodes], flat.a[nodes] == NOTHING, flat.b[nodes] == NOTHING])
        for kind in np.unique(kinds, axis=1).T:
            own = nodes[(kinds == kind[:, None]).all(0)]
            own = own[np.lexsort((self.slot[flat.b[own]], self.slot[flat.a[own]]))]
            row, options = flat.rows[kind[0]]
            operands: list[Any] = []
            both = (flat.a, flat.plain_a), (flat.b, flat.plain_b)
            for numbers, plain in both[: len(row.slopes)]:
                if numbers[own[0]] != NOTHING:
                    operands.append(Places(self.slot[numbers[own]]))
                else:
                    values = plain[own]
                    same = (values == values[0]).all()
                    operands.append(float(values[0]) if same else values)
            self.operations.append(Each(self._give_slots(own), row, options, operands))

    def _add_sums(self, summed: Summed, nodes: np.ndarray) -> None:
        """All sums of a level: those that are products of matrices, then the others together."""
        if not len(nodes):
            return
        terms = summed.terms_of(nodes, self.slot)
        rest = np.ones(len(nodes), dtype=bool)
        kinds = np.stack([terms.product_counts, terms.number_counts])
        for kind in np.unique(kinds, axis=1).T:
            which = np.flatnonzero((kinds == kind[:, None]).all(0))
            if kind[0] and len(which) >= FEWEST and self._add_grid(nodes, terms, which):
                rest[which] = False
        if rest.any():
            self._add_rest(nodes, terms, np.flatnonzero(rest))

    def _add_grid(self, nodes: np.ndarray, terms: Terms, which: np.ndarray) -> bool:
        i, j, by = terms.products(which)
        if (by != 1).any():
            return False
        rows, r = np.unique(i, axis=0, return_inverse=True)
        columns, c = np.unique(j, axis=0, return_inverse=True)
        r, c = r.reshape(-1), c.reshape(-1)
        place = c * len(rows) + r
        if len(rows) * len(columns) != len(which) or len(np.unique(place)) != len(which):
            return False
        order = np.argsort(place)
        shape = (len(columns), len(rows))
        x, coefficients = terms.numbers(which)
        x, coefficients = x[order].reshape(*shape, -1), coefficients[order].reshape(*shape, -1)
        if (x != x[0]).any() or (coefficients != coefficients[0]).any():
            return False
        offset = terms.offset[which][order].reshape(shape)
        others = (x[0], coefficients[0]) if x.shape[-1] else None
        out = self._give_slots(nodes[which[order]])
        kept = None if not offset.any() else offset
        self.operations.append(Grid(out, columns, rows, others, kept))
        return True

    def _add_rest(self, nodes: np.ndarray, terms: Terms, which: np.ndarray) -> None:
        products, numbers = terms.flat(which)
        out = self._give_slots(nodes[which])
        self.operations.append(Sums(out, products, numbers, terms.offset[which]))

    # ---- running

    def forward(self, leaves: Sequence[float]) -> np.ndarray:
        """(L,) numbers of the leaves → (R,) numbers of the roots."""
        v = self.v
        v[self.leaves] = leaves
        for operation in self.operations:
            operation.forward(v)
        return v[self.roots]

    def backward(self, root: int) -> np.ndarray:
        """The derivatives of a root with respect to the leaves, (L,), after `forward`."""
        d = np.zeros(self.size)
        d[self.roots[root]] = 1.0
        for operation in reversed(self.operations):
            operation.backward(self.v, d)
        return d[self.leaves]

    def __str__(self) -> str:
        lines = [f"%0:{len(self.leaves)} = {len(self.leaves)} leaves"]
        for step in self.operations:
            lines.append(
                f"%{step.outputs[0]}:{step.outputs[-1] + 1} = {step}  float64 [{len(step.outputs)}]"
            )
        return "\n".join([*lines, f"return {', '.join(f'%{root}' for root in self.roots)}"])

    def check(self) -> None:
        """Check that each number is bound once, and before it is used; CaptureError if not."""
        bound = np.zeros(self.size, dtype=np.intp)
        first = self.operations[0].outputs[0] if self.operations else self.size
        bound[:first] = 1
        for step in self.operations:
            for places in step.reads():
                if len(places) and not bound[places].all():
                    raise CaptureError(f"{step} reads a number that is not bound")
            bound[step.outputs] += 1
        if (bound != 1).any():
            raise CaptureError("a number is bound twice, or never")
