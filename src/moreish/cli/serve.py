"""moreish serve: models behind HTTP, for other programs."""

import os
from collections.abc import Sequence

import click

from ..serve.quotas import Bounds
from ..serve.run import serve as serve_models
from .output import say

USUAL_SEATS = max(2, os.cpu_count() or 1)


@click.command(short_help="Serve models to other programs, by HTTP.")
@click.argument("models", metavar="MODEL...", nargs=-1, required=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", type=int, default=8000, show_default=True, help="0 is any that is free.")
@click.option(
    "--allow-host",
    "hosts",
    multiple=True,
    metavar="NAME",
    help="A name that requests may use for this host, beside localhost, 127.0.0.1 and [::1]; can "
    "be given more than once.  [default: any, where others can reach it]",
)
@click.option(
    "--max-items",
    type=int,
    default=10_000,
    show_default=True,
    metavar="N",
    help="Items that one request can ask for.",
)
@click.option(
    "--max-bytes",
    type=int,
    default=1_000_000,
    show_default=True,
    metavar="N",
    help="Of one request.",
)
@click.option(
    "--seconds",
    type=float,
    default=10.0,
    show_default=True,
    metavar="X",
    help="For one request, waiting included; then its work is ended.",
)
@click.option(
    "--seats",
    type=int,
    metavar="N",
    help="Requests of each kind (plain, with constraints, long) that are worked on at a time; "
    "there are three processes for each.  [default: as many as processors, 2 at least]",
)
def serve(
    models: tuple[str, ...],
    host: str,
    port: int,
    hosts: tuple[str, ...],
    max_items: int,
    max_bytes: int,
    seconds: float,
    seats: int | None,
) -> None:
    """Serve MODEL files by HTTP until Ctrl-C: POST /sample, /top and /score, GET /models, /health.

    A request says in JSON what the commands of the same names take as options, and which model by
    the name of its file without its end. The page /docs shows it all. Nobody is asked who they
    are: keep to 127.0.0.1, or put a server before it that asks. There it answers only what is
    asked of localhost, 127.0.0.1 or [::1], or of a host that is allowed: a web page can't ask
    under another name. It needs the extra serve: pip install 'moreish[serve]'.
    """

    def ready(address: str, names: Sequence[str]) -> None:
        say(f"Serving {', '.join(names)} at {address} until Ctrl-C; {address}/docs explains it.")

    serve_models(
        models,
        host,
        port,
        Bounds(max_bytes, max_items, seconds, USUAL_SEATS if seats is None else seats),
        hosts,
        ready,
        say,
    )
