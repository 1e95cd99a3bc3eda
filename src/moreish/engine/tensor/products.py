"""Products of tensors: matrices, outer products, Einstein's sums."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import numpy as np

from .mixin import Part
from .operands import must_be_tensor

if TYPE_CHECKING:
    from .core import Tensor


class Products(Part):
    """What multiplies whole tensors."""

    __slots__ = ()

    def matmul(self: Tensor, other: Tensor) -> Tensor:
        """The product of matrices: (..., N, K), (..., K, M) → (..., N, M).

        Of vectors the sum of the products, (N,), (N,) → ().

        >>> Tensor([[1.0, 2.0]]).matmul(Tensor([[3.0], [4.0]]))
        tensor([[11.]])
        """
        return self @ must_be_tensor("matmul", "other", other)

    def outer(self: Tensor, vec2: Tensor) -> Tensor:
        """Each number of one times each of the other: (N,), (M,) → (N, M).

        RuntimeError if one has another number of axes, TypeError for what is no Tensor.

        >>> Tensor([1.0, 2.0]).outer(Tensor([3.0, 4.0]))
        tensor([[3., 4.],
                [6., 8.]])
        """
        if not isinstance(vec2, Part):
            raise TypeError(f"outer(): a Tensor was wanted, not {type(vec2).__name__}")
        for name, x in (("self", self), ("vec2", vec2)):
            if x._array.ndim != 1:
                raise RuntimeError(
                    f"outer: Expected 1-D argument {name}, but got {x._array.ndim}-D"
                )
        return self.unsqueeze(1) * vec2


def einsum(equation: str, *operands: Tensor | Sequence[Tensor]) -> Tensor:
    """Einstein's sum: products of numbers at named axes, summed over the names that are left out.

    A name is a letter; `...` stands for axes without a name. So "ij,jk->ik" is (I, J), (J, K) →
    (I, K). Without `->` the result has the names that come once, in the order of the alphabet.
    RuntimeError for an equation that does not fit its tensors, TypeError for what is no Tensor.

    >>> einsum("ij,jk->ik", Tensor([[1.0, 2.0]]), Tensor([[3.0], [4.0]]))
    tensor([[11.]])
    """
    together = len(operands) == 1 and isinstance(operands[0], (list, tuple))
    tensors = cast("Sequence[Tensor]", operands[0] if together else operands)
    for i, x in enumerate(tensors):
        if not isinstance(x, Part):
            raise TypeError(f"einsum(): expected Tensor as operand {i}, but got {type(x).__name__}")
    terms, result = _terms(equation, tensors)
    sizes: dict[str, int] = {}
    for term, x in zip(terms, tensors, strict=True):
        for name, size in zip(term, x.shape, strict=True):
            if sizes.setdefault(name, size) != size and size != 1:
                if sizes[name] != 1:
                    raise RuntimeError(
                        f"einsum(): operands do not broadcast: axis {name} has the sizes "
                        f"{sizes[name]} and {size}"
                    )
                sizes[name] = size
    parts = [_without_repeats(term, x) for term, x in zip(terms, tensors, strict=True)]
    term, total = parts[0]
    for i, (other, x) in enumerate(parts[1:], 1):
        later = {*result}.union(*[names for names, _ in parts[i + 1 :]])
        term, total = _contracted(term, total, other, x, later, sizes)
    return _arranged(term, total, result)


def _terms(equation: str, operands: Sequence[Tensor]) -> tuple[list[list[str]], list[str]]:
    """The names of the axes of each operand, and of the result; ... as names of their own."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    written = left.split(",")
    if len(written) != len(operands):
        few = "fewer" if len(operands) < len(written) else "more"
        raise RuntimeError(
            f"einsum(): {few} operands were provided than specified in the equation: "
            f"{len(operands)} for {equation!r}"
        )
    most = 0
    terms = []
    for text, x in zip(written, operands, strict=True):
        gap = len(x.shape) - len(text.replace("...", ""))
        if gap < 0 or (gap and "..." not in text):
            raise RuntimeError(
                f"einsum(): the number of subscripts in {text!r} does not match the "
                f"{len(x.shape)} dimensions of its operand"
            )
        terms.append(_names(text, gap, equation))
        most = max(most, gap if "..." in text else 0)
    if arrow:
        result = _names(right, most, equation)
    else:
        letters = [name for term in terms for name in term]
        once = {name for name in letters if letters.count(name) == 1 and name.isalpha()}
        result = _names("...", most, equation) + sorted(once)
    for name in result:
        if result.count(name) > 1:
            raise RuntimeError(
                f"einsum(): output subscript {name} appears more than once in the output"
            )
        if not any(name in term for term in terms):
            raise RuntimeError(
                f"einsum(): output subscript {name} does not appear in the equation for any input"
            )
    return terms, result


