"""Passages of documents: they begin as documents do, and are cut after so many tokens.

A document of running text hardly ever ends within fifty words, so what is drawn from it is a
passage: its beginning, up to a length. It knows nothing of lists.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from ..engine.generator import Generator
from ..errors import DataError, OptionError, as_typed
from ..models import Predictor
from ..text import Vocabulary
from .ancestral import AncestralSampler
from .constraints import Constraints

__all__ = ["USUAL", "passages"]

USUAL = {"words": 50, "characters": 300}  # tokens of a passage, where nothing is said
FIRST, MOST = 16, 1_024  # passages at once
DULL = 200  # as many times as many are drawn as are wanted, before there are too few that fit


def passages(
    model: Predictor,
    vocabulary: Vocabulary,
    constraints: Constraints,
    seed: int,
    *,
    unique: bool = False,
    is_new: Callable[[str], bool | None] | None = None,
) -> Iterator[str]:
    """Passages without end; with `unique` each once, with `is_new` only such as are.

    A passage of fewer tokens is a document that came to its end. OptionError for constraints of
    whole items, DataError where a beginning can't be, or hardly any more come.

    >>> from itertools import islice
    >>> from moreish.models.bigram import Bigram
    >>> made = passages(Bigram(3), Vocabulary("ab"), Constraints(max_length=4), seed=1)
    >>> list(islice(made, 5))  # not fitted: each of three is as likely, the end, too
    ['aaba', 'a', 'ba', 'ab', 'abbb']
    """
    wholes = {name: getattr(constraints, name) for name in ("suffix", "contains", "matches")}
    wholes["min_length"] = constraints.min_length > 1
    if asked := [name for name, limit in wholes.items() if limit]:
        raise OptionError(
            f"{as_typed(*asked)} is for whole items; of documents passages are drawn, which begin "
            f"as they do: --prefix goes with them"
        )
    if constraints.temperature == 0:
        raise OptionError(
            "a temperature of 0 is the likeliest of whole items; of documents --top-k 1 draws the "
            "likeliest token each time"
        )
    longest = constraints.max_length or USUAL[vocabulary.kind]
    begins = replace(constraints, max_length=None)
    sampler = AncestralSampler(model, vocabulary, begins, longest, is_cut=True)
    if len(sampler.start) > longest:
        raise OptionError(
            f"the prefix {constraints.prefix!r} has {len(sampler.start)} tokens, and a passage "
            f"{longest} at most: a larger --max-length is wanted"
        )
    if not sampler.can_begin:
        raise DataError(f"this model makes no passage that begins with {constraints.prefix!r}")
    return _passages(sampler, vocabulary, seed, unique, is_new)


def _passages(
    sampler: AncestralSampler,
    vocabulary: Vocabulary,
    seed: int,
    unique: bool,
    is_new: Callable[[str], bool | None] | None,
) -> Iterator[str]:
    generator = Generator().manual_seed(seed)
    seen: set[str] = set()
    count, given, misses = FIRST, 0, 0
    while True:
        for drawn in vocabulary.decode(sampler.draw(count, generator)):
            item = drawn.strip()
            if not item or item in seen or (is_new is not None and not is_new(item)):
                misses += 1
                continue
            if unique:
                seen.add(item)
            given += 1
            yield item
        if misses > DULL * (given + 100):
            raise DataError(
                f"after {given:,} passages that fit hardly any more come ({misses:,} draws in "
                f"vain): ask for fewer, for longer ones, or for a higher temperature"
            )
        count = min(count * 4, MOST)
