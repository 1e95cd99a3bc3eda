"""Control and format characters: they can't be seen, and change what else is seen or done.

Such are what moves a terminal's cursor or colours it (ESC, CR, C1), what turns the direction of
writing (U+202E), what has no width (U+200B), and tags. A tab and a line feed are none. A joiner is
one unless it stands between two characters beyond ASCII, as it does in Persian, in Hindi and in
emoji. This module knows nothing of items.
"""

import json
import re

__all__ = ["escaped", "first_control", "holds_control"]

# All of Unicode's categories Cc, Cf, Cs, Zl and Zp, but signs that can be seen, as U+0600.
_CONTROLS = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    r"\ud800-\udfff\ufeff\ufff9-\ufffb\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    r"\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f"
)
_JOINERS = r"\u200c\u200d"
_JOINED = rf"[^\x00-\x7f{_JOINERS}{_CONTROLS}]"
_ANY = re.compile(
    rf"[{_CONTROLS}{_JOINERS}](?:(?<![{_JOINERS}])|(?<!{_JOINED}[{_JOINERS}])|(?!{_JOINED}))"
)


def first_control(text: str) -> str | None:
    """The first such character of a text, if there is one.

    >>> first_control("an\\u202ena"), first_control("\\u0646\\u200c\\u0627"), first_control("emma")
    ('\\u202e', None, None)
    """
    found = None if text.isprintable() else _ANY.search(text)
    return found and found[0]


def holds_control(text: str) -> bool:
    """Whether there is such a character in a text.

    >>> holds_control("a\\x1b[31mb"), holds_control("a\\tb")
    (True, False)
    """
    return first_control(text) is not None


def escaped(text: str) -> str:
    """The same with each such character as JSON writes it.

    >>> print(escaped("an\\u202ena\\x9b"))
    an\\u202ena\\u009b
    """
    return text if text.isprintable() else _ANY.sub(lambda found: json.dumps(found[0])[1:-1], text)
