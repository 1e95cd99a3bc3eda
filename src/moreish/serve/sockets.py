"""A socket for a server: bound to a host and a port, or a sentence why it can't be."""

import os
import socket

from ..errors import OptionError


def bound(host: str, port: int) -> socket.socket:
    """A socket at this place; port 0 is any that is free. OptionError if it can't be had."""
    if not 0 <= port < 2**16:
        raise OptionError(f"a port from 0 to 65,535 was wanted, got {port}")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError) as error:
        raise _unheard(host, port, error) from None
    place = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":
            place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        place.bind(address)
    except OSError as error:
        place.close()
        raise _unheard(host, port, error) from None
    return place


def _unheard(host: str, port: int, error: OSError | UnicodeError) -> OptionError:
    reason = str(getattr(error, "strerror", None) or error).lower()
    return OptionError(f"can't listen at {host} port {port}: {reason}")


def address_of(place: socket.socket) -> str:
    """Where a browser finds it."""
    host, port = place.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
