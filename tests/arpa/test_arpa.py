"""ARPA files of our own: read by their definition, brought back, of any character."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import moreish
from arpa_files import Definition
from moreish.errors import DataError, OptionError
from moreish.models.arpa_writer import unwritten, written
from moreish.text import read_items

NAMES = read_items(None).texts[:2_500]
SMOOTHINGS = ("kneser-ney", "witten-bell", 0.5, 0)


def read(path: Path) -> Definition:
    return Definition(path.read_text(encoding="utf-8"))


def a_model(items: list[str], **options: object) -> moreish.Model:
    return moreish.train(items, model="ngram", split=(100, 0, 0), **options)


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
@pytest.mark.parametrize("block_size", [1, 2, 4, 5])
def test_others_read_what_is_meant(tmp_path: Path, smoothing: float | str, block_size: int) -> None:
    model = a_model(NAMES, smoothing=smoothing, block_size=block_size)
    model.save_arpa(tmp_path / "m.arpa")
    reader = read(tmp_path / "m.arpa")
    assert reader.order == block_size + 1
    items = NAMES[:40] if smoothing == 0 else [*NAMES[:40], "zzyzx", "qqqqqqqqq", "x"]
    for item in items:
        np.testing.assert_allclose(reader.nats(list(item)), model.surprise(item), atol=1e-9)


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_no_gram_lacks_what_readers_want_of_it(tmp_path: Path, smoothing: float | str) -> None:
    """Each gram's context and each gram's end are grams, and no logarithm is above 0."""
    a_model(NAMES[:300], smoothing=smoothing, block_size=3).save_arpa(tmp_path / "m.arpa")
    reader = read(tmp_path / "m.arpa")
    assert {("<s>",), ("</s>",), ("<unk>",)} <= set(reader.log_probs)
    assert len(set(reader.lines)) == len(reader.lines)
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
    items = [*NAMES[:200], "zzyzx"]
    np.testing.assert_allclose(again.score_samples(items), model.score_samples(items), rtol=1e-9)
    reader = read(tmp_path / "m.arpa")
    for item in ("zoë 2", "ëma", "anëna", "ë", "ëë a"):  # what follows backs off, and as KenLM's
        np.testing.assert_allclose(again.surprise(item), reader.nats(list(item)), rtol=1e-9)
    assert again.top(5) == model.top(5)
    assert again.probability(prefix="a", max_length=6) == pytest.approx(
        model.probability(prefix="a", max_length=6)
    )
    anything = np.random.default_rng(1).integers(0, 28, (300, 2)).astype(np.intp)
    chances = np.exp(again.next_log_probs(anything))[:, :-1]  # the unknown is beside them
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
    assert read(tmp_path / "n.arpa").sizes == read(tmp_path / "m.arpa").sizes


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
    own = model.dataset.items.texts  # others may have unknown tokens, which cost what they cost
    np.testing.assert_allclose(again.score_samples(own), model.score_samples(own), rtol=1e-9)
    reader = read(path)
    for item in model.dataset.items.texts:
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


def test_what_has_no_such_form_is_refused(tmp_path: Path) -> None:
    bigram = moreish.train(NAMES[:50], model="bigram")
    with pytest.raises(
        OptionError, match="only an ngram can be an ARPA file, and this is a bigram"
    ):
        bigram.save_arpa(tmp_path / "m.arpa")
    deleted = moreish.train(NAMES[:50], model="ngram", smoothing="deleted-interpolation")
    with pytest.raises(OptionError, match="deleted-interpolation has no ARPA form"):
        deleted.save_arpa(tmp_path / "m.arpa")
    with pytest.raises(OptionError, match="there is no model 'backoff'; there are bigram"):
        moreish.train(NAMES[:50], model="backoff")
    assert list(tmp_path.iterdir()) == []


def test_of_a_model_without_its_list_nothing_is_called_new(tmp_path: Path) -> None:
    moreish.train(["anna", "nan"], model="ngram", split=(100, 0, 0)).save_arpa(tmp_path / "a.arpa")
    model = moreish.load(tmp_path / "a.arpa")
    assert model.ledger(["anna"])[0].new is None
    assert model.summary(["anna", "nan"]).new is None
    for ask in (model.sample, model.top, model.probability):
        with pytest.raises(DataError, match=r"without its list, .* what is new can't be"):
            ask(new=True)
