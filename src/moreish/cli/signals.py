"""Signals that end a command: each as Ctrl-C does, with the exit code that a shell expects."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

FIRST_CODE = 128  # and the number of the signal: 130 for Ctrl-C, 143 for SIGTERM, 129 for SIGHUP


class Ended(KeyboardInterrupt):
    """A signal that ends the command, and is not Ctrl-C."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = FIRST_CODE + number


def exit_code(stopped: BaseException | None) -> int:
    """The exit code of a command that was stopped.

    >>> exit_code(KeyboardInterrupt()), exit_code(Ended(signal.SIGTERM))
    (130, 143)
    """
    return getattr(stopped, "exit_code", FIRST_CODE + signal.SIGINT)


@contextmanager
def signals_end_it() -> Iterator[None]:
    """SIGTERM and SIGHUP end what runs here as Ctrl-C does: the first of them, and from then on
    they are ignored, so that another does not end what keeps the work. One that is ignored at the
    start, as SIGHUP by nohup, stays ignored.
    """
    names = ("SIGTERM", "SIGHUP")  # Windows has no SIGHUP
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    own = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]

    def end(number: int, frame: FrameType | None) -> None:
        for one in own:
            signal.signal(one, signal.SIG_IGN)
        raise Ended(number)

    for number in own:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in own:
            if signal.getsignal(number) is end:
                signal.signal(number, signal.SIG_DFL)
