"""moreish studio: a web page on this machine that learns from a list and shows what it learnt."""

import sys

import click

from ..studio.launch import USUAL_PORT, launch
from .output import put, say


@click.command(short_help="Learn, make more and look inside, in a browser.")
@click.argument("file", metavar="[FILE|MODEL]", required=False)
@click.option(
    "--port",
    type=int,
    metavar="N",
    help=f"0 is any that is free.  [default: {USUAL_PORT}, or any that is free]",
)
@click.option("--no-browser", is_flag=True, help="Open no browser, only print the address.")
def studio(file: str | None, port: int | None, no_browser: bool) -> None:
    """Open a page in the browser that learns from a list, makes more, and shows why.

    FILE is a list, one item a line, and MODEL a model file; without one, the page has examples and
    a place to paste. The address is printed on standard output. Only this machine can reach it,
    and the page asks nothing of any other. Ctrl-C ends it; what was learnt and not downloaded is
    gone then. It needs the extra serve: pip install 'moreish[serve]'.
    """

    def ready(address: str) -> None:
        put(address)
        sys.stdout.flush()
        say("The studio is there until Ctrl-C.")

    launch(file, port, not no_browser, ready, say)
