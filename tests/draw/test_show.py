"""Pictures of a model: each number in them is the one that was counted, trained or computed."""

import sys
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

import moreish
from moreish import draw
from moreish.errors import DataError, MissingError, OptionError
from moreish.models.mlp import MLP
from moreish.text import Vocabulary, count_items, read_items
from moreish.torch import no_grad, tensor

NAMES = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "amelia", "anna", "anna"]


def table_of(texts: Sequence[str], words: bool = False):
    items = read_items(texts)
    vocabulary = Vocabulary.of(items.texts, "words" if words else "characters")
    return count_items(items, vocabulary, 1), vocabulary.tokens


def written(chart: draw.Chart) -> list[str]:
    """What is written in the cells or on the dots."""
    return [text.get_text() for text in chart.figure().axes[0].texts]


class TestCounts:
    def test_every_pair_with_its_count(self) -> None:
        expected = Counter(a + b for name in NAMES for a, b in pairwise(f".{name}."))
        table, tokens = table_of(NAMES)
        chart = draw.counts(table, tokens)
        texts = written(chart)
        cells = dict(zip(texts[::2], map(int, texts[1::2]), strict=True))
        assert len(cells) == (len(tokens) + 1) ** 2
        assert {pair: count for pair, count in cells.items() if count} == expected
        image = chart.figure().axes[0].images[0].get_array()
        assert image.ravel().tolist() == list(cells.values())

    def test_the_text(self) -> None:
        expected = Counter(a + b for name in NAMES for a, b in pairwise(f".{name}."))
        first, _, *rows = draw.counts(*table_of(NAMES)).text().splitlines()
        total = sum(expected.values())
        assert first.startswith(f"{total} pairs, {len(expected)} different ones, of 13 tokens")
        assert len(rows) == 20
        counts = []
        for a, b, count, share, _, after, _ in (row.split() for row in rows):
            assert int(count) == expected[a + b]
            assert share == f"{100 * expected[a + b] / total:.1f}"
            before = sum(n for pair, n in expected.items() if pair[0] == a)
            assert after == f"{100 * expected[a + b] / before:.1f}"
            counts.append(int(count))
        assert counts == sorted(expected.values(), reverse=True)[:20]

    def test_too_many_tokens(self) -> None:
        chart = draw.counts(*table_of([*NAMES, "xyz"]), limit=3)
        assert sorted(set("".join(written(chart)[::2]))) == [".", "a", "i"]
        title = chart.figure().axes[0].get_title()
        assert "the 3 most frequent of 16 tokens" in title
        with pytest.raises(OptionError, match="a limit of 1 token or more"):
            draw.counts(*table_of(NAMES), limit=0)

    @pytest.mark.parametrize("limit", [1, 3, 8, 40])
    def test_the_title_is_in_the_picture(self, limit: int) -> None:
        figure = draw.counts(*table_of(NAMES), limit=limit).figure()
        figure.draw_without_rendering()
        title = figure.axes[0].title.get_window_extent()
        assert title.x0 >= 0
        assert title.x1 <= figure.bbox.x1
        assert title.y1 <= figure.bbox.y1

    def test_words_weights_and_what_is_no_letter(self) -> None:
        chart = draw.counts(*table_of(["big cat", "big $ cat"], words=True))
        axes = chart.figure().axes[0]
        assert [t.get_text() for t in axes.get_yticklabels()] == [".", "$", "big", "cat"]
        assert len(axes.texts) == 16
        table, _ = table_of(["a$", "$$"])
        assert "$$" in written(draw.counts(table, ["$", "a"]))
        assert draw.counts(table, ["$", "a"]).svg().startswith("<svg")
        assert "'.' ." in draw.counts(*table_of(["a."])).text()
        assert "a ␣" in draw.counts(*table_of(["a b"])).text()

    def test_what_does_not_fit(self) -> None:
        items, vocabulary = read_items(["ab"]), Vocabulary("ab")
        with pytest.raises(OptionError, match="block size 1 was wanted, got one of 2"):
            draw.counts(count_items(items, vocabulary, 2), "ab")
        for tokens in (["a"], "ab", ["a", "b", "c"]):
            with pytest.raises(OptionError, match="the 2 tokens was wanted"):
                draw.counts(count_items(items, vocabulary, 1), tokens)


