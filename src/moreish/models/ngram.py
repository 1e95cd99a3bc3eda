"""N-gram: the next token depends on the T before it, as often as was counted, smoothed.

A context of T tokens that was never seen, or seldom, is helped by the shorter ones that it ends
in. `smoothing` says how counts become probabilities, `levels` what the counts are.
"""

from collections.abc import Mapping
from typing import ClassVar, Self

import numpy as np

from ..errors import OptionError
from ..storage.validation import ROUNDING, check_sums, checked_fractions, checked_whole, no_others
from ..text import ContextCounts, Corpus, check_block_size, find_in_rows, gather_rows
from .base import Counted, held_out
from .interpolation import bin_of_each, bins_of, learn_weights, weights_of
from .leave_one_out import Without
from .ngram_counts import Level, check_keys, find_suffixes, levels_of, packed, suffix_keys
from .smoothing import (
    Shares,
    add_k,
    added,
    discounted,
    kneser_ney,
    relative,
    witten_bell,
)

INTERPOLATION = "deleted-interpolation"
KNESER_NEY = "kneser-ney"
METHODS = {KNESER_NEY: kneser_ney, "witten-bell": witten_bell, INTERPOLATION: relative}


class NGram(Counted):
    """p(next | T tokens before it), with a `smoothing` by name, or a number to add to each count.

    "kneser-ney" is the modified one, of three discounts; "witten-bell"; and
    "deleted-interpolation", which weighs the relative frequencies after contexts of each length
    as dev says. OptionError for a smoothing that there is not, or a `block_size` below 1.

    >>> from moreish.text import count_contexts
    >>> counts = count_contexts(np.array([1, 2, 0, 1, 0, 1, 2, 2, 0]), 2, vocabulary_size=3)
    >>> model = NGram(3, block_size=2, smoothing="witten-bell").fit(counts)
    >>> np.exp(model.next_log_probs(np.array([[0, 0], [0, 1]]))).round(3)
    array([[0.083, 0.833, 0.083],
           [0.333, 0.053, 0.613]])
    """

    name: ClassVar[str] = "ngram"
    option_names: ClassVar[tuple[str, ...]] = ("block_size", "smoothing")

    def __init__(
        self, vocabulary_size: int, *, block_size: int = 6, smoothing: float | str = KNESER_NEY
    ) -> None:
        if block_size < 1:
            raise OptionError(f"the block size must be 1 or more, got {block_size}")
        self.vocabulary_size = vocabulary_size
        self.block_size = block_size
        if isinstance(smoothing, str) and smoothing not in METHODS:
            raise OptionError(
                f"there is no smoothing {smoothing!r}; there are {', '.join(METHODS)}, or a number "
                f"to add to each count"
            )
        self.smoothing = smoothing if isinstance(smoothing, str) else added(smoothing)
        self._shares: list[Shares] = []
        self._bins: list[np.ndarray] = []  # of deleted interpolation, which has no rests
        self._weights = np.zeros((0, block_size + 2))

    @property
    def shares(self) -> list[Shares]:
        """What the contexts of each length from 0 to T do with their probability."""
        return self._shares

    @property
    def needs_dev(self) -> bool:
        """For the weights of deleted interpolation."""
        return self.smoothing == INTERPOLATION

    def fit(
        self,
        counts: Corpus,
        dev: Corpus | None = None,
        once: ContextCounts | None = None,
    ) -> Self:
        """Smooth the counts; OptionError where weights are learnt on dev and there is none."""
        levels = levels_of(counts, once)
        if isinstance(self.smoothing, float):
            self._shares = add_k(levels, self.smoothing)
        else:
            self._shares = METHODS[self.smoothing](levels)
        if self.smoothing == INTERPOLATION:
            self._bins = self._binned(levels)
            self._weights = self._learnt(levels, held_out(dev))
        return self

    def _binned(self, levels: list[Level]) -> list[np.ndarray]:
        """For each length (C,) the bins of the contexts, which have weights of their own."""
        return bins_of(levels)

    def _learnt(self, levels: list[Level], dev: ContextCounts) -> np.ndarray:
        """(Q, T + 2) the weights of each bin: of any token, and after contexts of each length."""
        rows, size = dev.rows, self.vocabulary_size
        chances = np.zeros((len(levels) + 1, len(rows)))
        chances[0] = 1 / size
        allowed = np.zeros(
            (1 + max(int(bins.max(initial=0)) for bins in self._bins), len(levels) + 1)
        )
        allowed[:, 0] = 1
        for level, keys in zip(levels, suffix_keys(dev.contexts, size), strict=True):
            which, places = level.find(keys[rows], dev.tokens)
            chances[level.length + 1, which] = self._shares[level.length].shares[places]
            allowed[self._bins[level.length], : level.length + 2] = 1
        bins = bin_of_each(self._find(dev.contexts), self._bins, len(dev))
        return learn_weights(chances, dev.counts.astype(np.float64), bins[rows], allowed)

    def _find(self, contexts: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        keys = [shares.keys for shares in self._shares]
        return find_suffixes(keys, contexts, self.vocabulary_size)

    def log_probs_of(self, contexts: np.ndarray, tokens: np.ndarray) -> np.ndarray:
        """(N, T) contexts and (N,) what followed → (N,) its log-probability in nats."""
        return self._looked_up(self._find(contexts), tokens)

    def _looked_up(
        self, found: list[tuple[np.ndarray, np.ndarray]], tokens: np.ndarray
    ) -> np.ndarray:
        """(N,) of tokens after contexts, of which the parts that are known were found."""
        weights = self._weights_of(found, len(tokens))
        chances = weights[0] / self.vocabulary_size
        for (rows, places), own, weight in zip(found, self._shares, weights[1:], strict=True):
            which, entries = find_in_rows(own.starts, own.tokens, places, tokens[rows])
            which = rows[which]
            chances[which] += weight[which] * own.shares[entries]
        with np.errstate(divide="ignore"):
            return np.log(np.maximum(chances, 0, out=chances))

    def next_log_probs(self, contexts: np.ndarray) -> np.ndarray:
        """(B, T) contexts → (B, V) log-probabilities in nats."""
        found = self._find(contexts)
        weights = self._weights_of(found, len(contexts))
        table = np.repeat(weights[:1].T / self.vocabulary_size, self.vocabulary_size, axis=1)
        for (rows, places), own, weight in zip(found, self._shares, weights[1:], strict=True):
            which, entries = gather_rows(own.starts, places)
            which = rows[which]
            table[which, own.tokens[entries]] += weight[which] * own.shares[entries]
        with np.errstate(divide="ignore"):
            return np.log(np.maximum(table, 0, out=table))

    def log_probs_without(self, left: Without) -> np.ndarray:
        """(M,) the log-probabilities in nats of the tokens of items, each from its list without it.

        Exactly those of the model of that list; weights that were learnt on dev stay.
        """
        levels = left.levels[: self.block_size + 1]
        model = NGram(self.vocabulary_size, block_size=self.block_size, smoothing=self.smoothing)
        if self.smoothing == KNESER_NEY:
            model._shares = discounted(*left.varied(self.block_size))
        elif isinstance(self.smoothing, str):
            model._shares = METHODS[self.smoothing](levels)
        else:
            model._shares = add_k(levels, self.smoothing)
        if self._bins:
            model._bins, model._weights = bins_of(levels, left.whole.total), self._weights
        found = left.find([shares.keys for shares in model._shares])
        return model._looked_up(found, left.tokens)

    def endings(self) -> list[np.ndarray]:
        """For each length (C,) the contexts that were counted."""
        return [own.keys for own in self._shares]

    def _weights_of(self, found: list[tuple[np.ndarray, np.ndarray]], count: int) -> np.ndarray:
        """(T + 2, B) the weights of any token, and of the shares after each length."""
        if self._bins:
            return weights_of(self._weights, bin_of_each(found, self._bins, count)).T
        weights = np.ones((len(found) + 1, count))
        for length in range(len(found) - 1, -1, -1):
            (rows, places), rest = found[length], self._shares[length].rest
            weights[length] = weights[length + 1]
            if rest is not None:
                weights[length, rows] *= rest[places]
        return weights

    def arrays(self) -> dict[str, np.ndarray]:
        """For each length the contexts and shares; the weights, where some were learnt."""
        arrays = {"vocabulary_size": np.array([self.vocabulary_size])}
        for length, own in enumerate(self._shares):
            arrays |= {
                f"{name}.{length}": packed(array) if array.dtype.kind == "i" else array
                for name, array in vars(own).items()
                if array is not None
            }
        if self._bins:
            arrays["weights"] = self._weights
            arrays |= {f"bins.{n}": packed(bins) for n, bins in enumerate(self._bins)}
        return arrays

    def restore(self, arrays: dict[str, np.ndarray]) -> None:
        """Take over what `arrays` gave. ValueError where it can't be, see `validation`."""
        size = self.vocabulary_size
        check_block_size(self.block_size, size)
        if checked_whole("vocabulary_size", arrays["vocabulary_size"], (1,))[0] != size:
            raise ValueError("the vocabulary is of another size")
        is_learnt = self.smoothing == INTERPOLATION
        lengths = range(self.block_size + 1) if len(arrays) > 1 else range(0)
        self._shares = [Shares.stored(arrays, length, size) for length in lengths]
        if is_learnt and self._shares:
            self._weights, self._bins = self._stored_weights(arrays)
        no_others("the model", arrays, self.arrays())
        for length, own in enumerate(self._shares):
            if (own.rest is None) != is_learnt:
                raise ValueError(f"the arrays are not those of the smoothing {self.smoothing}")
            own.check_sums(length)

    def _stored_weights(
        self, arrays: Mapping[str, np.ndarray]
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """The weights of deleted interpolation and the bins, out of a file. A context that is in a
        bin has a prediction of each length that the bin gives weight to."""
        weights = checked_fractions(
            "weights", arrays["weights"], (None, self.block_size + 2), least=0, most=1 + ROUNDING
        )
        check_sums("weights", weights.sum(axis=1))
        check_keys("contexts", [own.keys for own in self._shares], self.vocabulary_size, True)
        found = []
        for length, own in enumerate(self._shares):
            name = f"bins.{length}"
            bins = checked_whole(name, arrays[name], (len(own.keys),), end=len(weights))
            if weights[bins, length + 2 :].any():
                raise ValueError(f"{name} gives weight to longer contexts than there are")
            found.append(bins.astype(np.intp))
        return weights, found

    @property
    def parameter_count(self) -> int:
        """The shares, the rests or weights: what an ARPA file has, too."""
        return self._weights.size + sum(
            len(own.shares) + (0 if own.rest is None else len(own.rest)) for own in self._shares
        )
