"""Classes of words, by exchange clustering: a word goes where a bigram of classes predicts best.

With N(g, h), how often a word of class h came after one of class g, the log-likelihood of a list by
p(w | v) = p(class of w | class of v) p(w | class of w) is, but for what no classes change,

    sum of f(N(g, h)) over g and h - sum of f(N(g, .)) over g - sum of f(N(., h)) over h

where f(n) = n log n. Word after word is taken out of its class and put into the one where this
criterion is the largest. So it never falls, and the rounds come to an end.

Sources: R. Kneser, H. Ney, "Improved Clustering Techniques for Class-Based Statistical Language
Modelling", Eurospeech 1993; S. Martin, J. Liermann, H. Ney, "Algorithms for Bigram and Trigram Word
Clustering", Speech Communication 24 (1998) 19-37.
"""

import numpy as np

from ..text import BOUNDARY, ContextCounts

__all__ = ["Exchange", "in_classes", "word_classes"]

ROUNDS = 30  # at most
ENOUGH = 1e-4  # nats per token that a round must gain for there to be another
TINY = 1e-300
SAME = 1e-9  # of a gain: rounding, which differs by processor


def word_classes(counts: ContextCounts, classes: int, rounds: int = ROUNDS) -> np.ndarray:
    """The table of contexts of one token → (V,) the class of each token, from 1 to `classes`; the
    boundary alone is in class 0.

    The word of rank i by frequency starts in class i modulo `classes`. Words that never came have
    no neighbours. They go together where those of the words that came least often are likeliest.

    >>> from moreish.text import count_contexts
    >>> tokens = [1, 2, 0, 3, 2, 0, 1, 4, 0, 3, 4, 0]  # 1 and 3 begin an item, 2 and 4 end it
    >>> word_classes(count_contexts(np.array(tokens), 1, vocabulary_size=5), classes=2).tolist()
    [0, 1, 2, 1, 2]
    """
    frequencies = np.bincount(counts.tokens, counts.counts, counts.vocabulary_size)
    order = 1 + np.argsort(-frequencies[1:], kind="stable")
    result = np.zeros(counts.vocabulary_size, dtype=np.intp)
    result[order] = 1 + np.arange(len(order)) % max(classes, 1)
    came = order[frequencies[order] > 0]
    if len(came) <= classes:
        return result
    exchange = Exchange(counts, result, classes + 1)
    before = exchange.criterion
    for _ in range(rounds):
        for word in came.tolist():
            exchange.move(word)
        now = exchange.criterion
        if now - before < ENOUGH * counts.total:
            break
        before = now
    result = exchange.classes
    rarest = came[frequencies[came] == frequencies[came[-1]]]
    result[order[len(came) :]] = exchange.likeliest(rarest)
    return result


def in_classes(counts: ContextCounts, classes: np.ndarray, size: int) -> ContextCounts:
    """A table, and (V,) the class of each token → the same table of the classes, `size` of them.

    >>> from moreish.text import count_contexts
    >>> table = count_contexts(np.array([1, 3, 0, 2, 3, 0]), 1, vocabulary_size=4)
    >>> in_classes(table, np.array([0, 1, 1, 2]), size=3).dense().tolist()
    [[0.0, 2.0, 0.0], [0.0, 0.0, 2.0], [2.0, 0.0, 0.0]]
    """
    contexts, tokens = classes[counts.contexts], classes[counts.tokens]
    return ContextCounts.of_pairs(
        contexts, counts.rows, tokens, counts.counts, size, counts.unknown
    )


