"""What is answered to a request: a status and the bytes of a JSON text. It knows no models.

The service and the studio answer in this one shape. What a user can do wrong is a sentence.
"""

import json
import math
import re
from dataclasses import dataclass, field
from typing import Any

from ..errors import MoreishError

TYPED = re.compile(
    r"--(prefix|suffix|contains|matches|min-length|max-length|new|temperature|top-k|top-p|unique|flag-rate)\b"
)


@dataclass(frozen=True)
class Answer:
    """A status of HTTP and a JSON text."""

    status: int
    content: bytes
    wait: int | None = field(default=None, repr=False)  # seconds, before it is asked again


def problem(status: int, sentence: str, wait: float = 0) -> Answer:
    """What is answered where something is wrong; all such answers have this shape. What can't be
    had now, 503, can be asked for again in `wait` seconds.

    >>> problem(404, "there is no such page").content
    b'{"status": 404, "error": "There is no such page."}'
    """
    content = as_json({"status": status, "error": as_sentence(sentence)})
    return Answer(status, content, max(1, math.ceil(wait)) if status == 503 else None)


def failure(error: Exception) -> Answer:
    """What is answered where something was raised: 422 for what a user can do wrong.

    >>> from ..errors import OptionError
    >>> failure(OptionError("top-k must be 1 or more")).status, failure(MemoryError()).status
    (422, 503)
    >>> failure(ZeroDivisionError("by zero")).status
    500
    """
    if isinstance(error, MoreishError):
        return problem(422, str(error))
    if isinstance(error, MemoryError):
        return problem(503, "there is not enough memory for this: ask for less")
    what = f"{type(error).__name__}: {error}"
    return problem(500, f"this went wrong inside moreish ({what}), which is not your fault")


def as_sentence(text: str) -> str:
    """A message with its capital and full stop, and options named as a request names them.

    >>> as_sentence("--min-length 3 rules out all")
    'min_length 3 rules out all.'
    """
    named = TYPED.sub(lambda found: found[1].replace("-", "_"), text)
    if named == text or not text.startswith("--"):
        named = named[:1].upper() + named[1:]
    return named if named.endswith(("?", ".")) else f"{named}."


def as_json(thing: Any) -> bytes:
    """JSON as bytes; a number that JSON can't write, such as infinity, is null.

    >>> as_json({"nats": float("inf")})
    b'{"nats": null}'
    """
    from ..rows import finite  # which loads the models' code: not before there is something to say

    return json.dumps(finite(thing), ensure_ascii=False, allow_nan=False).encode(
        "utf-8",
        "backslashreplace",  # half a character, which JSON can write so
    )
