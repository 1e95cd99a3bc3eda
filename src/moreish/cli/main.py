"""`moreish`: the one place where errors become sentences and exit codes.

0 done, 1 the data or the model said no, 2 the command was misused; stopped by a signal: 128 and its
number, so 130 by Ctrl-C, 143 by SIGTERM, 129 by SIGHUP.
"""

import io
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

from ..errors import ApproximateWarning, MoreishError
from .output import lenient_stderr, say
from .signals import exit_code

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
    "studio",
    "serve",
    "paper",
    "demo",
)


@contextmanager
def _as_long_as_it_is_read() -> Iterator[None]:
    """Whoever reads our output may have had enough; click would make exit code 1 of that."""
    try:
        yield
    except BrokenPipeError:
        _close_output()
        raise click.exceptions.Exit(0) from None


class Commands(click.Group):
    """The commands, each loaded when it is called for."""

    def make_context(self, *arguments: Any, **options: Any) -> click.Context:
        """What was typed, as click has it."""
        with _as_long_as_it_is_read():
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with _as_long_as_it_is_read():
            return super().invoke(ctx)

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
    with lenient_stderr():
        code = _run(lambda: moreish.main(arguments, prog_name="moreish", standalone_mode=False))
        if sys.stdout is not None:
            unwritten = _run(sys.stdout.flush)
            code = code or unwritten
    sys.exit(code)


def _run(command: Callable[[], object]) -> int:
    """The exit code of a command; what goes wrong is said in a sentence."""
    if sys.stdout is None:
        say("Error: standard output is closed: leave it open, or send it to a file.")
        return 2
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always", ApproximateWarning)
            warnings.showwarning = lambda message, *_, **__: say(f"Note: {message}.")
            code = command()
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        message = io.StringIO()
        error.show(message)
        for line in message.getvalue().removesuffix("\n").split("\n"):
            say(line)
        return error.exit_code
    except (KeyboardInterrupt, click.exceptions.Abort) as error:
        say("Stopped.")
        return exit_code(error.__cause__ or error)
    except MoreishError as error:
        say(f"Error: {error}".rstrip(".") + ("" if str(error).endswith("?") else "."))
        return error.exit_code
    except BrokenPipeError:  # whoever read our output has had enough
        _close_output()
        return 0
    except UnicodeEncodeError as error:
        character = error.object[error.start]
        say(
            f"Error: standard output is in {error.encoding}, which has no {character!a}: set "
            f"PYTHONIOENCODING=utf-8."
        )
    except OSError as error:
        what = f"use {error.filename}" if error.filename else "write to standard output"
        say(f"Error: can't {what}: {(error.strerror or str(error)).lower()}; try another place.")
        _close_output()
    except MemoryError:
        say("Error: there is not enough memory for this; try a smaller model or a shorter list.")
    return 1


def _close_output() -> None:
    """What still waits to be written goes nowhere, so that nothing more is said of it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
