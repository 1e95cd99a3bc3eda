"""torch.cuda's names that programs ask before they choose a device: there is none here."""

from ..engine.tensor.mixin import whole

__all__ = ["device_count", "is_available", "manual_seed", "manual_seed_all"]


def is_available() -> bool:
    """Whether there is a device of CUDA's: moreish computes on the processor, so never.

    >>> "cuda" if is_available() else "cpu"
    'cpu'
    """
    return False


def device_count() -> int:
    """How many devices of CUDA's there are.

    >>> device_count()
    0
    """
    return 0


def manual_seed(seed: int) -> None:
    """Begin the stream of the present device anew; without a device, as in PyTorch, nothing.

    >>> manual_seed(1)
    """
    whole(seed, "seed")


def manual_seed_all(seed: int) -> None:
    """Begin the streams of all devices anew; without a device, as in PyTorch, nothing.

    >>> manual_seed_all(1)
    """
    whole(seed, "seed")
