"""Mixture: two models, each with its share in every prediction.

Each is trained by itself. The share of the first is a number, or learnt on dev: one for all
contexts, or by how often each was seen.

Source: Y. Bengio et al., "A Neural Probabilistic Language Model", Journal of Machine Learning
Research 3 (2003) 1137-1155, for shares by frequency.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np

from ..errors import OptionError, as_typed
from ..storage.validation import ROUNDING, check_sums, checked_fractions, checked_whole, no_others
from ..text import ContextCounts, Corpus, check_block_size
from ..text.sorted_arrays import union
from . import families, family
from .base import LanguageModel, Mixed, held_out, log_probs_at
from .interpolation import bin_of_each, bins_of, learn_weights, weights_of
from .leave_one_out import Without
from .ngram_counts import check_keys, find_suffixes, levels_of, packed

LEARNT, BY_FREQUENCY = "learnt", "by-frequency"
MOST_CONTEXTS = 300_000  # of a model that sees all of each
PRIOR = 10.0  # tokens of dev that each bin is given beforehand; chosen on lists of 100 to 10,000


class Mixture(Mixed):
    """The `share` of the first of the models that `mixture` names, and the rest of the second.

    `share` is a number from 0 to 1, "learnt" or "by-frequency"; without one it is "by-frequency",
    or one half where nothing is held out to learn it on. Other options go to those of the two
    that have them; `parts` are the options of each, where they differ. OptionError if `mixture`
    does not name two models, or `share` is none of these.

    >>> model = Mixture(3, mixture="bigram,ngram", share=0.25, block_size=2)
    >>> [part.name for part in model.parts], model.block_size
    (['bigram', 'ngram'], 2)
    >>> model.next_log_probs(np.array([[0, 1]])).round(3)  # not fitted: each of three is as likely
    array([[-1.099, -1.099, -1.099]])
    """

    name: ClassVar[str] = "mixture"
    option_names: ClassVar[tuple[str, ...]] = ("mixture", "share", "parts")

    def __init__(
        self,
        vocabulary_size: int,
        *,
        mixture: str | Sequence[str] = "ngram,mlp",
        share: float | str | None = None,
        parts: Sequence[Mapping[str, Any]] = ({}, {}),
        **options: Any,
    ) -> None:
        chosen = _chosen(mixture)
        for option in options:
            if not any(option in model.option_names for model in chosen):
                own = as_typed(*dict.fromkeys(name for m in chosen for name in m.option_names))
                raise OptionError(
                    f"{as_typed(option)} is not an option of {mixture}; they have {own}"
                )
        if not (share in (None, LEARNT, BY_FREQUENCY) or _is_share(share)):
            raise OptionError(
                f"the share of the first model is a number from 0 to 1, {LEARNT} or "
                f"{BY_FREQUENCY}; got {share}"
            )
        self.vocabulary_size = vocabulary_size
        self.mixture = mixture if isinstance(mixture, str) else ",".join(mixture)
        self.share = share
        self.parts = tuple(
            model(
                vocabulary_size,
                **{name: value for name, value in options.items() if name in model.option_names},
                **given,
            )
            for model, given in zip(chosen, parts, strict=True)
        )
        self.block_size = max(part.block_size for part in self.parts)
        first = 0.5 if share is None or isinstance(share, str) else float(share)
        self._weights = np.array([[first, 1 - first]])
        self._keys: list[np.ndarray] = []  # by length of context, where the share is by frequency
        self._bins: list[np.ndarray] = []

    @property
    def needs_dev(self) -> bool:
        """Where the share shall be learnt, or a part learns something on dev."""
        return isinstance(self.share, str) or any(part.needs_dev for part in self.parts)

    @property
    def share_range(self) -> tuple[float, float]:
        """The least and the largest share of the first model: the same where it is one for all."""
        used = union(*self._bins) if self._bins else [0]
        shares = self._weights[used, 0]
        return float(shares.min()), float(shares.max())

    def options(self) -> dict[str, Any]:
        """The options it was made with, and those of its parts."""
        return {
            "mixture": self.mixture,
            "share": self.share,
            "parts": [part.options() for part in self.parts],
        }

    def mix(
        self,
        counts: Corpus,
        dev: Corpus | None = None,
        once: ContextCounts | None = None,
    ) -> Self:
        """Learn the shares, if they are to be; the parts are trained before."""
        if _is_share(self.share) or (self.share is None and dev is None):
            return self
        dev = held_out(dev)
        if self.share != LEARNT:
            levels = levels_of(counts, once)
            self._keys, self._bins = [level.keys for level in levels], bins_of(levels)
        bins = self._bins_of(dev.contexts)[dev.rows]
        chances = np.exp([log_probs_at(part, dev) for part in self.parts])
        size = 1 + max((int(own.max(initial=0)) for own in self._bins), default=0)
        allowed = np.ones((size, len(self.parts)))
        self._weights = learn_weights(chances, dev.counts.astype(np.float64), bins, allowed, PRIOR)
        return self

    def _bins_of(self, contexts: np.ndarray) -> np.ndarray:
        found = find_suffixes(self._keys, contexts, self.vocabulary_size)
        return bin_of_each(found, self._bins, len(contexts))

    def _log_shares(self, contexts: np.ndarray) -> np.ndarray:
        """(B, T) contexts → (2, B) the logarithms of the shares of both models."""
        with np.errstate(divide="ignore"):
            return np.log(self._weights)[self._bins_of(contexts)].T

    def next_log_probs(self, contexts: np.ndarray) -> np.ndarray:
        """(B, T) contexts → (B, V) log-probabilities in nats."""
        one, two = (
            part.next_log_probs(self._as_seen_by(part, contexts)) + share[:, None]
            for part, share in zip(self.parts, self._log_shares(contexts), strict=True)
        )
        mixed: np.ndarray = np.logaddexp(one, two)
        return mixed

    def _as_seen_by(self, part: LanguageModel, contexts: np.ndarray) -> np.ndarray:
        """(B, T) contexts → those of a part. A token V, which is not seen, is in states that no
        item comes to (`context_states`): to a part that sees all tokens it may be any."""
        own = contexts[:, -part.block_size :]
        return own if part.endings() is not None else np.where(own < self.vocabulary_size, own, 0)

    def log_probs_of(self, contexts: np.ndarray, tokens: np.ndarray) -> np.ndarray:
        """(N, T) contexts and (N,) what followed → (N,) its log-probability in nats."""
        one, two = (
            part.log_probs_of(contexts[:, -part.block_size :], tokens) + share
            for part, share in zip(self.parts, self._log_shares(contexts), strict=True)
        )
        mixed: np.ndarray = np.logaddexp(one, two)
        return mixed

    def log_probs_without(self, left: Without) -> np.ndarray:
        """(M,) the log-probabilities in nats of the tokens of items, each from its list without it,
        but for parts that are trained. The shares stay."""
        bins = np.zeros(len(left.tokens), dtype=np.intp)
        if self._bins:
            levels = left.levels[: self.block_size + 1]
            found = left.find([level.keys for level in levels])
            bins = bin_of_each(found, bins_of(levels, left.whole.total), len(left.tokens))
        with np.errstate(divide="ignore"):
            shares = np.log(weights_of(self._weights, bins))
        one, two = (part.log_probs_without(left) for part in self.parts)
        mixed: np.ndarray = np.logaddexp(one + shares[:, 0], two + shares[:, 1])
        return mixed

    def endings(self) -> list[np.ndarray] | None:
        """For each length (C,): those of both models, and what the share depends on."""
        parts = [self._keys, *(_endings(part) for part in self.parts)]
        known = [own for own in parts if own is not None]
        if len(known) < len(parts):
            return None
        return [
            union(*(own[length] for own in known if length < len(own)))
            for length in range(max(map(len, known)))
        ]

    def arrays(self) -> dict[str, np.ndarray]:
        """Those of both models, and the shares."""
        arrays = {"weights": self._weights}
        for number, part in enumerate(self.parts):
            arrays |= {f"{number}.{name}": array for name, array in part.arrays().items()}
        for length, (keys, bins) in enumerate(zip(self._keys, self._bins, strict=True)):
            arrays |= {f"keys.{length}": packed(keys), f"bins.{length}": packed(bins)}
        return arrays

    def restore(self, arrays: dict[str, np.ndarray]) -> None:
        """Take over what `arrays` gave. ValueError if it isn't from such a mixture."""
        for number, part in enumerate(self.parts):
            own = {k: array for k, array in arrays.items() if k.startswith(f"{number}.")}
            part.restore({k.removeprefix(f"{number}."): array for k, array in own.items()})
        self._weights = checked_fractions(
            "weights", arrays["weights"], (None, len(self.parts)), least=0, most=1 + ROUNDING
        )
        if not len(self._weights):
            raise ValueError("there are no weights")
        check_sums("weights", self._weights.sum(axis=1))
        lengths = range(self.block_size + 1) if "keys.0" in arrays else range(0)
        check_block_size(len(lengths[1:]), self.vocabulary_size)
        keys = [arrays[f"keys.{length}"] for length in lengths]
        check_keys("contexts", keys, self.vocabulary_size)
        bins = [
            checked_whole(f"bins.{n}", arrays[f"bins.{n}"], own.shape, end=len(self._weights))
            for n, own in enumerate(keys)
        ]
        self._keys = [own.astype(np.int64) for own in keys]
        self._bins = [own.astype(np.intp) for own in bins]
        no_others("the model", arrays, self.arrays())

    @property
    def parameter_count(self) -> int:
        """Those of both models, and the shares."""
        return sum(part.parameter_count for part in self.parts) + self._weights.size


def _endings(part: LanguageModel) -> Sequence[np.ndarray] | None:
    """What a part of the mixture sees; all contexts where it sees all of them and they are few."""
    size, length = part.vocabulary_size, part.block_size
    endings = part.endings()
    if endings is None and size**length <= MOST_CONTEXTS:
        none = np.zeros(0, dtype=np.int64)
        endings = [*[none] * length, np.arange(size**length, dtype=np.int64)]
    return endings


def _chosen(mixture: str | Sequence[str]) -> list[type[LanguageModel]]:
    """The two families; OptionError if they are not two, or not such as can be mixed."""
    given = mixture.split(",") if isinstance(mixture, str) else mixture
    names = [name.strip() for name in given]
    if len(names) != 2:
        raise OptionError(f"a mixture is of two models, as in ngram,mlp; got {mixture!r}")
    if Mixture.name in names:
        others = ", ".join(sorted(families().keys() - {Mixture.name}))
        raise OptionError(f"a mixture of a mixture can't be; there are {others}")
    return [family(name) for name in names]


def _is_share(share: float | str | None) -> bool:
    return isinstance(share, (int, float)) and 0 <= share <= 1
