"""The thread that trains: one for all runs, which it takes in the order in which they came.

Two trainings side by side would take turns on the same processor and both be late. This is the only
module of the studio that knows threads; a page without a server has none.
"""

import queue
import threading

from .runs import Run


class Background:
    """Does the work of runs, one after another; it ends with the program."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[Run] = queue.Queue()
        self._thread: threading.Thread | None = None

    def add(self, run: Run) -> None:
        """Do the work of a run when those before it are done."""
        self._waiting.put(run)
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="studio", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while True:
            for _ in self._waiting.get().steps():
                pass
            self._waiting.task_done()

    def wait(self) -> None:
        """Until all that was added has been done."""
        self._waiting.join()
