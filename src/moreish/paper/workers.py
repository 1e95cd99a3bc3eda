"""Jobs side by side, each in a process of its own, with one thread for linear algebra in each.

A job is a function that yields what it has to tell. What it raises is raised here. A process ends
when nobody listens to it any more, and is killed when the loop over what it tells is left.
"""

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, cast

from ..errors import MoreishError
from ..processes import deaf

__all__ = ["side_by_side"]

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "MOREISH_THREADS")
Job = Callable[[], Iterator[Any]]


def side_by_side(jobs: Mapping[str, Job], at_once: int) -> Iterator[tuple[str, Any]]:
    """What each of the jobs tells, with its name; None when it has ended.

    They begin in their order. MoreishError where one raises it, or is killed.

    >>> from functools import partial
    >>> list(side_by_side({"one": partial(iter, ["told"])}, at_once=2))
    [('one', 'told'), ('one', None)]
    """
    waiting, running = list(jobs), dict[Connection, tuple[str, BaseProcess]]()
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                name = waiting.pop(0)
                ours, process = _started(jobs[name])
                running[ours] = name, process
            for ours in cast(list[Connection], wait(list(running))):
                name, process = running[ours]
                try:
                    told = ours.recv()
                except EOFError:
                    del running[ours]
                    process.join()
                    if process.exitcode:
                        raise MoreishError(
                            f"{name} was stopped from outside (exit code {process.exitcode}): is "
                            f"there too little memory?"
                        ) from None
                    yield name, None
                    continue
                if isinstance(told, MoreishError):
                    raise told
                yield name, told
    finally:
        for _, process in running.values():
            process.kill()


def _started(job: Job) -> tuple[Connection, BaseProcess]:
    context = get_context("spawn")  # a fork would have the threads that linear algebra has here
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(theirs, job), daemon=True)
    with _one_thread(), deaf():
        process.start()
    theirs.close()
    return ours, process


@contextmanager
def _one_thread() -> Iterator[None]:
    """For processes that are started now."""
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _work(connection: Connection, job: Job) -> None:
    """In the process of a job. Ctrl-C is for the process that listens, which then kills this."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(BrokenPipeError):
        try:
            for told in job():
                connection.send(told)
        except MoreishError as error:
            connection.send(error)
