"""A model of a list that is too long to be kept: what it can say, and what it says it can't."""

from functools import partial
from importlib import import_module
from pathlib import Path

import pytest

import moreish
from moreish.errors import DataError, ModelFileError, OptionError
from moreish.storage.model_file import read_file, write_file
from moreish.text import Vocabulary, gather
from text.lists import some_items

LINES = some_items(3_000, seed=5)
MEMORY = import_module("moreish.text.remembered")


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dataset for 200 items."""
    monkeypatch.setattr(MEMORY, "gather", partial(gather, most=200))


@pytest.fixture(params=["bigram", "mlp"])
def model(request: pytest.FixtureRequest, short: None) -> moreish.Model:
    options = {"steps": 60, "hidden_size": 8, "block_size": 2} if request.param == "mlp" else {}
    return moreish.train(LINES, model=request.param, **options)


def test_it_is_the_model_of_the_whole_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is nothing held out the same counts are learnt from, to the bit."""
    options = {"model": "mlp", "split": (100, 0, 0), "steps": 40, "hidden_size": 8}
    whole = moreish.train(LINES, **options)
    monkeypatch.setattr(MEMORY, "gather", partial(gather, most=200))
    in_part = moreish.train(LINES, **options)
    assert not in_part.dataset.is_whole
    for name, array in whole.language_model.arrays().items():
        assert (array == in_part.language_model.arrays()[name]).all(), name
    assert in_part.nats_per_token("train") == whole.nats_per_token("train")
    assert in_part.unknown_nats == whole.unknown_nats


def test_through_a_file(model: moreish.Model, tmp_path: Path) -> None:
    model.save(tmp_path / "m")
    again = moreish.load(tmp_path / "m")
    assert again.dataset.tables == model.dataset.tables
    for split in ("train", "dev", "test"):
        assert again.nats_per_token(split) == model.nats_per_token(split)
        assert again.dataset.size(split) == model.dataset.size(split)
    again.save(tmp_path / "n")
    assert (tmp_path / "m").read_bytes() == (tmp_path / "n").read_bytes()
    assert again.scores(["abc", "fff"]).percentile is not None


def test_a_file_whose_tables_are_damaged(model: moreish.Model, tmp_path: Path) -> None:
    model.save(tmp_path / "m")
    for damage in (
        lambda about, arrays: arrays.update({"dev.windows": arrays["dev.windows"][::-1].copy()}),
        lambda about, arrays: arrays.pop("train.counts"),
        lambda about, arrays: about["tables"]["dev"].pop("unknown"),
        lambda about, arrays: about.update(tables=3),
    ):
        about, arrays = read_file(tmp_path / "m")
        damage(about, arrays)
        write_file(tmp_path / "n", about, arrays)
        with pytest.raises(ModelFileError, match="is damaged"):
            moreish.load(tmp_path / "n")


def test_sizes_are_estimates_and_losses_are_of_every_line(model: moreish.Model) -> None:
    distinct = len(set(LINES))
    sizes = [model.dataset.size(split) for split in ("train", "dev", "test")]
    assert sum(sizes) == pytest.approx(distinct, rel=0.3)
    tokens = sum(model.evaluate(split).tokens for split in ("train", "dev", "test"))
    assert tokens == sum(len(line) + 1 for line in LINES)
    assert len(model.dataset.items) <= 200


def test_the_interval_is_about_that_of_all_items(monkeypatch: pytest.MonkeyPatch) -> None:
    """Around the loss of all, and as wide as if all had been kept."""
    lines = some_items(9_000, seed=5)
    options = {"model": "bigram", "split": (60, 40, 0)}
    whole = moreish.train(lines, **options)
    monkeypatch.setattr(MEMORY, "gather", partial(gather, most=1_000))
    in_part = moreish.train(lines, **options)
    assert in_part.dataset.shares["dev"] <= 0.5
    for split in ("train", "dev"):
        low, high = in_part.interval(split)
        assert low < in_part.nats_per_token(split) < high
        all_low, all_high = whole.interval(split)
        assert high - low == pytest.approx(all_high - all_low, rel=0.4)


def test_what_is_new_cannot_be_told(model: moreish.Model) -> None:
    assert model.sample(5)
    for ask in (
        lambda: model.sample(5, new=True),
        lambda: model.top(5, new=True, max_length=4),
        lambda: model.probability(new=True, max_length=2),
    ):
        with pytest.raises(DataError, match=r"too long to be kept \(.* so what is new can't"):
            ask()
    assert model.dataset.is_new(model.dataset.items.texts[0]) is False
    assert model.dataset.is_new("nobody") is None


def test_longer_contexts_than_were_counted(model: moreish.Model) -> None:
    with pytest.raises(DataError, match=r"contexts of . tokens and not .* those of 9"):
        model.dataset.counts("train", Vocabulary("abc"), 9)


def test_lists_of_their_own_for_dev(short: None) -> None:
    made = moreish.learn(LINES, dev=["acx", LINES[0]], model="bigram")
    assert any("1 of the 2 distinct items of the list is also in" in r for r in made.remarks)
    for _ in made:
        pass
    model = made.model()
    assert model.dataset.size("dev") == 2
    assert model.report.nats_per_token["dev"] == model.nats_per_token(["acx", LINES[0]])


def test_more_tokens_than_fit_into_the_usual_contexts(short: None) -> None:
    lines = [f"{one} {two}" for one in range(2) for two in range(1_700)]
    made = moreish.learn(lines, model="ngram", words=True, smoothing=1)
    assert any("a context can have at most" in remark for remark in made.remarks)
    for _ in made:
        pass
    assert made.model().language_model.block_size == made.dataset.longest_block_size


def test_its_training_goes_on_too_and_knows_the_list(short: None, tmp_path: Path) -> None:
    options = {"model": "mlp", "steps": 20, "hidden_size": 8, "block_size": 2}
    whole = moreish.train(LINES, **options)
    learning = moreish.learn(LINES, **options)
    for record in learning:
        if record.step == 7:
            learning.checkpoint(tmp_path / "c")
    again = moreish.learn(LINES, **options)
    assert again.resume(tmp_path / "c") == 7
    for _ in again:
        pass
    for name, array in whole.language_model.arrays().items():
        assert (array == again.model().language_model.arrays()[name]).all(), name
    with pytest.raises(OptionError, match="is of another training: the items of "):
        moreish.learn([*LINES, LINES[0]], **options).resume(tmp_path / "c")


def test_its_lines_cannot_be_drawn(short: None) -> None:
    with pytest.raises(DataError, match="lines can't be drawn: leave out --recipe course"):
        moreish.train(LINES, model="mlp", recipe="course", steps=5)
