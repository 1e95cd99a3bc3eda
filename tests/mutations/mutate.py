"""Files that are wrong in one place or a few, made from good ones by a seed.

Half of them are only damaged. The others get a right checksum again, as by someone who means to:
there the values, shapes and texts themselves must be found to be wrong.
"""

import copy
import json
from random import Random
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from moreish.storage import model_file as files

FLOATS = (np.nan, np.inf, -np.inf, -1.0, -0.0, 0.0, 0.5, 1.0, 2.0, 1e-300, 1e30, 3e38, 1.7e308)
WHOLE = (-(2**63), -1, 0, 1, 2, 255, 2**31, 2**53, 2**63 - 1)
DTYPES = ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?")
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 3, 1.5, -0.5, 1e308, 10**400, 2**63, 2**31, 10**9),
    *(float("nan"), float("inf"), float("-inf")),
    *("", "x", "\n", "\r", "  ", "a b", "\ud800", "é", "e\u0301", "\x00", "words", "characters"),
    *("bigram", "mlp", "ngram", "mixture", "backoff", "kneser-ney", "learnt", "by-frequency"),
    *([], {}, [[]], [0], ["a"], {"a": 1}, [None] * 40),
)


def mutated(content: bytes, random: Random, repaired: bool) -> bytes:
    """A file like this one, but for something; `repaired` if it is to have a right checksum."""
    if not repaired:
        return raw(content, random)
    if random.random() < 0.1:
        found = parsed(raw(content, random))
        if found is not None:
            return written(*found)
    about, arrays = parsed(content) or ({}, {})
    for _ in range(random.choice((1, 1, 1, 2, 5))):
        if random.random() < 0.6:
            change_arrays(arrays, random)
        else:
            about = change_text(about, random)
    return written(about, arrays)


def parsed(content: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]] | None:
    """The text and the arrays of a file; None where there are none."""
    try:
        arrays = load(content)
        length = int.from_bytes(content[:8], "little")
        about = json.loads(json.loads(content[8 : 8 + length])["__metadata__"][files.KEY])
        del about["checksum"]
    except (SafetensorError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return about, {name: array.copy() for name, array in arrays.items()}


def written(about: dict[str, Any], arrays: dict[str, np.ndarray]) -> bytes:
    """A file with these and a right checksum."""
    arrays = {name: np.array(array, order="C") for name, array in arrays.items()}
    text = json.dumps({**about, "checksum": files._checksum(about, arrays)})
    return save(arrays, {files.KEY: text})


def raw(content: bytes, random: Random) -> bytes:
    """Bytes that are flipped, lost, or too many."""
    damaged = bytearray(content)
    place, other = random.randrange(len(damaged)), random.randrange(len(damaged))
    match random.randrange(8):
        case 0:
            del damaged[place:]
        case 1:
            damaged[place:place] = random.randbytes(random.randrange(1, 9))
        case 2:
            del damaged[place : place + random.randrange(1, 9)]
        case 3:
            damaged[place : place + 8] = bytes(8)
        case 4:
            damaged[:8] = random.choice((place, 2**63, 0, len(damaged))).to_bytes(8, "little")
        case 5:
            damaged[place], damaged[other] = damaged[other], damaged[place]
        case _:
            for _ in range(random.choice((1, 1, 1, 3))):
                damaged[random.randrange(len(damaged))] ^= 1 << random.randrange(8)
    return bytes(damaged)


def change_arrays(arrays: dict[str, np.ndarray], random: Random) -> None:
    """Other values, types, shapes or names."""
    names = sorted(arrays)
    if not names:
        arrays["new"] = np.zeros(3)
        return
    name, other = random.choice(names), random.choice(names)
    array = arrays[name]
    match random.randrange(14):
        case 0:
            del arrays[name]
        case 1:
            arrays[name], arrays[other] = arrays[other], arrays[name]
        case 2:
            arrays[name + random.choice(("x", ".0", "/x"))] = arrays.pop(name)
        case 3:
            arrays[random.choice(("new", "model.new", "list.new", "9/new"))] = array
        case 4:
            with np.errstate(all="ignore"):
                arrays[name] = array.astype(random.choice(DTYPES))
        case 5:
            arrays[name] = reshaped(array, random)
        case 6:
            arrays[name] = array[:0] if array.ndim else array
        case 7 if array.size:
            bits = np.frombuffer(raw_bits(array.tobytes(), random), array.dtype)
            arrays[name] = bits.reshape(array.shape).copy()
        case _ if array.size:
            change_values(array.reshape(-1), random)


def raw_bits(content: bytes, random: Random) -> bytes:
    damaged = bytearray(content)
    damaged[random.randrange(len(damaged))] ^= 1 << random.randrange(8)
    return bytes(damaged)


def reshaped(array: np.ndarray, random: Random) -> np.ndarray:
    flat = array.reshape(-1)
    return random.choice(
        (
            array[..., None],
            array.T,
            flat,
            flat[:-1],
            flat[1:],
            flat[::-1],
            np.append(flat, flat[-1:]),
            np.append(flat, flat),
            np.roll(flat, 1).reshape(array.shape),
            np.sort(flat).reshape(array.shape),
            array[:1] if array.ndim else array,
            np.zeros((0, 2**40), array.dtype),
        )
    )


def change_values(flat: np.ndarray, random: Random) -> None:
    """Some of the values of an array of one dimension, or all."""
    places = [random.randrange(len(flat)) for _ in range(random.choice((1, 1, 2, 9)))]
    which: Any = slice(None) if random.random() < 0.1 else places
    with np.errstate(all="ignore"):
        if random.random() < 0.3:
            step = random.choice((1, -1, 2, 1000))
            flat[which] = (flat[which].astype(np.float64) * step).astype(flat.dtype)
        elif flat.dtype.kind == "f":
            flat[which] = np.array(random.choice(FLOATS)).astype(flat.dtype)
        else:
            flat[which] = np.array(random.choice(WHOLE)).astype(flat.dtype)


def change_text(about: dict[str, Any], random: Random) -> dict[str, Any]:
    """Another value somewhere in what JSON says, or one that is gone, or there twice."""
    about = copy.deepcopy(about)
    places = list(places_in(about))
    if not places:
        return {"version": files.VERSION}
    holder, key = random.choice(places)
    match random.randrange(8):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, list):
            holder.insert(random.randrange(len(holder) + 1), copy.deepcopy(holder[key]))
        case 2 if isinstance(holder, dict):
            holder[random.choice(("new", "", "model", "steps"))] = copy.deepcopy(holder[key])
        case 3:
            other, place = random.choice(places)
            holder[key] = copy.deepcopy(other[place])
        case 4 if isinstance(holder[key], int | float):
            holder[key] = holder[key] * random.choice((-1, 2, 1000, 1.0))
        case _:
            holder[key] = copy.deepcopy(random.choice(VALUES))
    if random.random() < 0.9:
        about["version"] = files.VERSION
    return about


def places_in(thing: Any) -> Any:
    """Every holder and key in a text of JSON, at any depth."""
    keys = list(thing) if isinstance(thing, dict) else range(len(thing))
    for key in keys:
        yield thing, key
        if isinstance(thing[key], dict | list):
            yield from places_in(thing[key])
