"""Class-based n-gram: which class of words comes next, and which word of that class.

    p(w | words before) = p(class of w | classes of the words before) p(w | class of w)

The classes are found by exchange clustering (`word_classes`). An `NGram` counts and smooths them.
Of a word that came n times in a class of k words that came N times, p(w | class of w) is
(n + a) / (N + a k). So a word of the vocabulary that never came has a probability too. Of ADDED,
dev chooses a: a half where all words came, and 8 on the Brown corpus in the split of Bengio et al.,
where 792 of 17,907 did not. There dev has perplexity 328 with a = 1 and 319 with a = 8. With a
discount from n it has 349 at best, with the relative frequency and a share for any word 326.

Source: P. Brown, V. Della Pietra, P. deSouza, J. Lai, R. Mercer, "Class-Based n-gram Models of
Natural Language", Computational Linguistics 18 (1992) 467-479.
"""

from typing import ClassVar, Self

import numpy as np

from ..errors import OptionError, is_whole
from ..storage.validation import HEAVIEST, checked_fractions, checked_whole, no_others
from ..text import BOUNDARY, ContextCounts, Corpus, table_of
from .base import Counted
from .leave_one_out import Without
from .ngram import KNESER_NEY, NGram
from .ngram_counts import packed
from .word_classes import in_classes, word_classes

ADDED = 2.0 ** np.arange(-4, 6)
UNTRIED = 0.5  # of ADDED, where there is no dev
MOST_CLASSES = 3_000  # of fewer than there are words: a table of their pairs must fit into memory


