"""The guard: a request is read whole before anything else, within its size and its time.

What has no Content-Length, or a wrong one, is counted as it comes.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from .answers import Answer, problem

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]


class Guard:
    """An ASGI application before another one, which sees only requests that are whole."""

    def __init__(self, application: Application, most: int, seconds: float) -> None:
        self.application = application
        self.most = most  # bytes
        self.seconds = seconds

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer what is too large or too slow, and hand on what is not."""
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self.seconds):
                body = await self._read(scope, receive)
        except TimeoutError:
            late = f"the request did not come as a whole within {self.seconds:g} seconds"
            await _answer(send, problem(408, late))
            return
        except _TooLarge as error:
            await _answer(send, problem(413, str(error)))
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
        self._check(int(length) if length.isdigit() else 0)
        parts, size = [], 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            self._check(size)
            if not message.get("more_body"):
                return b"".join(parts)

    def _check(self, size: int) -> None:
        if size > self.most:
            raise _TooLarge(
                f"the request is larger than {self.most:,} bytes, the most this service takes: "
                f"send fewer items at once"
            )


class _TooLarge(Exception):
    pass


async def _answer(send: Send, answer: Answer) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(answer.content)).encode()),
        (b"connection", b"close"),  # what is left of the request is not waited for
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.content})