def _names(text: str, gap: int, equation: str) -> list[str]:
    before, dots, after = text.partition("...")
    inner = [str(i) for i in range(gap - 1, -1, -1)] if dots else []
    for letter in before + after:
        if not (letter.isascii() and letter.isalpha()):
            raise RuntimeError(
                f"einsum(): invalid subscript {letter!r} in {equation!r}: subscripts are letters"
            )
    return [*before, *inner, *after]


def _without_repeats(term: list[str], x: Tensor) -> tuple[list[str], Tensor]:
    """A name that comes twice in one term picks the diagonal."""
    for name in dict.fromkeys(term):
        while term.count(name) > 1:
            first, second = [i for i, other in enumerate(term) if other == name][:2]
            if x.shape[first] != x.shape[second]:
                raise RuntimeError(
                    f"einsum(): subscript {name} is repeated for sizes {x.shape[first]} and "
                    f"{x.shape[second]}, which differ"
                )
            rest = [i for i in range(len(term)) if i not in (first, second)]
            places = np.arange(x.shape[first])
            x = x.permute(first, second, *rest)[places, places]
            term = [name, *[term[i] for i in rest]]
    return term, x


def _arranged(term: list[str], x: Tensor, names: list[str]) -> Tensor:
    """Summed over the names that are left out, in the order of the others."""
    gone = tuple(i for i, name in enumerate(term) if name not in names)
    if gone:
        x = x.sum(gone)
        term = [name for name in term if name in names]
    return x.permute(*[term.index(name) for name in names]) if names else x


def _contracted(
    a_term: list[str],
    a: Tensor,
    b_term: list[str],
    b: Tensor,
    later: set[str],
    sizes: dict[str, int],
) -> tuple[list[str], Tensor]:
    """Two operands as one: a product of matrices for each index that both keep."""
    a_own = [n for n in a_term if n not in b_term and n in later]
    b_own = [n for n in b_term if n not in a_term and n in later]
    both = [n for n in a_term if n in b_term]
    kept, summed = [n for n in both if n in later], [n for n in both if n not in later]
    a = _arranged(a_term, a, kept + a_own + summed).to(a.dtype)
    b = _arranged(b_term, b, kept + summed + b_own).to(b.dtype)
    a, b = (_widened(x, kept, summed, sizes, at) for x, at in ((a, len(a_own)), (b, 0)))
    outer = [sizes[n] for n in kept]
    inner = int(np.prod([sizes[n] for n in summed], dtype=np.int64))
    a_sizes = list(a.shape[len(kept) : len(kept) + len(a_own)])
    b_sizes = list(b.shape[len(kept) + len(summed) :])
    rows, columns = (int(np.prod(s, dtype=np.int64)) for s in (a_sizes, b_sizes))
    left, right = a.reshape(*outer, rows, inner), b.reshape(*outer, inner, columns)
    product = left @ right if summed else left * right
    return kept + a_own + b_own, product.reshape(*outer, *a_sizes, *b_sizes)


def _widened(
    x: Tensor, kept: list[str], summed: list[str], sizes: dict[str, int], at: int
) -> Tensor:
    """Axes of size 1 that meet larger ones, repeated."""
    shape = list(x.shape)
    for i, name in enumerate(kept):
        shape[i] = sizes[name]
    for i, name in enumerate(summed, len(kept) + at):
        shape[i] = sizes[name]
    return x if shape == list(x.shape) else x.expand(*shape)
