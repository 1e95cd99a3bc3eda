"""What a Tensor can do, beyond remembering: everything that is written after the dot.

Each method says what it is in PyTorch's words and is made of primitives, so that gradients come by
themselves.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from .comparisons import Comparisons
from .conversions import Conversions
from .elementwise import Elementwise
from .grad_fn_names import METHODS, shown_as
from .indexing import Choices
from .matrices import MatrixProducts
from .operators import Operators
from .pairs import Pairs
from .products import Products
from .random_fill import Draws
from .rearranging import Pieces
from .reductions import Reductions
from .scans import Scans
from .scattering import Scattering
from .shape import Moves
from .sorting import Ordering
from .statistics import Statistics
from .transcendental import Transcendental
from .windows import Windows

Given = ParamSpec("Given")
Result = TypeVar("Result")


class Methods(
    Conversions,
    Operators,
    Elementwise,
    Transcendental,
    Products,
    Reductions,
    Ordering,
    Moves,
    Pieces,
    Choices,
    Draws,
    Pairs,
    Comparisons,
    Scans,
    Scattering,
    Windows,
    Statistics,
    MatrixProducts,
):
    """All parts together."""

    __slots__ = ()


def with_numpys_names(method: Callable[Given, Result]) -> Callable[Given, Result]:
    """The method, called with NumPy's `axis` and `keepdims` too, as PyTorch allows."""

    @wraps(method)
    def call(*args: Given.args, **options: Given.kwargs) -> Result:
        for theirs, ours in (("axis", "dim"), ("keepdims", "keepdim")):
            if theirs in options:
                options[ours] = options.pop(theirs)
        return method(*args, **options)

    return call


for _part in Methods.__bases__:
    for _name, _method in vars(_part).items():
        if _name[0] != "_" and "dim" in getattr(_method, "__annotations__", ()):
            setattr(Methods, _name, with_numpys_names(_method))

for _name, _label in METHODS.items():
    setattr(Methods, _name, shown_as(_label)(getattr(Methods, _name)))
