"""The service under 64 clients, for a minute: is a request lost, how long do they take? And what
of those who mean no good (see attacks.py)?

Each client has a connection of its own and asks again when it has its answer. All answers to the
same request must be the same. The clients are threads of one process, on the machine of the
service, so their work is in the times.
"""

import http.client
import itertools
import json
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import attacks
import report

import moreish

CLIENTS = 64
SECONDS = 5 if "--quick" in sys.argv else 60
ATTACKED = 3 if "--quick" in sys.argv else 10  # seconds of each attack

PLAIN = (
    ("sample", "20 names", {"n": 20}),
    ("sample", "20 names that begin with ma", {"n": 20, "prefix": "ma"}),
    ("score", "20 names", {"items": ["emma", "olivia", "xqzt", "kaylynne"] * 5}),
)
LIMITED = (
    ("sample", "20 new names that begin with ma", {"n": 20, "prefix": "ma", "new": True}),
    ("sample", "20 names that end with a", {"n": 20, "suffix": "a", "max_length": 8}),
    ("sample", "a pattern", {"n": 20, "matches": ".*(lyn|ina)", "max_length": 9, "new": True}),
    ("top", "20 new names", {"n": 20, "new": True}),
)
SLOW = (
    (
        "sample",
        "a pattern that takes more than its time",
        {"matches": "[a-z]{1,3900}", "min_length": 3_000},
    ),
)

Kind = tuple[str, str, dict[str, object]]


@dataclass
class Tally:
    """What came of the requests of one kind."""

    times: list[float] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    answers: set[bytes] = field(default_factory=set)
    lost: int = 0

    def row(self, page: str, what: str) -> tuple[str, ...]:
        """A row of the table."""
        errors = sum(status != 200 for status in self.statuses)
        cuts = statistics.quantiles(self.times, n=100) if len(self.times) > 1 else self.times * 99
        median, last = (f"{1000 * cuts[place]:,.0f} ms" for place in (49, 98))
        return page, what, f"{len(self.times):,}", f"{errors}", f"{self.lost}", median, last


class Load:
    """Clients that ask until time is up."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.until = time.monotonic() + SECONDS
        self.tallies: dict[str, Tally] = {}
        self.lock = threading.Lock()
        self.threads: list[threading.Thread] = []

    def add(self, clients: int, kinds: tuple[Kind, ...]) -> None:
        """So many clients that ask for these in turn, each from another one on."""
        for number in range(clients):
            arguments = (kinds, number)
            self.threads.append(threading.Thread(target=self._ask, args=arguments))

    def run(self) -> dict[str, Tally]:
        """What came of it, by what was asked for."""
        for thread in self.threads:
            thread.start()
        for thread in self.threads:
            thread.join()
        return self.tallies

    def _ask(self, kinds: tuple[Kind, ...], number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"content-type": "application/json"}
        for page, what, asked in itertools.islice(itertools.cycle(kinds), number, None):
            if time.monotonic() > self.until:
                break
            began = time.perf_counter()
            try:
                connection.request("POST", f"/{page}", json.dumps(asked), headers)
                answer = connection.getresponse()
                content, status = answer.read(), answer.status
            except (OSError, http.client.HTTPException):
                status = None
                connection.close()
            seconds = time.perf_counter() - began
            with self.lock:
                tally = self.tallies.setdefault(f"{page}: {what}", Tally())
                if status is None:
                    tally.lost += 1
                else:
                    tally.times.append(seconds)
                    tally.statuses.append(status)
                    if status == 200:
                        tally.answers.add(content)
        connection.close()


def port_of(process: subprocess.Popen) -> int:
    """Where a service listens that has just been started."""
    found = re.search(r":(\d+) until", process.stderr.readline())
    return int(found[1])


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder, "names.safetensors")
        moreish.train().save(model)
        rows = attacks.rows(port_of, ATTACKED, model)
    report.write(
        "The service under attack",
        rows,
        f"{ATTACKED} s each, with the model below. The attacker is a process on one core, where "
        f"there are several; the service may run on all of them. Of those that hold connections "
        f"the service may open 1,024 files, and has --seconds 3.",
    )
    if "--attacks" not in sys.argv:
        load()


def load() -> None:
    """Many clients that mean no harm."""
    rows = [("clients", "page", "what", "answers", "errors", "lost", "median", "99th percentile")]
    with tempfile.TemporaryDirectory() as folder:
        moreish.train().save(Path(folder, "names.safetensors"))
        command = ["-c", "import moreish_command; moreish_command.main()"]
        process = subprocess.Popen(
            [sys.executable, *command, "serve", "names.safetensors", "--port", "0"],
            cwd=folder,
            stderr=subprocess.PIPE,
            text=True,
        )
        port = port_of(process)
        for groups in (
            ((CLIENTS, PLAIN),),
            ((CLIENTS - 8, PLAIN), (8, LIMITED)),
            ((CLIENTS - 8, PLAIN), (8, SLOW)),
        ):
            load = Load(port)
            for clients, kinds in groups:
                load.add(clients, kinds)
            tallies = load.run()
            told = " + ".join(f"{clients} {_called(kinds)}" for clients, kinds in groups)
            for name, tally in tallies.items():
                if len(tally.answers) > 1:
                    raise SystemExit(f"{name} was answered in {len(tally.answers)} ways")
                rows.append((told, *tally.row(*name.split(": "))))
        process.send_signal(signal.SIGINT)
        if process.wait(10) != 130:
            raise SystemExit("the service did not end as it should")
    report.write(
        "The service",
        rows,
        f"{SECONDS} s each; the model is that of `moreish train` without options, a mixture, on "
        f"the bundled list. All answers to the same request were the same. Errors are answers with "
        f"another status than 200: the patterns that are too slow take longer than the 10 s that a "
        f"request has, so 504 is the answer that is due, or 503 at once where many wait.",
    )


def _called(kinds: tuple[Kind, ...]) -> str:
    return "plain" if kinds == PLAIN else "with constraints" if kinds == LIMITED else "too slow"


if __name__ == "__main__":
    main()
