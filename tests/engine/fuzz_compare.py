"""One case through both libraries: both raise, or everything that comes out is the same.

Compared are value, dtype, shape, whether a gradient is wanted, the gradient, whether memory is
shared with an input, and of what is shared the strides.

Bounds. A result that is rounded n times, one rounding after another, is off by at most n times the
unit of its dtype, times the largest number that is rounded on the way. Here that is the result
itself where nothing cancels (`each`), and else the product of the largest inputs (`degree` of
them). Both libraries may be off by that much, and in opposite directions.
Source: N. Higham, "Accuracy and Stability of Numerical Algorithms", 2002, chapter 3.
"""

import warnings
from typing import Any

import numpy as np
import torch

import moreish.torch as ours
from engine.fuzz_draws import Case

UNIT = {"float16": 2.0**-11, "float32": 2.0**-24, "float64": 2.0**-53}
# An axis of one place, or of a tensor without numbers, has no stride that is ever used: libraries
# differ in what they write there.


# What PyTorch itself fails at: no promise that could be kept.
FAILURES = (
    "INTERNAL ASSERT FAILED",
    "'numpy.bool' object cannot be interpreted",  # an array of one truth value, as another dtype
    "TensorAccessor expected",  # statistics of two axes, which it takes elsewhere
    "Autograd not support dtype",  # an integer result of an operation with a gradient
)
# What PyTorch looks at only where there are numbers, and we always.
ALWAYS_CHECKED = (
    "same dtype",
    "out of bounds",
    "for an axis that is there",
    "out of range",
    "mask of bytes",
)
BACKWARD = (
    "with a bool tensor is not supported",  # the gradient of a power with a bool exponent
    "returned an invalid gradient",  # that of batch_norm() with weights of another shape
    "output with shape [] doesn't match",  # that of clamp() of nothing with a bound without axes
)

# Made from other steps than PyTorch's, which keep something or nothing: a second walk that was not
# asked for is refused here and not there, or the other way about.
KEEPS_MORE_OR_LESS = (
    "kind",
    "F.",
    "add_",
    "sub_",
    "t.tril",
    "x.tril",
    "t.triu",
    "x.triu",
    "einsum",
    "gather",
)
KEEPS_MORE_OR_LESS += (
    "einsum",
    "gather",
    "t.clamp",
    "x.clamp",
    "t.sort",
    "x.sort",
    "t.topk",
    "x.topk",
)
KEEPS_MORE_OR_LESS += tuple(
    f"{side}.{name}("
    for side in "tx"
    for name in (
        *("add", "sub", "subtract", "div", "divide", "copysign", "lerp", "median", "nanmean"),
        *("cumprod", "logcumsumexp", "cummax", "cummin", "nansum", "aminmax"),
    )
)
KEEPS_MORE_OR_LESS += ("scatter", "index_", "take", "repeat_interleave")


class Differs(AssertionError):
    """The two libraries do not agree."""


def run(case: Case) -> None:
    """Differs unless both libraries raise, or agree in everything."""
    mine, my_error = _run(case, ours)
    theirs, their_error = _run(case, torch)
    if my_error is not None and their_error is not None:
        _is_an_error_of_ours(case, my_error)
        return
    tensors = [x for x in (theirs or [[]])[0] if isinstance(x, torch.Tensor)]
    sizes = [x.array.size for x in case.inputs] + [x.numel() for x in tensors]
    strict = isinstance(my_error, NotImplementedError) or any(
        phrase in str(my_error) for phrase in ALWAYS_CHECKED
    )
    if strict and 0 in sizes and their_error is None:
        return
    if my_error is not None:
        raise Differs(f"{case.told}: only ours raises {my_error!r}") from my_error
    if their_error is not None and _is_a_failure(their_error):
        return
    if their_error is not None:
        raise Differs(f"{case.told}: only PyTorch raises {their_error!r}, ours gives {mine[0]}")
    (my_results, my_leaves, my_inputs), (results, leaves, inputs) = mine, theirs
    if len(my_results) != len(results):
        raise Differs(f"{case.told}: {len(my_results)} results, not {len(results)}")
    case.dtypes = [x.dtype for x in my_results if isinstance(x, ours.Tensor)]
    for a, b in zip(my_results, results, strict=True):
        _compare(case, a, b, gradient=False)
        if isinstance(b, torch.Tensor) and case.views:
            _compare_memory(case, a, b, my_inputs, inputs)
    if not _walk_back(case, my_results, results):
        return
    for a, b in zip(my_leaves, leaves, strict=True):
        if (a.grad is None) != (b.grad is None):
            raise Differs(f"{case.told}: gradients {a.grad} and {b.grad}")
        if b.grad is not None:
            _compare(case, a.grad, b.grad, gradient=True)
    if not case.told.startswith(KEEPS_MORE_OR_LESS):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _walk_again(case, my_results, results)