class TestLosses:
    def test_the_curves_and_the_best(self) -> None:
        chart = draw.losses([1, 2, 3], [3.0, 2.0, 1.0], [3.1, None, 2.9])
        train, dev, best = chart.figure().axes[0].lines
        assert train.get_xydata().tolist() == [[1, 3.0], [2, 2.0], [3, 1.0]]
        np.testing.assert_array_equal(dev.get_ydata(), [3.1, np.nan, 2.9])
        assert best.get_xydata().tolist() == [[3, 2.9]]
        assert chart.text().splitlines()[-1] == (
            "Nats per token; the best on dev is 2.9000, after 3 steps."
        )

    def test_without_dev(self) -> None:
        for dev in (None, [None, None]):
            chart = draw.losses([1, 2], [3.0, 2.0], dev)
            assert len(chart.figure().axes[0].lines) == 1
            assert chart.text().splitlines()[0].split() == ["step", "train"]

    def test_the_text_keeps_the_ends_and_the_best(self) -> None:
        dev = np.linspace(3, 1, 101)
        dev[77] = 0.5
        lines = draw.losses(range(101), dev + 1, dev).text().splitlines()
        kept = [int(line.split()[0]) for line in lines[1:-1]]
        assert {0, 77, 100} <= set(kept)
        assert kept == sorted(set(kept))
        assert len(kept) in (10, 11)

    @pytest.mark.parametrize(
        "rows", [([], []), ([1, 2], [1.0]), ([1], ["x"]), ([[1]], [1.0]), ([1], [1.0], [1.0, 2.0])]
    )
    def test_what_does_not_fit(self, rows) -> None:
        with pytest.raises(OptionError, match="wanted"):
            draw.losses(*rows)


class TestRates:
    def test_the_sweep(self) -> None:
        chart = draw.rates([0.1, 0.01, 1.0, 10.0], [2.0, 3.0, 50.0, float("inf")], suggested=0.05)
        axes = chart.figure().axes[0]
        assert axes.get_xscale() == "log"
        curve, mark = axes.lines
        np.testing.assert_array_equal(curve.get_xdata(), [0.01, 0.1, 1.0, 10.0])
        np.testing.assert_array_equal(curve.get_ydata(), [3.0, 2.0, 50.0, np.nan])
        assert mark.get_xdata() == [0.05, 0.05]
        assert axes.get_legend().get_texts()[0].get_text() == "suggested: 0.05"
        low, high = axes.get_ylim()
        assert low < 2.0 < 3.0 < high < 50
        assert chart.svg().startswith("<svg")

    def test_one_rate(self) -> None:
        assert draw.rates([0.1], [2.0]).png().startswith(b"\x89PNG")

    def test_what_does_not_fit(self) -> None:
        with pytest.raises(OptionError, match="over 0 were wanted, got 0"):
            draw.rates([0.0, 1.0], [1.0, 2.0])
        with pytest.raises(OptionError, match="over 0 were wanted, got -1"):
            draw.rates([1.0], [1.0], suggested=-1)
        with pytest.raises(OptionError, match="none of the losses is a number"):
            draw.rates([1.0, 2.0], [float("nan"), float("inf")])


