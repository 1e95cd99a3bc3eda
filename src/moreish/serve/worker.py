"""A worker: a process with the models loaded that answers one request after another.

A thread of pure Python can't be stopped, and holds all others; a process can be killed at any
moment, and the next one is there soon, as models come to it out of memory.
"""

import signal
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.connection import Connection

from ..model import Model
from ..processes import deaf
from .answers import Answer
from .handlers import Request, answer

# A fork of what has threads is not safe; a server of forks that has moreish imported is, and fast.
START = "forkserver" if "forkserver" in get_all_start_methods() else "spawn"


class Worker:
    """A process to ask, from one thread at a time. Any thread may end what it is doing."""

    def __init__(self, models: Mapping[str, Model]) -> None:
        self._models = models
        self._is_doomed = False
        self._start()

    def ask(self, request: Request) -> Answer | None:
        """The answer; None if the process came to its end before. There is a new one then."""
        if self._is_doomed:  # it was ended when it had just answered
            self._restart()
        found: Answer | None = None
        try:
            self._connection.send(request)
            found = self._connection.recv()
        except (EOFError, OSError):
            self._is_doomed = True
        if self._is_doomed:
            self._restart()
        return found

    def clock(self) -> float:
        """The seconds of processor that it has used; of time, where the system does not say."""
        if sys.platform == "linux" and self._process.pid is not None:
            with suppress(OSError):  # it has just ended
                return time.clock_gettime((~self._process.pid << 3) | 2)  # clock_getcpuclockid(3)
        return time.monotonic()

    def end(self) -> None:
        """Kill the process; whoever waits for its answer gets None."""
        self._is_doomed = True
        self._process.kill()

    def close(self) -> None:
        """End it for good."""
        self._process.kill()
        self._process.join()
        self._connection.close()

    def _restart(self) -> None:
        self.close()
        self._start()

    def _start(self) -> None:
        context = get_context(START)
        context.set_forkserver_preload([__name__])
        self._connection, theirs = context.Pipe()
        process = context.Process(  # type: ignore[attr-defined]
            target=work, args=(theirs, self._models), daemon=True
        )
        with deaf():
            process.start()
        theirs.close()
        self._process, self._is_doomed = process, False


def work(connection: "Connection[Answer, Request]", models: Mapping[str, Model]) -> None:
    """Answer requests until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            request = connection.recv()
            connection.send(answer(models, request))
        except (EOFError, OSError):  # the service is no more
            return
