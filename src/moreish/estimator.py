"""ItemDensity: a language model of items as a scikit-learn estimator.

A density over texts, with the conventions of scikit-learn's density estimators: `fit`, `sample`,
`score_samples`, `score`. X is a list, or an array of one dimension, of texts. It does no work
itself. It needs the extra `sklearn`, and `import moreish` does not load it.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from numbers import Integral
from typing import Any, Self

import numpy as np

from .errors import MissingError, OptionError
from .learning import learn
from .model import Model

try:
    from sklearn.base import BaseEstimator, DensityMixin
    from sklearn.utils import check_random_state
    from sklearn.utils.validation import check_is_fitted
except ImportError:
    raise MissingError(
        "moreish.estimator needs scikit-learn, which is not installed: pip install "
        "'moreish[sklearn]'"
    ) from None

__all__ = ["ItemDensity"]

Items = Iterable[str]


class ItemDensity(DensityMixin, BaseEstimator):  # type: ignore[misc]
    """The probability of items, learnt from items.

    The parameters are the options of `moreish.train`; None is what that does without the option,
    which may follow from the items and from the other options. `split` is in which shares the
    items are learnt from, chosen by and left for a test; by default 80, 10 and 10, so (100, 0, 0)
    learns from all of them. `random_state` is the seed, of the sampling too.

    After `fit` there are `model_`, a `moreish.Model`, and `remarks_`, what one should know of the
    items that were learnt from.

    >>> density = ItemDensity(model="bigram", split=(100, 0, 0), random_state=1)
    >>> density.fit(["anna", "hannah", "nan", "ann"]).score_samples(["anna", "zoe"]).round(2)
    array([ -5.22, -47.37])
    >>> density.sample(3, random_state=2).tolist()
    ['n', 'ah', 'h']
    """

    model_: Model
    remarks_: list[str]

    def __init__(
        self,
        *,
        model: str | None = None,
        split: tuple[float, float, float] | None = None,
        words: bool = False,
        min_count: int = 1,
        lower: bool = False,
        max_length: int = 1_000,
        block_size: int | None = None,
        classes: int | None = None,
        smoothing: float | str | None = None,
        embedding_size: int | None = None,
        hidden_size: int | None = None,
        direct: bool | None = None,
        tied: bool | None = None,
        bag: int | None = None,
        dropout: float | None = None,
        regularisation: float | None = None,
        mixture: str | None = None,
        share: float | str | None = None,
        steps: int | None = None,
        minutes: float | None = None,
        batch_size: int | str | None = None,
        optimizer: str | None = None,
        learning_rate: float | None = None,
        schedule: str | None = None,
        warm_up: int | None = None,
        weight_decay: float | None = None,
        momentum: float | None = None,
        patience: int | None = None,
        records: int | None = None,
        recipe: str | None = None,
        softmax: str | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.model = model
        self.split = split
        self.words = words
        self.min_count = min_count
        self.lower = lower
        self.max_length = max_length
        self.block_size = block_size
        self.classes = classes
        self.smoothing = smoothing
        self.embedding_size = embedding_size
        self.hidden_size = hidden_size
        self.direct = direct
        self.tied = tied
        self.bag = bag
        self.dropout = dropout
        self.regularisation = regularisation
        self.mixture = mixture
        self.share = share
        self.steps = steps
        self.minutes = minutes
        self.batch_size = batch_size
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.warm_up = warm_up
        self.weight_decay = weight_decay
        self.momentum = momentum
        self.patience = patience
        self.records = records
        self.recipe = recipe
        self.softmax = softmax
        self.random_state = random_state

    def fit(self, X: Items, y: object = None, sample_weight: Sequence[float] | None = None) -> Self:
        """Learn from N items; y is not looked at.

        `sample_weight` (N,) says how often each counts: 3 is as good as the item three times.
        OptionError for what is no list of texts and for options that don't fit; it is a ValueError.
        DataError if the list can't be learnt from.
        """
        items = _texts(X)
        options = {name: v for name, v in self.get_params(deep=False).items() if v is not None}
        seed = _seed(options.pop("random_state", None))
        if sample_weight is None:
            learning = learn(items, seed=seed, **options)
        else:
            pairs = zip(items, _weights(len(items), sample_weight).tolist(), strict=True)
            rows = [json.dumps({"item": item, "weight": weight}) for item, weight in pairs]
            options |= {"format": "jsonl", "column": "item", "weights": "weight"}
            learning = learn(rows, seed=seed, **options)
            learning.dataset = replace(
                learning.dataset, has_weights=False
            )  # they say how often an item came, as repeats do
        for _ in learning:
            pass
        self.model_, self.remarks_ = learning.model(), learning.remarks
        return self

    def sample(
        self,
        n_samples: int = 1,
        random_state: int | np.random.RandomState | None = None,
        **constraints: Any,
    ) -> np.ndarray:
        """(n_samples,) texts drawn from the model, as an array of objects.

        Without `random_state`, that of the estimator. `constraints` are those of `Model.sample`,
        such as `prefix`, `matches`, `max_length`, `temperature`, `new`. OptionError for fewer than
        one sample, and like DataError where `Model.sample` has it. NotFittedError before `fit`.
        """
        check_is_fitted(self)
        if n_samples < 1:
            raise OptionError(f"a number of samples, 1 or more, was wanted; got {n_samples}")
        seed = _seed(self.random_state if random_state is None else random_state)
        return np.array(self.model_.sample(n_samples, seed=seed, **constraints), dtype=object)

    def score_samples(self, X: Items) -> np.ndarray:
        """N items → (N,) the log-likelihood of each whole item in nats, its end included.

        OptionError for what is no list of texts. NotFittedError before `fit`.
        """
        check_is_fitted(self)
        return self.model_.score_samples(_texts(X))

    def score(
        self, X: Items, y: object = None, sample_weight: Sequence[float] | None = None
    ) -> float:
        """The mean log-likelihood of N items in nats an item: the higher, the better.

        `sample_weight` (N,) says how often each counts. OptionError for what is no list of texts,
        or for weights that can't be. NotFittedError before `fit`.
        """
        nats = self.score_samples(X)
        weights = None if sample_weight is None else _weights(nats.size, sample_weight)
        return float(np.average(nats, weights=weights))

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn is told: X are texts, in one dimension."""
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        return tags


