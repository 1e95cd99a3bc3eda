"""The sides of a comparison, each a process of its own with its threads fixed before it imports.

A side is a function from this folder that gets ready and returns what is timed. The parent runs the
sides in turn, A B A B, and takes medians.
"""

import importlib
import os
import pickle
import statistics
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PAUSE = 0.2  # seconds in which the threads of the side before, which wait in a loop, fall asleep


def threads(count: int) -> dict[str, str]:
    """What makes every library use this many threads."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    flags = f"--xla_cpu_multi_thread_eigen={'true' if count > 1 else 'false'}"
    flags += f" intra_op_parallelism_threads={count}"
    ours = {"MOREISH_THREADS": "1"}
    return {**{name: str(count) for name in names}, "XLA_FLAGS": flags, **ours}


class Side:
    """A process in which `module.function(*arguments)` was called, and answers."""

    def __init__(self, name: str, module: str, function: str, *arguments: Any, cores: int = 1):
        self.name = name
        unset = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
        environment = {k: v for k, v in os.environ.items() if k not in unset}
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "sides.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**environment, **threads(cores)},
        )
        self.times: list[float] = []
        self.ask(module, function, *arguments)

    def ask(self, *message: Any) -> Any:
        """Send a message and wait for the answer; what went wrong there is raised here."""
        content = pickle.dumps(message)
        self.process.stdin.write(struct.pack("<q", len(content)) + content)
        self.process.stdin.flush()
        (length,) = struct.unpack("<q", self.process.stdout.read(8))
        answer = pickle.loads(self.process.stdout.read(length))
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def median(self) -> float:
        """Seconds for one."""
        return statistics.median(self.times)

    @property
    def spread(self) -> str:
        """The quickest and the slowest, in relation to the median."""
        return f"{min(self.times) / self.median:.2f} to {max(self.times) / self.median:.2f}"

    def close(self) -> None:
        """End the process."""
        self.process.stdin.close()
        self.process.wait()


def in_turn(sides: list[Side], rounds: int, count: int, busy: bool = False) -> None:
    """Time each side `rounds` times, in turn, `count` calls at a time.

    On a `busy` machine, where long runs are interrupted, each time is that of the quicker tenth of
    many short ones: a call, or 20 where calls are made many at once.
    """
    if busy:
        for _ in range(rounds):
            for side in sides:
                at_once = 20 if "scan" in side.name else 1
                side.ask("quick", at_once, 5)
                side.times.append(side.ask("quick", at_once, 200))
        return
    for side in sides:
        side.ask("time", count)  # whatever compiles does it now
    for _ in range(rounds):
        for side in sides:
            time.sleep(PAUSE)
            side.ask("time", max(count // 20, 1))
            side.times.append(side.ask("time", count) / count)


def quick(subject: Any, count: int, calls: int) -> float:
    """Seconds that the quicker tenth of `calls` takes for each of `count` at once."""
    times = []
    for _ in range(calls):
        began = time.perf_counter()
        subject.run(count)
        times.append(time.perf_counter() - began)
    return sorted(times)[calls // 10] / count


def _serve() -> None:
    """Answer messages: first what to call, then "time" and a count, or "check" and arguments."""
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints does not disturb the answers
    subject: Any = None
    while head := source.read(8):
        message = pickle.loads(source.read(struct.unpack("<q", head)[0]))
        try:
            if subject is None:
                module, function, *arguments = message
                subject = getattr(importlib.import_module(module), function)(*arguments)
                answer: Any = None
            elif message[0] == "time":
                began = time.perf_counter()
                subject.run(message[1])
                answer = time.perf_counter() - began
            elif message[0] == "quick":
                answer = quick(subject, *message[1:])
            else:
                answer = getattr(subject, message[0])(*message[1:])
        except Exception as error:
            answer = RuntimeError(f"{type(error).__name__}: {error}")
        content = pickle.dumps(answer)
        sink.write(struct.pack("<q", len(content)) + content)
        sink.flush()


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    _serve()