class Exchange:
    """The table of (V,) `classes` below `size`, kept up to date while words move.

    A word that moves changes a row and a column of the table. What that gains is found for all
    classes at once: with a row for each class that is beside the word, and a column for each class
    that it may move to. So each count is held twice, N(g, h) at (g, h) and at (size + h, g): then
    the classes before a word and those after it are rows alike. A round takes time as the different
    pairs of a word and a class beside it, times the classes.
    """

    def __init__(self, counts: ContextCounts, classes: np.ndarray, size: int) -> None:
        self.size = size
        self.classes = classes.copy()
        before, after = counts.contexts[counts.rows, 0], counts.tokens
        came = np.bincount(after, minlength=len(classes)) > 0
        self._words = np.bincount(classes[came], minlength=size)  # that came, in each class
        pairs = classes[before] * size + classes[after]
        table = np.bincount(pairs, counts.counts, size * size).reshape(size, size)
        self.table = np.concatenate([table, table.T])
        self._terms = n_log_n(self.table)
        self.totals = np.stack([table.sum(axis=1), table.sum(axis=0)])  # N(g, .) and N(., g)
        # Beside each word, sparse: what came before it as u, and what came after as V + u.
        self._rows = np.concatenate([classes, size + classes])  # (2 V,) of the table
        self._twice = np.zeros(len(classes))  # N(w, w)
        same = before == after
        self._twice[before[same]] = counts.counts[same]
        before, after, amounts = before[~same], after[~same], counts.counts[~same]
        of, beside = np.append(after, before), np.append(before, len(classes) + after)
        order = np.argsort(of, kind="stable")
        self._beside, self._amounts = beside[order], np.append(amounts, amounts)[order]
        self._starts = np.append(0, np.cumsum(np.bincount(of, minlength=len(classes))))

    @property
    def criterion(self) -> float:
        """What never falls, in nats."""
        return float(n_log_n(self.table[: self.size]).sum() - n_log_n(self.totals).sum())

    def move(self, word: int) -> float:
        """Put a word where the criterion is largest; by how much that grew, in nats.

        The last word of a class stays: no class is left empty.
        """
        here = int(self.classes[word])
        if self._words[here] == 1:
            return 0.0
        near, twice = self._near(word), self._twice[word]
        self._add(here, -near, -twice)
        gains = self._gains(near, twice)
        same = SAME * abs(gains[here])
        best = int((gains >= gains.max() - same).argmax())  # of equal ones the first, anywhere
        gain = float(gains[best] - gains[here])
        if gain <= same:
            best, gain = here, 0.0
        self._add(best, near, twice)
        self._words[here] -= 1
        self._words[best] += 1
        self.classes[word] = best
        self._rows[[word, len(self.classes) + word]] = best, self.size + best
        return gain

    def likeliest(self, words: np.ndarray) -> int:
        """(N,) words → the class that is the likeliest to have all their neighbours.

        As though it had come once more before each class, and after it, than it did.
        """
        near = np.sum([self._near(word) for word in words.tolist()], axis=0)
        nats = self._in_all(near, 0.0) * np.log(self.totals + self.size)
        log_likelihoods = near @ np.log(self.table + 1) - nats.sum(axis=0)
        return 1 + int(log_likelihoods[1:].argmax())

    def _near(self, word: int) -> np.ndarray:
        """(2 size,) how often each class came before a word, and after it, but for the word itself.

        In the order of the rows of the table.
        """
        part = slice(self._starts[word], self._starts[word + 1])
        return np.bincount(self._rows[self._beside[part]], self._amounts[part], 2 * self.size)

    def _gains(self, near: np.ndarray, twice: float) -> np.ndarray:
        """(size,) what the criterion gains if a word that is in no class comes into each."""
        rows = np.flatnonzero(near)
        grown = n_log_n(self.table[rows] + near[rows, None])
        grown -= self._terms[rows]
        gains = grown.sum(axis=0)
        # Where a class is beside itself the word comes from both sides, and after itself.
        own = rows % self.size
        gains -= np.bincount(own, grown[np.arange(len(rows)), own], self.size)
        both = self._before_and_after(near).sum(axis=0) + twice
        gains += n_log_n(np.diagonal(self.table) + both) - np.diagonal(self._terms)
        more = self._in_all(near, twice)
        gains -= (n_log_n(self.totals + more) - n_log_n(self.totals)).sum(axis=0)
        gains[BOUNDARY] = -np.inf
        return gains

    def _add(self, place: int, near: np.ndarray, twice: float) -> None:
        """A word comes into a class, or leaves it where the counts are below 0."""
        rows = np.flatnonzero(near)
        before, after = self._before_and_after(near)
        sides = [place, self.size + place]
        self.table[rows, place] += near[rows]
        self.table[sides] += [after, before]
        self.table[sides, place] += twice
        self._terms[rows, place] = n_log_n(self.table[rows, place])
        self._terms[sides] = n_log_n(self.table[sides])
        self.totals[:, place] += self._in_all(near, twice)[:, 0]

    def _before_and_after(self, near: np.ndarray) -> np.ndarray:
        return near.reshape(2, self.size)

    def _in_all(self, near: np.ndarray, twice: float) -> np.ndarray:
        """(2, 1) how often a word has one after it, and one before it."""
        return self._before_and_after(near).sum(axis=1)[::-1, None] + twice


def n_log_n(n: np.ndarray) -> np.ndarray:
    """Numbers of any shape → n log n of each, in that shape, which is 0 where n is 0.

    >>> n_log_n(np.array([1.0, 2.0])).round(3).tolist()
    [0.0, 1.386]
    """
    n = np.maximum(n, TINY)  # rounding may take a weight below 0
    terms: np.ndarray = n * np.log(n)
    return terms