def _texts(X: Items) -> list[str]:
    """A list of texts. OptionError for what is none."""
    if isinstance(X, (str, bytes)) or not hasattr(X, "__iter__"):
        raise OptionError(f"X: a list of texts was wanted, got {X!r}")
    if getattr(X, "ndim", 1) != 1:
        raise OptionError(
            f"X: a list of texts, or an array of one dimension, was wanted, got "
            f"{type(X).__name__} of shape {getattr(X, 'shape', '?')}: take a column of it"
        )
    texts = list(X)
    for number, text in enumerate(texts):
        if not isinstance(text, str):
            raise OptionError(f"X: texts were wanted, and X[{number}] is {text!r}")
    if not texts:
        raise OptionError("X: one text at least was wanted, got none")
    return texts


def _weights(count: int, weights: Sequence[float]) -> np.ndarray:
    """(N,) numbers for N items. OptionError for weights that don't fit."""
    numbers = np.asarray(weights, dtype=np.float64)
    if numbers.ndim == 0:
        numbers = np.full(count, float(numbers))
    if numbers.shape != (count,):
        raise OptionError(
            f"sample_weight: one number for each of {count:,} items was wanted, got the shape "
            f"{numbers.shape}"
        )
    if not (np.isfinite(numbers) & (numbers >= 0)).all():
        raise OptionError("sample_weight: numbers of 0 or more were wanted, got others, too")
    if not numbers.any():
        raise OptionError("sample_weight: every weight is zero, so nothing counts")
    return numbers


def _seed(random_state: Any) -> int:
    """The seed that a random_state is, or gives."""
    if isinstance(random_state, Integral):
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31))
