"""micrograd.engine's name: Value, one number that remembers how it was made."""

from ..engine.value import Value

__all__ = ["Value"]
