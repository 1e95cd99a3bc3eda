"""A service as a person starts it: a process of its own, at a port that is free."""

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx


@dataclass
class Service:
    """A running service."""

    process: subprocess.Popen[str]
    address: str

    def post(self, page: str, **request: Any) -> httpx.Response:
        """Ask, and look at the shape of the answer."""
        answer = httpx.post(f"{self.address}{page}", json=request, timeout=30)
        return checked(answer)

    def send(self, content: bytes | Iterator[bytes], page: str = "/sample") -> httpx.Response:
        """Send bytes that need be no JSON."""
        headers = {"content-type": "application/json"}
        address = f"{self.address}{page}"
        return checked(httpx.post(address, content=content, headers=headers, timeout=30))

    def get(self, page: str) -> httpx.Response:
        """Look at a page."""
        return httpx.get(f"{self.address}{page}", timeout=30)

    @property
    def port(self) -> int:
        return int(self.address.rsplit(":", 1)[1])

    def raw(self, content: bytes = b"") -> socket.socket:
        """A connection of its own over which so much was sent."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        connection.sendall(content)
        return connection

    def stop(self) -> tuple[int, str]:
        """Ctrl-C → the exit code and all that was said after the address."""
        self.process.send_signal(signal.SIGINT)
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, said


def checked(answer: httpx.Response) -> httpx.Response:
    """An answer as every answer must be: JSON, and where it is an error, a sentence."""
    told = answer.json()
    assert answer.headers["content-type"] == "application/json"
    if answer.status_code != 200:
        assert set(told) == {"status", "error"}
        assert told["status"] == answer.status_code
        assert told["error"].endswith((".", "?"))
        assert "Traceback" not in told["error"]
        assert "File " not in told["error"]
    return answer


@contextmanager
def serving(folder: Path, *arguments: str, files: int | None = None) -> Iterator[Service]:
    """`moreish serve`, until the block ends; if so said, with so many open files at most."""
    command = [sys.executable, "-m", "moreish", "serve", *arguments, "--port", "0"]
    if files is not None:
        command = ["bash", "-c", f'ulimit -n {files} && exec "$@"', "bash", *command]
    process = subprocess.Popen(
        command,
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        line = process.stderr.readline()
        found = re.search(r" at (http://\S+) until", line)
        assert found, line + process.stderr.read()
        yield Service(process, found[1])
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def told(connection: socket.socket) -> bytes:
    """All that comes until the other side closes; what it resets is closed, too."""
    parts = []
    try:
        while part := connection.recv(1 << 16):
            parts.append(part)
    except ConnectionResetError:
        pass
    connection.close()
    return b"".join(parts)


def error_of(content: bytes) -> dict[str, Any]:
    """The error in a whole answer as it comes over a connection, in the shape of all errors."""
    head, _, body = content.partition(b"\r\n\r\n")
    status, *headers = head.decode().split("\r\n")
    names = dict(header.lower().split(": ", 1) for header in headers)
    assert names["content-type"] == "application/json"
    assert int(names["content-length"]) == len(body)
    found: dict[str, Any] = json.loads(body)
    assert set(found) == {"status", "error"}
    assert int(status.split()[1]) == found["status"]
    assert found["error"].endswith((".", "?"))
    return found
