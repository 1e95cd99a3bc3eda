"""A regular expression as an automaton over tokens: it covers the whole item.

It is read by Python's own parser, so its syntax and its errors are Python's; what no automaton can
do (a look around, a reference back) is refused.

Source: M. Rabin, D. Scott, "Finite Automata and Their Decision Problems", 1959 (the subsets).
"""

import re
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..errors import OptionError, shortened
from ..text import Vocabulary
from ..text.control_characters import escaped
from .automaton import MOST_STATES, Automaton, too_many

__all__ = ["matches"]

MOST_PLACES = 20_000  # in a regular expression, its repetitions written out
SHOWN = 60  # characters of a pattern in a message
MOST_VISITED = 3_000_000  # places in all states together


def matches(pattern: str, vocabulary: Vocabulary) -> Automaton:
    """Items that a regular expression covers from end to end.

    OptionError if it isn't one, if no automaton can do what it says, or if that would be too large.

    >>> automaton = matches("a(b|c)*", Vocabulary("abc"))
    >>> automaton.takes([1, 2, 3]), automaton.takes([2])
    (True, False)
    """
    letters = sorted({" ", *"".join(vocabulary.tokens)})
    places = _Places(pattern, letters)
    table, accepts = places.subsets()
    column = {letter: number for number, letter in enumerate(letters)}
    by_token = np.zeros((len(table), len(vocabulary)), dtype=np.intp)
    first = np.zeros(len(vocabulary), dtype=np.intp)  # what follows the start, at the first token
    gap = table[:, column[" "]] if vocabulary.kind == "words" else np.arange(len(table))
    for number, token in enumerate(vocabulary.tokens, 1):
        state, begun = gap, 0
        for letter in token:
            state, begun = table[state, column[letter]], table[begun, column[letter]]
        by_token[:, number], first[number] = state, begun
    # before the first word there is no gap, so the start is a state of its own
    whole = Automaton(np.vstack([by_token, first]), np.append(accepts, accepts[0]), len(table))
    return whole.smallest()


