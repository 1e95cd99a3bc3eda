"""ItemDensity among scikit-learn's tools, and its own checks of estimators."""

import gzip
import inspect
import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import check_estimator_cloneable, estimator_checks_generator
from sklearn.utils.validation import validate_data

import moreish
from moreish.estimator import ItemDensity
from moreish.learning.from_list import READING, TRAINING
from moreish.models import families
from moreish.text.sources import BUNDLED

NAMES = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "amelia", "anna", "hanna", "nina"]
MANY = [
    line.split(",")[0]
    for line in gzip.decompress(BUNDLED.read_bytes()).decode().splitlines()[1:400]
]
SHORT = {"steps": 20, "hidden_size": 8, "block_size": 2}


def small(**options: object) -> ItemDensity:
    return ItemDensity(**{"model": "bigram", "random_state": 1, **options})


class OfRows(ItemDensity):
    """Of a matrix, each row written as a text: so scikit-learn's checks, which feed matrices,
    see all that happens to the texts of ItemDensity."""

    def fit(self, X: object, y: object = None, sample_weight: object = None) -> "OfRows":
        X = validate_data(self, X)
        return super().fit(self._written(X), y, sample_weight)

    def score_samples(self, X: object) -> np.ndarray:
        if hasattr(self, "model_"):
            X = self._written(validate_data(self, X, reset=False))
        return super().score_samples(X)

    def _written(self, X: np.ndarray) -> list[str]:
        places = np.clip(np.rint(X * 4) + 13, 0, 25).astype(int)
        return ["".join(chr(97 + place) for place in row) for row in places]

    def __sklearn_tags__(self) -> object:
        tags = super().__sklearn_tags__()
        inputs = tags.input_tags
        inputs.two_d_array, inputs.one_d_array, inputs.string = True, False, False
        return tags


ROWS = OfRows(model="bigram", split=(100, 0, 0))
NOT_APPLIED = {  # what scikit-learn would skip here
    "check_array_api_input": "texts are no arrays of numbers, on whatever device",
    "check_sample_weights_pandas_series": "pandas is not among what the tests need",
}
CHECKS = {check.func.__name__: check for _, check in estimator_checks_generator(ROWS)}


def test_only_what_is_listed_is_left_out() -> None:
    assert NOT_APPLIED.keys() <= CHECKS.keys()
    assert {
        "check_estimators_unfitted",
        "check_fit_idempotent",
        "check_methods_sample_order_invariance",
        "check_pipeline_consistency",
        "check_estimators_pickle",
        "check_sample_weight_equivalence_on_dense_data",
    } <= CHECKS.keys()


@pytest.mark.parametrize("name", sorted(CHECKS.keys() - NOT_APPLIED.keys()))
def test_scikit_learns_checks_by_way_of_rows(name: str) -> None:
    CHECKS[name](clone(ROWS))


def test_of_an_estimator_of_texts_it_has_one_check() -> None:
    with pytest.warns(UserWarning, match="Can't test estimator ItemDensity"):
        checks = [check.func for _, check in estimator_checks_generator(small())]
    assert checks == [check_estimator_cloneable]
    check_estimator_cloneable("ItemDensity", small())


def test_its_parameters_are_the_options_of_train() -> None:
    """All but those of files and of the parts of a mixture; the seed has scikit-learn's name."""
    own = {name for family in families().values() for name in family.option_names}
    named = set(inspect.signature(moreish.train).parameters) - {"source", "dev", "test", "options"}
    files = {"encoding", "column", "weights", "format"}
    options = own - {"parts"} | named | set(READING) - files | set(TRAINING)
    assert set(ItemDensity().get_params()) == options - {"seed"} | {"random_state"}


class TestAgainstTrain:
    @pytest.mark.parametrize(
        ("name", "options"),
        [
            ("bigram", {}),
            ("ngram", {}),
            ("class-ngram", {"classes": 5}),
            ("neural-bigram", {"steps": 20}),
            ("mlp", SHORT),
            ("mixture", SHORT),
        ],
    )
    def test_it_is_the_model_of_train(self, name: str, options: dict[str, Any]) -> None:
        density = ItemDensity(model=name, random_state=3, **options).fit(MANY)
        model = moreish.train(MANY, model=name, seed=3, **options)
        items = ["emma", "xqzt", "Zoë"]
        assert density.score_samples(items).tolist() == model.score_samples(items).tolist()
        assert density.score(items) == model.score(items)
        assert density.sample(5).tolist() == model.sample(5, seed=3)

    @pytest.mark.parametrize("name", ["bigram", "ngram", "mixture"])
    @pytest.mark.parametrize("most", [3, 9])
    def test_a_weight_is_so_many_times_the_item(self, name: str, most: int) -> None:
        weights = np.random.RandomState(0).randint(0, most, len(MANY))
        options = SHORT if name == "mixture" else {}
        density = ItemDensity(model=name, random_state=1, **options)
        repeated = [item for item, n in zip(MANY, weights, strict=True) for _ in range(n)]
        by_weight = clone(density).fit(MANY, sample_weight=weights)
        by_repeats = clone(density).fit(repeated)
        items = ["emma", "xqzt"]
        found = by_weight.score_samples(items).tolist()
        assert found == by_repeats.score_samples(items).tolist()
        assert found != clone(density).fit(MANY).score_samples(items).tolist()

    def test_weights_that_are_no_whole_numbers(self) -> None:
        options = {"split": (100, 0, 0), "smoothing": 0.0}
        halves = small(**options).fit(["ab", "ba", "ab"], sample_weight=[0.5, 1.0, 0.5])
        ones = small(**options).fit(["ab", "ba"])
        np.testing.assert_allclose(halves.score_samples(["ab"]), ones.score_samples(["ab"]))


