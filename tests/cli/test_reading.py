"""Lists in every form, through the commands: what is read, what is said, what is refused."""

import gzip
import json
from functools import partial
from pathlib import Path

import pytest

import moreish
from moreish.text import gather
from text.lists import some_items

BIGRAM = ("--model", "bigram", "--split", "100/0/0")


def packed(content: bytes) -> bytes:
    """With gzip, and without the time of day: it is part of a test's name."""
    return gzip.compress(content, mtime=0)


def items_of(model: str) -> dict[str, float]:
    items = moreish.load(model).dataset.items
    return dict(zip(items.texts, items.counts.tolist(), strict=True))


def test_several_files_are_one_list(run) -> None:
    Path("a.txt.gz").write_bytes(gzip.compress(b"emma\nava\n\n"))
    Path("b.txt").write_text("ava\nmia\n")
    result = run("train", "a.txt.gz", "b.txt", *BIGRAM)
    assert result.lines[-1] == "saved in a.safetensors"
    assert "Note: a.txt.gz: 1 blank line was left out, line 3." in result.err
    assert items_of("a.safetensors") == {"emma": 1, "ava": 2, "mia": 1}
    both = moreish.train(moreish.files("a.txt.gz", "b.txt"), model="bigram", split=(100, 0, 0))
    assert both.dataset.items.texts == ["emma", "ava", "mia"]
    scored = run("score", "a.safetensors", "a.txt.gz", "b.txt")
    assert [line.split("\t")[-1] for line in scored.lines] == ["emma", "ava", "ava", "mia"]
    assert run("evaluate", "a.safetensors", "a.txt.gz", "b.txt", "--json").code == 0


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("t.csv", b"who,often\nEmma,3\nava,1\n", ()),
        ("t.tsv", b"who\toften\nEmma\t3\nava\t1\n", ()),
        ("t.jsonl", b'{"who": "Emma", "often": 3}\n{"who": "ava", "often": 1}\n', ()),
        ("t.ndjson.gz", packed(b'{"who": "Emma", "often": 3}\n{"who":"ava","often":1}'), ()),
        ("-", b"who\toften\nEmma\t3\nava\t1\n", ("--format", "tsv")),
        ("-", packed(b"who,often\nEmma,3\nava,1\n"), ()),
    ],
)
def test_tables_and_json_lines(run, name: str, content: bytes, options: tuple) -> None:
    if name != "-":
        Path(name).write_bytes(content)
    arguments = ("train", name, *BIGRAM, "--column", "who", "--weights", "often", *options)
    assert run(*arguments, "-o", "m", input=content).code == 0
    assert items_of("m") == {"Emma": 3, "ava": 1}
    assert run(*arguments, "-o", "n", "--lower", input=content).code == 0
    assert items_of("n") == {"emma": 3, "ava": 1}


def test_lower_case_is_remembered(run) -> None:
    run("train", "list.txt", "--lower", *BIGRAM, "-o", "m")
    one, other = (run("score", "m", "-", input=text).out for text in (b"Emma\n", b"emma\n"))
    assert one == other
    assert all(line[0] == "o" for line in run("sample", "m", "--prefix", "O", "-n", "3").lines)
    assert run("top", "m", "--prefix", "O", "-n", "1").code == 0
    model = moreish.load("m")
    assert model.nats_per_token(["EMMA"]) == model.nats_per_token(["emma"])
    Path("big.txt").write_text("EMMA\n")
    assert "1 of the 1 distinct items were trained on" in run("evaluate", "m", "big.txt").err


def test_what_was_left_out_in_json(run) -> None:
    result = run("train", "-", *BIGRAM, "--json", "--max-length", "5", input=b"emma\n\nolivia\n")
    assert json.loads(result.out)["left_out"] == [
        {
            **{"file": "standard input", "why": "blank", "first": 2},
            **{"length": 0, "limit": 5, "lines": 1},
        },
        {
            **{"file": "standard input", "why": "too long", "first": 3},
            **{"length": 6, "limit": 5, "lines": 1},
        },
    ]


