"""A service as a person starts it: a process of its own, at a port that is free."""

import re
import signal
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
def serving(folder: Path, *arguments: str) -> Iterator[Service]:
    """`moreish serve`, until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "moreish", "serve", *arguments, "--port", "0"],
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
