"""Commands on items that are documents."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

import moreish
from cli.conftest import Result

READING = ("--item-per", "paragraph", "--words", "--min-count", "2")
TRAIN = (*READING, "--model", "ngram", "--smoothing", "0.001", "--block-size", "3")


@pytest.fixture
def text(run: Callable[..., Result]) -> str:
    """A text of fifty paragraphs and a model of it, in an empty folder."""
    rng = random.Random(1)
    words = [f"w{n}" for n in range(30)]
    paragraphs = [" ".join(rng.choices(words, k=30)).replace(" ", "\n", 9) for _ in range(50)]
    Path("text.txt").write_text("\n\n".join(paragraphs))
    assert run("train", "text.txt", *TRAIN).code == 0
    return "text.safetensors"


def test_known_documents_are_judged_by_their_split(run: Callable[..., Result], text: str) -> None:
    trained = json.loads(run("train", "text.txt", *TRAIN, "--force", "--json").out)
    Path("more.txt").write_text(Path("text.txt").read_text() + "\n\nw1 w2\n")
    found = json.loads(run("evaluate", text, "more.txt", "--json").out)
    assert found["items"] == {"train": 40, "dev": 5, "test": 5, "new": 1}
    for split, nats in trained["nats_per_token"].items():
        assert abs(found["nats_per_token"][split] - nats) < 1e-9
    without = run("evaluate", text)
    assert without.code == 2
    assert "has no list of its own: which FILE" in without.err


def test_passages_and_what_is_copied(run: Callable[..., Result], text: str) -> None:
    rows = [json.loads(line) for line in run("sample", text, "-n", "40", "--json").lines]
    assert {len(row["item"].split()) <= 50 for row in rows} == {True}
    assert {row["nearest"] for row in rows} == {None}
    longest = max(len(row["copied"].split()) for row in rows)
    assert [row["new"] for row in rows] == [row["copied"] != row["item"] for row in rows]
    short = [json.loads(r) for r in run("sample", text, "--json", "--max-length", "6").lines]
    assert {row["new"] for row in short} == {True, False}
    assert max(row["nats"] for row in short if not row["new"]) < 6, "no end is charged"
    said = run("sample", text, "-n", "40", "--summary")
    assert f"Longest copied run: {longest} tokens." in said.err
    assert "meets the constraints" not in said.err
    short = run("sample", text, "-n", "3", "--max-length", "2", "--summary")
    assert "Longest copied run: none that can be told." in short.err
    assert run("sample", text, "--contains", "w1").code == 2


def test_what_was_trained_on_is_said(run: Callable[..., Result], text: str) -> None:
    said = run("score", text, "text.txt")
    assert "some of these were trained on, and what ngram learnt from them stays" in said.err
    assert "percentiles say little: they are among 5 held-out items only" in said.err


def test_held_out_documents_rank_others_from_the_file(run: Callable[..., Result]) -> None:
    """As they do where the model was trained, though their text is not in the file."""
    rng = random.Random(2)
    words = [f"w{n}" for n in range(30)]
    texts = [" ".join(rng.choices(words, k=rng.randint(3, 40))) for _ in range(200)]
    texts = [line.replace(" ", "\n", 1) for line in texts]
    odd = ["w1 " * 20, "w2 w3", "never seen before"]
    for model in ("ngram", "mlp"):
        steps = {"steps": 5} if model == "mlp" else {}
        trained = moreish.train(texts, item_per="file", words=True, model=model, **steps)
        trained.save("m.safetensors")
        there = moreish.load("m.safetensors")
        wanted = trained.scores(odd, flag_rate=0.1)
        found = there.scores(odd, flag_rate=0.1)
        assert wanted.percentile is not None
        assert found.percentile is not None
        assert found.percentile.tolist() == wanted.percentile.tolist()
        assert found.flagged is not None
        assert found.flagged.any()
        there.save("again.safetensors")
        assert moreish.load("again.safetensors").scores(odd).percentile is not None
    Path("odd.txt").write_text("\n\n".join(odd))
    said = run("score", "m.safetensors", "odd.txt", "--flag-rate", "0.1")
    assert (said.code, len(said.lines)) == (0, 1)
    without = moreish.train(texts, item_per="file", words=True, model="bigram", split=(9, 0, 1))
    without.save("without.safetensors")
    said = run("score", "without.safetensors", "odd.txt", "--flag-rate", "0.1")
    assert "train it with a part for dev" in said.err


def test_pictures_that_need_the_text(run: Callable[..., Result], text: str) -> None:
    said = run("show", text, "--counts", "--text")
    assert (said.code, said.out) == (1, "")
    assert "drawn from the text that was trained on" in said.err
    said = run("show", text, "--layers", "--text")
    assert "the family ngram has no layers" in said.err


def test_a_list_that_is_taken_for_text(run: Callable[..., Result]) -> None:
    said = run("train", "list.txt", "--words", "--model", "bigram", "-o", "words.safetensors")
    assert "Note: each item is one word, so no word follows another" in said.err
    said = run("train", "list.txt", "--model", "bigram", "-o", "letters.safetensors")
    assert "each item is one word" not in said.err
    said = run("train", "list.txt", "--item-per", "paragraph", "--model", "bigram")
    assert "Note: list.txt has no blank line in between, so all of it is one item" in said.err
    said = run("train", "list.txt", "--item-per", "file", "--model", "bigram", "--force")
    assert "only one item to learn from" in said.err
    assert "--item-per paragraph, or line, makes more of it" in said.err


def test_a_folder(run: Callable[..., Result]) -> None:
    Path("texts").mkdir()
    for name in "abc":
        Path("texts", f"{name}.txt").write_text(f"one {name}\ntwo\n")
    assert run("train", "texts", "--item-per", "file", "--model", "bigram").code == 0
    assert Path("texts.safetensors").exists()
    refused = run("train", "texts", "--model", "bigram", "--force")
    assert refused.code == 1
    assert "--item-per file makes an item of each of its files" in refused.err