def test_repeats_are_counted(run) -> None:
    result = run("train", "-", "--model", "bigram", input=b"emma\nava\nemma\nemma\n")
    assert "2 of 4 lines are repeats; all lines of an item are in one split" in result.err
    assert "repeats" not in run("train", "list.txt", "--model", "bigram").err


@pytest.mark.parametrize(
    ("name", "content", "arguments", "code", "sentence"),
    [
        ("a.gz", packed(b"emma\n" * 99)[:-9], (), 1, "packed with gzip and was cut short"),
        (
            "a.csv",
            b"name,n\nava,-1\n",
            ("--weights", "n"),
            1,
            "line 2 of a.csv has the weight '-1",
        ),
        ("a.csv", b"name,n\nava,x\n", ("--weights", "n"), 1, "line 2 of a.csv has the weight 'x'"),
        ("a.csv", b"name,n\nava,\n", ("--weights", "n"), 1, "line 2 of a.csv has the weight ''"),
        ("a.csv", b"name,n\nava,1\n", ("--weights", "k"), 1, "no column 'k'; it has 'name', 'n'"),
        ("a.csv", b"id,n\nava,1\n", (), 1, "no column 'name'; it has 'id', 'n'"),
        ("a.csv", b"name,n\nava\n", (), 1, "line 2 of a.csv has 1 columns where the header has 2"),
        ("a.jsonl", b'{"name": "a"}\n{"name', (), 1, "line 2 of a.jsonl is no JSON"),
        ("a.jsonl", b'{"id": 3}\n', (), 1, "line 1 of a.jsonl has no 'name'; it has 'id'"),
        ("a.txt", b"ava\n", ("--format", "xml"), 2, "no format 'xml'"),
    ],
)
def test_one_sentence_for_what_cannot_be(
    run, name: str, content: bytes, arguments: tuple, code: int, sentence: str
) -> None:
    Path(name).write_bytes(content)
    column = () if name.endswith(".gz") else ("--column", "name")
    result = run("train", name, *column, "--model", "bigram", *arguments)
    assert (result.code, result.out) == (code, "")
    assert sentence in result.err


def test_files_of_different_alphabets(run) -> None:
    Path("greek.txt").write_text("μιθ\nδμξ\n", encoding="utf-8")
    refused = run("train", "list.txt", "--model", "bigram", "--dev", "greek.txt")
    assert refused.code == 1
    assert "list.txt and greek.txt have no character in common" in refused.err
    together = run("train", "list.txt", "greek.txt", *BIGRAM, "-o", "m")
    assert together.code == 0
    assert "greek.txt has no character in common with what was read before it" in together.err
    assert {"a", "μ"} <= set(moreish.load("m").vocabulary.tokens)


def test_contexts_longer_than_every_item(run) -> None:
    options = ("--steps", "5", "--hidden-size", "4", "--split", "100/0/0")
    result = run("train", "-", *options, "--block-size", "9", input=b"emma\nava\nolivia\n")
    assert result.code == 0
    assert "no item is longer than 6 tokens, so a block size of 6 would see as much" in result.err
    fits = run("train", "-", *options, "--block-size", "6", "-o", "m", input=b"emma\nolivia\n")
    assert "block size" not in fits.err


def test_a_list_that_is_too_long_to_be_kept(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moreish.text.remembered.gather", partial(gather, most=200))
    Path("long.txt").write_text("\n".join(some_items(3_000)))
    result = run("train", "long.txt", "--model", "bigram", "--json")
    assert result.code == 0
    assert "distinct items, too many to keep" in result.err
    answer = json.loads(result.out)
    assert answer["items"]["train"] > 200
    evaluated = json.loads(run("evaluate", "long.safetensors", "--json").out)
    assert evaluated["items"] == answer["items"]
    assert evaluated["nats_per_token"]["dev"] == answer["nats_per_token"]["dev"]
    rows = [json.loads(line) for line in run("sample", "long.safetensors", "--json").lines]
    assert {row["new"] for row in rows} <= {False, None}
    refused = run("sample", "long.safetensors", "--new")
    assert (refused.code, refused.out) == (1, "")
    assert "what is new can't be told" in refused.err
    assert run("score", "long.safetensors").code == 0
    assert "at least" in run("evaluate", "long.safetensors", "long.txt").err
