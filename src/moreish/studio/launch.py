"""The studio on this machine: a socket, uvicorn, and a browser that opens the page.

The engine is loaded while the browser loads the page, so that the first answer comes soon.
"""

import socket
import threading
import webbrowser
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..errors import MissingError, OptionError
from ..serve.hosts import allowed_at
from ..serve.sockets import address_of, bound

if TYPE_CHECKING:
    from .service import Studio

HOST = "127.0.0.1"
USUAL_PORT = 8642
GRACE = 0.2  # seconds for calls that are being answered when Ctrl-C comes


class Late:
    """A studio that is made when it is first asked for something, or when the page is out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    @cached_property
    def _made(self) -> "Studio":
        from .background import Background
        from .service import Studio

        return Studio(Background().add)

    @property
    def studio(self) -> "Studio":
        """The one studio, whoever asks first."""
        with self._lock:
            return self._made

    def call(self, name: str, arguments: dict[str, Any]) -> Any:
        """See `Studio.call`."""
        return self.studio.call(name, arguments)

    def saved(self, run: str) -> bytes:
        """See `Studio.saved`."""
        return self.studio.saved(run)


def launch(
    path: str | None,
    port: int | None,
    with_browser: bool,
    ready: Callable[[str], None],
    remark: Callable[[str], None],
) -> None:
    """Serve the page until Ctrl-C, with a list or a model that is there from the start.

    `ready` is told the address, and `remark` what a person should know. Without a port it is the
    usual one, or any that is free. MissingError if the extra is not installed, OptionError for a
    port that can't be had, DataError or ModelFileError for a file that can't be read.
    """
    try:
        import uvicorn

        from .server import application
    except ImportError as error:
        raise MissingError(
            f"the studio needs {error.name}, which is not installed: pip install 'moreish[serve]'"
        ) from None
    with place_at(port) as place:
        late = Late()
        if path is not None:
            late.studio.open_path(path)

        class Server(uvicorn.Server):
            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets)
                if self.started:
                    ready(address_of(place))
                    threading.Thread(target=lambda: late.studio, daemon=True).start()
                    if with_browser:
                        told = (address_of(place), remark)
                        threading.Thread(target=show, args=told, daemon=True).start()

        config = uvicorn.Config(
            application(late.call, late.saved, allowed_at(place, HOST, ())),
            ws="none",
            lifespan="off",
            log_level="error",
            timeout_graceful_shutdown=GRACE,  # type: ignore[arg-type]  # it takes parts of a second
            server_header=False,
        )
        Server(config).run([place])


def place_at(port: int | None) -> socket.socket:
    """A socket at a port; without one at the usual port, or at any that is free.

    OptionError for a port that can't be had.
    """
    if port is not None:
        return bound(HOST, port)
    try:
        return bound(HOST, USUAL_PORT)
    except OptionError:
        return bound(HOST, 0)


def show(address: str, remark: Callable[[str], None]) -> None:
    """Open the page; one that would open in this terminal is no browser."""
    try:
        found = webbrowser.get()
        in_terminal = type(found) is webbrowser.GenericBrowser
        if not in_terminal and found.open(address):
            return
    except webbrowser.Error:
        pass
    remark(f"There is no browser to be found here: open {address} in one.")
