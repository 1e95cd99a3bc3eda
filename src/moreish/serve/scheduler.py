"""The desk: who is served when, so that what is slow holds what is quick as little as can be.

Requests of which the cost is known to be small, scores and samples of a few plain items, have
workers of their own, which are never ended for others. One with
constraints, or of many items, may cost anything. It begins on a short seat, where it is given half
a second of a processor, and goes on on a long seat; if none is free it is ended and waits for one.
So one that is quick waits, behind K slow ones that came at once, for K / seats times half a second
of a processor.

Who would have to wait for longer than there is time is told so at once, and whoever still waits
when there is no time left for the work: what is begun can be done.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Self

from ..model import Model
from .answers import Answer, problem
from .handlers import Request
from .worker import Worker

SHORT = 0.5  # seconds of processor
LOOK = 0.05  # seconds between looks at it
MOST = 1_000  # requests inside, being served or waiting
USUAL = 0.1  # seconds that a request takes, before one was served
WORK = 1.0  # seconds that are kept for the work at most
REMEMBERED = 16  # requests, about, that it is learnt from what they took


class Desk:
    """Workers, and the order in which requests come to them; use it `async with`.

    `seats` is how many requests of each kind (plain, short, long) are served at a time, and
    `seconds` what a request has, waiting included.
    """

    def __init__(self, models: Mapping[str, Model], seats: int, seconds: float) -> None:
        self.models = models
        self.seats = seats
        self.seconds = seconds
        self._is_closing = False
        self._limits: set[asyncio.Timeout] = set()
        self._plain, self._short, self._long = _Line(seats), _Line(seats), _Line(seats)

    async def __aenter__(self) -> Self:
        self._for_plain = _Pool(self.models, self.seats)
        self._for_any = _Pool(self.models, 2 * self.seats)  # for short seats and long ones
        return self

    async def __aexit__(self, *_: object) -> None:
        self._for_plain.close()
        self._for_any.close()

    @property
    def inside(self) -> int:
        """How many requests are being served, or wait."""
        return len(self._limits)

    def close(self, seconds: float) -> None:
        """Who is inside is served within so many seconds, or told that it is over."""
        self._is_closing = True
        latest = asyncio.get_running_loop().time() + seconds
        for limit in self._limits:
            if not limit.expired():
                limit.reschedule(min(limit.when() or latest, latest))

    async def ask(self, request: Request, is_plain: bool) -> Answer:
        """The answer to a request, in its turn and within its time."""
        if self.inside >= MOST:
            return _too_many(self._plain.wait)
        limit = asyncio.timeout(self.seconds)
        try:
            async with limit:
                self._limits.add(limit)
                return await (self._ask_plain if is_plain else self._ask_any)(request)
        except _Full as full:
            return _too_many(full.wait)
        except TimeoutError:
            if self._is_closing:
                return problem(503, "the service is being ended: try again later")
            return problem(
                504,
                f"there was no answer within {self.seconds:g} seconds: ask for fewer items, or for "
                f"something simpler",
            )
        finally:
            self._limits.discard(limit)

    async def _ask_plain(self, request: Request) -> Answer:
        latest = asyncio.get_running_loop().time() + self.seconds
        async with self._plain.seat(latest):
            return await (await self._for_plain.begin(request)).done()

    async def _ask_any(self, request: Request) -> Answer:
        latest = asyncio.get_running_loop().time() + self.seconds
        async with AsyncExitStack() as goes_on:
            async with self._short.seat(latest):
                job = await self._for_any.begin(request)
                if await job.is_done_within(SHORT):
                    return await job.done()
                has_seat = self._long.wait == 0
                if has_seat:
                    await goes_on.enter_async_context(self._long.seat(latest))
                else:
                    job.end()
            if has_seat:
                return await job.done()
        async with self._long.seat(latest):
            return await (await self._for_any.begin(request)).done()


def _too_many(wait: float) -> Answer:
    return problem(503, "too many requests are waiting: try again later", wait)


class _Full(Exception):
    def __init__(self, wait: float) -> None:
        self.wait = wait


class _Line:
    """Seats of one kind, and those who wait for one; it knows about how long they will."""

    def __init__(self, seats: int) -> None:
        self.seats = seats
        self.inside = 0
        self.usual = USUAL  # seconds that a seat is held
        self._seen = 0
        self._free = asyncio.Semaphore(seats)

    @property
    def wait(self) -> float:
        """About how many seconds one who comes now would wait."""
        return max(self.inside + 1 - self.seats, 0) * self.usual / self.seats

    @asynccontextmanager
    async def seat(self, latest: float) -> AsyncIterator[None]:
        """A seat, in its turn; _Full if that would hardly be in time, and if it is not."""
        now = asyncio.get_running_loop().time
        if self.wait > latest - now():
            raise _Full(self.wait)
        self.inside += 1
        try:
            try:
                async with asyncio.timeout_at(latest - min(self.usual, WORK)):
                    await self._free.acquire()
            except TimeoutError:
                raise _Full(self.wait) from None
            began = now()
            try:
                yield
            finally:
                self._free.release()
                self._seen += 1
                self.usual += (now() - began - self.usual) / min(self._seen, REMEMBERED)
        finally:
            self.inside -= 1


class _Pool:
    """Workers, each for one request at a time."""

    def __init__(self, models: Mapping[str, Model], count: int) -> None:
        self._threads = ThreadPoolExecutor(count, "asks a worker")
        self._workers = [Worker(models) for _ in range(count)]
        self._idle: asyncio.Queue[Worker] = asyncio.Queue()
        for worker in self._workers:
            self._idle.put_nowait(worker)

    async def begin(self, request: Request) -> "_Job":
        """The request with the next worker that is idle."""
        worker = await self._idle.get()
        future = asyncio.get_running_loop().run_in_executor(self._threads, worker.ask, request)
        future.add_done_callback(lambda _: self._idle.put_nowait(worker))
        return _Job(worker, future)

    def close(self) -> None:
        """End all of them for good."""
        for worker in self._workers:
            worker.end()
        self._threads.shutdown()
        for worker in self._workers:
            worker.close()


class _Job:
    """A request with a worker; it is ended when nobody waits for it any more."""

    def __init__(self, worker: Worker, future: "asyncio.Future[Answer | None]") -> None:
        self.worker = worker
        self.future = future

    async def is_done_within(self, seconds: float) -> bool:
        """Whether so many seconds of processor were enough."""
        end = self.worker.clock() + seconds
        try:
            while not self.future.done() and self.worker.clock() < end:
                await asyncio.wait([self.future], timeout=LOOK)
        except asyncio.CancelledError:
            self.end()
            raise
        return self.future.done()

    async def done(self) -> Answer:
        """The answer, when it is there."""
        try:
            found = await asyncio.shield(self.future)
        except asyncio.CancelledError:
            self.end()
            raise
        if found is None:
            return problem(503, "the process that worked on it came to its end: ask for less")
        return found

    def end(self) -> None:
        """Stop the work, if it is not done."""
        if not self.future.done():
            self.worker.end()
