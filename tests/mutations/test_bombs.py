"""A small file that asks for a lot is refused, and little memory is taken for it."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from memory import run_measured
from moreish.storage.model_file import KEY, VERSION
from mutations.mutate import parsed, written
from mutations.originals import MODELS

MOST = 300  # MB
LOAD_ALL = """
import moreish, resource
for path in sys.argv[2:]:
    try:
        print("taken", path, moreish.load(path))
    except moreish.ModelFileError as error:
        print("refused", error)
"""


def with_header(header: object, content: bytes = b"") -> bytes:
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + content


def with_text(text: str) -> bytes:
    return with_header({"__metadata__": {KEY: text}})


def changed(name: str, change: Callable[[dict, dict], object], folder: Path) -> bytes:
    MODELS[name]().save(folder / "good")
    about, arrays = parsed((folder / "good").read_bytes()) or ({}, {})
    change(about, arrays)
    return written(about, arrays)


def larger(**sizes: int) -> Callable[[dict, dict], object]:
    return lambda about, arrays: about["options"].update(sizes)


def bombs(folder: Path) -> dict[str, bytes]:
    shape = {"dtype": "F64", "shape": [2**40], "data_offsets": [0, 2**43]}
    words = [f"w{number:06}" for number in range(60_000)]
    tokens = {"kind": "words", "list": words}
    parts = [{"block_size": 10**9}, {"hidden_size": 10**6, "block_size": 5}]
    return {
        "header length": (2**63 - 1).to_bytes(8, "little") + b"{}",
        "header shape": with_header({"__metadata__": {KEY: "{}"}, "a": shape}),
        "deep": with_text("[" * 200_000),
        "deep objects": with_text('{"version": ' * 200_000),
        "digits": with_text(f'{{"version": {"9" * 100_000}}}'),
        "mlp": changed("mlp", larger(hidden_size=10**6, embedding_size=10**6), folder),
        "mlp one": changed("mlp", larger(hidden_size=10**6), folder),
        "mlp block": changed("mlp", larger(block_size=10**6, embedding_size=10**6), folder),
        "ngram": changed("kneser-ney", larger(block_size=10**9), folder),
        "ngram more": changed("kneser-ney", larger(block_size=10**18), folder),
        "ngram bits": changed("kneser-ney", larger(block_size=20), folder),
        "mixture": changed("mixture", larger(parts=parts), folder),
        "neural": changed("neural bigram", lambda about, _: about.update(tokens=tokens), folder),
        "no rows": changed(
            "mlp", lambda _, a: a.update({"model.embedding": np.zeros((0, 2**58), "f4")}), folder
        ),
        "lines": changed(
            "bigram", lambda _, a: a.update({"list.items": np.full(4_000_000, 10, "u1")}), folder
        ),
    }


def test_what_asks_for_a_lot_is_refused_for_little(tmp_path: Path) -> None:
    found = bombs(tmp_path)
    for name, content in found.items():
        (tmp_path / name).write_bytes(content)
    ran = run_measured(tmp_path, *found, code=LOAD_ALL)
    lines = ran.out.splitlines()
    assert [line.split()[0] for line in lines] == ["refused"] * len(found), ran.out
    assert (ran.code, ran.err) == (0, "")
    assert max(map(len, lines)) < 400
    assert ran.megabytes < MOST
    assert f"version {VERSION}" not in ran.out
