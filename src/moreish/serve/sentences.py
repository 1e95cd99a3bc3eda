"""What is wrong with a request, in a sentence, from what the check of its shape found."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

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
}


def status_and_sentence(errors: Sequence[Mapping[str, Any]]) -> tuple[int, str]:
    """The status and the sentence for what was found, of which the first is told.

    >>> status_and_sentence([{"type": "missing", "loc": ("body", "items"), "input": {}}])
    (422, "'items' is wanted, and it is not there")
    >>> status_and_sentence([{"type": "int_type", "loc": ("body", "n"), "input": "3"}])
    (422, "for 'n' a whole number was wanted, got '3'")
    """
    error = errors[0]
    kind, where = error["type"], [str(part) for part in error["loc"][1:]]
    if kind == "json_invalid":
        why = str(error.get("ctx", {}).get("error", "")).lower()
        return 400, f"the request is not JSON: {why} at character {int(where[0]) + 1:,}"
    if not where:
        return 400, OBJECT
    name = _shown(where[0]) + "".join(f"[{part}]" for part in where[1:])
    if kind == "missing":
        return 422, f"{name} is wanted, and it is not there"
    if kind == "extra_forbidden":
        return 422, f"there is no option {name}: see /docs"
    if kind in KINDS:
        return 422, f"for {name} {KINDS[kind]} was wanted, got {_shown(error['input'])}"
    return 422, f"{name} can't be: {error.get('msg')}"


def _shown(thing: Any) -> str:
    """What came, as JSON writes it, not too much of it."""
    if thing is None:
        return "null"
    if isinstance(thing, bool):
        return str(thing).lower()
    if isinstance(thing, float) and math.isnan(thing):
        return "NaN"
    if isinstance(thing, (list, dict)):
        return "a list" if isinstance(thing, list) else "an object"
    text = ascii(thing)
    return text if len(text) <= 60 else f"{text[:60]}..."
