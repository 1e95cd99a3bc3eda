"""What a module takes from a state dict, and what it says of one that does not fit."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from ...engine.graph import no_grad
from ...engine.tensor import Tensor


class IncompatibleKeys(NamedTuple):
    """The names that a state dict lacks, and those that the module lacks."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return (
            f"_IncompatibleKeys(missing_keys={self.missing_keys}, "
            f"unexpected_keys={self.unexpected_keys})"
        )


def load_into(
    own: dict[str, Tensor], given: Mapping[str, Any], strict: bool, kind: str
) -> IncompatibleKeys:
    """Copy what fits into a module of this kind.

    RuntimeError if a name or a shape does not fit: it lists all that do not. Unless `strict`, names
    may differ.
    """
    keys = IncompatibleKeys(
        [name for name in own if name not in given], [name for name in given if name not in own]
    )
    faults = [
        _listed(word, names)
        for word, names in zip(("Missing", "Unexpected"), keys, strict=True)
        if strict and names
    ]
    for name in [name for name in own if name in given]:
        fault = _misfit(name, own[name], given[name])
        if fault:
            faults.append(fault)
            continue
        with no_grad():
            own[name].copy_(given[name])
    if faults:
        raise RuntimeError("\n\t".join([f"Error(s) in loading state_dict for {kind}:", *faults]))
    return keys


def _misfit(name: str, own: Tensor, given: object) -> str:
    """Why this can't be copied there; "" if it can."""
    if not isinstance(given, Tensor):
        return f'the parameter "{name}": a Tensor was wanted, got {type(given).__name__}'
    if given.shape == own.shape:
        return ""
    return (
        f"size mismatch for {name}: copying a param with shape {given.shape} from checkpoint, the "
        f"shape in current model is {own.shape}."
    )


def _listed(word: str, names: list[str]) -> str:
    quoted = ", ".join(f'"{name}"' for name in names)
    return f"{word} key(s) in state_dict: {quoted}. "
