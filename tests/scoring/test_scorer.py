"""Who is scored as though it had not been there, how items rank, what is flagged and repaired."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import moreish
from moreish.errors import DataError, OptionError
from moreish.scoring.ranking import Ranking
from moreish.text import read_items

NAMES = read_items(None).texts
SOME = NAMES[:1500]


@pytest.fixture(scope="module")
def ngram() -> moreish.Model:
    return moreish.train(SOME, model="ngram", block_size=3)


class TestAsIfNew:
    def test_it_is_what_the_model_of_the_others_says(self, ngram: moreish.Model) -> None:
        train = ngram.dataset.split("train").texts
        for item in train[:3]:
            others = [text for text in train if text != item]
            anew = moreish.train(others, model="ngram", block_size=3, dev=["a"])
            assert anew.vocabulary.tokens == ngram.vocabulary.tokens
            scores = ngram.scores([item, item + item])
            assert scores.as_if_new.tolist() == [True, False]
            assert scores.nats[0] == pytest.approx(-anew.score_samples([item])[0], rel=1e-9)

    def test_only_what_was_trained_on(self, ngram: moreish.Model) -> None:
        for split in ("dev", "test"):
            texts = ngram.dataset.split(split).texts
            scores = ngram.scores(texts)
            assert not scores.as_if_new.any()
            np.testing.assert_allclose(scores.nats, -ngram.score_samples(texts))

    def test_items_that_were_trained_on_are_no_better_than_others(
        self, ngram: moreish.Model
    ) -> None:
        losses = {}
        for split in ("train", "test"):
            scores = ngram.scores(ngram.dataset.split(split).texts)
            losses[split] = scores.nats.sum() / scores.tokens.sum()
        assert losses["train"] == pytest.approx(losses["test"], rel=0.04)
        assert ngram.nats_per_token("train") < 0.9 * losses["train"]

    def test_repeats_and_the_order_do_not_matter(self, ngram: moreish.Model) -> None:
        train = ngram.dataset.split("train").texts[:50]
        mixed = [train[3], "zzz", train[7], train[3]]
        alone = [ngram.scores([item]).nats[0] for item in mixed]
        np.testing.assert_allclose(ngram.scores(mixed).nats, alone, rtol=1e-12)
        assert ngram.scores([]).nats.shape == (0,)

    def test_in_parts_it_is_the_same(
        self, ngram: moreish.Model, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        train = ngram.dataset.split("train").texts[:60]
        whole = ngram.scores(train).nats
        monkeypatch.setattr("moreish.scoring.ranking.contexts_at_once", lambda model: 20)
        np.testing.assert_allclose(ngram.scores(train).nats, whole, rtol=1e-12)

    def test_after_save_and_load_with_weights(self, tmp_path) -> None:
        lines = "".join(f"{name},{1 + number % 7}\n" for number, name in enumerate(SOME[:300]))
        (tmp_path / "names.csv").write_text("name,births\n" + lines)
        options = {"column": "name", "weights": "births", "model": "ngram"}
        model = moreish.train(tmp_path / "names.csv", **options)
        model.save(tmp_path / "m")
        train = model.dataset.split("train").texts
        again = moreish.load(tmp_path / "m")
        assert again.dataset.has_weights
        np.testing.assert_array_equal(again.scores(train).nats, model.scores(train).nats)

    @pytest.mark.parametrize(
        ("options", "stays", "any_new"),
        [
            ({"model": "mlp", "steps": 3}, ["mlp"], False),
            ({"model": "mixture", "steps": 3}, ["mlp"], "in part"),
            ({"model": "mixture", "mixture": "ngram,bigram"}, [], True),
            ({"model": "bigram"}, [], True),
        ],
    )
    def test_what_networks_learnt_stays(
        self, options: dict, stays: list[str], any_new: bool | str
    ) -> None:
        model = moreish.train(SOME[:100], **options)
        scores = model.scores(SOME[:100])
        assert model.cannot_forget == stays
        assert scores.as_if_new.any() == (any_new is True)
        assert scores.in_part.any() == (any_new == "in part")
        changed = scores.as_if_new | scores.in_part
        np.testing.assert_array_equal(scores.nats != -model.score_samples(SOME[:100]), changed)


def test_any_iterable_of_texts_is_taken(ngram: moreish.Model) -> None:
    texts = ["anna", "bob"]
    wanted = ngram.score_samples(texts).tolist()
    assert ngram.score_samples(text for text in texts).tolist() == wanted
    assert ngram.score_samples(map(str, texts)).tolist() == wanted
    assert ngram.scores(iter(texts)).nats.tolist() == ngram.scores(texts).nats.tolist()
    assert ngram.score(iter(texts)) == ngram.score(texts)
    assert len(ngram.ledger(iter(texts))) == ngram.summary(iter(texts)).items == 2
    with pytest.raises(DataError, match="line 2 of the items is None: a text was wanted"):
        ngram.score_samples(["anna", None])  # type: ignore[list-item]


def test_items_of_words_are_the_same_whatever_blanks_are_between_them() -> None:
    lines = ["the  cat sat", "the\tdog  ran", "a cat ran", "a cat   ran"]
    model = moreish.train(lines, words=True, model="ngram", split=(100, 0, 0))
    assert model.dataset.items.texts == ["the cat sat", "the dog ran", "a cat ran"]
    assert not {"the cat sat", "the dog ran"} & set(model.top(20, new=True, max_length=3))
    assert model.scores(["the cat sat", " the   cat sat "]).as_if_new.tolist() == [True, True]
    assert model.ledger(["the  dog ran"])[0].new is False


class TestRanking:
    def test_percentiles_are_the_same_whether_something_is_flagged(
        self, ngram: moreish.Model
    ) -> None:
        plain, flagged = ngram.scores(SOME), ngram.scores(SOME, flag_rate=0.2)
        np.testing.assert_array_equal(plain.percentile, flagged.percentile)

    @given(
        st.lists(st.tuples(st.floats(0, 9), st.integers(2, 9)), min_size=1, max_size=60),
        st.integers(1, 80),
        st.integers(2, 9),
        st.floats(0, 9),
        st.floats(-9, 9),
    )
    def test_among_those_of_its_length_or_the_nearest(
        self, known: list[tuple[float, int]], least: int, length: int, nats: float, start: float
    ) -> None:
        """Each beside what is usual for its length, which is a line if there are many items."""
        many = len(known) > 30 and len({t for _, t in known}) > 1
        line = start if many else 0.0
        tokens, excess = np.array([t for _, t in known]), np.array([n for n, _ in known])
        spread = np.sqrt(tokens)
        lines = np.stack([1 / spread, spread] if many else [spread], axis=1)
        excess -= lines @ np.linalg.pinv(lines) @ excess  # so that the line is the one below
        away = 0
        while True:
            among = excess[np.abs(tokens - length) <= away]
            if len(among) >= min(least, len(known)):
                break
            away += 1
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Ranking, "LEAST", 31)
            ranking = Ranking(line + 2.5 * tokens + excess * spread, tokens)
        wanted = np.array([line + 2.5 * length + nats * np.sqrt(length)])
        found = ranking.percentiles(wanted, np.array([length]), least)[0] / 100 * len(among)
        margin = 1e-6  # what is as near as that may be on either side
        assert (among >= nats + margin).sum() <= round(found, 9) <= (among >= nats - margin).sum()

    @pytest.mark.parametrize(
        ("rate", "bent"),
        [
            (0.01, 0.2),
            (0.05, 0.0),
            *(
                pytest.param(rate, bent, marks=pytest.mark.long)
                for rate, bent in ((0.01, 0.0), (0.05, 0.2), (0.5, 0.0), (0.5, 0.2))
            ),
        ],
    )
    def test_of_what_belongs_so_many_are_flagged(self, rate: float, bent: float) -> None:
        """Items of the same kind, drawn anew 200 times: on average as many as the rate says, also
        where those of other lengths that an item is ranked among are no guide."""
        rng = np.random.default_rng(5)
        seen = []
        for _ in range(200):
            lengths = rng.integers(2, 30, 2_000)
            usual = 2 * lengths + bent * (lengths - 16) ** 2
            nats = rng.normal(usual, 0.3 * np.sqrt(lengths))
            ranking = Ranking(nats[:1_000], lengths[:1_000])
            seen.append(ranking.flags(nats[1_000:], lengths[1_000:], rate).mean())
        error = np.std(seen) / np.sqrt(len(seen))
        assert rate * 0.9 - 3 * error < np.mean(seen) < rate + 3 * error

    @pytest.mark.parametrize("rate", [0, 1, -0.1, 2, np.nan, np.inf])
    def test_a_rate_that_is_none(self, rate: float) -> None:
        with pytest.raises(OptionError, match="between 0 and 1"):
            Ranking(np.arange(9.0), np.full(9, 3)).flags(np.zeros(1), np.full(1, 3), rate)

    @pytest.mark.parametrize("count", [1, 2, 9, 30, 48, 99, 298, 2_991])
    def test_the_least_rate_that_is_named_is_taken(self, count: int) -> None:
        ranking, one = Ranking(np.arange(float(count)), np.full(count, 3)), np.full(1, 3)
        with pytest.raises(OptionError, match="can't be told from") as refused:
            ranking.flags(np.zeros(1), one, 0.999 / (count + 1))
        named = float(str(refused.value).split("items: ")[1].split()[0])
        assert 1 / (count + 1) - 1e-9 <= named < 1.01 / (count + 1)
        ranking.flags(np.zeros(1), one, named)
        ranking.flags(np.zeros(1), one, 1 / (count + 1))

    def test_a_rate_that_is_no_number(self, ngram: moreish.Model) -> None:
        with pytest.raises(OptionError, match="got 'x'"):
            ngram.scores(["anna"], flag_rate="x")  # type: ignore[arg-type]

    def test_a_rate_that_cannot_be_told(self, ngram: moreish.Model) -> None:
        with pytest.raises(OptionError, match="can't be told from 150 held-out items"):
            ngram.scores(["anna"], flag_rate=0.001)
        alone = moreish.train(SOME, model="bigram", split=(100, 0, 0))
        with pytest.raises(DataError, match="train it with a part for dev"):
            alone.scores(["anna"], flag_rate=0.01)


class TestExplain:
    def test_the_repair_is_the_likeliest_of_all_that_are_one_edit_away(
        self, ngram: moreish.Model
    ) -> None:
        item, letters = "jasxn", ngram.vocabulary.tokens
        near = {item[:i] + item[i + 1 :] for i in range(5)}
        near |= {item[:i] + c + item[i + 1 :] for i in range(5) for c in letters}
        near |= {item[:i] + c + item[i:] for i in range(6) for c in letters}
        near |= {item[:i] + item[i + 1] + item[i] + item[i + 2 :] for i in range(4)}
        near -= {item}
        found = ngram.explain(item)
        best = max(near, key=lambda text: ngram.score_samples([text])[0])
        assert found.repair == best
        assert found.repaired_nats == pytest.approx(-ngram.score_samples([best])[0])
        assert found.nats.sum() == pytest.approx(-ngram.score_samples([item])[0])

    def test_a_long_item(self, ngram: moreish.Model) -> None:
        found = ngram.explain("anna" * 500)
        assert len(found.nats) == 2_001
        assert found.repair is not None
        assert found.repaired_nats == pytest.approx(-ngram.score_samples([found.repair])[0])

    def test_every_kind_of_edit_is_found_and_said(self, ngram: moreish.Model) -> None:
        assert ngram.explain("emmqa").edit == "without 'q' at 4"
        assert ngram.explain("sohpia").edit == "'p' before 'h' at 3"
        assert ngram.explain("isabexla").edit in ("'l' for 'x' at 6", "without 'x' at 6")
        assert ngram.explain("isbella").repair == "isabella"

    def test_of_what_was_trained_on_both_are_judged_by_the_same_model(
        self, ngram: moreish.Model
    ) -> None:
        for item in ngram.dataset.split("train").texts[:100]:
            found = ngram.explain(item)
            if found.repair is not None:
                own, repaired = -ngram.score_samples([item, found.repair])
                assert found.saved == pytest.approx(own - repaired, abs=1e-9)
                assert own > repaired

    def test_none_where_nothing_near_is_likelier(self) -> None:
        model = moreish.train(["ab"], model="bigram", smoothing=0, split=(100, 0, 0))
        found = model.explain("ab")
        assert (found.repair, found.edit, found.repaired_nats) == (None, None, None)

    def test_words_and_unknown_tokens(self) -> None:
        lines = ["the cat sat", "the dog sat", "a cat ran"] * 3
        model = moreish.train(lines, words=True, model="bigram", split=(100, 0, 0))
        found = model.explain("the the cat sat")
        assert found.tokens == ["the", "the", "cat", "sat"]
        assert found.repair == "the cat sat"
        assert model.explain("the zebra sat").repair in ("the cat sat", "the dog sat")

    def test_what_was_trained_on_is_explained_as_it_is_scored(self, ngram: moreish.Model) -> None:
        item = ngram.dataset.split("train").texts[0]
        assert ngram.explain(item).nats.sum() == pytest.approx(ngram.scores([item]).nats[0])
