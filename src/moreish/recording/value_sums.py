"""Chains that only add up, found in a graph of Values and made one sum each.

A sum adds products of two numbers and single numbers, each with a coefficient, and a plain number.
"""

from typing import Any

import numpy as np

from ..text.sorted_arrays import distinct
from .value_graph import LEAF, NOTHING, Flat


class Terms:
    """What the N sums of a level add up: (P,) products, (L,) numbers and (N,) offsets.

    Products and numbers are given by their slots, sorted by sum.
    """

    def __init__(
        self,
        count: int,
        products: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
        numbers: tuple[np.ndarray, np.ndarray, np.ndarray],
        offset: np.ndarray,
    ) -> None:
        self._products, self._numbers, self.offset = products, numbers, offset
        self.product_counts = np.bincount(products[0], minlength=count)
        self.number_counts = np.bincount(numbers[0], minlength=count)
        self._product_starts = np.cumsum(self.product_counts) - self.product_counts
        self._number_starts = np.cumsum(self.number_counts) - self.number_counts

    def products(self, which: np.ndarray) -> tuple[np.ndarray, ...]:
        """(N, K) each: both factors and the coefficient, of sums with K products."""
        count = self.product_counts[which[0]]
        places = self._product_starts[which][:, None] + np.arange(count)
        return tuple(array[places] for array in self._products[1:])

    def numbers(self, which: np.ndarray) -> tuple[np.ndarray, ...]:
        """(N, L) each: the number and its coefficient, of sums with L of them."""
        places = self._number_starts[which][:, None] + np.arange(self.number_counts[which[0]])
        return tuple(array[places] for array in self._numbers[1:])

    def flat(self, which: np.ndarray) -> tuple[Any, Any]:
        """(n,) sums → the products and the numbers that they add up, however many."""
        place = np.full(len(self.offset), NOTHING, dtype=np.intp)
        place[which] = np.arange(len(which))
        of_products, of_numbers = place[self._products[0]], place[self._numbers[0]]
        p, n = of_products != NOTHING, of_numbers != NOTHING
        return (
            (of_products[p], *[array[p] for array in self._products[1:]]),
            (of_numbers[n], *[array[n] for array in self._numbers[1:]]),
        )


