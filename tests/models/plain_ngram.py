"""N-gram models by the book, one gram at a time in dictionaries: slow, and nothing of ours in it.

Chen and Goodman (1999), with item starts as in Heafield et al. (2013): an item is `<s>`, its
tokens, `</s>`; there is one `<s>`, it is never predicted, and a gram that begins with it keeps its
count in every order, as nothing stands before it.
"""

import math
from collections import Counter, defaultdict

START, END = "<s>", "</s>"
Gram = tuple[str, ...]


class Plain:
    """Grams of 1 to `order` tokens and how often each came."""

    def __init__(self, items: list[str], order: int) -> None:
        self.order = order
        self.grams: list[Counter[Gram]] = [Counter() for _ in range(order + 1)]
        for item in items:
            line = (START, *item, END)
            for n in range(1, order + 1):
                for i in range(len(line) - n + 1):
                    if line[i + n - 1] != START:
                        self.grams[n][line[i : i + n]] += 1
        self.tokens = sorted({gram[0] for gram in self.grams[1]})
        self.size = len(self.tokens)  # of the vocabulary; those that did not come may be in it

    def context(self, before: str) -> Gram:
        """The last tokens before a place, the start of the item among them."""
        return (START, *before)[-(self.order - 1) :] if self.order > 1 else ()

    def followers(self, context: Gram) -> dict[str, float]:
        """What followed a context and what it counts in this model."""
        adjusted = self.adjusted(len(context) + 1)
        found = {token: adjusted.get((*context, token), 0) for token in self.tokens}
        return {token: count for token, count in found.items() if count}

    def adjusted(self, n: int) -> dict[Gram, float]:
        return self.grams[n]

    def probability(self, token: str, context: Gram) -> float:
        raise NotImplementedError

    def shorter(self, token: str, context: Gram) -> float:
        return self.probability(token, context[1:]) if context else 1 / self.size


class PlainKneserNey(Plain):
    """Modified Kneser-Ney, interpolated."""

    def __init__(self, items: list[str], order: int) -> None:
        super().__init__(items, order)
        self._adjusted = {n: self._variety(n) for n in range(1, order + 1)}
        self.discounts = {n: self._discounts(n) for n in range(1, order + 1)}

    def _variety(self, n: int) -> dict[Gram, float]:
        if n == self.order:
            return self.grams[n]
        before = defaultdict(set)
        for gram in self.grams[n + 1]:
            before[gram[1:]].add(gram[0])
        return {
            gram: count if gram[0] == START else len(before[gram])
            for gram, count in self.grams[n].items()
        }

    def adjusted(self, n: int) -> dict[Gram, float]:
        return self._adjusted[n]

    def _discounts(self, n: int) -> dict[int, float]:
        of = Counter(self.adjusted(n).values())
        if all(of[j] for j in (1, 2, 3, 4)):
            y = of[1] / (of[1] + 2 * of[2])
            found = {j: j - (j + 1) * y * of[j + 1] / of[j] for j in (1, 2, 3)}
            if all(0 < found[j] <= j for j in found):
                return found
        if of[1]:
            y = of[1] / (of[1] + 2 * max(of[2], 1))
            return {1: y, 2: 2 * y, 3: 3 * y}
        return {1: 0.5, 2: 1.0, 3: 1.5}

    def probability(self, token: str, context: Gram) -> float:
        followers = self.followers(context)
        if not followers:
            return self.shorter(token, context)
        taken = {t: self.discounts[len(context) + 1][min(c, 3)] for t, c in followers.items()}
        total = sum(followers.values())
        own = max(followers.get(token, 0) - taken.get(token, 0), 0) / total
        return own + sum(taken.values()) / total * self.shorter(token, context)


class PlainWittenBell(Plain):
    """Witten-Bell, interpolated."""

    def probability(self, token: str, context: Gram) -> float:
        followers = self.followers(context)
        if not followers:
            return self.shorter(token, context)
        total, kinds = sum(followers.values()), len(followers)
        own = followers.get(token, 0) + kinds * self.shorter(token, context)
        return own / (total + kinds)


class PlainAddK(Plain):
    """A number added to each count, and no shorter contexts."""

    k = 0.5

    def probability(self, token: str, context: Gram) -> float:
        followers = self.followers(context)
        total = sum(followers.values())
        return (followers.get(token, 0) + self.k) / (total + self.k * self.size)


def log_probability(model: Plain, item: str) -> list[float]:
    """Nats of each token of an item and of its end, below 0."""
    ends = [*item, END]
    return [math.log(model.probability(t, model.context(item[:i]))) for i, t in enumerate(ends)]
