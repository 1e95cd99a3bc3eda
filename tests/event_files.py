"""A reader of TensorBoard's event files, to test what is written."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def crc32c(content: bytes) -> int:
    """The checksum of Castagnoli, bit by bit."""
    crc = 0xFFFFFFFF
    for byte in content:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(content: bytes) -> bytes:
    crc = crc32c(content)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def records(folder: Path) -> Iterator[bytes]:
    """The records of all event files, each checked."""
    for path in sorted(folder.glob("events.out.tfevents.*")):
        content = path.read_bytes()
        while content:
            (length,) = struct.unpack("<Q", content[:8])
            assert masked(content[:8]) == content[8:12]
            record = content[12 : 12 + length]
            assert masked(record) == content[12 + length : 16 + length]
            yield record
            content = content[16 + length :]


def varint(content: bytes) -> tuple[int, bytes]:
    number = shift = 0
    for i, byte in enumerate(content):
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return number, content[i + 1 :]
    raise ValueError("it has no end")


def fields(content: bytes) -> dict[int, Any]:
    """A message of Protocol Buffers: whole numbers, floats, and bytes by the numbers of fields."""
    found: dict[int, Any] = {}
    while content:
        key, content = varint(content)
        if key & 7 == 0:
            found[key >> 3], content = varint(content)
        elif key & 7 == 2:
            length, content = varint(content)
            found[key >> 3], content = content[:length], content[length:]
        else:
            size, form = {1: (8, "<d"), 5: (4, "<f")}[key & 7]
            (found[key >> 3],) = struct.unpack(form, content[:size])
            content = content[size:]
    return found


def scalars(folder: Path) -> list[tuple[str, int, float, float]]:
    """(tag, step, value, seconds) of each that TensorBoard shows."""
    found: list[tuple[str, int, float, float]] = []
    for record in records(folder):
        event = fields(record)
        step = event.get(2, 0)
        if 7 in event:  # begun again: what follows takes the place of this
            found = [one for one in found if one[1] < step]
        if 5 in event:
            value = fields(fields(event[5])[1])
            found.append((value[1].decode(), step, value[2], event[1]))
    return found