class Summed:
    """A graph in which chains of additions have become sums."""

    def __init__(self, flat: Flat) -> None:
        self.flat = flat
        size = len(flat)
        names = [row.name for row, _ in flat.rows]
        is_of = {
            name: np.isin(flat.code, [i for i, own in enumerate(names) if own == name])
            for name in ("add", "subtract", "negative", "multiply", "divide")
        }
        has_a, has_b = flat.a != NOTHING, flat.b != NOTHING
        scaled_a = (is_of["multiply"] | is_of["divide"]) & has_a & ~has_b  # by a plain number
        scaled_b = is_of["multiply"] & has_b & ~has_a
        self.is_sum = is_of["add"] | is_of["subtract"] | is_of["negative"] | scaled_a | scaled_b
        by_a, by_b = np.ones(size), np.where(is_of["subtract"], -1.0, 1.0)
        by_a[is_of["negative"]] = -1.0
        multiplied = scaled_a & is_of["multiply"]
        by_a[multiplied] = flat.plain_b[multiplied]
        divided = scaled_a & is_of["divide"]
        with np.errstate(divide="ignore"):
            by_a[divided] = 1.0 / flat.plain_b[divided]
        by_b[scaled_b] = flat.plain_a[scaled_b]
        offset = np.zeros(size)
        sums = is_of["add"] | is_of["subtract"]
        offset[sums & ~has_a] = flat.plain_a[sums & ~has_a]
        alone = sums & ~has_b
        offset[alone] += flat.plain_b[alone] * np.where(is_of["subtract"][alone], -1.0, 1.0)

        uses = np.bincount(flat.a[has_a], minlength=size)
        uses += np.bincount(flat.b[has_b], minlength=size)
        uses[flat.roots] += 2  # somebody outside looks at it
        users = np.concatenate([np.flatnonzero(has_a), np.flatnonzero(has_b)])
        used = np.concatenate([flat.a[has_a], flat.b[has_b]])
        by = np.concatenate([by_a[has_a], by_b[has_b]])
        inner = self.is_sum[users]
        users, used, by = users[inner], used[inner], by[inner]
        once = uses[used] == 1
        merges = self.is_sum[used] & once
        top, scale = np.arange(size), np.ones(size)
        top[used[merges]], scale[used[merges]] = users[merges], by[merges]
        while True:  # each round doubles how far a link reaches
            further = top[top]
            if (further == top).all():
                break
            scale, top = scale * scale[top], further
        self.offset = np.bincount(top, offset * scale, minlength=size)
        merged = np.zeros(size, dtype=bool)
        merged[used[merges]] = True
        term_of, term, term_by = users[~merges], used[~merges], by[~merges]
        term_by, term_of = term_by * scale[term_of], top[term_of]
        is_product = is_of["multiply"] & has_a & has_b & (uses == 1)
        product = is_product[term]
        self.product = term_of[product], term[product], term_by[product]
        self.number = term_of[~product], term[~product], term_by[~product]
        gone = merged.copy()
        gone[term[product]] = True
        self.is_there = ~gone

    def levels(self) -> list[np.ndarray]:
        """(n,) nodes of each level, but for leaves: each level needs only those before it."""
        flat = self.flat
        each = np.flatnonzero(self.is_there & ~self.is_sum & (flat.code != LEAF))
        of, product, _ = self.product
        number_of, number, _ = self.number
        needs = [
            (of, flat.a[product]),
            (of, flat.b[product]),
            (number_of, number),
            (each, flat.a[each]),
            (each, flat.b[each]),
        ]
        later = np.concatenate([a for a, _ in needs])
        earlier = np.concatenate([b for _, b in needs])
        later, earlier = later[earlier != NOTHING], earlier[earlier != NOTHING]
        order = np.argsort(earlier, kind="stable")
        later = later[order]
        ends = np.cumsum(np.bincount(earlier, minlength=len(flat)))
        starts = ends - np.bincount(earlier, minlength=len(flat))
        waiting = np.bincount(later, minlength=len(flat))
        ready = np.flatnonzero(self.is_there & (waiting == 0))
        found = [ready[flat.code[ready] != LEAF]]  # sums and others of plain numbers alone
        while len(ready):
            counts = ends[ready] - starts[ready]
            shift = np.repeat(starts[ready] - np.cumsum(counts) + counts, counts)
            reached = later[np.arange(counts.sum()) + shift]
            np.subtract.at(waiting, reached, 1)
            ready = distinct(reached)
            ready = ready[waiting[ready] == 0]
            found.append(ready)
        return [nodes for nodes in found if len(nodes)]

    def terms_of(self, nodes: np.ndarray, slot: np.ndarray) -> Terms:
        """(n,) sums, (N,) slots of all nodes → what the sums add up.

        Each sum is named by its place among them.
        """
        flat = self.flat
        place = np.full(len(flat), NOTHING, dtype=np.intp)
        place[nodes] = np.arange(len(nodes))
        of, product, by = self.product
        mine = place[of] != NOTHING
        of, product, by = place[of[mine]], product[mine], by[mine]
        i, j = flat.a[product], flat.b[product]
        leaf = flat.code == LEAF
        is_given = np.zeros(len(flat), dtype=bool)
        is_given[flat.leaves] = True
        rank = np.where(is_given, 0, np.where(leaf, 1, 2))
        swapped = rank[i] > rank[j]
        i, j = slot[np.where(swapped, j, i)], slot[np.where(swapped, i, j)]
        order = np.lexsort((i, j, of))
        products = of[order], i[order], j[order], by[order]
        of, number, by = self.number
        mine = place[of] != NOTHING
        of, number, by = place[of[mine]], slot[number[mine]], by[mine]
        order = np.lexsort((number, of))
        numbers = of[order], number[order], by[order]
        return Terms(len(nodes), products, numbers, self.offset[nodes])
