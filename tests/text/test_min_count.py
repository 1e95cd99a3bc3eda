"""Rare tokens are one token, `<unk>`: what is counted, charged, drawn, kept and refused."""

from pathlib import Path

import numpy as np
import pytest

import moreish
from moreish.draw import show
from moreish.errors import DataError, OptionError
from moreish.text import ingest
from moreish.text.remembered import remember

LINES = ["the cat sat", "the dog sat", "the cat ran", "the cat sat", "a fox ran", "an owl sat"]
OPTIONS = {"words": True, "min_count": 2, "split": (100, 0, 0)}
MODELS = [
    ("bigram", {}),
    ("ngram", {"block_size": 2}),
    ("class-ngram", {"classes": 2, "block_size": 1}),
    ("neural-bigram", {"steps": 5}),
    ("mlp", {"steps": 5, "hidden_size": 4, "block_size": 2}),
    ("mixture", {"steps": 5, "hidden_size": 4, "block_size": 1}),
]
each_model = pytest.mark.parametrize(("name", "options"), MODELS, ids=[name for name, _ in MODELS])


def trained(name: str, **options: object) -> moreish.Model:
    return moreish.train(LINES, model=name, **{**OPTIONS, **options})


class TestFolding:
    def test_how_often_each_came_is_counted_with_repeats(self) -> None:
        found = remember(LINES, {}, (100, 0, 0), words=True, min_count=3)
        assert found.vocabulary.names == ("cat", "sat", "the", "<unk>")
        assert found.remarks[-1] == (
            "6 of 9 different words came fewer than 3 times and are <unk>: 38.9 % of all words "
            "that are trained on"
        )

    def test_weights_say_how_often_a_line_came(self) -> None:
        table = ["item,n", "red fox,3", "red owl,1", "owl,1"]
        options = {"format": "csv", "column": "item", "weights": "n"}
        found = remember(table, {}, (100, 0, 0), words=True, min_count=3, **options)
        assert found.vocabulary.names == ("fox", "red", "<unk>")

    def test_only_what_is_trained_on_counts(self) -> None:
        found = remember(LINES, {"dev": ["fox fox fox the"]}, None, words=True, min_count=3)
        assert "fox" not in found.vocabulary.tokens

    def test_nothing_rare_leaves_all_as_it_was(self) -> None:
        found = remember(["aab", "abb"], {}, (100, 0, 0), min_count=3)
        assert not found.vocabulary.has_unknown
        assert found.remarks == ["all characters came 3 times or more, so there is no <unk>"]

    def test_a_word_that_is_written_so_is_one_of_them(self) -> None:
        lines = [f"{line} <unk>" for line in LINES]
        assert trained("bigram").vocabulary.names == ("cat", "ran", "sat", "the", "<unk>")
        for options in (OPTIONS, {**OPTIONS, "min_count": 1}):
            model = moreish.train(lines, model="bigram", **options)
            assert model.vocabulary.names.count("<unk>") == 1
            assert model.vocabulary.has_unknown == (options["min_count"] > 1)

    def test_of_a_long_list_the_table_says_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Also of dev words that are nowhere in train, which are charged alike."""
        rng = np.random.default_rng(1)
        lines = [" ".join(f"w{n}" for n in rng.zipf(1.5, 4) if n < 10_000) for _ in range(3_000)]
        lines = [line for line in lines if line]
        options = {"words": True, "min_count": 3, "model": "ngram", "block_size": 2}
        monkeypatch.setitem(ingest.gather.__kwdefaults__, "most", 500)
        model = moreish.train(lines, **options)
        assert not model.dataset.is_whole
        table = model.dataset.counts("dev", model.vocabulary, 2)
        assert table.unknown == 0
        seen = model.dataset.tables["train"]
        frequencies = np.bincount(seen.tokens, seen.counts)[1:]
        assert model.vocabulary.folded == (frequencies < 3).sum() > 100
        assert model.evaluate("dev").tokens == table.total

    @pytest.mark.parametrize("wrong", [0, -1, 2.0, True, "3"])
    def test_what_can_not_be(self, wrong: object) -> None:
        with pytest.raises(OptionError, match="--min-count: a whole number, 1 or more, was wanted"):
            moreish.learn(LINES, words=True, min_count=wrong)

    def test_nothing_is_left(self) -> None:
        wanted = "none of the 9 different words .* came 7 times; .* 'sat', came 4: a smaller"
        with pytest.raises(DataError, match=wanted):
            moreish.learn(LINES, words=True, min_count=7, split=(100, 0, 0))


class TestCharged:
    @each_model
    def test_what_the_model_says_of_it(self, name: str, options: dict[str, object]) -> None:
        model = trained(name, **options)
        T, unknown = model.language_model.block_size, model.vocabulary.unknown
        assert unknown == len(model.vocabulary) - 1
        row = model.next_log_probs(np.zeros((1, T)))[0]
        np.testing.assert_allclose(np.exp(row).sum(), 1)
        for word in ("fox", "zorglub"):
            np.testing.assert_allclose(model.surprise(word)[0], -row[unknown], rtol=1e-5)
        assert model.evaluate(["the fox sat"]).tokens == 4
        assert model.score_samples(["the fox"]) == model.score_samples(["the zorglub"])

    def test_a_classifier_takes_each_of_them_for_as_likely(self) -> None:
        """Of words that came once each, a model that folds them says what one says that has them:
        else it would find whatever it does not know likelier than what the others know."""
        cats = [f"cat {n}" for n in range(400)]
        dogs = [f"dog {n} x" for n in range(400, 800)]
        options = {"words": True, "model": "bigram", "seed": 3}
        plain, folded = (
            moreish.Classifier(
                {
                    "cats": moreish.train(cats, min_count=count, **options),
                    "dogs": moreish.train(dogs, **options),
                }
            )
            for count in (1, 2)
        )
        words = ["cat", "dog", "x", "5", "505"]
        model = folded.models["cats"]
        assert model.vocabulary.names == ("cat", "<unk>")
        log_probs = folded._log_probs(words)[:, 0]
        unknown = -model.scores(["5"]).nats[0] - np.log(model.vocabulary.folded)
        np.testing.assert_allclose(log_probs[3], unknown)
        assert plain.classes(["cat", "dog", "x"]) == folded.classes(["cat", "dog", "x"])


class TestDrawn:
    @each_model
    def test_it_is_never_drawn(self, name: str, options: dict[str, object]) -> None:
        model = trained(name, **options)
        drawn = model.sample(200, seed=1, max_length=4)
        drawn += model.sample(50, prefix="the", max_length=5) + model.sample(50, temperature=0.7)
        drawn += model.sample(50, contains="sat", max_length=4) + model.top(20, max_length=3)
        assert {word for item in drawn for word in item.split()} <= set(model.vocabulary.tokens)

    @each_model
    def test_the_others_sum_to_one(self, name: str, options: dict[str, object]) -> None:
        model = trained(name, **options)
        V, T = len(model.vocabulary), model.language_model.block_size
        first = np.exp(model.next_log_probs(np.zeros((1, T)))[0, : V - 1])
        first /= first.sum()
        contexts = np.zeros((V - 2, T), dtype=np.intp)
        contexts[:, -1] = np.arange(1, V - 1)
        then = np.exp(model.next_log_probs(contexts)[:, : V - 1])
        ends = then[:, 0] / then.sum(axis=1)
        expected = (first[1:] * ends).sum() / (1 - first[0])
        np.testing.assert_allclose(model.probability(max_length=1), expected, rtol=1e-5)

    def test_it_is_no_beginning(self) -> None:
        for word in ("fox", "zorglub"):
            with pytest.raises(DataError, match="too seldom or nowhere in the training data"):
                trained("bigram").sample(1, prefix=word)

    def test_an_explanation_puts_none_in(self) -> None:
        repair = trained("ngram", block_size=1).explain("the zorglub sat").repair
        assert repair is not None
        assert "<unk>" not in repair
        assert "zorglub" not in repair


class TestFiles:
    @each_model
    def test_they_bring_it_back(
        self, name: str, options: dict[str, object], tmp_path: Path
    ) -> None:
        model = trained(name, **options)
        model.save(tmp_path / "m")
        again = moreish.load(tmp_path / "m")
        assert again.vocabulary.names == model.vocabulary.names
        assert again.vocabulary.folded == model.vocabulary.folded == 5
        assert again.sample(9) == model.sample(9)
        assert not again.reading["verbatim"], "lines are mended as those of the list were"
        assert again.score_samples(["the\u00a0cat fox"]) == model.score_samples(["the cat fox"])

    def test_what_is_no_such_vocabulary(self) -> None:
        about = trained("bigram").vocabulary.about()
        for wrong in ({"folded": -1}, {"folded": 1.5}, {"has_unknown": False}):
            with pytest.raises(ValueError, match=r"folded"):
                moreish.text.Vocabulary.stored({**about, "list": list(about["list"]), **wrong})

    def test_a_checkpoint_is_of_one_vocabulary(self, tmp_path: Path) -> None:
        options = {"words": True, "split": (100, 0, 0), "model": "mlp", "steps": 4}
        learning = moreish.learn(LINES, min_count=2, **options)
        for _ in learning:
            learning.checkpoint(tmp_path / "c")
        with pytest.raises(OptionError, match="rare tokens was 5 and is 6"):
            moreish.learn(LINES, min_count=3, **options).resume(tmp_path / "c")

    def test_an_arpa_file_says_the_same_of_it(self, tmp_path: Path) -> None:
        model = trained("ngram", block_size=2)
        model.save_arpa(tmp_path / "m.arpa")
        again = moreish.load(tmp_path / "m.arpa")
        items = [*LINES, "the zorglub sat", "zorglub"]
        np.testing.assert_allclose(again.score_samples(items), model.score_samples(items))

    def test_pictures_name_it(self) -> None:
        model = trained("mlp", steps=2, hidden_size=3)
        for picture in ("embeddings", "counts"):
            assert "<unk>" in show(model, picture).text()
