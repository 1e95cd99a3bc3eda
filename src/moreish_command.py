"""The way in of the command `moreish`: what has to be settled before NumPy is loaded.

One thread for linear algebra: a step of a small network is too short to be shared, and on a busy
machine two threads wait for each other many times as long as one takes alone. Whoever sets
OPENBLAS_NUM_THREADS, or another of these, is heard. Ctrl-C ends the command while it loads, too.
"""

import os
import sys

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
STOPPED = 130


def main() -> None:
    """Run the command."""
    if not any(name in os.environ for name in THREADS):
        os.environ.update(dict.fromkeys(THREADS, "1"))
        if (os.cpu_count() or 1) > 1:  # for layers of many outputs alone: see engine.rules.wide
            os.environ.setdefault("MOREISH_THREADS", "2")
    try:
        from moreish.cli.main import main

        main()
    except KeyboardInterrupt:
        sys.exit(STOPPED)