class TestAmongItsTools:
    def test_clone_and_parameters(self) -> None:
        density = small(smoothing=2.0)
        assert clone(density).get_params() == density.get_params()
        assert clone(density).set_params(smoothing=3.0).smoothing == 3.0
        assert repr(density) == "ItemDensity(model='bigram', random_state=1, smoothing=2.0)"

    def test_pipeline(self) -> None:
        lower = FunctionTransformer(lambda texts: [text.lower() for text in texts])
        pipeline = Pipeline([("lower", lower), ("density", small())]).fit([n.upper() for n in MANY])
        expected = small().fit(MANY).score_samples(["emma"])
        assert pipeline.score_samples(["EMMA"]) == expected
        assert pipeline.score(["Emma"]) == expected[0]
        assert len(pipeline["density"].sample(3)) == 3

    @pytest.mark.parametrize("kind", [list, np.array, lambda texts: np.array(texts, dtype=object)])
    def test_grid_search(self, kind) -> None:
        search = GridSearchCV(small(), {"smoothing": [0.01, 0.5, 1e6]}, cv=3, error_score="raise")
        search.fit(kind(MANY))
        assert search.best_params_ == {"smoothing": 0.5}
        expected = cross_val_score(small(smoothing=0.5), kind(MANY), cv=3).mean()
        assert search.best_score_ == pytest.approx(expected)
        assert search.best_estimator_.score(MANY[:5]) < 0

    def test_grid_search_with_weights(self) -> None:
        search = GridSearchCV(small(), {"smoothing": [0.1, 1.0]}, cv=2, error_score="raise")
        weights = np.arange(len(MANY))
        search.fit(MANY, sample_weight=weights)
        whole = small(**search.best_params_).fit(MANY, sample_weight=weights)
        assert search.score(MANY) == whole.score(MANY)

    def test_a_score_with_weights(self) -> None:
        density = small().fit(NAMES)
        assert density.score(["emma", "x"], sample_weight=[2, 1]) == pytest.approx(
            density.score(["emma", "emma", "x"])
        )

    def test_it_is_a_density(self) -> None:
        tags = small().__sklearn_tags__()
        assert tags.estimator_type == "density_estimator"
        assert (tags.input_tags.string, tags.input_tags.two_d_array) == (True, False)

    def test_pickle(self) -> None:
        density = small().fit(NAMES)
        again = pickle.loads(pickle.dumps(density))
        assert (
            again.sample(3, random_state=5).tolist() == density.sample(3, random_state=5).tolist()
        )

    def test_random_states(self) -> None:
        density = small(random_state=np.random.RandomState(7)).fit(NAMES)
        assert density.sample(9).tolist() != density.sample(9).tolist()  # the state goes on
        assert density.sample(9, random_state=1).tolist() == density.model_.sample(9, seed=1)
        assert small(random_state=None).fit(NAMES).sample(2).shape == (2,)

    def test_limits(self) -> None:
        samples = small().fit(NAMES).sample(20, prefix="a", max_length=6, new=True)
        assert samples.dtype == object
        assert all(
            item.startswith("a") and len(item) <= 6 and item not in NAMES for item in samples
        )


class TestBadInput:
    @pytest.mark.parametrize(
        ("X", "told"),
        [
            ("emma", "a list of texts was wanted, got 'emma'"),
            (b"emma", "a list of texts was wanted"),
            (3, "a list of texts was wanted, got 3"),
            ([], "one text at least was wanted"),
            (["emma", None], r"X\[1\] is None"),
            (["emma", float("nan")], r"X\[1\] is nan"),
            ([["emma"]], r"X\[0\] is \['emma'\]"),
            (np.array([["emma"], ["ava"]]), r"of shape \(2, 1\): take a column"),
            (np.zeros(3), r"X\[0\] is"),
        ],
    )
    def test_what_are_no_texts(self, X: object, told: str) -> None:
        density = small().fit(NAMES)
        for does in (small().fit, density.score_samples, density.score):
            with pytest.raises(ValueError, match=told):
                does(X)

    @pytest.mark.parametrize(
        ("weights", "told"),
        [
            ([1.0], "one number for each of 10 items was wanted"),
            (np.ones((10, 1)), "one number for each"),
            ([-1.0] * 10, "0 or more"),
            ([float("nan")] * 10, "0 or more"),
            ([0.0] * 10, "every weight is zero"),
        ],
    )
    def test_weights(self, weights: object, told: str) -> None:
        with pytest.raises(ValueError, match=told):
            small().fit(NAMES, sample_weight=weights)

    def test_options(self) -> None:
        for options, told in (
            ({"model": "nobody"}, "there is no model 'nobody'"),
            ({"steps": 3}, "counted, not trained"),
            ({"block_size": 3}, "not an option of bigram"),
            ({"random_state": -1}, "a seed is a whole number"),
        ):
            with pytest.raises(ValueError, match=told):
                small(**options).fit(NAMES)
        with pytest.raises(ValueError, match="1 or more, was wanted; got 0"):
            small().fit(NAMES).sample(0)

    @pytest.mark.parametrize("does", ["score_samples", "score", "sample"])
    def test_before_it_is_fitted(self, does: str) -> None:
        with pytest.raises(NotFittedError, match="not fitted yet"):
            getattr(small(), does)(*[] if does == "sample" else [NAMES])


def test_what_it_needs_is_said() -> None:
    code = "import sys; sys.modules['sklearn'] = None; import moreish, moreish.estimator"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "MissingError: moreish.estimator needs scikit-learn" in result.stderr
    assert "pip install 'moreish[sklearn]'" in result.stderr
