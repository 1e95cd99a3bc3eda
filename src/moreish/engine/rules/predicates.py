"""Questions that are answered by true or false: they have no gradient."""

from typing import Any

import numpy as np

from ..graph import Primitive


def _isclose(a: Any, b: Any, *, rtol: float, atol: float, equal_nan: bool) -> Any:
    """Whether |a - b| is at most atol + rtol |b|, or the two are equal."""
    kind = a.dtype.kind
    apart = np.abs(a.astype(np.float64) - b if kind in "iub" else a - b)
    near = np.isfinite(apart) & (apart <= atol + np.abs(rtol * b))
    close = (a == b) | near
    return close | ((a != a) & (b != b)) if equal_nan else close


isfinite = Primitive("isfinite", np.isfinite)
signbit = Primitive("signbit", lambda x: np.signbit(x) if x.dtype.kind == "f" else x < 0)
isclose = Primitive("isclose", _isclose)
logical_and = Primitive("logical_and", np.logical_and)
logical_or = Primitive("logical_or", np.logical_or)
logical_xor = Primitive("logical_xor", np.logical_xor)
logical_not = Primitive("logical_not", np.logical_not)
