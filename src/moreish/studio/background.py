"""The studio's threads: one that trains, and one for each call while it is computed.

- Runs are trained one after another, as two at once would share a processor and both be late. One
  that waits, as it is paused, lets the others go on.
- A call can be interrupted: a pattern may take minutes, and by then nobody wants its answer.
- The program does not wait for any of them when it ends.

A page without a server has none of this.
"""

import asyncio
import ctypes
import math
import queue
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from .runs import Run


class Background:
    """Does the work of runs, one after another; it ends with the program."""

    def __init__(self) -> None:
        self._new: queue.Queue[Run] = queue.Queue()
        self._thread: threading.Thread | None = None

    def add(self, run: Run) -> None:
        """Do the work of a run when those before it are done, or wait."""
        self._new.put(run)
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="studio", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        going: dict[Iterator[float], float] = {}  # each with the time when it goes on
        while True:
            now = time.monotonic()
            try:
                wait = max(min(going.values(), default=math.inf) - now, 0.0)
                run = self._new.get(wait > 0, None if math.isinf(wait) else wait)
                going[run.steps()] = now
            except queue.Empty:
                pass
            ready = next((steps for steps, due in going.items() if due <= time.monotonic()), None)
            if ready is not None and not self._taken(ready, going):
                del going[ready]
                self._new.task_done()

    def _taken(self, steps: Iterator[float], going: dict[Iterator[float], float]) -> bool:
        """Take steps until the run waits; False if there are none left."""
        for wait in steps:
            if wait > 0 or not self._new.empty():
                going[steps] = time.monotonic() + wait
                return True
        return False

    def wait(self) -> None:
        """Until all that was added has been done."""
        self._new.join()


class Interrupted(BaseException):
    """Raised in a thread whose work is not wanted any more; no error of a call, so not caught."""


async def in_thread(
    work: Callable[[], Any], unwanted: Awaitable[object], seconds: float | None = None
) -> Any:
    """What some work comes to, in a thread of its own. Interrupted after so many seconds, or when
    it is `unwanted`.

    >>> async def forever() -> None:
    ...     await asyncio.sleep(60)
    >>> asyncio.run(in_thread(lambda: 6 * 7, forever()))
    42
    """
    job = _Job(work, asyncio.get_running_loop())
    ending = asyncio.ensure_future(unwanted)
    try:
        await asyncio.wait([job.done, ending], timeout=seconds, return_when="FIRST_COMPLETED")
        if not job.done.done():
            job.interrupt()
        return await job.done
    finally:
        ending.cancel()


class _Job:
    """Work in a thread, and a future of its result."""

    def __init__(self, work: Callable[[], Any], loop: asyncio.AbstractEventLoop) -> None:
        self.done: asyncio.Future[Any] = loop.create_future()
        self._work, self._loop = work, loop
        self._guard, self._is_over = threading.Lock(), False
        self._thread = threading.Thread(target=self._run, name="studio call", daemon=True)
        self._thread.start()

    def interrupt(self) -> None:
        """Raise `Interrupted` where the thread is, unless it is done."""
        with self._guard:
            if not self._is_over:
                thread = ctypes.c_ulong(self._thread.ident or 0)
                ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, ctypes.py_object(Interrupted))

    def _run(self) -> None:
        result, error = None, None
        try:
            try:
                result = self._work()
            finally:
                with self._guard:
                    self._is_over = True
        except BaseException as raised:
            error = raised
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._tell, result, error)

    def _tell(self, result: Any, error: BaseException | None) -> None:
        if self.done.cancelled():
            return
        if error is None:
            self.done.set_result(result)
        else:
            self.done.set_exception(error)
