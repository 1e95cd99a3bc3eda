"""The records of a run as a log that TensorBoard reads: `tensorboard --logdir DIR`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import OptionError
from .record import Record


@contextmanager
def event_log(folder: str) -> Iterator[Callable[[Record], None]]:
    """What writes a record as it comes: losses in nats per token, and the learning rate.

    A log that goes on in the same folder after a break takes the place of what was written of
    the same steps. OptionError if the folder can't be written to.
    """
    from ..torch.utils.tensorboard import SummaryWriter  # it loads sockets

    if not folder:  # it would choose one
        raise OptionError("a folder for the logs was wanted, got ''")
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:  # ValueError: of names with a NUL
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise OptionError(f"can't write logs to {folder}: {reason}") from None
    writer = None

    def write(record: Record) -> None:
        nonlocal writer
        if writer is None:
            writer = SummaryWriter(folder, purge_step=record.step)
        writer.add_scalar("loss/train", record.train_loss, record.step)
        if record.dev_loss is not None:
            writer.add_scalar("loss/dev", record.dev_loss, record.step)
        writer.add_scalar("learning_rate", record.learning_rate, record.step)
        writer.flush()

    try:
        yield write
    finally:
        if writer is not None:
            writer.close()
