"""What one who means no good may ask of the service, and what it comes to: a row for each.

All of it is asked of a service of our own on the loopback address, so many times and for so long.
"""

import asyncio
import http.client
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
JSON = "content-type: application/json\r\n"

Row = tuple[str, str, str, str]


class Attacked:
    """A service and where it listens."""

    def __init__(self, process: subprocess.Popen, port: int) -> None:
        self.process, self.port = process, port

    def ask(self, page: str, body: bytes | None = None, host: str = "localhost") -> int:
        """The status of an answer over a connection of its own; 0 for none."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"content-type": "application/json", "host": host}
        try:
            connection.request("GET" if body is None else "POST", page, body, headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    def memory(self) -> int:
        """Bytes that all its processes have in memory; pages that they share count in each."""
        total = 0
        for place in Path("/proc").glob("[0-9]*"):
            try:
                if os.getpgid(int(place.name)) == self.process.pid:
                    total += int((place / "statm").read_text().split()[1]) * resource.getpagesize()
            except OSError:
                continue
        return total


@contextmanager
def attacked(folder: str, port_of: Callable, *options: str, files: int = 0) -> Iterator[Attacked]:
    """A service that is attacked in the block, and must end as it should."""
    command = [sys.executable, "-c", "import moreish_command; moreish_command.main()", "serve"]
    command += ["names.safetensors", "--port", "0", *options]
    if files:
        command = ["bash", "-c", f'ulimit -n {files} && exec "$@"', "bash", *command]
    process = subprocess.Popen(
        command, cwd=folder, stderr=subprocess.PIPE, text=True, process_group=0
    )
    try:
        yield Attacked(process, port_of(process))
        process.send_signal(signal.SIGINT)
        if process.wait(20) != 130:
            raise SystemExit("the service did not end as it should")
    finally:
        process.kill()


def percentile(times: list[float], share: float) -> float:
    """The time that such a share of all is at most."""
    return sorted(times)[min(int(len(times) * share), len(times) - 1)]


def health(service: Attacked, seconds: float) -> list[float]:
    """How long /health took, again and again."""
    times = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.perf_counter()
        if service.ask("/health") != 200:
            raise SystemExit("/health was not answered")
        times.append(time.perf_counter() - began)
        time.sleep(0.01)
    return times


@contextmanager
def beside(*functions: Callable[[], object]) -> Iterator[None]:
    """Each again and again in a process of its own, on the last core, until the block ends."""
    children, own = [], os.getpid()
    for function in functions:
        child = os.fork()
        if not child:
            try:
                if len(CORES) > 1:
                    os.sched_setaffinity(0, CORES[-1:])
                while os.getppid() == own:
                    function()
            finally:
                os._exit(0)
        children.append(child)
    try:
        yield
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def bodies(folder: str, port_of: Callable, seconds: float) -> Iterator[Row]:
    """A megabyte that is wrong all over."""
    for what, page, body in (
        ('{"items": [1, 1, ...]} of 980 kB', "/score", b'{"items":[' + b"1," * 489_990 + b"1]}"),
        ("80,000 names", "/sample", json.dumps({str(n): 1 for n in range(80_000)}).encode()),
        ("300,000 lists", "/score", b'{"items":[' + b"[]," * 300_000 + b"[]]}"),
        ("9,000 numbers", "/score", b'{"items":[' + b"1e300," * 9_000 + b"1]}"),
        ("a text of 900 kB", "/score", b'{"items":["' + b"a" * 900_000 + b'"]}'),
        ("10,000 items", "/score", json.dumps({"items": ["emma olivia"] * 10_000}).encode()),
    ):
        with attacked(folder, port_of) as service, beside(partial(service.ask, page, body)):
            times = health(service, seconds)
        told = f"{1000 * percentile(times, 0.99):.0f} ms, at most {1000 * max(times):.0f}"
        yield what, "/health, 99th percentile", "50 ms", told


def _rate(service: Attacked, clients: int, seconds: float) -> float:
    """Good answers a second to so many honest clients."""
    counts = Counter(asyncio.run(_crowd(service.port, clients, seconds))[0])
    return counts[200] / seconds


def heavy(folder: str, port_of: Callable, seconds: float) -> Iterator[Row]:
    """Two heavy clients beside four honest ones.

    They all work on the machine of the service, so what they do themselves is in the figures: hence
    also how the honest ones fare beside two processes that only keep a core busy.
    """
    for what, asked in (
        ("n 10,000, prefix of 1,000 letters", {"n": 10_000, "prefix": "a" * 1_000}),
        ("n 900, prefix of 1,000 letters", {"n": 900, "prefix": "a" * 1_000}),
        ("n 10,000", {"n": 10_000}),
        ("a prefix of 900,000 letters", {"prefix": "a" * 900_000}),
    ):
        body = json.dumps(asked).encode()
        with attacked(folder, port_of) as service:
            alone = _rate(service, 4, seconds)
            with beside(partial(sum, range(10_000)), partial(sum, range(10_000))):
                busy = _rate(service, 4, seconds)
            ask = partial(service.ask, "/sample", body)
            with beside(ask, ask):
                rate = _rate(service, 4, seconds)
                memory = service.memory()
        yield (
            f"{what}; 2 clients",
            "good answers a second to 4 honest ones",
            "half of what they have alone",
            f"{rate:.0f} of {alone:.0f}, of {busy:.0f} beside two that only keep a core busy; "
            f"{memory / 1e6:,.0f} MB in all processes",
        )


def marks(folder: str, port_of: Callable, seconds: float) -> Iterator[Row]:
    """Very many combining marks."""
    many = "\u0301\u0323" * 40_000
    with attacked(folder, port_of) as service:
        for what, items in (("80,000", [many]), ("45 times 9,999", ["a" + many[:9_998]] * 45)):
            body = json.dumps({"items": items}, ensure_ascii=False).encode()
            began = time.perf_counter()
            status = service.ask("/score", body)
            took = time.perf_counter() - began
            yield f"an item of {what} marks", "its answer", "2 s", f"{status} in {took:.2f} s"
    Path(folder, "marks.txt").write_text("\n".join(["ava", "eva", "a" + many]) + "\n")
    command = ["-m", "moreish", "train", "marks.txt", "--model", "bigram", "-o", "m", "--force"]
    began = time.perf_counter()
    subprocess.run([sys.executable, *command], cwd=folder, capture_output=True, check=True)
    took = time.perf_counter() - began
    yield "160 kB of marks in a list", "moreish train, all of it", "2 s", f"{took:.2f} s"


def connections(folder: str, port_of: Callable, seconds: float) -> Iterator[Row]:
    """Connections of those who send or read nothing, more than the system lets a process open."""
    head = "POST /score HTTP/1.1\r\nhost: localhost\r\n" + JSON
    body = json.dumps({"items": ["emma"] * 10_000})
    whole = f"{head}content-length: {len(body)}\r\n\r\n{body}".encode()
    for what, count, sent, then in (
        ("1,100 silent connections", 1_100, b"", b""),
        ("1,100 with headers that never end", 1_100, head.encode(), b""),
        ("200 with headers of a byte a second", 200, head.encode(), b"x"),
        (
            "1,100 with bodies that never end",
            1_100,
            f"{head}content-length: 9\r\n\r\n".encode(),
            b"",
        ),
        ("20 that never read their answer", 20, whole, b""),
    ):
        with attacked(folder, port_of, "--seconds", "3", files=1_024) as service:
            held = [_opened(service.port, sent) for _ in range(count)]
            times = health(service, seconds)
            for _ in range(8 if then else 0):
                time.sleep(1)
                for connection in held:
                    _sent(connection, then)
            until = time.monotonic() + 60
            while (still := _open_at(service.port)) and time.monotonic() < until:
                time.sleep(0.1)
            for connection in held:
                connection.close()
            service.process.send_signal(signal.SIGINT)
            lines = service.process.stderr.read().count("\n") - 2  # two are Ctrl-C's
        yield (
            what,
            "still open in the end; lines on stderr; /health, 99th percentile",
            "0; 1 at most; 50 ms",
            f"{still}; {lines}; {1000 * percentile(times, 0.99):.0f} ms",
        )


def _opened(port: int, content: bytes) -> socket.socket:
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    connection.settimeout(20)
    connection.connect(("127.0.0.1", port))
    _sent(connection, content)
    return connection


def _sent(connection: socket.socket, content: bytes) -> None:
    with suppress(OSError):  # it is closed, as it should be
        connection.sendall(content)


def _open_at(port: int) -> int:
    """Connections of a service that are established, as the system has them."""
    rows = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return sum(row.split()[1].endswith(f":{port:04X}") and row.split()[3] == "01" for row in rows)


def hosts(folder: str, port_of: Callable, seconds: float) -> Iterator[Row]:
    """Requests under other names."""
    with attacked(folder, port_of) as service:
        asked = ("evil.example", "evil.example:80", "localhost.evil.example", "10.0.0.1")
        answered = [service.ask("/models", host=host) for host in asked]
        answered += [service.ask(f"http://evil.example:{service.port}/models")]
        own = [service.ask("/models", host=host) for host in ("localhost", "127.0.0.1", "[::1]")]
    yield (
        "another host, an absolute target",
        "answers to them; to this machine's names",
        "none; all",
        f"{answered.count(200)} of {len(answered)}; {own.count(200)} of {len(own)}",
    )


async def _client(
    port: int, request: bytes, until: float, statuses: list[int], times: list[float]
) -> None:
    """Ask again and again over a connection that is kept; wait as long as one is told to."""
    reader = writer = None
    while (began := time.monotonic()) < until:
        try:
            if writer is None:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            names = dict(line.split(": ", 1) for line in head.split("\r\n")[1:-2])
            await reader.readexactly(int(names["content-length"]))
        except (OSError, asyncio.IncompleteReadError):
            statuses.append(0)
            writer = None
            await asyncio.sleep(1)
            continue
        statuses.append(int(head.split()[1]))
        times.append(time.monotonic() - began)
        if names.get("connection") == "close":
            writer.close()
            writer = None
        if "retry-after" in names:
            left = max(until - time.monotonic(), 0)
            await asyncio.sleep(min(int(names["retry-after"]), left))
    if writer is not None:
        writer.close()


async def _crowd(port: int, clients: int, seconds: float) -> tuple[list[int], list[float]]:
    """The statuses that so many clients get, and how long each answer took."""
    body = json.dumps({"n": 20})
    head = f"POST /sample HTTP/1.1\r\nhost: localhost\r\n{JSON}content-length: {len(body)}\r\n\r\n"
    request = (head + body).encode()
    statuses, times = [], []
    until = time.monotonic() + seconds
    async with asyncio.TaskGroup() as group:
        for _ in range(clients):
            group.create_task(_client(port, request, until, statuses, times))
    return statuses, times


def crowds(folder: str, port_of: Callable, seconds: float) -> Iterator[Row]:
    """A thousand clients at once."""
    rates: dict[int, float] = {}
    for clients in (64, 1_000):
        with attacked(folder, port_of) as service:
            began = time.monotonic()
            statuses, times = asyncio.run(_crowd(service.port, clients, 3 * seconds))
            took = time.monotonic() - began
        found = Counter(statuses)
        rates[clients] = found[200] / took
    told = ", ".join(f"{status or 'lost'}: {count:,}" for status, count in sorted(found.items()))
    yield (
        "1,000 clients at once",
        "good answers a second; statuses; the slowest",
        "as many as 64 clients have; no 504",
        f"{rates[1_000]:.0f}, with 64 {rates[64]:.0f}; {told}; {max(times):.1f} s",
    )


def patterns(folder: str, port_of: Callable, seconds: float) -> Iterator[Row]:
    """What only a parser has trouble with."""
    with attacked(folder, port_of) as service:
        for what, body in (
            ('{"matches": "a{4294967296}"}', b'{"matches": "a{4294967296}"}'),
            ('{"matches": "(){4294967294}"}', b'{"matches": "(){4294967294}"}'),
            ("[ 100,000 deep", b"[" * 100_000),
            ("[] 100,000 deep", b"[" * 100_000 + b"]" * 100_000),
        ):
            yield what, "status", "422", str(service.ask("/sample", body))


def rows(port_of: Callable, seconds: float, model: Path) -> list[Row]:
    """All of it, against a model."""
    found: list[Row] = [("attack", "what is measured", "aim", "reached")]
    limit, hardest = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hardest, max(limit, 4_096)), hardest))
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "names.safetensors").write_bytes(model.read_bytes())
        for attack in (bodies, heavy, marks, connections, hosts, crowds, patterns):
            for row in attack(folder, port_of, seconds):
                print(" | ".join(row), flush=True)
                found.append(row)
    return found
