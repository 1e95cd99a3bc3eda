"""What is told of a training now and then."""

from dataclasses import dataclass

__all__ = ["Record"]


@dataclass(frozen=True)
class Record:
    """Where a run stands after `step` of `steps`; losses in nats per token."""

    step: int
    steps: int  # as many as fit into the time, at this pace, where the clock decides
    learning_rate: float
    train_loss: float  # of the batches since the last record
    dev_loss: float | None  # None where there is no dev split
    seconds: float  # of training so far
