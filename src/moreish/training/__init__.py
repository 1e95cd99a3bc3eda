"""Move the parameters of a learnt model until it predicts well."""

from .optimizing import begin
from .range_test import Sweep, sweep
from .record import Record
from .run import Run
from .settings import Settings
from .steering import change, go_back

__all__ = ["Record", "Run", "Settings", "Sweep", "begin", "change", "go_back", "sweep"]
