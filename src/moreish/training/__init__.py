"""Move the parameters of a learnt model until it predicts well."""

from .run import Record, Run, Settings

__all__ = ["Record", "Run", "Settings"]
