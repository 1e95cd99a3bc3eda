"""From files to a running service: the models loaded, a socket bound, and uvicorn between them."""

import gc
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from ..errors import MissingError, OptionError
from ..model import Model, load
from .quotas import Bounds
from .sockets import address_of, bound

KINDS = 3  # of seats
LONGEST_NUMBER = 640  # digits; to read so many takes a hundredth of the time of Python's own most
GRACE = 1  # seconds for requests that are being answered when Ctrl-C comes


def named_models(paths: Sequence[str]) -> dict[str, Model]:
    """The models in these files, by the names of the files without their ends.

    ModelFileError if one can't be read, OptionError for two of one name.
    """
    found: dict[str, tuple[str, Model]] = {}
    for path in paths:
        name = Path(path).stem
        if name in found:
            raise OptionError(
                f"{found[name][0]} and {path} would both be called {name}: rename one of them"
            )
        found[name] = (path, load(path))
    models = {name: model for name, (_, model) in found.items()}
    for model in models.values():  # what is looked up in every answer is made ready once
        model.scores(model.dataset.items.texts[:1] or ["x"])
        model.dataset.is_new("x")
    return models


def serve(
    paths: Sequence[str],
    host: str,
    port: int,
    bounds: Bounds,
    hosts: Sequence[str],
    ready: Callable[[str, Sequence[str]], None],
    remark: Callable[[str], None],
) -> None:
    """Serve the models in these files until Ctrl-C; `ready` is told the address and the names, and
    `remark` what a person should know. Requests may name these `hosts`; see `allowed_at`.

    MissingError if the extra is not installed, OptionError for what can't be, ModelFileError for a
    file that is none.
    """
    try:
        import uvicorn

        from .app import application
        from .connection import MOST, Connection, Door, room_for
        from .hosts import Hosts, allowed_at
        from .scheduler import Desk
    except ImportError as error:
        raise MissingError(
            f"the service needs {error.name}, which is not installed: pip install 'moreish[serve]'"
        ) from None
    sys.set_int_max_str_digits(LONGEST_NUMBER)
    with bound(host, port) as place:
        allowed = allowed_at(place, host, hosts)
        most, at_once = room_for(KINDS * bounds.seats)
        desk = Desk(named_models(paths), bounds.seats, bounds.seconds)
        gc.freeze()  # the models stay: they need not be looked at again and again

        class Own(Connection):
            door = Door(most, bounds.seconds, remark)

        class Server(uvicorn.Server):
            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets)
                if self.started:
                    place.listen(MOST)  # so many may wait, but few are accepted at a time
                    ready(address_of(place), list(desk.models))

            async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
                desk.close(GRACE)
                Own.door.close(1.5 * GRACE)
                await super().shutdown(sockets)

        config = uvicorn.Config(
            Hosts(application(desk, bounds), allowed),
            http=Own,
            ws="none",
            lifespan="on",
            log_level="error",
            backlog=at_once,
            timeout_graceful_shutdown=2 * GRACE,
            server_header=False,
        )
        Server(config).run([place])
