"""Where numbers are: here that is the processor's memory, and nothing else."""

ELSEWHERE = frozenset({"cuda", "mps", "xpu", "xla", "meta"})


def is_device(name: str) -> bool:
    """Whether a string names a device of PyTorch's, and not a dtype."""
    return name.partition(":")[0] in {"cpu", *ELSEWHERE}


class Device:
    """A device, as torch.device: "cpu" is the one that there is.

    RuntimeError for any other, TypeError for what is no text.

    >>> Device("cpu")
    device(type='cpu')
    """

    __slots__ = ("index", "type")

    type: str
    index: int | None

    def __init__(self, device: "Device | str" = "cpu", index: int | None = None) -> None:
        if index is not None:
            device = f"{device}:{index}"
        if isinstance(device, Device):
            self.type, self.index = device.type, device.index
            return
        if not isinstance(device, str):
            raise TypeError(f"a device is 'cpu', given as a string, not {type(device).__name__}")
        name, colon, number = device.partition(":")
        if name != "cpu" or (colon and not number.isdecimal()):
            raise RuntimeError(
                f"device {device!r} is not there: moreish computes on 'cpu'; for another, run the "
                f"same program with PyTorch itself: import torch"
            )
        self.type = name
        self.index = int(number) if colon else None

    def __repr__(self) -> str:
        index = "" if self.index is None else f", index={self.index}"
        return f"device(type='{self.type}'{index})"

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))


CPU = Device()