def _run(case: Case, library: Any) -> tuple[Any, Exception | None]:
    made = [given.make(library) for given in case.inputs]
    leaves, inputs = [leaf for leaf, _ in made], [x for _, x in made]
    with warnings.catch_warnings():
        warnings.simplefilter("error" if library is ours else "ignore")
        try:
            result = case.function(library, *inputs)
        except Exception as error:
            return None, error
    return (flat(result), leaves, inputs), None


def _is_a_failure(error: Exception, *more: str) -> bool:
    return any(phrase in str(error) for phrase in (*FAILURES, *more))


def flat(result: Any) -> list[Any]:
    """All that came out, in a list."""
    if isinstance(result, (tuple, list)):
        return [part for inner in result for part in flat(inner)]
    return [result]


def _is_an_error_of_ours(case: Case, error: Exception) -> None:
    known = (RuntimeError, ValueError, TypeError, IndexError, OverflowError)
    if not isinstance(error, known) or len(str(error)) < 12:
        raise Differs(f"{case.told}: {error!r} says nothing") from error


def _compare(case: Case, a: Any, b: Any, gradient: bool) -> None:
    what = "gradient" if gradient else "value"
    if not isinstance(b, torch.Tensor):
        if isinstance(b, torch.dtype):
            a, b = np.dtype(a).name, str(b).removeprefix("torch.")
        if isinstance(b, (torch.Size, torch.device)):
            a, b = str(a), str(b)
        if isinstance(b, np.ndarray):
            a, b = repr((a.tolist(), a.dtype)), repr((b.tolist(), b.dtype))
        if a != b and not (a != a and b != b):
            raise Differs(f"{case.told}: {a!r}, not {b!r}")
        return
    if not isinstance(a, ours.Tensor):
        raise Differs(f"{case.told}: {type(a)} is no Tensor")
    # PyTorch says that whole numbers need a gradient which were assigned some that do.
    names = ("shape", "dtype", "requires_grad") if b.is_floating_point() else ("shape", "dtype")
    for name in names:
        mine, theirs = (str(getattr(x, name)).removeprefix("torch.") for x in (a, b))
        if mine.removeprefix("torch.") != theirs:
            raise Differs(f"{case.told}: {name} of the {what} is {mine}, not {theirs}")
    _compare_numbers(case, a.detach().numpy(), b.detach().numpy(), gradient)


def _compare_numbers(case: Case, a: np.ndarray, b: np.ndarray, gradient: bool) -> None:
    what = "gradient" if gradient else "value"
    told = f"{case.told}: {what} {a.tolist()}, not {b.tolist()}; inputs " + ", ".join(
        str(x.array.tolist()) for x in case.inputs
    )
    if a.dtype.kind != "f" or (case.exact and not gradient):
        if not np.array_equal(a, b, equal_nan=a.dtype.kind == "f"):
            raise Differs(told)
        return
    if not (np.array_equal(np.isnan(a), np.isnan(b)) and (np.isinf(a) == np.isinf(b)).all()):
        raise Differs(told)
    with np.errstate(all="ignore"):
        wide, other = a.astype(np.float64), b.astype(np.float64)
        off = np.where(np.isfinite(other), np.abs(wide - other), (wide != other) * 1.0)
        off = np.where(np.isnan(other), 0.0, off)
    bound = 2 * case.roundings * _unit(case, a.dtype) * _scale(case, other, gradient)
    smallest = float(np.finfo(a.dtype).smallest_subnormal)
    if (off > bound + 2 * smallest).any():
        raise Differs(f"{told}; off by {off.max()}, allowed {np.max(bound)}")


