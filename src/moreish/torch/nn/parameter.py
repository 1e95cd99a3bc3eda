"""Parameter: a Tensor that a Module finds by itself, because it is to be learnt.

It differs from a Tensor in its class alone. What is computed from it is a plain Tensor.
"""

from typing import Any

import numpy as np

from ...engine.tensor import Tensor

__all__ = ["Parameter"]


class Parameter(Tensor):
    """A Tensor, (...), that a Module finds when it is assigned to it; it requires a gradient.

    It holds the memory of `data`, without its history; without `data` it is empty. TypeError for
    what is no Tensor, RuntimeError for whole numbers that require a gradient.

    >>> Parameter(tensor([1.0, 2.0]))
    Parameter containing:
    tensor([1., 2.], requires_grad=True)
    """

    __slots__ = ()

    def __init__(self, data: Tensor | None = None, requires_grad: bool = True) -> None:
        if data is None:
            self._set(np.empty(0, dtype=np.float32), None, None)
        elif isinstance(data, Tensor):
            self._set(data._array, None, data._shared)
        else:
            raise TypeError(
                f"Parameter takes a Tensor, as torch.zeros(3), not {type(data).__name__}: "
                f"convert it with torch.tensor()"
            )
        self.requires_grad = requires_grad

    @classmethod
    def _of(cls, *args: Any) -> Tensor:
        """What is computed from a parameter is a Tensor."""
        return Tensor._of(*args)

    def __repr__(self) -> str:
        return f"Parameter containing:\n{super().__repr__()}"

    def __deepcopy__(self, memo: dict[int, Any]) -> "Parameter":
        """A copy of the numbers; as in PyTorch, without the gradient."""
        new = memo[id(self)] = type(self)(Tensor._of(self._array.copy()), self.requires_grad)
        return new

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.detach(), self.requires_grad)
