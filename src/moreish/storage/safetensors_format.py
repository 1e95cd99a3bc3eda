"""The safetensors format in Python, for where the library can't be had, as in a web page.

A file is the length of a header in 8 bytes, the header (JSON: of each array its dtype, shape and
place), and the numbers of all arrays, one after another. What is written has the same bytes as from
the library, which is quicker and is used wherever it is.

Source: the format's description, https://github.com/safetensors/safetensors.
"""

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = ["load", "save"]

DTYPES = {  # in the order of the library, which writes the last ones first
    "BOOL": "?",
    "U8": "u1",
    "I8": "i1",
    "I16": "<i2",
    "U16": "<u2",
    "F16": "<f2",
    "I32": "<i4",
    "U32": "<u4",
    "F32": "<f4",
    "F64": "<f8",
    "I64": "<i8",
    "U64": "<u8",
}
NAMES = {np.dtype(kind): name for name, kind in DTYPES.items()}
ORDER = {name: place for place, name in enumerate(DTYPES)}
METADATA = "__metadata__"
LENGTH = 8  # bytes of the header's length, of which the header's is a multiple
LONGEST = 100_000_000  # bytes of a header


def save(arrays: Mapping[str, np.ndarray], metadata: Mapping[str, str]) -> bytes:
    """Arrays and texts by name → the bytes of a file. ValueError for a dtype that can't be said.

    >>> content = save({"x": np.zeros(2, np.float32)}, {"made": "here"})
    >>> content[8:40]
    b'{"__metadata__":{"made":"here"},'
    """
    header: dict[str, Any] = {METADATA: dict(metadata)} if metadata else {}
    parts, end = [], 0
    for name in sorted(arrays, key=lambda name: (-ORDER[_name(arrays[name])], name)):
        array = arrays[name]
        part = array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
        place = [end, end + len(part)]
        header[name] = {
            "dtype": _name(array),
            "shape": list(array.shape),
            "data_offsets": place,
        }
        parts.append(part)
        end = place[1]
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % LENGTH)
    return b"".join([len(text).to_bytes(LENGTH, "little"), text, *parts])


def load(content: bytes) -> tuple[dict[str, str], dict[str, np.ndarray]]:
    """The bytes of a file → its texts, and its arrays. ValueError for what is no whole file.

    >>> texts, arrays = load(save({"x": np.zeros(2, np.float32)}, {"made": "here"}))
    >>> texts, arrays
    ({'made': 'here'}, {'x': array([0., 0.], dtype=float32)})
    """
    length = int.from_bytes(content[:LENGTH], "little")
    if len(content) < LENGTH or length > min(LONGEST, len(content) - LENGTH):
        raise ValueError("its header is longer than the file")
    try:
        header = json.loads(content[LENGTH : LENGTH + length], object_pairs_hook=_once)
    except RecursionError:
        raise ValueError("its header is no JSON object") from None
    if type(header) is not dict:
        raise ValueError("its header is no JSON object")
    texts = header.pop(METADATA, {})
    if type(texts) is not dict or not all(type(text) is str for text in texts.values()):
        raise ValueError("its metadata are no texts by name")
    numbers = memoryview(content)[LENGTH + length :]
    arrays, ends = {}, 0
    for name in sorted(header, key=lambda name: _place(name, header[name])):
        start, end = _place(name, header[name])
        if start != ends:
            raise ValueError(f"the place of {name!r} does not follow the one before")
        arrays[name], ends = _array(name, header[name], numbers[start:end]), end
    if ends != len(numbers):
        raise ValueError(f"it has {len(numbers):,} bytes of numbers, and its header names {ends:,}")
    return texts, {name: arrays[name] for name in sorted(arrays)}


def _name(array: np.ndarray) -> str:
    kind = array.dtype.newbyteorder("<")
    if kind not in NAMES:
        raise ValueError(f"safetensors can't hold numbers of the kind {array.dtype}")
    return NAMES[kind]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("its header names something twice")
    return found


def _place(name: str, told: Any) -> tuple[int, int]:
    """Where the numbers of an array are, among those of all."""
    if type(told) is not dict or told.keys() != {"dtype", "shape", "data_offsets"}:
        raise ValueError(f"what it tells of {name!r} is no dtype, shape and place")
    place = told["data_offsets"]
    if type(place) is not list or [type(at) for at in place] != [int, int]:
        raise ValueError(f"the place of {name!r} is no two whole numbers")
    if not 0 <= place[0] <= place[1]:
        raise ValueError(f"the place of {name!r} ends before it begins")
    return place[0], place[1]


def _array(name: str, told: Mapping[str, Any], numbers: memoryview) -> np.ndarray:
    if told["dtype"] not in ORDER:
        raise ValueError(f"{name!r} has numbers of the kind {str(told['dtype']).lower()[:20]}")
    shape, kind = told["shape"], np.dtype(DTYPES[told["dtype"]])
    if type(shape) is not list or not all(type(n) is int and n >= 0 for n in shape):
        raise ValueError(f"the shape of {name!r} is no list of whole numbers")
    if math.prod(shape) * kind.itemsize != len(numbers):
        raise ValueError(f"{name!r} has another number of bytes than its shape")
    return np.frombuffer(numbers, kind).reshape(shape).copy()
