"""What is asked of items, beside being likely."""

import math
from dataclasses import dataclass

import numpy as np

from ..errors import OptionError
from ..text import Vocabulary
from .automaton import Automaton, anything, begins, crossed, ends, holds, matches

__all__ = ["Limits"]

LONGEST = 10_000  # tokens that are counted


@dataclass(frozen=True)
class Limits:
    """What items must be like, and how boldly they are drawn. OptionError for what can't be."""

    prefix: str = ""  # what they begin with
    suffix: str = ""  # what they end with
    contains: str = ""  # what is somewhere in them
    matches: str | None = None  # a regular expression that covers the whole of them
    min_length: int = 0  # in tokens
    max_length: int | None = None  # more than LONGEST is as much as none
    temperature: float = 1.0  # below 1 plays safe, above 1 dares more; 0 is the likeliest item
    top_k: int | None = None  # only the k likeliest tokens at each place
    top_p: float | None = None  # only the likeliest tokens that together have this probability

    def __post_init__(self) -> None:
        if not 0 <= self.temperature < math.inf:
            raise OptionError(f"the temperature must be 0 or more, got {self.temperature:g}")
        if self.top_k is not None and self.top_k < 1:
            raise OptionError(f"top-k must be 1 or more, got {self.top_k}")
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise OptionError(f"top-p must be more than 0 and at most 1, got {self.top_p:g}")
        if self.min_length < 0:
            raise OptionError(f"the shortest length must be 0 or more, got {self.min_length}")
        if self.min_length > LONGEST:
            raise OptionError(
                f"the shortest length must be at most {LONGEST:,} tokens, got {self.min_length}"
            )
        if self.max_length is not None and self.max_length < max(self.min_length, 1):
            raise OptionError(
                f"no item can have at least {self.min_length} and at most {self.max_length} tokens"
            )
        if self.max_length is not None and self.max_length > LONGEST:
            object.__setattr__(self, "max_length", None)

    @property
    def only_begins(self) -> bool:
        """Whether nothing is asked of the items but how they begin."""
        others = self.suffix or self.contains or self.matches is not None
        return not others and self.min_length <= 1 and self.max_length is None

    def told(self) -> str:
        """The limits, as they are typed."""
        texts = {
            "prefix": self.prefix,
            "suffix": self.suffix,
            "contains": self.contains,
            "matches": self.matches or "",
            "min-length": self.min_length or "",
            "max-length": self.max_length or "",
            "temperature": "" if self.temperature == 1 else f"{self.temperature:g}",
            "top-k": self.top_k or "",
            "top-p": self.top_p or "",
        }
        return " ".join(f"--{name} {text}" for name, text in texts.items() if text != "")

    def automaton(self, vocabulary: Vocabulary) -> Automaton:
        """The automaton of all limits but the lengths.

        DataError for a token that was never seen, OptionError where no item can meet them all:
        the sentence says which of them rules the others out.
        """
        size = len(vocabulary)
        made = anything(size)
        met: list[str] = []
        for what, text, kind in (
            ("prefix", self.prefix, begins),
            ("suffix", self.suffix, ends),
            ("contains", self.contains, holds),
        ):
            if text:
                tokens = vocabulary.must_know(text, f"the {what}").tolist()
                made = self._with(made, kind(tokens, size), f"--{what} {text}", met)
        if self.matches is not None:
            pattern = matches(self.matches, vocabulary)
            made = self._with(made, pattern, f"--matches {self.matches}", met)
        return made

    def _with(self, made: Automaton, more: Automaton, called: str, met: list[str]) -> Automaton:
        """Both; said if that leaves nothing of a length that is allowed."""
        if not _can(more, self.min_length, self.max_length):
            lengths = [f"at least {self.min_length}"] * (self.min_length > 1)
            lengths += [f"at most {self.max_length}"] * (self.max_length is not None)
            of = f" of {' and '.join(lengths)} tokens" if lengths else " of this vocabulary"
            raise OptionError(f"no item{of} can meet {called}")
        both = crossed(made, more)
        if not _can(both, self.min_length, self.max_length):
            raise OptionError(f"{called} rules out all that {' and '.join(met)} would allow")
        met.append(called)
        return both


def _can(automaton: Automaton, shortest: int, longest: int | None) -> bool:
    """Whether there is an item with so many tokens; at least one."""
    states = np.array([automaton.start])
    alive = automaton.alive
    seen: set[bytes] = set()
    length = 0
    while longest is None or length < longest:
        states = np.unique(automaton.table[states, 1:])
        states = states[alive[states]]
        length += 1
        if not len(states):
            return False
        if length >= shortest and automaton.accepts[states].any():
            return True
        if length >= shortest and longest is None:
            if states.tobytes() in seen:
                return False
            seen.add(states.tobytes())
    return False
