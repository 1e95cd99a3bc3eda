"""What the rows are made of: the paper's trigram by its formula, and rows that are mixed."""

import math
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from moreish.errors import DataError, MoreishError, OptionError
from moreish.paper import ROWS, nearest_words, reproduce
from moreish.paper.brown import read_texts
from moreish.paper.deleted_interpolation import PaperTrigram
from moreish.paper.parts import identity
from moreish.paper.reproduction import Reproduction, perplexity
from moreish.paper.stream import Stream, stream_of
from moreish.paper.workers import side_by_side
from moreish.text import count_contexts
from moreish.training.checkpoint import write_checkpoint

FEW = ["MLP9", "MLP10", "class-500", "tied+ngrams"]
MINUTES = 0.01


@pytest.fixture(scope="module")
def stream(corpus: Path) -> Stream:
    return stream_of(read_texts(corpus))


@pytest.fixture(scope="module")
def learnt(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Reproduction:
    work = reproduce(corpus, FEW, folder=tmp_path_factory.mktemp("out"), minutes=MINUTES)
    for _ in work:
        pass
    return work


def test_the_trigram_is_the_papers_formula(stream: Stream) -> None:
    """p = a0 / V + a1 p1 + a2 p2 + a3 p3, the weights by ceil(-log((1 + f) / T)) of the context's
    frequency f, and such that no other weights make valid likelier."""
    size = stream.vocabulary_size
    tables = [count_contexts(stream.parts[split], 2, size) for split in ("train", "valid")]
    model = PaperTrigram(size).fit(*tables)
    train, valid = (stream.parts[split].tolist() for split in ("train", "valid"))
    grams = [Counter(_grams(train, length)) for length in (1, 2, 3)]
    before = [Counter(train[:-1]), grams[1]]
    bins: dict[int, list[list[float]]] = {}
    for u, v, w in _grams(valid, 3):
        chances = [
            1 / size,
            grams[0][w,] / len(train),
            grams[1][v, w] / max(before[0][v], 1),
            grams[2][u, v, w] / max(before[1][u, v], 1),
        ]
        rarity = math.ceil(-math.log((1 + before[1][u, v]) / len(train)))
        bins.setdefault(rarity, []).append(chances)
    nats = 0.0
    for rows in bins.values():
        chances = np.array(rows)
        weights = np.full(4, 0.25)
        for _ in range(200):
            shares = weights * chances
            weights = (shares / shares.sum(1, keepdims=True)).mean(0)
        nats -= float(np.log(chances @ weights).sum())
    contexts = np.array(list(_grams(valid[:-1], 2)))
    ours = -float(model.log_probs_of(contexts, np.array(valid[2:])).sum())
    # Ours gives each bin one token of what holds for all, and stops when a round gains 1e-6.
    assert ours == pytest.approx(nats, rel=5e-3)
    whole = np.exp(model.next_log_probs(contexts[:20])).sum(1)
    np.testing.assert_allclose(whole, 1, atol=1e-9)


def _grams(tokens: list[int], length: int) -> Iterator[tuple[int, ...]]:
    return zip(*(tokens[n : len(tokens) - length + n + 1] for n in range(length)), strict=True)


def test_rows_and_their_figures(learnt: Reproduction) -> None:
    results = {result.row.name: result for result in learnt.results()}
    assert list(results) == [name for name in ROWS if name in FEW]
    probs = {
        name: {split: np.exp(own) for split, own in learnt.part(name).log_probs.items()}
        for name in learnt.names
    }
    mixed = 0.5 * probs["MLP9"]["test"] + 0.5 * probs["del-int"]["test"]
    assert results["MLP10"].test == pytest.approx(perplexity(np.log(mixed)))
    kn5 = perplexity(np.log(probs["kn5"]["test"]))
    assert results["MLP10"].test_over_kn5 == pytest.approx(results["MLP10"].test / kn5)
    three = np.array([probs[name]["valid"] for name in ("tied", "kn5", "del-int")])
    shares = np.linspace(0, 1, 21)
    best = min(
        perplexity(np.log(np.array([a, (1 - a) * b, (1 - a) * (1 - b)]) @ three))
        for a in shares
        for b in shares
    )
    assert results["tied+ngrams"].valid <= best * 1.0005
    assert set(results["MLP9"].about()) == {
        *("row", "valid", "test", "test_over_kn5", "test_over_del_int", "minutes")
    }


def test_a_second_time_nothing_is_learnt(corpus: Path, learnt: Reproduction) -> None:
    again = reproduce(corpus, FEW, folder=learnt.folder, minutes=MINUTES)
    assert all(record is None for _, record in again)
    assert again.results() == learnt.results()


def test_a_folder_of_other_settings(corpus: Path, learnt: Reproduction) -> None:
    other = reproduce(corpus, FEW, folder=learnt.folder, minutes=2 * MINUTES)
    with pytest.raises(OptionError, match=r"minutes was 0.01 and is 0.02.*name another folder"):
        list(other)
    with pytest.raises(OptionError, match="text was"):
        list(Reproduction(stream_of([["a", "b"] * 90], "x"), other.rows, learnt.folder))


def test_other_settings_are_said_before_anything_is_learnt(
    corpus: Path, learnt: Reproduction, tmp_path: Path
) -> None:
    """Of a network that comes late, too, and of its checkpoint."""
    for name in ("tied.safetensors", "tied.safetensors.checkpoint"):
        place = tmp_path / name
        place.mkdir()
        if name.endswith("checkpoint"):
            of = identity("tied", learnt.stream, learnt.seed, learnt.minutes)
            write_checkpoint(place / name, [], of)
        else:
            shutil.copy(learnt.folder / name, place)
        work = reproduce(corpus, ["MLP1", "tied"], folder=place, minutes=2 * MINUTES)
        with pytest.raises(OptionError, match=rf"{name} .*minutes was 0.01 and is 0.02"):
            next(iter(work))
        assert {path.name for path in place.iterdir()} == {name}


def test_what_a_killed_process_left_is_removed(learnt: Reproduction) -> None:
    for name in ("MLP9.safetensors", "MLP9.safetensors.checkpoint"):
        (learnt.folder / f".{name}.abc.unfinished").write_text("half")
    assert list(learnt)
    assert not list(learnt.folder.glob(".*"))


def test_what_a_job_raises_is_raised_here() -> None:
    with pytest.raises(DataError, match="as said"):
        list(side_by_side({"one": _tells, "two": _raises}, at_once=2))
    with pytest.raises(MoreishError, match="two was stopped from outside"):
        list(side_by_side({"two": _dies}, at_once=2))
    told = list(side_by_side({"one": _tells, "two": _tells, "three": _tells}, at_once=2))
    assert sorted(told, key=str) == sorted(
        [(name, tells) for name in ("one", "two", "three") for tells in (1, "1", None)], key=str
    )


def _tells():  # type: ignore[no-untyped-def]
    import os

    yield 1
    yield os.environ["OPENBLAS_NUM_THREADS"]


def _raises():  # type: ignore[no-untyped-def]
    yield 1
    raise DataError("as said")


def _dies():  # type: ignore[no-untyped-def]
    import os

    yield 1
    os._exit(9)


def test_nearest_words_are_those_at_the_smallest_angle() -> None:
    rng = np.random.default_rng(3)
    embedding = rng.normal(size=(40, 6))
    words = [f"w{n}" for n in range(39)]
    found = nearest_words(embedding, words, ["w7", "unheard"])
    assert list(found) == ["w7"]
    own = embedding[8]
    cosines = [
        (row @ own / np.linalg.norm(row) / np.linalg.norm(own), word)
        for row, word in zip(embedding[1:], words, strict=True)
        if word != "w7"
    ]
    assert found["w7"] == [word for _, word in sorted(cosines, reverse=True)[:5]]
