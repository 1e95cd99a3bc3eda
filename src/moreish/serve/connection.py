"""A connection, from its first byte to its last: none is held open by who sends or reads nothing.

uvicorn bounds how long a connection may be idle between two requests, but neither how long the
first one takes to come, nor whether an answer is ever read, nor how many connections there are.
Beyond what the system lets a process open, nobody would be answered. So here

- the headers of a request are waited for so many seconds, and as long for an answer to be read;
- there is a most of connections. One more takes the place of that which has waited longest for a
  whole request to come; if all are being answered, it is refused;
- what uvicorn refuses by itself is told as all errors of the service are.
"""

import asyncio
import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from ..errors import OptionError
from .answers import Answer, problem
from .body_limit import headers_of

HEADERS = 10.0  # seconds at most
MOST = 2_000  # connections
WANTED = 4 * MOST  # files that the process should be allowed to open
OWN = 64  # files that it has open whatever happens
PER_WORKER = 8  # files
TOO_MANY = "too many connections are open: try again later"


def room_for(workers: int) -> tuple[int, int]:
    """How many connections there may be, and how many are accepted at a time, so that the process
    can always open what it has to. OptionError if hardly any."""
    if sys.platform == "win32":
        return MOST, MOST // 16
    import resource

    limit, hardest = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hardest == resource.RLIM_INFINITY or hardest > limit:
        raised = WANTED if hardest == resource.RLIM_INFINITY else min(WANTED, hardest)
        limit = max(limit, raised)
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hardest))
    at_once = min(limit, MOST) // 16
    most = min(limit - 4 * at_once - OWN - PER_WORKER * workers, MOST)
    if most < 8:
        raise OptionError(
            f"the system lets this process open only {limit:,} files, which is too few for "
            f"{workers} worker processes: allow more (ulimit -n), or ask for fewer --seats"
        )
    return most, at_once


class Door:
    """The connections that are open, of which there are `most`; `say` is told when that is so."""

    def __init__(self, most: int, seconds: float, say: Callable[[str], None]) -> None:
        self.most = most
        self.seconds = min(seconds, HEADERS)
        self.say = say
        self.inside: set[Connection] = set()
        self.waiting: dict[Connection, None] = {}  # for a request to come, the longest first
        self.was_full = False

    def has_room_for(self, connection: "Connection") -> bool:
        """Let it in, if need be for another one that only waits."""
        if len(self.inside) >= self.most:
            if not self.was_full:
                self.was_full = True
                self.say(
                    f"{self.most:,} connections are open, as many as there may be: from now on "
                    f"the one that waits longest is closed for each new one"
                )
            if not self.waiting:
                return False
            next(iter(self.waiting)).make_room()
        self.inside.add(connection)
        return True

    def close(self, seconds: float) -> None:
        """Nothing that has not come as a whole is waited for, and so long for all to be read."""
        for connection in list(self.waiting):
            if not connection.transport.get_write_buffer_size():
                connection.drop()
        asyncio.get_running_loop().call_later(seconds, self._drop_all)

    def _drop_all(self) -> None:
        for connection in list(self.inside):
            connection.drop()

    def leave(self, connection: "Connection") -> None:
        """It is closed."""
        self.inside.discard(connection)
        self.waiting.pop(connection, None)


class Connection(H11Protocol):
    """A connection of uvicorn's with deadlines."""

    door: Door

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._deadline: asyncio.TimerHandle | None = None

    # ---- what asyncio and uvicorn tell it

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody has come."""
        super().connection_made(transport)
        if self.door.has_room_for(self):
            self._wait()
        else:
            self.refuse(problem(503, TOO_MANY))

    def connection_lost(self, exc: Exception | None) -> None:
        """Somebody has left."""
        super().connection_lost(exc)
        self._stop_waiting()
        self.door.leave(self)

    def handle_events(self) -> None:
        """Something has come; uvicorn begins to answer when it is the end of the headers."""
        super().handle_events()
        if self._is_answering:
            if not self.flow.write_paused:
                self._stop_waiting()  # the guard has an eye on the body
            if not self.cycle.more_body:
                self.door.waiting.pop(self, None)

    def on_response_complete(self) -> None:
        """An answer is under way; it has to be read, and the next request may come."""
        self._wait()
        super().on_response_complete()

    def pause_writing(self) -> None:
        """What was sent is not being read."""
        super().pause_writing()
        self._within(self.door.seconds)

    def resume_writing(self) -> None:
        """It is."""
        super().resume_writing()
        if self._is_answering:
            self._stop_waiting()

    def send_400_response(self, msg: str) -> None:
        """What has come is no HTTP."""
        self.refuse(problem(400, "this is no HTTP request that can be read"))

    @property
    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    # ---- its end

    def refuse(self, answer: Answer) -> None:
        """Send an answer, if none has begun, and close."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            headers = [*self.server_state.default_headers, *headers_of(answer)]
            reason = HTTPStatus(answer.status).phrase.encode()
            response = h11.Response(status_code=answer.status, headers=headers, reason=reason)
            for event in (response, h11.Data(data=answer.content), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self._within(self.door.seconds)
        self.transport.close()

    def make_room(self) -> None:
        """Leave for another one, with an answer if one can be sent at once."""
        self.door.leave(self)
        if self.transport.get_write_buffer_size():
            self.drop()
        else:
            self.refuse(problem(503, TOO_MANY))

    def drop(self) -> None:
        """Close it at once, whatever is under way."""
        self.door.leave(self)
        self.transport.abort()

    def _late(self) -> None:
        has_begun = bool(self.conn.trailing_data[0]) and not self.transport.is_closing()
        if has_begun and not self.transport.get_write_buffer_size():
            late = f"the headers did not come as a whole within {self.door.seconds:g} seconds"
            self.refuse(problem(408, late))
        else:
            self.drop()

    def _wait(self) -> None:
        """For a request, as the last of those that wait."""
        self.door.waiting.pop(self, None)
        if self in self.door.inside:
            self.door.waiting[self] = None
        self._within(self.door.seconds)

    def _within(self, seconds: float) -> None:
        self._stop_waiting()
        self._deadline = self.loop.call_later(seconds, self._late)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
