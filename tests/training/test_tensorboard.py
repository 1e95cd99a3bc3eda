"""The log is one that TensorBoard reads."""

import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from moreish.errors import MissingError
from moreish.training import Record
from moreish.training.tensorboard import event_log


def crc32c(content: bytes) -> int:
    """The checksum of Castagnoli, bit by bit."""
    crc = 0xFFFFFFFF
    for byte in content:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(content: bytes) -> int:
    """The checksum as TensorFlow's records have it."""
    crc = crc32c(content)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def events(folder: Path) -> Iterator[bytes]:
    """The records of all event files, each checked."""
    for path in sorted(folder.glob("events.out.tfevents.*")):
        content = path.read_bytes()
        while content:
            (length,) = struct.unpack("<Q", content[:8])
            assert masked(content[:8]) == struct.unpack("<I", content[8:12])[0]
            event = content[12 : 12 + length]
            assert masked(event) == struct.unpack("<I", content[12 + length : 16 + length])[0]
            yield event
            content = content[16 + length :]


def scalars(folder: Path) -> dict[tuple[str, int], float]:
    """What a log says, by name and step."""
    from tensorboardX.proto.event_pb2 import Event

    found = {}
    for content in events(folder):
        event = Event.FromString(content)
        if event.session_log.status:  # begun again: what follows takes the place of this
            found = {key: value for key, value in found.items() if key[1] < event.step}
        for value in event.summary.value:
            found[value.tag, event.step] = value.simple_value
    return found


def test_the_checksum_is_the_one_of_the_standard() -> None:
    assert crc32c(b"123456789") == 0xE3069283


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    with event_log(str(tmp_path / "a" / "b")) as write:
        write(Record(10, 20, 0.25, 2.5, 2.75, 1.0))
        write(Record(20, 20, 0.0, 1.5, None, 2.0))
    assert scalars(tmp_path / "a" / "b") == {
        ("loss/train", 10): 2.5,
        ("loss/dev", 10): 2.75,
        ("learning_rate", 10): 0.25,
        ("loss/train", 20): 1.5,
        ("learning_rate", 20): 0.0,
    }


def test_what_is_written_again_after_a_break_counts_once(tmp_path: Path) -> None:
    with event_log(str(tmp_path)) as write:
        for step in (10, 20, 30):
            write(Record(step, 40, 0.5, 2.0, None, 1.0))
    (old,) = tmp_path.iterdir()
    old.rename(tmp_path / "events.out.tfevents.0")  # the name has the second in it
    with event_log(str(tmp_path)) as write:
        for step in (15, 20):
            write(Record(step, 40, 0.5, 1.0, None, 1.0))
    losses = {step: loss for (name, step), loss in scalars(tmp_path).items() if "train" in name}
    assert losses == {10: 2.0, 15: 1.0, 20: 1.0}


def test_a_library_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(MissingError, match=r"pip install 'moreish\[tensorboard\]'"), event_log("x"):
        pass
