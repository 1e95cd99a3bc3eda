"""The guard: a request is read whole before anything else, within its size and its time.

What has no Content-Length, or a wrong one, is counted as it comes. How many values a body has is
counted in its bytes, before anything is made of them: a megabyte of small values takes a tenth of a
second to become objects, in which nobody else is served.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from .answers import Answer, problem
from .quotas import Bounds

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)  # in JSON, or what is begun as one
OTHERS = 100  # values beside the items; there are far fewer
AT_ONCE = 64  # bodies of the largest size, all that come at a time together


class Guard:
    """An ASGI application before another one, which sees only requests that are whole.

    Values are not counted where a body may be a file: `counts_values`.
    """

    def __init__(
        self, application: Application, bounds: Bounds, counts_values: bool = True
    ) -> None:
        self.application = application
        self.bounds = bounds
        self.counts_values = counts_values
        self.held = 0  # bytes of bodies that are coming

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer what is too large or too slow, and hand on what is not."""
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self.bounds.seconds):
                body = await self._read(scope, receive)
        except TimeoutError:
            late = f"the request did not come as a whole within {self.bounds.seconds:g} seconds"
            await refuse(send, problem(408, late))
            return
        except _Refused as refused:
            await refuse(send, refused.answer)
            return
        if body is None:
            return
        messages = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def again() -> Message:
            return next(messages, None) or await receive()

        await self.application(scope, again, send)

    async def _read(self, scope: Message, receive: Receive) -> bytes | None:
        """The whole body; None if whoever sends it left."""
        length = dict(scope["headers"]).get(b"content-length", b"")
        self._check_size(int(length) if length.isdigit() else 0)
        parts, size = [], 0
        try:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                self.held += len(parts[-1])
                self._check_size(size)
                if not message.get("more_body"):
                    break
        finally:
            self.held -= size
        body = b"".join(parts)
        if self.counts_values:
            self._check_values(body)
        return body

    def _check_size(self, size: int) -> None:
        most = self.bounds.bytes
        if size > most:
            raise _Refused(
                413,
                f"the request is larger than {most:,} bytes, the most this service takes: "
                f"send fewer items at once",
            )
        if self.held > AT_ONCE * most:
            raise _Refused(503, "too many large requests are coming at once: try again later")

    def _check_values(self, body: bytes) -> None:
        most = self.bounds.items
        found = values(body, most + OTHERS)
        if found > most + OTHERS:
            raise _Refused(
                422,
                f"one request can ask for at most {most:,} items, and this one has {found:,} "
                f"values or more in it",
            )


def values(body: bytes, most: int) -> int:
    """How many values at least there are in a JSON text, names and lists too; it is not looked at
    closely where that is more than most.

    >>> values(b'{"items": ["a, b", "c"]}', 10), values(b"[" * 1_000_000, 10)
    (4, 1000000)
    """
    texts = (body.count(b'"') - body.count(b'\\"')) // 2
    if texts > most:
        return texts
    bare = TEXT.sub(b"", body)
    return sum(map(bare.count, (b",", b":", b"[", b"{")))


class _Refused(Exception):
    def __init__(self, status: int, sentence: str) -> None:
        self.answer = problem(status, sentence)


async def refuse(send: Send, answer: Answer) -> None:
    """Send an answer to a request that is not gone into, and close the connection."""
    headers = headers_of(answer)
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.content})


def headers_of(answer: Answer) -> list[tuple[bytes, bytes]]:
    """The headers of an answer to a request that is not gone into."""
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(answer.content)).encode()),
        (b"connection", b"close"),  # what is left of the request is not waited for
    ]
    if answer.wait is not None:
        headers.append((b"retry-after", str(answer.wait).encode()))
    return headers
