"""Move the parameters of a learnt model until it predicts well."""

from .optimizing import begin
from .range_test import Sweep, sweep
from .run import Record, Run
from .settings import Settings

__all__ = ["Record", "Run", "Settings", "Sweep", "begin", "sweep"]