class TestEmbeddings:
    def test_two_numbers_as_they_are(self) -> None:
        places = [[0.0, 1.0], [2.0, 3.0], [-1.0, 0.5]]
        chart = draw.embeddings(places, ["a", "$"])
        axes = chart.figure().axes[0]
        assert axes.collections[0].get_offsets().tolist() == places
        assert written(chart) == [".", "a", "$"]
        assert axes.get_title() == "2 numbers for each token, as they are"

    def test_more_by_principal_components(self) -> None:
        table = np.random.default_rng(1).normal(size=(9, 5))
        chart = draw.embeddings(table, list("abcdefgh"))
        places = np.asarray(chart.figure().axes[0].collections[0].get_offsets())
        values, vectors = np.linalg.eigh(np.cov(table.T))  # another way to them
        expected = (table - table.mean(axis=0)) @ vectors[:, ::-1][:, :2]
        np.testing.assert_allclose(np.abs(places), np.abs(expected), atol=1e-12)
        one, two = 100 * values[::-1][:2] / values.sum()
        assert f"first principal components: {one:.1f} % + {two:.1f} % of the" in chart.text()
        assert f"{one:.1f} % + {two:.1f} %" in chart.figure().axes[0].get_title()

    def test_one_number_and_equal_ones(self) -> None:
        assert "1 number for each token, as it is." in draw.embeddings([[1.0], [2.0]], ["a"]).text()
        assert "0.0 % + 0.0 %" in draw.embeddings(np.ones((3, 4)), ["a", "b"]).text()
        assert draw.embeddings(np.ones((3, 4)), ["a", "b"]).svg().startswith("<svg")

    def test_the_most_frequent(self) -> None:
        table = np.arange(10.0).reshape(5, 2)
        chart = draw.embeddings(table, list("abcd"), [1, 5, 9, 2, 7], limit=3)
        assert written(chart) == [".", "b", "d"]
        assert "the 3 most frequent of 5 tokens" in chart.figure().axes[0].get_title()
        assert written(draw.embeddings(table, list("abcd"), limit=2)) == [".", "a"]

    def test_what_does_not_fit(self) -> None:
        for table, sentence in (
            ([1.0, 2.0], r"of shape \(V, E\) were wanted, got \(2,\)"),
            ([[1.0], [float("nan")]], "not a number"),
            ([[1.0]] * 3, "the 2 tokens was wanted"),
        ):
            with pytest.raises(OptionError, match=sentence):
                draw.embeddings(table, ["a"])
        with pytest.raises(OptionError, match="a count for each of 2 tokens"):
            draw.embeddings([[1.0], [2.0]], ["a"], [1])


class TestLayers:
    def network(self, **options) -> tuple[MLP, object]:
        items = read_items(NAMES)
        vocabulary = Vocabulary.of(items.texts)
        table = count_items(items, vocabulary, 2)
        network = MLP(len(vocabulary), block_size=2, embedding_size=3, hidden_size=5, **options)
        return network.initialise(seed=4), table

    @pytest.mark.parametrize("direct", [False, True])
    def test_as_pytorch_has_them(self, direct: bool) -> None:
        from moreish.draw.charts.model_charts import layers_of

        network, table = self.network(direct=direct, dropout=0.5)
        for name, parameter in network.parameters.items():
            parameter.data = parameter.data.double()
            if name == "direct.weight":
                with no_grad():
                    parameter += 0.1
        size = int(table.totals.sum())  # so each context comes as often as in the list
        found = layers_of(network, table, size)
        p = {k: torch.tensor(a.detach().numpy()) for k, a in network.parameters.items()}
        for own in p.values():
            own.requires_grad_()
        rows = np.repeat(np.arange(len(table)), table.totals)
        shares = torch.tensor((table.dense() / table.totals[:, None])[rows])
        inputs = p["embedding"][torch.tensor(table.contexts[rows])].reshape(size, -1)
        hidden = torch.tanh(inputs @ p["hidden.weight"] + p["hidden.bias"])
        output = hidden @ p["output.weight"] + p["output.bias"]
        if direct:
            output = output + inputs @ p["direct.weight"]
        theirs = {"embedding": inputs, "hidden": hidden, "output": output}
        for layer in theirs.values():
            layer.retain_grad()
        torch.nn.functional.cross_entropy(output, shares).backward()
        assert list(found) == list(theirs)
        for name, layer in theirs.items():
            own = found[name]
            np.testing.assert_allclose(own.detach().numpy(), layer.detach(), rtol=1e-12, atol=1e-12)
            rounded = float(np.finfo(np.float32).eps * layer.grad.abs().max())  # as shares are
            np.testing.assert_allclose(own.grad.numpy(), layer.grad, rtol=0, atol=rounded)
        assert all(parameter.grad is None for parameter in network.parameters.values())

    def test_the_share_of_saturated_units(self) -> None:
        x = tensor([[3.0, -3.0, 0.0, 1.0]], requires_grad=True)
        h = x.tanh()
        h.retain_grad()
        h.sum().backward()
        chart = draw.layers({"x": x, "tanh": h})
        axes = chart.figure().axes
        titles = ["x: activations", "x: gradients", "tanh: activations", "tanh: gradients"]
        assert [chart.get_title() for chart in axes] == titles
        legends = [chart.get_legend().get_texts()[0].get_text() for chart in axes]
        assert ["saturated" in legend for legend in legends] == [False, False, True, False]
        assert legends[2].endswith("\nsaturated 50.0 %")
        assert chart.text().splitlines()[3].split()[-2:] == ["50.0", "%"]
        heights = axes[2].patches[0].get_data().values
        assert heights.sum() == 4
        assert chart.svg().startswith("<svg")

    def test_what_does_not_fit(self) -> None:
        x = tensor([1.0], requires_grad=True)
        with pytest.raises(OptionError, match=r"h has no gradient: call its retain_grad\(\)"):
            draw.layers({"h": x})
        with pytest.raises(OptionError, match="a layer or more"):
            draw.layers({})
        (x * float("inf")).sum().backward()
        with pytest.raises(OptionError, match="finite numbers were wanted in h"):
            draw.layers({"h": x})


