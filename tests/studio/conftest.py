"""Commands that are run in this process, as in tests/cli."""

from cli.conftest import run  # noqa: F401
