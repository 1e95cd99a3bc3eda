"""ARPA files of other programs: as KenLM scores them, and as the format is defined."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import moreish
from arpa_files import OK, Definition, files, written
from moreish.errors import DataError, ModelFileError, OptionError
from moreish.models import states_of
from moreish.models.state_table import tabled

FILES = Path(__file__).parent
# Made by: .venv-bench/bin/python benchmarks/arpa.py --values
KENLM = json.loads((FILES / "kenlm.json").read_text(encoding="utf-8"))
UNK2 = OK.replace("2=5", "2=6").replace("<unk>", "<unk>\t-0.7").replace("fox red", "fox <unk>")
UNK2 = UNK2.replace("\n\n\\end", "\n-0.3\t<unk> fox\n\n\\end")
# kenlm.Model(file).full_scores(item), times -ln 10, by kenlm 0.3.0
CASES = [
    (UNK2, {"hen fox": 3.8016, "hen": 6.2169, "red hen": 6.4472, "red fox": 0.8059}),
    (OK, {"hen fox": 4.7202, "hen": 4.6052, "red hen": 4.8354, "red fox": 0.8059}),
    (OK.replace("-1.0\t<unk>\n", "").replace("1=5", "1=4"), {"hen fox": 232.6762, "hen": 232.5611}),
    (OK.replace("fox", "fo\u00a0x"), {"red fo\u00a0x": 0.8059, "red fox": 4.8354}),
    (OK.replace("fox", "\u3000"), {"red \u3000": 0.8059, "red": 1.3816, "hen": 4.6052}),
    (OK.replace("fox", "fu\u0308chs"), {"red fu\u0308chs": 0.8059, "red f\u00fcchs": 4.8354}),
    (OK, {"red\u00a0fox": 4.6052, "red\tfox": 0.8059, " red  fox ": 0.8059}),
]
WORDS = ["red", "fox", "a", "b", "é", "e\u0301", "fo\u00a0x", "\u3000", "\u2028x", "\u200d", "<s"]


@pytest.mark.parametrize("name", KENLM)
def test_a_file_is_scored_as_kenlm_scores_it(name: str) -> None:
    model = moreish.load(FILES / name)
    definition = Definition((FILES / name).read_text(encoding="utf-8"))
    assert len(KENLM[name]) >= 10
    for item, nats in KENLM[name].items():
        np.testing.assert_allclose(model.surprise(item), nats, rtol=0, atol=1e-4)
        np.testing.assert_allclose(definition.nats(item.split(" ")), nats, rtol=0, atol=1e-4)


@pytest.mark.parametrize(("text", "items"), CASES)
def test_the_cases_are_scored_as_kenlm_scores_them(tmp_path: Path, text: str, items: dict) -> None:
    model = moreish.load(written(tmp_path, text))
    for item, nats in items.items():
        assert model.surprise(item).sum() == pytest.approx(nats, abs=1e-4), item


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_any_file_means_what_it_says(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    means_what_it_says(tmp_path_factory.mktemp("arpa"), data)


@pytest.mark.long
@settings(deadline=None, max_examples=3_000, derandomize=False)
@given(data=st.data())
def test_any_of_many_files_means_what_it_says(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    means_what_it_says(tmp_path_factory.mktemp("arpa"), data)


def means_what_it_says(folder: Path, data: st.DataObject) -> None:
    """By every way that scores: alone, in a table, as a sum; saved, and written again."""
    text = data.draw(files(WORDS))
    definition, model = Definition(text), moreish.load(written(folder, text))
    between = " " if model.vocabulary.kind == "words" else ""
    own = st.sampled_from([*model.vocabulary.tokens, "z"])
    some = data.draw(st.lists(st.lists(own, min_size=1, max_size=8), min_size=1, max_size=4))
    items = [between.join(words) for words in some]
    if not model.vocabulary.verbatim:  # then items are brought into NFC
        items = [item for item in items if moreish.text.only_items([item])]
    wanted = [definition.nats(list(model.vocabulary.split(item))) for item in items]
    for item, nats in zip(items, wanted, strict=True):
        np.testing.assert_allclose(model.surprise(item), nats, rtol=1e-9, atol=1e-9)
        cheap = model.explain(item)
        assert cheap.repair is None or cheap.repaired_nats == pytest.approx(
            model.surprise(cheap.repair).sum(), abs=1e-8
        )
    sums = np.array([sum(nats) for nats in wanted])
    tokens = model.vocabulary.encode(model.as_read(items))
    table = tabled(model.language_model, unknown=0.0)
    if items and table is not None and states_of(model.language_model) is not None:
        sizes = np.array(list(map(len, wanted)))
        np.testing.assert_allclose(table.item_nats(tokens, sizes), sums, rtol=1e-9, atol=1e-9)
        assert model.evaluate(items).nats == pytest.approx(sums.sum(), rel=1e-9, abs=1e-9)
    model.save(folder / "m")
    model.save_arpa(folder / "again.arpa")
    for name in ("m", "again.arpa"):
        again = moreish.load(folder / name)
        assert again.vocabulary.tokens == model.vocabulary.tokens
        np.testing.assert_allclose(again.score_samples(items), -sums, rtol=1e-9, atol=1e-9)


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_what_a_model_draws_it_knows(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    text = data.draw(files(WORDS))
    definition = Definition(text)
    model = moreish.load(written(tmp_path_factory.mktemp("arpa"), text))
    try:
        items = model.sample(10, max_length=6) + model.top(3, max_length=6)
    except DataError:  # it makes no item, or none that a line can be
        return
    for item in items:
        words = list(model.vocabulary.split(item))
        assert set(words) <= set(model.vocabulary.tokens)
        assert model.as_read([item]) == [item]
        assert model.surprise(item).sum() == pytest.approx(sum(definition.nats(words)), abs=1e-8)


def test_draws_are_in_proportion_to_what_is_known(tmp_path: Path) -> None:
    """Without <unk> the probabilities of what may come are made to sum to 1."""
    model = moreish.load(written(tmp_path, UNK2))
    red = 10**-0.1
    fox, end = 10 ** (-0.30103 - 0.69897), 10 ** (-0.30103 - 0.69897)
    share = red / (red + fox)  # of items of a token at least; the end comes in neither
    assert model.probability(prefix="red") == pytest.approx(share)
    assert model.probability(prefix="red", max_length=400) == pytest.approx(share)
    drawn = model.sample(4_000, seed=1)
    assert np.mean([item.split()[0] == "red" for item in drawn]) == pytest.approx(share, abs=0.02)
    costs = [-log_prob for _, log_prob in model.tops(5)]
    np.testing.assert_allclose(costs, [model.surprise(item).sum() for item in model.top(5)])
    assert end == pytest.approx(0.1)


def test_what_is_never_does_not_come(tmp_path: Path) -> None:
    """-99 is how files write the logarithm of 0; it is scored as what it says."""
    model = moreish.load(written(tmp_path, OK.replace("-0.2\tred fox", "-99\tred fox")))
    with pytest.raises(DataError, match="this model makes no item with"):
        model.sample(1, prefix="red fox")
    assert "red fox" not in model.top(50, max_length=3)
    assert model.surprise("red fox")[1] == pytest.approx(99 * np.log(10))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: gzip.compress(text.encode()),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: b"Made by hand.\nngram 1=7\n\xff\n\n" + text.encode(),
        lambda text: b"\n \n" + text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\t", "  ").replace("ngram 1=", "ngram 1 = ").encode(),
        lambda text: gzip.compress(b"\xef\xbb\xbfx\n" + text.encode()) + gzip.compress(b"\n"),
        lambda text: (text + "whatever").encode(),
        lambda text: text.replace("<unk>", "<UNK>").encode(),
        lambda text: text.replace("fox red", "fox red\t0").encode(),
    ],
)
def test_a_file_is_read_as_it_comes(tmp_path: Path, change: Callable[[str], bytes]) -> None:
    (tmp_path / "m.arpa").write_bytes(change(OK))
    model = moreish.load(tmp_path / "m.arpa")
    assert model.surprise("red fox").sum() == pytest.approx(0.8059, abs=1e-4)
    assert model.surprise("hen").sum() == pytest.approx(4.6052, abs=1e-4)


def test_numbers_of_iarpa_are_frequencies(tmp_path: Path) -> None:
    """IRSTLM adds the back-off weight times the probability of the shorter gram."""
    model = moreish.load(written(tmp_path, "iARPA\n\n" + OK))
    red, fox = 10**-0.39794, 10**-0.69897
    wanted = [
        10**-0.1 + 10**-0.30103 * red,
        10**-0.2 + 10**-0.30103 * fox,
        1.0,  # 10**-0.05 + 10**-0.1 * 10**-0.69897 is more
    ]
    np.testing.assert_allclose(np.exp(-model.surprise("red fox")), wanted, rtol=1e-9)
    assert np.exp(-model.surprise("fox"))[0] == pytest.approx(10**-0.30103 * fox)


def test_a_token_for_a_blank(tmp_path: Path) -> None:
    text = (
        "\\data\\\nngram 1=5\n\n\\1-grams:\n-99\t<s>\n-0.6\t</s>\n-0.5\ta\n-0.6\tb\n-0.7\t<space>\n"
    )
    path = written(tmp_path, text + "\n\\end\\\n")
    assert moreish.load(path).vocabulary.kind == "words"
    model = moreish.load(path, blank="<space>")
    assert model.vocabulary.tokens == (" ", "a", "b")
    np.testing.assert_allclose(model.surprise("ab a") / np.log(10), [0.5, 0.6, 0.7, 0.5, 0.6])
    model.save(tmp_path / "m")
    model.save_arpa(tmp_path / "again.arpa")
    for name in ("m", "again.arpa"):
        assert moreish.load(tmp_path / name).vocabulary.tokens == (" ", "a", "b")
    bar = moreish.load(written(tmp_path, path.read_text().replace("<space>", "|")), blank="|")
    assert bar.surprise("ab a").sum() == pytest.approx(model.surprise("ab a").sum())
    with pytest.raises(ModelFileError, match=r"no token '<space>', which was to stand for a blank"):
        moreish.load(path, blank="<space>")
    with pytest.raises(ModelFileError, match="tokens are characters, and 'fox' is longer than one"):
        moreish.load(written(tmp_path, OK), blank="red")
    with pytest.raises(OptionError, match=r"a blank is named in an ARPA file, and .* is none"):
        moreish.load(tmp_path / "m", blank="|")
