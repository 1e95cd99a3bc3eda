"""The page that explains the service, from its description alone; it needs nothing from elsewhere.

It knows OpenAPI, and nothing of models.
"""

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

STYLE = """body { font: 16px/1.5 sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem }
pre { background: #f4f4f4; padding: .6rem; overflow-x: auto; white-space: pre-wrap }
th, td { text-align: left; vertical-align: top; padding: .1rem 1rem .1rem 0 }
h2 { margin-top: 2rem; font-family: monospace }"""

BOUNDS = {
    "minimum": "{:,} or more",
    "exclusiveMinimum": "more than {:,}",
    "maximum": "at most {:,}",
    "exclusiveMaximum": "less than {:,}",
    "maxItems": "at most {:,} of them",
    "maxLength": "at most {:,} characters",
}


def page(described: Mapping[str, Any], address: str) -> str:
    """An OpenAPI description and where the service is → HTML.

    >>> page({"info": {"title": "a & b", "description": "c"}, "paths": {}}, "")[-36:]
    '<h1>a &amp; b</h1>\\n<p>c</p>\\n</body>\\n'
    """
    about = described["info"]
    parts = [
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">',
        f"<title>{escape(about['title'])}</title>\n<style>{STYLE}</style>\n<body>",
        f"<h1>{escape(about['title'])}</h1>",
        *(f"<p>{escape(text)}</p>" for text in about["description"].split("\n\n")),
    ]
    shapes = described.get("components", {}).get("schemas", {})
    for place, methods in described["paths"].items():
        for method, operation in methods.items():
            parts += _section(f"{address}{place}", place, method, operation, shapes)
    return "\n".join([*parts, "</body>\n"])


def _section(
    address: str, place: str, method: str, operation: Mapping[str, Any], shapes: Mapping[str, Any]
) -> Iterator[str]:
    yield f"<h2>{method.upper()} {escape(place)}</h2>\n<p>{escape(operation['description'])}</p>"
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    shape = _shape(body, shapes)
    example = shape.get("examples", [None])[0]
    asked = "" if example is None else f" --json '{json.dumps(example, ensure_ascii=False)}'"
    yield f"<pre>curl -s {escape(address + asked)}</pre>"
    if shape:
        yield _table("It takes", shape)
    answer = _shape(operation["responses"]["200"]["content"]["application/json"], shapes)
    for told in answer.get("properties", {}).values():
        if "$ref" in told.get("items", {}):
            yield _table("Each item of the answer has", _shape({"schema": told["items"]}, shapes))


def _shape(content: Mapping[str, Any] | None, shapes: Mapping[str, Any]) -> Mapping[str, Any]:
    """The shape that a content refers to."""
    name = (content or {}).get("schema", {}).get("$ref", "").rsplit("/", 1)[-1]
    found: Mapping[str, Any] = shapes.get(name, {})
    return found


def _table(heading: str, shape: Mapping[str, Any]) -> str:
    rows = (
        f"<tr><td><code>{escape(name)}</code><td>{escape(_kind(told))}"
        f"<td>{escape(told.get('description', ''))}"
        for name, told in shape["properties"].items()
    )
    return f"<p>{heading}</p>\n<table>{''.join(rows)}</table>"


def _kind(told: Mapping[str, Any]) -> str:
    """The type of a field, its bounds, and its default.

    >>> _kind({"type": "integer", "minimum": 0, "maximum": 10_000, "default": 20})
    'integer, 0 or more, at most 10,000, 20 if not given'
    """
    parts = [" or ".join(choice.get("type", "") for choice in told.get("anyOf", [told]))]
    for choice in told.get("anyOf", [told]):
        parts += [text.format(int(choice[name])) for name, text in BOUNDS.items() if name in choice]
    if told.get("default") is not None:
        parts.append(f"{json.dumps(told['default'])} if not given")
    return ", ".join(parts)
