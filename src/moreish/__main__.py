"""`python -m moreish` is `moreish`."""

from .cli.main import main

main()
