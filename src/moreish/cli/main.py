"""`moreish`: the one place where errors become sentences and exit codes.

0 done, 1 the data or the model said no, 2 the command was misused, 130 stopped by Ctrl-C.
"""

import os
import sys
import warnings
from importlib import import_module

import click

from ..errors import ApproximateWarning, MoreishError
from .output import say

COMMANDS = (
    "train",
    "sample",
    "top",
    "score",
    "classify",
    "evaluate",
    "compare",
    "show",
    "find-lr",
    "export",
    "serve",
    "demo",
)
STOPPED = 130


class Commands(click.Group):
    """The commands, each loaded when it is called for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which one needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, if there is one."""
        if cmd_name not in COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        command = getattr(import_module(f".{name}", __package__), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="moreish")
def moreish() -> None:
    """Give it a list of things, one a line; it learns what they are like and makes more of them.

    \b
    moreish demo                       names from the bundled list, in a minute
    moreish train list.txt             learn; writes list.safetensors
    moreish sample list.safetensors    more of it
    moreish score list.safetensors -   what belongs, and what does not
    """


def main(arguments: list[str] | None = None) -> None:
    """Run a command and exit with its code."""
    if sys.stdout is None:
        say("Error: standard output is closed: leave it open, or send it to a file.")
        sys.exit(2)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always", ApproximateWarning)
            warnings.showwarning = lambda message, *_, **__: say(f"Note: {message}.")
            code = moreish.main(arguments, prog_name="moreish", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except click.exceptions.Abort:
        say("Stopped.")
        code = STOPPED
    except MoreishError as error:
        say(f"Error: {error}".rstrip(".") + ("" if str(error).endswith("?") else "."))
        code = error.exit_code
    except BrokenPipeError:  # whoever read our output has had enough
        _close_output()
        code = 0
    except UnicodeEncodeError as error:
        character = error.object[error.start]
        say(
            f"Error: standard output is in {error.encoding}, which has no {character!a}: set "
            f"PYTHONIOENCODING=utf-8."
        )
        code = 1
    except OSError as error:
        what = f"use {error.filename}" if error.filename else "write to standard output"
        say(f"Error: can't {what}: {(error.strerror or str(error)).lower()}; try another place.")
        _close_output()
        code = 1
    except MemoryError:
        say("Error: there is not enough memory for this; try a smaller model or a shorter list.")
        code = 1
    sys.exit(code if isinstance(code, int) else 0)


def _close_output() -> None:
    """What still waits to be written goes nowhere, so that nothing more is said of it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