class _Places:
    """A regular expression as places, and the ways between them: over a letter, or for nothing."""

    def __init__(self, pattern: str, letters: Sequence[str]) -> None:
        self.pattern = pattern
        self.letters = letters
        self.kinds: dict[bytes, int] = {}  # each set of letters that a way can be over, numbered
        self.over: list[list[tuple[int, int]]] = []  # of each place: (set of letters, where to)
        self.free: list[list[tuple[str, int]]] = []  # (when: "", "^" or "$", where to)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)  # "[[" may mean more one day
                re.compile(pattern)
                from re import _parser  # type: ignore[attr-defined]

                parsed = _parser.parse(pattern)
        except OverflowError:
            raise OptionError(too_many("the pattern repeats so often that it needs")) from None
        except re.error as error:
            raise OptionError(
                f"the pattern is not a regular expression: {error.msg}, {self._at(error.pos)}"
            ) from None
        except RecursionError:
            raise OptionError("the pattern is nested too deeply: make it simpler") from None
        self.start = self._place()
        self.end = self._along(parsed, self.start, parsed.state.flags)

    def _at(self, place: int | None) -> str:
        if place is None:
            return f"in {shortened(self.pattern, SHOWN)!r}"
        first = max(place - SHOWN // 2, 0)
        part = shortened(self.pattern[first:], SHOWN)
        if first:
            part, first = f"...{part}", first - 3
        before, part = (_in_a_line(text) for text in (part[: place - first], part))
        return f"at the arrow:\n  {part}\n  {' ' * len(before)}^"

    def _place(self) -> int:
        if len(self.over) >= MOST_PLACES:
            raise OptionError(too_many("the pattern needs"))
        self.over.append([])
        self.free.append([])
        return len(self.over) - 1

    def _along(self, parsed: Any, place: int, flags: int) -> int:
        """Lay out a sequence from a place on; where it comes out."""
        for operation, argument in parsed:
            place = self._one(str(operation), argument, place, flags)
        return place

    def _one(self, operation: str, argument: Any, place: int, flags: int) -> int:
        if operation in ("LITERAL", "NOT_LITERAL", "ANY", "IN"):
            after = self._place()
            self.over[place].append((self._kind(operation, argument, flags), after))
            return after
        if operation == "BRANCH":
            after = self._place()
            for choice in argument[1]:
                self.free[self._along(choice, place, flags)].append(("", after))
            return after
        if operation == "SUBPATTERN":
            _, more, less, inner = argument
            kept = flags & ~TYPES if more & TYPES else flags
            return self._along(inner, place, (kept | more) & ~less)
        if operation in ("MAX_REPEAT", "MIN_REPEAT"):
            least, most, inner = argument
            return self._repeated(least, most, inner, place, flags)
        if operation == "AT" and str(argument) in ("AT_BEGINNING", "AT_BEGINNING_STRING"):
            return self._for_nothing("^", place)
        if operation == "AT" and str(argument) in ("AT_END", "AT_END_STRING"):
            return self._for_nothing("$", place)
        name = str(argument if operation == "AT" else operation).lower().replace("_", " ")
        raise OptionError(
            f"the pattern {shortened(self.pattern, SHOWN)!r} has in it what can't be turned into "
            f"an automaton ({name}): use letters, classes, groups, |, and counts"
        )

    def _for_nothing(self, when: str, place: int) -> int:
        after = self._place()
        self.free[place].append((when, after))
        return after

    def _repeated(self, least: int, most: int, inner: Any, place: int, flags: int) -> int:
        for _ in range(least):
            before, place = len(self.over), self._along(inner, place, flags)
            if len(self.over) == before:  # of nothing, which any number of times is the same
                break
        if str(most) == "MAXREPEAT":
            loop = self._for_nothing("", place)
            self.free[self._along(inner, loop, flags)].append(("", loop))
            return self._for_nothing("", loop)
        after = self._place()
        self.free[place].append(("", after))
        for _ in range(most - least):
            before, place = len(self.over), self._along(inner, place, flags)
            if len(self.over) == before:
                break
            self.free[place].append(("", after))
        return after

    def _kind(self, operation: str, argument: Any, flags: int) -> int:
        """The number of the set of letters that are meant."""
        members = argument if operation == "IN" else [(operation, argument)]
        inside = np.array([_is_in(members, x, flags) for x in self.letters], dtype=bool)
        return self.kinds.setdefault(inside.tobytes(), len(self.kinds))

    def subsets(self) -> tuple[np.ndarray, np.ndarray]:
        """(S, letters) which set of places follows which, the start first; (S,) which accept."""
        sets = [np.frombuffer(kind, dtype=bool) for kind in self.kinds]
        inside = np.array(sets, dtype=bool).reshape(len(sets), len(self.letters))
        alike, column = np.unique(inside, axis=1, return_inverse=True)  # letters that are all one
        start = self._reached([self.start], "^")
        known = {start: 0}
        waiting, rows, visited = [start], [], 0
        for places in waiting:
            visited += len(places)
            if visited > MOST_VISITED:
                raise OptionError(too_many("the pattern needs"))
            row = []
            for letter in range(alike.shape[1]):
                ahead = [t for p in places for kind, t in self.over[p] if alike[kind, letter]]
                after = self._reached(ahead, "")
                if after not in known:
                    if len(known) >= MOST_STATES:
                        raise OptionError(too_many("the pattern needs"))
                    known[after] = len(known)
                    waiting.append(after)
                row.append(known[after])
            rows.append(row)
        table = np.array(rows, dtype=np.intp).reshape(len(rows), -1)[:, column.reshape(-1)]
        accepts = [self.end in self._reached(list(places), "$") for places in waiting]
        return table, np.array(accepts)

    def _reached(self, places: list[int], when: str) -> frozenset[int]:
        """The places, and all that can be reached from them for nothing."""
        found, waiting = set(places), list(places)
        while waiting:
            for needed, after in self.free[waiting.pop()]:
                if needed in ("", when) and after not in found:
                    found.add(after)
                    waiting.append(after)
        return frozenset(found)


TYPES = re.ASCII | re.LOCALE | re.UNICODE  # of which one holds at a time
CATEGORIES = {"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}


def _in_a_line(text: str) -> str:
    return escaped(text).replace("\n", "\\n")


def _is_in(members: Iterable[tuple[Any, Any]], letter: str, flags: int) -> bool:
    """Whether a class has a letter in it."""
    negated = False
    found = False
    for operation, argument in members:
        kind = str(operation)
        negated |= kind in ("NEGATE", "NOT_LITERAL")
        found |= _is_member(kind, argument, letter, flags)
    return found != negated


def _is_member(kind: str, argument: Any, letter: str, flags: int) -> bool:
    if kind in ("LITERAL", "NOT_LITERAL", "RANGE"):
        least, most = argument if kind == "RANGE" else (argument, argument)
        if flags & re.IGNORECASE:  # Python knows letters of three cases
            alike = f"[{re.escape(chr(least))}-{re.escape(chr(most))}]"
            return re.match(alike, letter, flags & (re.IGNORECASE | re.ASCII)) is not None
        return bool(least <= ord(letter) <= most)
    if kind == "CATEGORY":
        *_, name = str(argument).split("_")
        is_none = re.match(CATEGORIES[name], letter, flags & re.ASCII) is None
        return is_none == ("NOT" in str(argument).split("_"))
    return kind == "ANY"
