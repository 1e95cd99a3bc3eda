"""ARPA files, read by a reader of the tests' own, brought back, and damaged in every way."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import moreish
from moreish.arpa import is_arpa, unwritten, written
from moreish.errors import DataError, ModelFileError, OptionError
from moreish.text import read_items

NAMES = read_items(None).texts[:2_500]
SMOOTHINGS = ("kneser-ney", "witten-bell", 0.5, 0)


class Reader:
    """What an ARPA file says, by the definition of the format: the longest gram that is listed, and
    otherwise the rest of its context times what is said after a shorter one."""

    def __init__(self, path: Path) -> None:
        self.log_probs: dict[tuple[str, ...], float] = {}
        self.rests: dict[tuple[str, ...], float] = {}
        text = path.read_text(encoding="utf-8")
        self.sizes = [int(size) for size in re.findall(r"ngram \d+=(\d+)", text)]
        self.order = len(self.sizes)
        for n in range(1, self.order + 1):
            section = text.split(f"\\{n}-grams:\n")[1].split("\n\n")[0].split("\n")
            assert len(section) == self.sizes[n - 1]
            for line in section:
                log_prob, gram, *rest = line.split("\t")
                words = tuple(gram.split(" "))
                assert len(words) == n
                self.log_probs[words] = float(log_prob)
                self.rests[words] = float(rest[0]) if rest else 0.0

    def log_prob(self, word: str, context: tuple[str, ...]) -> float:
        context = context[-(self.order - 1) :] if self.order > 1 else ()
        if (*context, word) in self.log_probs:
            return self.log_probs[(*context, word)]
        return self.rests.get(context, 0.0) + self.log_prob(word, context[1:])

    def nats(self, words: list[str]) -> list[float]:
        line = ("<s>", *words)
        return [
            -self.log_prob(word, line[: i + 1]) * np.log(10)
            for i, word in enumerate([*words, "</s>"])
        ]


def a_model(items: list[str], **options: object) -> moreish.Model:
    return moreish.train(items, model="ngram", split=(100, 0, 0), **options)


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
@pytest.mark.parametrize("block_size", [1, 2, 4, 5])
def test_others_read_what_is_meant(tmp_path: Path, smoothing: float | str, block_size: int) -> None:
    model = a_model(NAMES, smoothing=smoothing, block_size=block_size)
    model.save_arpa(tmp_path / "m.arpa")
    reader = Reader(tmp_path / "m.arpa")
    assert reader.order == block_size + 1
    items = NAMES[:40] if smoothing == 0 else [*NAMES[:40], "zzyzx", "qqqqqqqqq", "x"]
    for item in items:
        np.testing.assert_allclose(reader.nats(list(item)), model.surprise(item), atol=1e-9)


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_no_gram_lacks_what_readers_want_of_it(tmp_path: Path, smoothing: float | str) -> None:
    """Each gram's context and each gram's end are grams, and no logarithm is above 0."""
    a_model(NAMES[:300], smoothing=smoothing, block_size=3).save_arpa(tmp_path / "m.arpa")
    reader = Reader(tmp_path / "m.arpa")
    assert {("<s>",), ("</s>",), ("<unk>",)} <= set(reader.log_probs)
    for gram, log_prob in reader.log_probs.items():
        assert log_prob <= 0
        assert len(gram) == 1 or (gram[:-1] in reader.log_probs and gram[1:] in reader.log_probs)
        assert "</s>" not in gram[:-1]
        assert "<s>" not in gram[1:]


@pytest.mark.parametrize("smoothing", SMOOTHINGS[:3])
def test_there_and_back(tmp_path: Path, smoothing: float | str) -> None:
    model = a_model(NAMES, smoothing=smoothing, block_size=2)
    model.save_arpa(tmp_path / "m.arpa")
    again = moreish.load(tmp_path / "m.arpa")
    assert again.vocabulary.tokens == model.vocabulary.tokens
    assert again.sample(50, seed=3) == model.sample(50, seed=3)
    items = [*NAMES[:200], "zzyzx", "zoë 2"]
    np.testing.assert_allclose(again.score_samples(items), model.score_samples(items), rtol=1e-9)
    assert again.top(5) == model.top(5)
    assert again.probability(prefix="a", max_length=6) == pytest.approx(
        model.probability(prefix="a", max_length=6)
    )
    anything = np.random.default_rng(1).integers(0, 27, (300, 2)).astype(np.intp)
    chances = np.exp(again.next_log_probs(anything))
    np.testing.assert_allclose(chances.sum(axis=1), 1, atol=1e-9)


def test_a_model_without_a_list_is_saved_as_any_other(tmp_path: Path) -> None:
    a_model(NAMES[:50], block_size=2).save_arpa(tmp_path / "m.arpa")
    model = moreish.load(tmp_path / "m.arpa")
    model.save(tmp_path / "m.safetensors")
    again = moreish.load(tmp_path / "m.safetensors")
    items = ["anna", "ünal"]
    assert (again.score_samples(items) == model.score_samples(items)).all()
    assert len(again.sample(3, prefix="a", contains="n", seed=1)) == 3
    again.save_arpa(tmp_path / "n.arpa")
    assert Reader(tmp_path / "n.arpa").sizes == Reader(tmp_path / "m.arpa").sizes


@settings(deadline=None, max_examples=40)
@given(
    items=st.lists(
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=5).filter(
            str.strip
        ),
        min_size=1,
        max_size=8,
    )
)
def test_any_character(tmp_path_factory: pytest.TempPathFactory, items: list[str]) -> None:
    path = tmp_path_factory.mktemp("arpa") / "m.arpa"
    model = a_model(items, block_size=2)
    model.save_arpa(path)
    again = moreish.load(path)
    assert again.vocabulary.tokens == model.vocabulary.tokens
    np.testing.assert_allclose(again.score_samples(items), model.score_samples(items), rtol=1e-9)
    reader = Reader(path)
    for item in model.memory.items.texts:
        words = [written(token) for token in item]
        np.testing.assert_allclose(reader.nats(words), model.surprise(item), atol=1e-9)


@given(st.text())
def test_a_token_comes_back_as_it_was(token: str) -> None:
    word = written(token)
    assert unwritten(word) == token
    assert word not in ("<s>", "</s>", "<unk>", "<UNK>")
    assert not re.search(r"\s", word)


def test_words_that_look_like_marks(tmp_path: Path) -> None:
    items = ["the <s> cat", "a <unk> </s>", "<U+0041> the"]
    model = a_model(items, words=True, block_size=2)
    model.save_arpa(tmp_path / "m.arpa")
    again = moreish.load(tmp_path / "m.arpa")
    assert (again.vocabulary.kind, again.vocabulary.tokens) == ("words", model.vocabulary.tokens)
    np.testing.assert_allclose(again.score_samples(items), model.score_samples(items), rtol=1e-9)


def test_a_file_of_another_program(tmp_path: Path) -> None:
    """A back-off model, not interpolated, pruned, with spaces for tabs and an unknown."""
    (tmp_path / "m.arpa").write_text(
        "\n\\data\\\nngram 1=5\nngram 2=4\nngram 3=1\n\n\\1-grams:\n-1.0 <unk>\n-99 <s> -0.5\n"
        "-0.4 a -0.3\n-0.5 b\n-0.60206 </s>\n\n\\2-grams:\n-0.2 <s> a -0.1\n-0.1 a </s>\n"
        "-0.7 b b\n-0.9 <unk> a\n\n\\3-grams:\n-0.05 <s> a </s>\n\n\\end\\\n"
    )
    model = moreish.load(tmp_path / "m.arpa")
    log10 = model.surprise("ab") / -np.log(10)
    np.testing.assert_allclose(log10, [-0.2, -0.1 + -0.3 + -0.5, -0.60206], atol=1e-12)
    np.testing.assert_allclose(model.surprise("a") / -np.log(10), [-0.2, -0.05], atol=1e-12)
    np.testing.assert_allclose(model.surprise("bb")[1] / -np.log(10), -0.7, atol=1e-12)
    assert model.surprise("é")[0] == pytest.approx(np.log(10))


def test_only_unigrams(tmp_path: Path) -> None:
    (tmp_path / "m.arpa").write_text(
        "\\data\\\nngram 1=2\n\n\\1-grams:\n-0.30103 a\n-0.30103 </s>\n\n\\end\\\n"
    )
    model = moreish.load(tmp_path / "m.arpa")
    np.testing.assert_allclose(model.surprise("aa"), np.log(2), rtol=1e-6)
    assert set(model.sample(5, seed=1)) <= {"a" * n for n in range(1, 30)}


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda t: t[: len(t) // 2], "cut short"),
        (lambda t: t.replace("\\end\\", ""), "cut short"),
        (lambda t: t.replace("ngram 1=", "ngram 1=9"), "not as many grams"),
        (lambda t: t.replace("ngram 1=", "ngram 1=x"), "invalid literal"),
        (lambda t: t.replace("\\2-grams:", "\\3-grams:"), "no gram of order 1"),
        (lambda t: re.sub(r"-[\d.]+\ta\t", "oops\ta\t", t), "could not convert"),
        (lambda t: re.sub(r"-[\d.]+\ta\t", "0.5\ta\t", t), "no logarithm of a probability"),
        (lambda t: re.sub(r"-[\d.]+\ta\t", "nan\ta\t", t), "no logarithm of a probability"),
        (lambda t: re.sub(r"-[\d.]+\ta n", "-1\ta q", t), "'q' is in a gram"),
        (lambda t: re.sub(r"-[\d.]+\ta n", "-1\ta </s>", t), "is there twice"),
        (lambda t: re.sub(r"\tn\t", "\t<U+0061>\t", t), "is there twice"),
        (lambda t: t.replace("\ta n", "\ta n n n"), "no gram of order 2"),
    ],
)
def test_what_is_damaged_is_refused(
    tmp_path: Path, damage: Callable[[str], str], sentence: str
) -> None:
    a_model(["anna", "ana", "na"], block_size=1).save_arpa(tmp_path / "m.arpa")
    text = (tmp_path / "m.arpa").read_text()
    assert damage(text) != text
    (tmp_path / "n.arpa").write_text(damage(text))
    with pytest.raises(ModelFileError, match=rf"n\.arpa is damaged: .*{re.escape(sentence)}"):
        moreish.load(tmp_path / "n.arpa")


def test_other_files_are_none(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"\\data\\\nngram 1=1\n\n\\1-grams:\n-1 \xe9\n\\end\\\n")
    with pytest.raises(ModelFileError, match="not in UTF-8"):
        moreish.load(tmp_path / "latin")
    assert not is_arpa(tmp_path)
    assert not is_arpa(tmp_path / "nothing")


def test_what_has_no_such_form_is_refused(tmp_path: Path) -> None:
    bigram = moreish.train(NAMES[:50], model="bigram")
    with pytest.raises(
        OptionError, match="only an ngram can be an ARPA file, and this is a bigram"
    ):
        bigram.save_arpa(tmp_path / "m.arpa")
    deleted = moreish.train(NAMES[:50], model="ngram", smoothing="deleted-interpolation")
    with pytest.raises(OptionError, match="deleted-interpolation has no ARPA form"):
        deleted.save_arpa(tmp_path / "m.arpa")
    with pytest.raises(OptionError, match="no smoothing that can be fitted"):
        moreish.train(NAMES[:50], model="ngram", smoothing="as-given")
    assert list(tmp_path.iterdir()) == []


def test_of_a_model_without_its_list_nothing_is_called_new(tmp_path: Path) -> None:
    moreish.train(["anna", "nan"], model="ngram", split=(100, 0, 0)).save_arpa(tmp_path / "a.arpa")
    model = moreish.load(tmp_path / "a.arpa")
    assert model.ledger(["anna"])[0].new is None
    assert model.summary(["anna", "nan"]).new is None
    for ask in (model.sample, model.top, model.probability):
        with pytest.raises(DataError, match=r"without its list, .* what is new can't be"):
            ask(new=True)