def _unit(case: Case, *dtypes: Any) -> float:
    """The unit of the least precise dtype that takes part."""
    names = {np.dtype(d).name for d in (*dtypes, *case.dtypes)} | {
        x.array.dtype.name for x in case.inputs
    }
    return max(unit for name, unit in UNIT.items() if name in names)


def _scale(case: Case, reference: np.ndarray, gradient: bool) -> Any:
    """The largest number that is rounded on the way."""
    size = np.where(np.isfinite(reference), np.abs(reference), 0.0)
    if case.each and not gradient:
        return np.maximum(size, case.floor)
    largest = max((_largest(x.array) for x in case.inputs), default=0.0)
    return max(float(size.max(initial=0.0)), max(largest, 1.0) ** case.degree, case.floor)


def _largest(array: np.ndarray) -> float:
    wide = array.astype(np.float64)
    return float(np.abs(wide[np.isfinite(wide)]).max(initial=0.0))


def _compare_memory(case: Case, a: Any, b: Any, mine: list[Any], theirs: list[Any]) -> None:
    if not b.numel():
        return
    for x, y in zip(mine, theirs, strict=True):
        shares = b.untyped_storage().data_ptr() == y.untyped_storage().data_ptr()
        if np.may_share_memory(a.detach().numpy(), x.detach().numpy()) != shares:
            raise Differs(f"{case.told}: memory is {'not ' * shares}shared with an input")
        if shares:
            used = [i for i, size in enumerate(b.shape) if size > 1]
            steps, wanted = ([z.stride()[i] for i in used] for z in (a, b))
            if steps != wanted:
                raise Differs(f"{case.told}: strides {a.stride()}, not {b.stride()}")


def _walk_again(case: Case, mine: list[Any], theirs: list[Any]) -> None:
    """A walk that is the last, and another: both libraries refuse it, or neither."""
    for a, b in zip(mine, theirs, strict=True):
        if not (isinstance(b, torch.Tensor) and b.grad_fn is not None):
            continue
        refused = []
        if not b.numel():
            continue  # what keeps no number keeps nothing
        for y in (a, b):
            y.sum().backward()
            try:
                y.sum().backward()
                refused.append(False)
            except RuntimeError as error:
                refused.append("a second time" in str(error))
        if refused[0] != refused[1]:
            raise Differs(f"{case.told}: a second walk is {'' if refused[0] else 'not '}refused")
        return  # the others may be made from the same steps


def _walk_back(case: Case, mine: list[Any], theirs: list[Any]) -> bool:
    """Whether PyTorch has gradients to compare with."""
    for number, (a, b) in enumerate(zip(mine, theirs, strict=True)):
        if not (isinstance(b, torch.Tensor) and b.requires_grad):
            continue
        weights = np.random.default_rng(number).integers(-4, 5, tuple(b.shape)) / 4
        weights = np.asarray(weights).astype(str(b.dtype).removeprefix("torch."))
        errors = []
        for library, y in ((ours, a), (torch, b)):
            with warnings.catch_warnings():
                warnings.simplefilter("error" if library is ours else "ignore")
                try:
                    y.backward(library.tensor(weights), retain_graph=True)
                except Exception as error:
                    errors.append(error)
        if len(errors) == 1 and _is_a_failure(errors[0], *BACKWARD):
            return False
        if len(errors) == 2:
            return False
        if len(errors) == 1:
            raise Differs(f"{case.told}: only one library walks back: {errors[0]!r}")
    return True