@pytest.fixture(scope="module")
def trained() -> moreish.Model:
    return moreish.train(NAMES, model="mlp", steps=20, hidden_size=8, split=(60, 40, 0))


class TestShow:
    @pytest.mark.long
    def test_each_picture_of_a_network(self, trained: moreish.Model) -> None:
        for picture in ("counts", "losses", "embeddings", "layers"):
            assert draw.show(trained, picture).png().startswith(b"\x89PNG")

    def test_the_counts_are_those_of_train(self, trained: moreish.Model) -> None:
        train = trained.dataset.split("train")
        pairs = sum(
            len(t) + 1 for t in train.texts for _ in range(train.counts[train.texts.index(t)])
        )
        assert draw.show(trained, "counts").text().startswith(f"{pairs} pairs, ")

    def test_the_curve_is_that_of_the_records(self, tmp_path: Path) -> None:
        learning = moreish.learn(NAMES, model="mlp", steps=20, hidden_size=8, split=(60, 40, 0))
        records = [(r.step, r.train_loss, r.dev_loss) for r in learning]
        model = learning.model()
        assert model.report.curve == records
        model.save(tmp_path / "m")
        loaded = moreish.load(tmp_path / "m")
        assert loaded.report.curve == records
        train, dev, _ = draw.show(loaded, "losses").figure().axes[0].lines
        assert train.get_ydata().tolist() == [loss for _, loss, _ in records]
        assert dev.get_ydata().tolist() == [loss for _, _, loss in records]

    def test_the_curve_goes_on_where_a_training_goes_on(self, tmp_path: Path) -> None:
        options = {"model": "mlp", "steps": 20, "hidden_size": 8, "split": (60, 40, 0)}
        whole = moreish.learn(NAMES, **options)
        for record in whole:
            if record.step == 7:
                whole.checkpoint(tmp_path / "c")
        again = moreish.learn(NAMES, **options)
        again.resume(tmp_path / "c")
        assert [record.step for record in again] == list(range(8, 21))
        assert again.model().report.curve == whole.model().report.curve
        assert len(again.model().report.curve) == 20

    def test_two_that_are_trained_one_after_the_other(self) -> None:
        model = moreish.train(
            NAMES, model="mixture", mixture="neural-bigram,mlp", share=0.5, steps=10, hidden_size=4
        )
        steps = [step for step, *_ in model.report.curve]
        assert steps == list(range(1, 21))
        assert "13 numbers" not in draw.show(model, "embeddings").text()
        assert "24 numbers" in draw.show(model, "embeddings").text()

    def test_what_a_model_does_not_have(self, trained: moreish.Model) -> None:
        bigram = moreish.train(NAMES, model="bigram")
        assert draw.show(bigram, "counts").text()
        for picture, sentence in (
            ("embeddings", "the family bigram has no embeddings; an mlp has"),
            ("layers", "the family bigram has no layers"),
            ("losses", "this bigram model was counted and not trained"),
        ):
            with pytest.raises(DataError, match=sentence):
                draw.show(bigram, picture)
        with pytest.raises(
            OptionError, match="'curves' is no picture of a model; there are counts"
        ):
            draw.show(trained, "curves")

    def test_text_without_matplotlib(
        self, trained: moreish.Model, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        for picture in ("counts", "losses", "embeddings", "layers"):
            chart = draw.show(trained, picture)
            assert len(chart.text().splitlines()) > 3
            with pytest.raises(MissingError, match="a chart needs matplotlib"):
                chart.svg()
