"""SummaryWriter: scalars in an event file that TensorBoard reads: `tensorboard --logdir runs`.

An event file is a row of records. A record is a length, a message of Protocol Buffers and checksums
of both. A message is written by hand here: fields, each its number and kind, then its value.
Histograms, images, texts and graphs are not here.

Source: TensorFlow, core/lib/io/record_writer.h for the records, core/util/event.proto and
core/framework/summary.proto for the messages.
"""

import os
import socket
import struct
import time
from datetime import datetime
from functools import cache
from itertools import count
from types import TracebackType
from typing import Self

import numpy as np

from ...engine.tensor import Tensor
from ...engine.tensor.arguments import Operand

__all__ = ["SummaryWriter"]

VERSION = b"brain.Event:2"
STARTED = 1  # of a session
VARINT, LENGTH = 0, 2  # kinds of fields: a whole number; bytes and how many
_numbers = count()  # of the files of this process


class SummaryWriter:
    """A log of scalars in a folder, by default `runs/` with the time and the computer's name.

    Of a log that goes on after a break, what was written before for `purge_step` and later steps is
    not shown. It is written to the disk after `max_queue` scalars, `flush_secs` seconds or by
    `flush()`. OSError if the folder can't be written to.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, SummaryWriter(folder) as writer:
    ...     writer.add_scalar("loss/train", 2.5, 10)
    ...     os.listdir(folder)[0].startswith("events.out.tfevents.")
    True
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str] | None = None,
        comment: str = "",
        purge_step: int | None = None,
        max_queue: int = 10,
        flush_secs: float = 120,
        filename_suffix: str = "",
    ) -> None:
        now = f"{datetime.now():%b%d_%H-%M-%S}_{socket.gethostname()}"
        self.log_dir = os.fspath(log_dir or os.path.join("runs", now + comment))
        self.purge_step = purge_step
        self.max_queue = max_queue
        self.flush_secs = flush_secs
        self.filename_suffix = filename_suffix
        self._open()

    def _open(self) -> None:
        os.makedirs(self.log_dir, exist_ok=True)
        parts = (f"{int(time.time()):010d}", socket.gethostname(), os.getpid(), next(_numbers))
        name = f"events.out.tfevents.{'.'.join(map(str, parts))}{self.filename_suffix}"
        self._file = open(os.path.join(self.log_dir, name), "wb")  # noqa: SIM115  until close()
        self._waiting, self._flushed_at = 0, time.monotonic()
        self._write(_bytes(3, VERSION))
        if self.purge_step is not None:
            self._write(_bytes(7, _whole(1, STARTED)), self.purge_step)
        self.flush()

    def get_logdir(self) -> str:
        """The folder of the log."""
        return self.log_dir

    def add_scalar(
        self,
        tag: str,
        scalar_value: Operand,
        global_step: int | None = None,
        walltime: float | None = None,
    ) -> None:
        """Write a number, or a Tensor of one, at a step; AssertionError for more than one.

        `walltime` is in seconds since 1970, by default now. A number is written in single
        precision.
        """
        given = scalar_value.detach() if isinstance(scalar_value, Tensor) else scalar_value
        value = np.asarray(given).squeeze()
        if value.ndim:
            raise AssertionError(f"one number was wanted, got the shape {value.shape}")
        with np.errstate(over="ignore"):
            single = np.float32(value).astype("<f4").tobytes()
        number = _bytes(1, tag.encode()) + _key(2, 5) + single
        if self._file.closed:
            self._open()
        self._write(_bytes(5, _bytes(1, number)), global_step, walltime)
        self._waiting += 1
        late = time.monotonic() - self._flushed_at > self.flush_secs
        if late or self._waiting >= self.max_queue:
            self.flush()

    def _write(self, what: bytes, step: int | None = None, at: float | None = None) -> None:
        seconds = struct.pack("<d", time.time() if at is None else at)
        event = _key(1, 1) + seconds + (_whole(2, int(step)) if step else b"") + what
        length = struct.pack("<Q", len(event))
        self._file.write(length + _checksum(length) + event + _checksum(event))

    def flush(self) -> None:
        """Give all that was added to the file."""
        if not self._file.closed:
            self._file.flush()
            self._waiting, self._flushed_at = 0, time.monotonic()

    def close(self) -> None:
        """Give all that was added to the file, and close it; what is added later makes another."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


# ---- Protocol Buffers


def _varint(number: int) -> bytes:
    """A whole number in groups of 7 bits, lowest first; of a negative one all 64 bits."""
    number %= 2**64
    groups = []
    while number > 127:
        groups.append(number & 127 | 128)
        number >>= 7
    return bytes([*groups, number])


def _key(number: int, kind: int) -> bytes:
    """What a field begins with."""
    return _varint(number << 3 | kind)


def _whole(number: int, value: int) -> bytes:
    return _key(number, VARINT) + _varint(value)


def _bytes(number: int, content: bytes) -> bytes:
    return _key(number, LENGTH) + _varint(len(content)) + content


# ---- checksums


@cache
def _table() -> list[int]:
    """The remainder of each byte, by the polynomial of Castagnoli."""
    table = []
    for remainder in range(256):
        for _ in range(8):
            remainder = remainder >> 1 ^ (0x82F63B78 if remainder & 1 else 0)
        table.append(remainder)
    return table


def _checksum(content: bytes) -> bytes:
    """The CRC-32C, rotated and moved by a constant, as records have it."""
    table, crc = _table(), 0xFFFFFFFF
    for byte in content:
        crc = crc >> 8 ^ table[(crc ^ byte) & 255]
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)
