"""A back-off model, as ARPA files have it: log-probabilities of grams, and back-off weights.

    p(token | context) = what is given for the two, where it is; otherwise
                         back-off weight(context) p(token | the context without its oldest token)

It works with logarithms alone, so a small probability keeps all its digits beside a large one. The
last token of its vocabulary, V - 1, stands for every token that is not known: it has a probability
and can be part of contexts, as any other. This module knows no files and fits nothing.

Source: S. Katz, "Estimation of Probabilities from Sparse Data for the Language Model Component of a
Speech Recognizer", IEEE Transactions on Acoustics, Speech, and Signal Processing 35 (1987) 400-401.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Self

import numpy as np

from ..errors import OptionError
from ..storage.validation import checked_fractions, checked_whole, no_others
from ..text import check_block_size, gather_rows, rebased
from ..text.sorted_arrays import find, union
from .base import LanguageModel
from .ngram import NGram
from .ngram_counts import find_suffixes, packed
from .smoothing import chances_of

__all__ = ["LARGEST", "NEVER", "BackOff", "Grams", "log_probs_of"]

GRAMS = ("pairs", "log_probs", "keys", "back_offs")  # their arrays in a file
ARPA = "of an ARPA file"
LARGEST = 1e6  # nats: further from 0 is no logarithm of a probability or a weight
NEVER = -99 * float(np.log(10))  # nats: how ARPA files write the logarithm of 0


@dataclass(frozen=True, repr=False)
class Grams:
    """What is given for contexts of one length and the tokens after them.

    The boundary mark as a token is the end of an item; in a context it is the start.
    """

    vocabulary_size: int  # V
    pairs: np.ndarray  # (P,) int64, rising: context and token as one number to the base V
    log_probs: np.ndarray  # (P,) float64, in nats
    keys: np.ndarray  # (C,) int64, rising: contexts, all those of the pairs and maybe others
    back_offs: np.ndarray  # (C,) float64, in nats: the logarithms of the back-off weights

    @classmethod
    def of(
        cls,
        vocabulary_size: int,
        pairs: np.ndarray,
        log_probs: np.ndarray,
        contexts: np.ndarray,
        back_offs: np.ndarray,
    ) -> Self:
        """(P,) pairs, (P,) log_probs, (C,) contexts, (C,) back_offs → the same of all contexts.

        Some contexts of the pairs may have no back-off weight given: theirs is 1.

        >>> Grams.of(3, np.array([1, 7]), np.zeros(2), np.array([2]), np.array([-0.5])).back_offs
        array([ 0. , -0.5])
        """
        keys = union(pairs // vocabulary_size, contexts)
        weights = np.zeros(len(keys))
        weights[np.searchsorted(keys, contexts)] = back_offs
        return cls(vocabulary_size, pairs, log_probs, keys, weights)

    @cached_property
    def starts(self) -> np.ndarray:
        """(C + 1,) where the pairs of each context begin, and the end."""
        firsts = np.searchsorted(self.pairs, self.keys * self.vocabulary_size)
        return np.append(firsts, len(self.pairs)).astype(np.intp)

    @classmethod
    def stored(cls, arrays: Mapping[str, np.ndarray], length: int, vocabulary_size: int) -> Self:
        """Those after contexts of `length` tokens out of a file; ValueError where they can't be."""
        V = vocabulary_size
        pairs, log_probs, keys, back_offs = (f"{name}.{length}" for name in GRAMS)
        found = cls(
            V,
            checked_whole(pairs, arrays[pairs], (None,), end=V ** (length + 1), rises=True),
            checked_fractions(
                log_probs, arrays[log_probs], arrays[pairs].shape, least=-LARGEST, most=0
            ),
            checked_whole(keys, arrays[keys], (None,), end=V**length, rises=True),
            checked_fractions(
                back_offs, arrays[back_offs], arrays[keys].shape, least=-LARGEST, most=LARGEST
            ),
        )
        if len(find(found.keys, found.pairs // V)[0]) < len(found.pairs):
            raise ValueError(f"{pairs} has contexts that are not in {keys}")
        if not length and len(found.pairs) < V:
            raise ValueError(f"{pairs} does not have all tokens")
        return found


def log_probs_of(numbers: np.ndarray, grams: list[Grams]) -> np.ndarray:
    """(N,) contexts and tokens, as long as the longest grams, as numbers to the base V → (N,) the
    log-probability of the token in nats.

    >>> one = Grams(2, np.arange(2), np.log([0.9, 0.1]), np.array([0]), np.zeros(1))
    >>> np.exp(log_probs_of(np.array([1, 0]), [one])).round(2)
    array([0.1, 0.9])
    """
    log_probs = np.zeros(len(numbers))
    for length, own in enumerate(grams):
        ends = numbers % own.vocabulary_size ** (length + 1)
        which, places = find(own.keys, ends // own.vocabulary_size)
        log_probs[which] += own.back_offs[places]
        which, places = find(own.pairs, ends)
        log_probs[which] = own.log_probs[places]
    return log_probs


class BackOff(LanguageModel):
    """p(next | T tokens before it), as given for grams of orders 1 to T + 1.

    OptionError for a `block_size` below 1.

    >>> of_all, one = np.log([0.5, 0.25, 0.25]), np.array([1])
    >>> unigrams = Grams(3, np.arange(3), of_all, keys=np.array([0]), back_offs=np.zeros(1))
    >>> bigrams = Grams(3, np.array([1 * 3 + 0]), np.log([0.9]), one, np.log([0.2]))
    >>> np.exp(BackOff.given(3, [unigrams, bigrams]).next_log_probs(np.array([[1], [2]]))).round(2)
    array([[0.9 , 0.05, 0.05],
           [0.5 , 0.25, 0.25]])
    """

    name: ClassVar[str] = "backoff"
    option_names: ClassVar[tuple[str, ...]] = ("block_size",)

    def __init__(self, vocabulary_size: int, *, block_size: int = 1) -> None:
        if block_size < 1:
            raise OptionError(f"the block size must be 1 or more, got {block_size}")
        self.vocabulary_size = vocabulary_size
        self.block_size = block_size
        self.grams: list[Grams] = []

    @classmethod
    def given(cls, vocabulary_size: int, grams: list[Grams]) -> Self:
        """The model of these grams, of orders 1 to T + 1."""
        model = cls(vocabulary_size, block_size=len(grams) - 1)
        model.grams = grams
        return model

    @classmethod
    def of(cls, model: NGram, unknown_nats: float | None) -> Self:
        """The same as an n-gram model says, and one more token for unknown ones, which costs so
        much; None where the model has one.

        OptionError where the smoothing has no such form.
        """
        if any(shares.rest is None for shares in model.shares):
            raise OptionError(
                f"{model.smoothing} has no ARPA form, as its weights depend on the whole context; "
                f"kneser-ney, witten-bell and a number have one"
            )
        V, grams = model.vocabulary_size, []
        size = V + (unknown_nats is not None)
        check_block_size(model.block_size, size, ARPA)
        for length, own in enumerate(model.shares):
            assert own.rest is not None
            contexts, tokens = own.keys_of_each, own.tokens
            chances = chances_of(model.shares[: length + 1], contexts, tokens, V)
            log_probs = _logarithms(chances)
            pairs = rebased(contexts, length, V, size) * size + tokens
            keys = rebased(own.keys, length, V, size)
            grams.append(Grams(size, pairs, log_probs, keys, _logarithms(own.rest)))
        # Of order 1 all tokens are given, so nothing goes back from there.
        none, every = np.zeros(V, np.int64), np.arange(V)
        log_probs = _logarithms(chances_of(model.shares[:1], none, every, V))
        if unknown_nats is not None:
            log_probs = np.append(log_probs, -unknown_nats)
        grams[0] = Grams(size, np.arange(size), log_probs, np.zeros(1, np.int64), np.zeros(1))
        return cls.given(size, grams)

    def next_log_probs(self, contexts: np.ndarray) -> np.ndarray:
        """(B, T) contexts → (B, V) log-probabilities of the next token, in nats."""
        V = self.vocabulary_size
        table = np.full((len(contexts), V), -np.log(V) if not self.grams else 0.0)
        found = find_suffixes([own.keys for own in self.grams], contexts, V)
        for (rows, places), own in zip(found, self.grams, strict=True):
            table[rows] += own.back_offs[places][:, None]
            which, entries = gather_rows(own.starts, places)
            table[rows[which], own.pairs[entries] % V] = own.log_probs[entries]
        return table

    def log_probs_of(self, contexts: np.ndarray, tokens: np.ndarray) -> np.ndarray:
        """(N, T) contexts and (N,) what followed → (N,) its log-probability in nats."""
        V = self.vocabulary_size
        log_probs = np.full(len(tokens), -np.log(V) if not self.grams else 0.0)
        found = find_suffixes([own.keys for own in self.grams], contexts, V)
        for (rows, places), own in zip(found, self.grams, strict=True):
            log_probs[rows] += own.back_offs[places]
            which, entries = find(own.pairs, own.keys[places] * V + tokens[rows])
            log_probs[rows[which]] = own.log_probs[entries]
        return log_probs

    def listed(self) -> list[np.ndarray]:
        """For each order (G,) the grams that must be listed, as rising numbers.

        Those are the given ones, those that are contexts, and all ends of longer ones: without
        them some programs do not find the longer ones.
        """
        V, result = self.vocabulary_size, []
        longer = contexts = np.zeros(0, dtype=np.int64)
        for length in range(self.block_size, -1, -1):
            own = self.grams[length]
            longer = union(own.pairs, contexts, longer % V ** (length + 1))
            result.append(longer)
            contexts = own.keys
        return result[::-1]

    def shorter(self, block_size: int) -> "BackOff":
        """The same model without its longer grams."""
        return BackOff.given(self.vocabulary_size, self.grams[: block_size + 1])

    def endings(self) -> list[np.ndarray]:
        """For each length (C,) the contexts that have something given."""
        return [own.keys for own in self.grams]

    def arrays(self) -> dict[str, np.ndarray]:
        """For each order the grams and contexts, their log-probabilities and weights."""
        arrays = {"vocabulary_size": np.array([self.vocabulary_size])}
        for length, own in enumerate(self.grams):
            arrays |= {
                f"pairs.{length}": packed(own.pairs),
                f"log_probs.{length}": own.log_probs,
                f"keys.{length}": packed(own.keys),
                f"back_offs.{length}": own.back_offs,
            }
        return arrays

    def restore(self, arrays: dict[str, np.ndarray]) -> None:
        """Take over what `arrays` gave. KeyError or ValueError if it isn't from such a model."""
        V, lengths = self.vocabulary_size, range(self.block_size + 1)
        check_block_size(self.block_size, V, ARPA)
        if checked_whole("vocabulary_size", arrays["vocabulary_size"], (1,))[0] != V:
            raise ValueError("the vocabulary is of another size")
        self.grams = [Grams.stored(arrays, length, V) for length in lengths]
        no_others("the model", arrays, self.arrays())

    @property
    def parameter_count(self) -> int:
        """The log-probabilities and the back-off weights."""
        return sum(len(own.log_probs) + len(own.back_offs) for own in self.grams)


def _logarithms(probabilities: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):
        logarithms: np.ndarray = np.maximum(np.log(probabilities), NEVER)
    return np.minimum(logarithms, 0.0)
