"""What is wrong with a request, in a sentence, from what the check of its shape found."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import shortened

SHOWN = 60  # characters of what came
OBJECT = (
    "the body must be a JSON object, sent with the header Content-Type: application/json, such as "
    '{"n": 3}'
)
KINDS = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a number that is not NaN or infinite",
    "string_type": "a text",
    "string_unicode": "a text of whole characters",
    "bool_type": "true or false",
    "list_type": "a list of texts",
    "string_pattern_mismatch": "a text without a line break or a NUL character inside",
}
BOUNDS = {
    "greater_than_equal": "a number of {} or more",
    "greater_than": "a number of more than {}",
    "less_than_equal": "a number of at most {}",
    "less_than": "a number of less than {}",
    "string_too_long": "a text of at most {} characters",
    "string_too_short": "a text of at least {} character",
}


def status_and_sentence(errors: Sequence[Mapping[str, Any]]) -> tuple[int, str]:
    """The status and the sentence for what was found, of which the first is told.

    >>> status_and_sentence([{"type": "missing", "loc": ("body", "items"), "input": {}}])
    (422, "'items' is wanted, and it is not there")
    >>> at_least = {"type": "greater_than_equal", "ctx": {"ge": 1}}
    >>> status_and_sentence([{**at_least, "loc": ("body", "top_k"), "input": 0}])
    (422, "for 'top_k' a number of 1 or more was wanted, got 0")
    >>> status_and_sentence([{"type": "int_type", "loc": ("body", "n"), "input": "3"}])
    (422, "for 'n' a whole number was wanted, got '3'")
    """
    error = errors[0]
    kind, where = error["type"], [str(part) for part in error["loc"][1:]]
    if kind == "json_invalid":
        why = str(error.get("ctx", {}).get("error", "")).lower()
        return 400, f"the request is not JSON: {why} at character {int(where[0]) + 1:,}"
    if kind == "too_many_names":
        return 422, error["msg"]
    if not where:
        return 400, OBJECT
    name = _shown(where[0]) + "".join(f"[{part}]" for part in where[1:])
    if kind == "missing":
        return 422, f"{name} is wanted, and it is not there"
    if kind == "extra_forbidden":
        return 422, f"there is no option {name}: see /docs"
    wanted = KINDS.get(kind)
    if kind in BOUNDS:
        (bound,) = error["ctx"].values()
        wanted = BOUNDS[kind].format(f"{int(bound):,}")  # all are whole numbers
    if wanted is not None:
        return 422, f"for {name} {wanted} was wanted, got {_shown(error['input'])}"
    return 422, f"{name} can't be: {error.get('msg')}"


def _shown(thing: Any) -> str:
    """What came, as JSON writes it, not too much of it.

    >>> len(_shown("a" * 1_000_000)), _shown(10**400)
    (62, 'a number of 401 digits')
    """
    if thing is None:
        return "null"
    if isinstance(thing, bool):
        return str(thing).lower()
    if isinstance(thing, float) and math.isnan(thing):
        return "NaN"
    if isinstance(thing, (list, dict)):
        return "a list" if isinstance(thing, list) else "an object"
    if isinstance(thing, str):
        return ascii(shortened(thing, SHOWN))
    text = ascii(thing)
    return text if len(text) <= SHOWN else f"a number of {len(text.strip('-')):,} digits"