class ClassNGram(Counted):
    """An `NGram` of `classes` classes of words, or of all words if there are no more than that.

    The boundary is a class of its own, which is not counted among them. `block_size` and
    `smoothing` are those of the `NGram`. OptionError for a number of classes that can't be, and
    where that says so.

    >>> from moreish.text import count_contexts
    >>> tokens = [1, 2, 0, 3, 2, 0, 1, 4, 0, 1, 2, 0]  # 1 and 3 begin an item, 2 and 4 end it
    >>> counts = count_contexts(np.array(tokens), block_size=2, vocabulary_size=5)
    >>> model = ClassNGram(5, classes=2, smoothing=0.0).fit(counts)
    >>> np.exp(model.next_log_probs(np.array([[0, 0], [0, 3]]))).round(2)  # never seen: 4 after 3
    array([[0. , 0.7, 0. , 0.3, 0. ],
           [0. , 0. , 0.7, 0. , 0.3]])
    """

    name: ClassVar[str] = "class-ngram"
    option_names: ClassVar[tuple[str, ...]] = ("block_size", "classes", "smoothing")

    def __init__(
        self,
        vocabulary_size: int,
        *,
        block_size: int = 2,
        classes: int = 500,
        smoothing: float | str = KNESER_NEY,
    ) -> None:
        words = vocabulary_size - 1
        if not is_whole(classes) or classes < 1 or MOST_CLASSES < classes < words:
            raise OptionError(
                f"the number of classes is 1 to {MOST_CLASSES:,}, or so many that each word has "
                f"its own; got {classes}"
            )
        self.vocabulary_size = vocabulary_size
        self.block_size = block_size
        self.classes = int(classes)
        self.size = 1 + min(self.classes, words)  # the class of the boundary included
        self._ngram = NGram(self.size, block_size=block_size, smoothing=smoothing)
        self.smoothing = self._ngram.smoothing
        every = np.append(BOUNDARY, 1 + np.arange(words) % max(self.size - 1, 1))
        self._take(every, np.zeros(vocabulary_size), UNTRIED)

    def _take(self, classes: np.ndarray, frequencies: np.ndarray, added: float) -> None:
        """(V,) the class of each token, how often it came, and what is added to that."""
        self.class_of, self._frequencies, self._added = classes, frequencies, added
        self._log_shares = self._log_shares_with(added)
        self._seen_as = np.append(classes, self.size)  # a token V is not seen, nor is its class

    @property
    def needs_dev(self) -> bool:
        """For the weights of deleted interpolation."""
        return self._ngram.needs_dev

    def fit(
        self,
        counts: Corpus,
        dev: Corpus | None = None,
        once: ContextCounts | None = None,
    ) -> Self:
        """Find the classes, and smooth their counts; OptionError as from `NGram.fit`."""
        counts = table_of(counts)
        classes = word_classes(counts.shorter(1), self.size - 1)
        return self._count(classes, counts, None if dev is None else table_of(dev), once)

    def _count(
        self,
        classes: np.ndarray,
        counts: ContextCounts,
        dev: ContextCounts | None,
        once: ContextCounts | None,
    ) -> Self:
        self._ngram.fit(
            in_classes(counts, classes, self.size),
            None if dev is None else in_classes(dev, classes, self.size),
            None if once is None else in_classes(once, classes, self.size),
        )
        self._take(classes, _frequencies(counts), UNTRIED)
        if dev is not None and len(dev):
            wanted = _frequencies(dev)
            best = max(ADDED, key=lambda added: wanted @ self._log_shares_with(added))
            self._take(classes, self._frequencies, float(best))
        return self

    def _log_shares_with(self, added: float) -> np.ndarray:
        """(V,) the log-probability in nats of each word in its class."""
        frequencies = self._frequencies + added
        of_class = np.bincount(self.class_of, frequencies, self.size)
        log_shares: np.ndarray = np.log(frequencies) - np.log(of_class[self.class_of])
        return log_shares

    def next_log_probs(self, contexts: np.ndarray) -> np.ndarray:
        """(B, T) contexts → (B, V) log-probabilities in nats."""
        of_classes = self._ngram.next_log_probs(self._seen_as[contexts])
        log_probs: np.ndarray = of_classes[:, self.class_of]
        log_probs += self._log_shares
        return log_probs

    def log_probs_of(self, contexts: np.ndarray, tokens: np.ndarray) -> np.ndarray:
        """(N, T) contexts and (N,) what followed → (N,) its log-probability in nats."""
        of_classes = self._ngram.log_probs_of(self._seen_as[contexts], self.class_of[tokens])
        log_probs: np.ndarray = of_classes + self._log_shares[tokens]
        return log_probs

    def log_probs_without(self, left: Without) -> np.ndarray:
        """(M,) the log-probabilities in nats of the tokens of items, each from its list without it.

        Exactly those of the model of that list with the same classes; what was learnt on dev stays.
        """
        of_classes = left.in_classes(self.class_of, self.size)
        words = np.bincount(self.class_of, minlength=self.size)
        shares = (left.frequencies + self._added) / (
            of_classes.frequencies + self._added * words[of_classes.tokens]
        )
        log_probs: np.ndarray = self._ngram.log_probs_without(of_classes) + np.log(shares)
        return log_probs

    def arrays(self) -> dict[str, np.ndarray]:
        """The class of each token, how often it came, and the arrays of the n-gram of classes."""
        return {
            "classes": packed(self.class_of),
            "frequencies": self._frequencies,
            "added": np.array([self._added]),
            **{f"ngram.{name}": array for name, array in self._ngram.arrays().items()},
        }

    def restore(self, arrays: dict[str, np.ndarray]) -> None:
        """Take over what `arrays` gave. ValueError where it can't be, see `validation`."""
        shape = (self.vocabulary_size,)
        classes = checked_whole("classes", arrays["classes"], shape, end=self.size)
        words = np.bincount(classes, minlength=self.size)
        if classes[BOUNDARY] != BOUNDARY or words[BOUNDARY] != 1:
            raise ValueError("the boundary is not in a class of its own")
        if not words.all():
            raise ValueError("there are classes that no word is in")
        frequencies = checked_fractions(
            "frequencies", arrays["frequencies"], shape, least=0, most=HEAVIEST
        )
        added = checked_fractions("added", arrays["added"], (1,), least=ADDED[0], most=ADDED[-1])
        own = {name: array for name, array in arrays.items() if name.startswith("ngram.")}
        self._ngram.restore({name.removeprefix("ngram."): own[name] for name in own})
        self._take(classes.astype(np.intp), frequencies, float(added[0]))
        no_others("the model", arrays, self.arrays())

    @property
    def parameter_count(self) -> int:
        """For each token its class and its share of that, and those of the n-gram of classes."""
        return 2 * self.vocabulary_size + self._ngram.parameter_count


def _frequencies(counts: ContextCounts) -> np.ndarray:
    """(V,) how often each token came."""
    return np.bincount(counts.tokens, counts.counts, counts.vocabulary_size)
