"""Items that are documents: what is read as one, how it is split, what a file keeps of it."""

from pathlib import Path

import numpy as np
import pytest

import moreish
from moreish.draw import show
from moreish.errors import DataError, ModelFileError, OptionError
from moreish.storage.model_file import read_file, write_file
from moreish.text import Vocabulary, documents, files, ingest, read_each, read_items
from moreish.text.hashed_documents import RUN, HashedDocuments
from moreish.text.remembered import remember

TEXT = "Call me\n Ishmael.  \n\n\n\tSome years ago,\nnever mind\n \nhow long\n"
PARAGRAPHS = ["Call me Ishmael.", "Some years ago, never mind", "how long"]
OPTIONS = {"item_per": "paragraph", "words": True, "model": "ngram", "block_size": 2}


def running_text(count: int = 60) -> str:
    rng = np.random.default_rng(4)
    words = [f"w{n}" for n in range(40)]
    paragraphs = [
        "\n".join(" ".join(rng.choice(words, 6)) for _ in range(rng.integers(1, 4)))
        for _ in range(count)
    ]
    return "\n\n".join([*paragraphs, *paragraphs[:5]]) + "\n"


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text(running_text())
    return path


class TestReading:
    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_blank_lines_separate_paragraphs(self, tmp_path: Path, end: str) -> None:
        (tmp_path / "a.txt").write_bytes(TEXT.replace("\n", end).encode())
        items, remarks = read_each(tmp_path / "a.txt", item_per="paragraph")
        assert (items, remarks) == (PARAGRAPHS, [])

    def test_a_file_is_one_and_a_folder_all_of_its(self, tmp_path: Path) -> None:
        (tmp_path / "sub").mkdir()
        (tmp_path / ".hidden").mkdir()
        for name in ("b.txt", "sub/a.txt", ".c.txt", ".hidden/d.txt"):
            (tmp_path / name).write_text(f"{TEXT}{name}\n")
        items, _ = read_each(tmp_path, item_per="file")
        assert items == [f"{' '.join(PARAGRAPHS)} {name}" for name in ("b.txt", "sub/a.txt")]
        both, _ = read_each(files(tmp_path / "b.txt", tmp_path / ".c.txt"), item_per="file")
        assert len(both) == 2
        assert len(read_each(tmp_path, item_per="paragraph")[0]) == 6

    def test_a_file_ends_a_paragraph(self, tmp_path: Path) -> None:
        for name in ("a", "b"):
            (tmp_path / name).write_text(f"one\ntwo {name}")
        items, _ = read_each([tmp_path / "a", tmp_path / "b"], item_per="paragraph")
        assert items == ["one two a", "one two b"]

    def test_texts_are_documents_and_lines_with_their_ends_are_lines(self) -> None:
        lines = TEXT.splitlines(keepends=True)
        assert read_each(iter(lines), item_per="paragraph")[0] == PARAGRAPHS
        assert read_each([TEXT, "one"], item_per="paragraph")[0] == [*PARAGRAPHS, "one"]
        assert read_each(["one\ntwo", "three"], item_per="paragraph")[0] == ["one two", "three"]
        assert read_each([TEXT, "one"], item_per="file")[0] == [" ".join(PARAGRAPHS), "one"]

    def test_they_are_mended_as_lines_are(self) -> None:
        made, _ = read_each(["E\u0301mma\nIS  here"], item_per="file", words=True, lower=True)
        assert made == ["émma is here"]
        with pytest.raises(DataError, match="NUL character"):
            read_each(["a\nb\0c"], item_per="file")

    def test_they_may_be_longer_than_a_line(self) -> None:
        long = "word " * 1_000
        assert len(read_items([long], item_per="file")) == 1
        items, remarks = read_each([long, "short"], item_per="file", max_length=80)
        assert items == ["short"]
        assert remarks == ["the file from line 1 on was left out: longer than 80 (--max-length)"]
        items, remarks = read_each([f"one\n\n{long}\n\nend"], item_per="paragraph", max_length=80)
        assert items == ["one", "end"]
        assert remarks[0].startswith("the paragraph from line 3 on was left out: longer than 80")
        with pytest.raises(DataError, match="Paragraphs with blank lines between them are wanted"):
            read_items(["\n", "\n"], item_per="paragraph")

    def test_one_that_does_not_fit_into_memory(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(documents, "LONGEST", 100)
        lines = ["short", *["ten letters"] * 20]
        with pytest.raises(DataError, match=r"more than 100 characters, from line 3 on.*too long"):
            read_items(["short\n\n" + "\n".join(lines[1:])], item_per="paragraph")
        left, _ = read_each(["\n".join(lines), "b"], item_per="file", max_length=50)
        assert left == ["b"], "what is left out is not held either"

    @pytest.mark.parametrize("item_per", ["sentence", "", None])
    def test_what_no_item_can_be(self, item_per: object) -> None:
        with pytest.raises(OptionError, match="a line, paragraph or file"):
            read_items(["a"], item_per=item_per)

    def test_tables_have_a_row_an_item(self) -> None:
        with pytest.raises(OptionError, match="a row an item, so --item-per file does not go"):
            read_items(["a,b", "c,d"], item_per="file", format="csv", column="a")

    def test_an_empty_folder(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="has no files in it"):
            read_items(tmp_path, item_per="file")
        with pytest.raises(DataError, match="is a directory: --item-per file makes an item of"):
            read_items(tmp_path)

    def test_a_list_that_was_taken_for_text(self) -> None:
        remarks = remember(["emma\n", "ava\n"], {}, None, item_per="paragraph").remarks
        assert remarks[0].startswith("the list has no blank line in between, so all of it is one")
        assert not remember([TEXT], {}, None, item_per="paragraph").remarks


class TestLearning:
    def test_repeats_stand_in_one_split_and_windows_run_across_lines(self, text: Path) -> None:
        learning = moreish.learn(text, **OPTIONS)
        assert "5 of 65 paragraphs are repeats; all paragraphs of an item are in one split" in (
            learning.remarks
        )
        assert learning.dataset.size("train") == 48
        assert learning.dataset.size("dev") == learning.dataset.size("test") == 6
        table = learning.dataset.counts("train", learning.vocabulary, 2)
        assert table.items == learning.dataset.items.counts[learning.dataset.splits == 0].sum()
        lines = moreish.learn(text, **{**OPTIONS, "item_per": "line"})
        assert lines.dataset.size("train") > 80

    @pytest.mark.parametrize("model", ["ngram", "mlp"])
    def test_a_file_holds_no_text(self, text: Path, tmp_path: Path, model: str) -> None:
        options = {"steps": 5, "hidden_size": 4} if model == "mlp" else {}
        made = moreish.train(text, **{**OPTIONS, "model": model, **options})
        made.save(tmp_path / "m")
        about, arrays = read_file(tmp_path / "m")
        assert "list.items" not in arrays
        assert " ".join(made.dataset.items.texts[0].split()[:3]) not in str(about)
        again = moreish.load(tmp_path / "m")
        assert again.reading == made.reading
        assert again.sample(5, seed=2) == made.sample(5, seed=2)
        assert [again.dataset.size(split) for split in ("train", "dev", "test")] == [48, 6, 6]
        again.save(tmp_path / "n")
        assert (tmp_path / "m").read_bytes() == (tmp_path / "n").read_bytes()
        assert again.unknown_nats == made.unknown_nats
        for item in made.dataset.items.texts[:9]:
            assert again.dataset.split_of(item) == made.dataset.split_of(item) is not None
        unseen = made.dataset.items.texts[0] + " w1"
        assert again.dataset.split_of(unseen) is None
        assert again.score_samples([unseen]) == made.score_samples([unseen])
        ranks = [model.scores([unseen]).percentile for model in (again, made)]
        assert ranks[0] == ranks[1] is not None

    def test_what_needs_the_text_says_so(self, text: Path, tmp_path: Path) -> None:
        moreish.train(text, **OPTIONS).save(tmp_path / "m")
        again = moreish.load(tmp_path / "m")
        for asked in (
            lambda: again.nats_per_token("test"),
            lambda: again.interval("train"),
            lambda: show(again, "counts"),
        ):
            with pytest.raises(DataError, match=r"hashes of paragraphs and not|has hashes only"):
                asked()

    def test_where_a_document_begins_is_said(self) -> None:
        with pytest.raises(DataError, match="line 4 of the list has a NUL"):
            read_items(["one\n\ntwo", "three\n", "\0"], item_per="paragraph", max_length=9)

    def test_more_than_fit_into_memory_are_counted_as_they_come(
        self, text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = moreish.train(text, split=(100, 0, 0), **OPTIONS)
        monkeypatch.setattr(ingest, "MOST_CHARACTERS", 2_000)
        part = moreish.train(text, split=(100, 0, 0), **OPTIONS)
        assert 0 < len(part.dataset.items) < 40
        for name, array in whole.language_model.arrays().items():
            assert (array == part.language_model.arrays()[name]).all()
        part.save(tmp_path / "m")
        again = moreish.load(tmp_path / "m")
        assert again.nats_per_token("train") == part.nats_per_token("train")
        known = part.dataset.items.texts[0]
        assert again.dataset.split_of(known) == "train"
        assert again.ledger([known])[0].new is False
        assert again.ledger(["w1 w2 w3"])[0].new is None

    def test_classes_of_documents(self, text: Path, tmp_path: Path) -> None:
        models = {name: moreish.train(text, seed=n, **OPTIONS) for n, name in enumerate("ab")}
        classifier = moreish.Classifier(models)
        assert classifier.reading["item_per"] == "paragraph"
        assert classifier.probabilities(["w1 w2"]).shape == (1, 2)
        models["a"].save(tmp_path / "a")
        with pytest.raises(DataError, match="of a there are only hashes of documents in the file"):
            moreish.Classifier({**models, "a": moreish.load(tmp_path / "a")})

    def test_texts_that_are_judged_are_documents(self, text: Path) -> None:
        model = moreish.train(text, **OPTIONS)
        one = model.evaluate(["w1 w2\n\nw3 w4"])
        assert one == model.evaluate(["w1 w2 w3 w4"])
        assert one.tokens == 5
        assert model.score_samples(["w1\nw2"]) == model.score_samples(["w1 w2"])

    def test_a_training_that_ended_is_known_again(self, text: Path, tmp_path: Path) -> None:
        moreish.train(text, **OPTIONS).save(tmp_path / "m")
        moreish.learn(text, **OPTIONS).check_is_of(tmp_path / "m")
        other = tmp_path / "other.txt"
        other.write_text(running_text().replace("w1\n", "w2\n", 1))
        with pytest.raises(OptionError, match="items of"):
            moreish.learn(other, **OPTIONS).check_is_of(tmp_path / "m")

    def test_damaged_hashes(self, text: Path, tmp_path: Path) -> None:
        moreish.train(text, **OPTIONS).save(tmp_path / "m")
        about, arrays = read_file(tmp_path / "m")
        for wrong in (
            {"documents.runs": arrays["documents.runs"][1:].copy()},
            {"documents.runs": arrays["documents.runs"].astype(np.uint64)},
            {"documents.marks": arrays["documents.marks"][1:]},
            {"documents.marks": arrays["documents.marks"].astype(np.int64)},
            {"documents.sizes": arrays["documents.sizes"] * -1},
        ):
            write_file(tmp_path / "n", about, {**arrays, **wrong})
            with pytest.raises(ModelFileError):
                moreish.load(tmp_path / "n")
        write_file(tmp_path / "n", {**about, "item_per": "sentence"}, arrays)
        with pytest.raises(ModelFileError):
            moreish.load(tmp_path / "n")


class TestHashes:
    @pytest.mark.parametrize("kind", ["words", "characters"])
    def test_the_longest_run_is_that_of_the_text(self, kind: str) -> None:
        """Also of words of which many short runs stand at several places; by a plain search."""
        rng = np.random.default_rng(2)
        between = " " if kind == "words" else ""
        letters = list("abcdefghij")
        texts = [between.join(rng.choice(letters, 200)) for _ in range(5)]
        vocabulary = Vocabulary.of(texts, kind)
        hashed = HashedDocuments.of(read_items(texts, item_per="file"), vocabulary)
        split = vocabulary.split
        joined = "#".join(f"{between}{text}{between}" for text in texts)
        for _ in range(60):
            size = int(rng.integers(0, 60))
            source = split(texts[rng.integers(5)])
            first = int(rng.integers(0, 140))
            tokens = [*rng.choice(letters, 9), *source[first : first + size], *"xyz"]
            longest = max(
                (end - start, -start)
                for start in range(len(tokens))
                for end in range(start, len(tokens) + 1)
                if between + between.join(tokens[start:end]) + between in joined
            )
            start, end = hashed.copied(tokens, vocabulary)
            if longest[0] < RUN[kind]:
                assert (start, end) == (0, 0)
            else:
                assert (end - start, -start) == longest

    def test_nothing_runs_from_one_document_into_the_next(self) -> None:
        texts = ["a b c d e f", "g h i j k l"]
        vocabulary = Vocabulary.of(texts, "words")
        hashed = HashedDocuments.of(read_items(texts), vocabulary)
        assert hashed.copied(list("defghi"), vocabulary) == (0, 0)
        assert hashed.copied(list("cdef"), vocabulary) == (0, 0), "its end is no token of it"
        assert hashed.copied(list("bcdefghijk"), vocabulary) == (0, 5)

    def test_an_unknown_token_is_like_no_other(self) -> None:
        hashed = HashedDocuments.of(read_items(["a b x c d"]), Vocabulary("abcd", "words"))
        assert hashed.copied(list("abycd"), Vocabulary("abcd", "words")) == (0, 0)
        assert not hashed.runs.any()
