"""What is asked of items, beside being likely."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from ..errors import OptionError, is_whole, shortened
from ..text import Vocabulary, composed, only_items
from ..text.sorted_arrays import distinct
from .automaton import MOST_STATES, Automaton, anything, begins, crossed, ends, holds
from .patterns import matches

__all__ = ["Constraints"]

LONGEST = 10_000  # tokens that are counted
LONGEST_TEXT = 10_000  # characters of a prefix, a pattern and the like


class Kind(NamedTuple):
    """What a limit can be."""

    name: str
    holds: Callable[[object], bool]


TEXT = Kind("a text", lambda limit: isinstance(limit, str))
WHOLE = Kind("a whole number", is_whole)
NUMBER = Kind("a number", lambda limit: isinstance(limit, Real) and not isinstance(limit, bool))
KINDS = {
    **dict.fromkeys(("prefix", "suffix", "contains", "matches"), TEXT),
    **dict.fromkeys(("min_length", "max_length", "top_k"), WHOLE),
    **dict.fromkeys(("temperature", "top_p"), NUMBER),
}


@dataclass(frozen=True)
class Constraints:
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
        for name, kind in KINDS.items():
            limit = getattr(self, name)
            if limit is not None and not kind.holds(limit):
                raise OptionError(f"{name.replace('_', ' ')} is {kind.name}, got {limit!r}")
            if kind is TEXT and limit is not None:
                check_text(name, limit)
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

    @classmethod
    def given(
        cls, limits: Mapping[str, Any], *, lower: bool = False, verbatim: bool = False
    ) -> "Constraints":
        """Those that were named, None for no limit; texts as a list's items are after reading.

        OptionError for a limit that there is not, or that no item can meet.

        >>> Constraints.given({"prefix": "Ma", "max_length": None}, lower=True).told()
        '--prefix ma'
        """
        names = [field.name for field in fields(cls)]
        for name in limits:
            if name not in names:
                raise OptionError(f"there is no limit {name!r}; there are {', '.join(names)}")
        found = {name: limit for name, limit in limits.items() if limit is not None}
        for name, text in found.items():
            if isinstance(text, str):
                check_text(name, text)
                text = text.lower() if lower and name != "matches" else text
                found[name] = text if verbatim else composed(text)
        for name, does, place in (("prefix", "begins", 0), ("suffix", "ends", -1)):
            text = found.get(name)
            if isinstance(text, str) and text and not only_items([text[place]], verbatim):
                raise OptionError(
                    f"no item {does} with a blank, as none is kept around the lines of a list; got "
                    f"the {name} {text!r}"
                )
        return cls(**found)

    @property
    def only_begins(self) -> bool:
        """Whether nothing is asked of the items but how they begin."""
        others = self.suffix or self.contains or self.matches is not None
        return not others and self.min_length <= 1 and self.max_length is None

    def told(self) -> str:
        """The constraints, as they are typed."""
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
        return " ".join(_typed(name, text) for name, text in texts.items() if text != "")

    @property
    def _lengths(self) -> str:
        lengths = [f"at least {self.min_length}"] * (self.min_length > 1)
        lengths += [f"at most {self.max_length}"] * (self.max_length is not None)
        return f"{' and '.join(lengths)} token{'s' * (self.max_length != 1)}"

    def tokens_of(self, name: str, vocabulary: Vocabulary) -> np.ndarray:
        """(M,) the tokens of a prefix, a suffix, or what is to be contained.

        DataError for a token that was never seen, OptionError for too many.
        """
        what = "what is to be contained," if name == "contains" else f"the {name}"
        tokens = vocabulary.must_know(getattr(self, name), what)
        if len(tokens) > MOST_STATES - 2:
            raise OptionError(
                f"{what.rstrip(',')} can have at most {MOST_STATES - 2:,} tokens, got "
                f"{len(tokens):,}"
            )
        return tokens

    def automaton(self, vocabulary: Vocabulary) -> Automaton:
        """The automaton of all constraints but the lengths.

        DataError for a token that was never seen, OptionError where no item can meet them all:
        the sentence says which of them rules the others out.
        """
        size = len(vocabulary)
        made = anything(size)
        met: list[str] = []
        for name, text, kind in (
            ("prefix", self.prefix, begins),
            ("suffix", self.suffix, ends),
            ("contains", self.contains, holds),
        ):
            if text:
                tokens = self.tokens_of(name, vocabulary).tolist()
                made = self._with(made, kind(tokens, size), _typed(name, text), met)
        if self.matches is not None:
            if not self.matches:
                raise OptionError("no item can match an empty pattern")
            pattern = matches(self.matches, vocabulary)
            made = self._with(made, pattern, _typed("matches", self.matches), met)
        return made

    def _with(self, made: Automaton, more: Automaton, called: str, met: list[str]) -> Automaton:
        """Both; said if that leaves nothing of a length that is allowed."""
        if not _can(more, self.min_length, self.max_length):
            of = self._lengths if _can(more, 0, None) else "this vocabulary"
            raise OptionError(f"no item of {of} can meet {called}")
        both = crossed(made, more)
        if not _can(both, 0, None):
            raise OptionError(f"{called} rules out all that {' and '.join(met)} would allow")
        if not _can(both, self.min_length, self.max_length):
            raise OptionError(
                f"no item of {self._lengths} can meet both {' and '.join([*met, called])}"
            )
        met.append(called)
        return both


def check_text(name: str, text: str) -> None:
    """OptionError for a text that is longer than a limit can be.

    >>> check_text("prefix", "ma")
    """
    if len(text) > LONGEST_TEXT:
        raise OptionError(
            f"--{name} can have at most {LONGEST_TEXT:,} characters, got {len(text):,}"
        )


def _typed(name: str, limit: object) -> str:
    """A limit as it is typed, if that is not too long."""
    return f"--{name} {shortened(str(limit))}"


def _can(automaton: Automaton, shortest: int, longest: int | None) -> bool:
    """Whether there is an item with so many tokens; at least one."""
    states = np.array([automaton.start])
    alive = automaton.alive
    seen: set[bytes] = set()
    length = 0
    while longest is None or length < longest:
        states = distinct(automaton.table[states, 1:])
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
