"""Which hosts a request may name: a web page in a browser on this machine can ask any address.

It asks under its own name, though, and a name can be made to mean this machine (DNS rebinding). So
a service that only this machine can reach answers to the names of this machine alone.

It knows nothing of models.
"""

import ipaddress
import re
import socket
from collections.abc import Iterable

from ..errors import OptionError
from .answers import Answer, problem
from .body_limit import Application, Message, Receive, Send, refuse

LOOPBACK = ("localhost", "127.0.0.1", "::1")
HOST = re.compile(r"(\[[^\[\]]+\]|[^\[\]:@/?#\s]+)(:\d{0,5})?")
NAME = re.compile(r"[\w-]+(\.[\w-]+)*")


class Hosts:
    """An ASGI application before another one, which sees only requests to hosts that are allowed,
    all where there are none."""

    def __init__(self, application: Application, allowed: Iterable[str]) -> None:
        self.application = application
        self.allowed = frozenset(host.lower() for host in allowed)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Refuse what names another host. Where there are two, h11 has refused it before."""
        wrong = self._wrong(scope) if scope["type"] == "http" else None
        if wrong is not None:
            await refuse(send, wrong)
        else:
            await self.application(scope, receive, send)

    def _wrong(self, scope: Message) -> Answer | None:
        if not scope["raw_path"].startswith(b"/") and scope["raw_path"] != b"*":
            return problem(400, "the target of a request is a path here, as /sample")
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        if self.allowed and named(host) not in self.allowed:
            asked = f"to the host {host[:60]!r}" if host else "without a host"
            return problem(
                421,
                f"this service does not answer a request {asked}: start it with --allow-host to "
                f"let it answer to other names than localhost",
            )
        return None


def named(host: str) -> str:
    """The name or address in a header Host, without its port; none if it can't be one.

    >>> named("LOCALHOST:8000"), named("[::1]:80"), named("localhost:80@evil.example")
    ('localhost', '::1', '')
    """
    found = HOST.fullmatch(host)
    return found[1].strip("[]").lower() if found else ""


def allowed_at(place: socket.socket, host: str, others: Iterable[str]) -> set[str]:
    """The hosts that a service at a socket answers to, none for all: on a loopback address only the
    names of this machine, its own, and others that are allowed. OptionError for what is no host.

    >>> with socket.create_server(("127.0.0.1", 0)) as place:
    ...     sorted(allowed_at(place, "127.0.0.1", ["names.example"]))
    ['127.0.0.1', '::1', 'localhost', 'names.example']
    """
    found = [_checked(other) for other in others]
    address = str(place.getsockname()[0]).partition("%")[0]
    if not found and not ipaddress.ip_address(address).is_loopback:
        return set()
    return {*LOOPBACK, address, host.lower(), *found}


def _checked(host: str) -> str:
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        if not NAME.fullmatch(host):
            raise OptionError(
                f"--allow-host is a name or an address, without a port, got {host!r}"
            ) from None
        return host.lower()
