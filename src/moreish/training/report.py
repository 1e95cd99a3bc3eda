"""What is known of how a model was made: it stands in the model's file."""

import sys
from dataclasses import dataclass, field
from typing import Any

from ..storage.validation import checked_number, no_others
from ..text.dataset import SPLITS
from ..text.short_repr import brief

__all__ = ["Report"]

LOUDEST = 1e40  # nats of a token: more than numbers of single precision can give
Point = tuple[int, float, float | None]  # steps of all training so far, loss on train and on dev


@dataclass
class Report:
    """What is known of how a model was made."""

    __repr__ = brief

    seed: int
    seconds: float  # of training
    steps: int = 0  # of training, where there were any
    nats_per_token: dict[str, float] = field(default_factory=dict)  # of the splits that were read
    unknown_nats: float | None = None  # of an unknown token, where that does not follow from a list
    curve: list[Point] = field(default_factory=list)  # while it was trained; see `Point`

    def __post_init__(self) -> None:
        self.curve = [
            (int(step), float(train), None if dev is None else float(dev))
            for step, train, dev in self.curve
        ]

    @classmethod
    def stored(cls, about: dict[str, Any]) -> "Report":
        """What `vars` gave, out of a file. TypeError or ValueError if it isn't that."""
        report = cls(**about)
        checked_number("seed", report.seed, whole=True, least=0, most=2**63 - 1)
        checked_number("steps", report.steps, whole=True, least=0)
        checked_number("seconds", report.seconds, least=0, most=sys.float_info.max)
        if report.unknown_nats is not None:
            checked_number("unknown_nats", report.unknown_nats, least=0, most=LOUDEST)
        no_others("the report", report.nats_per_token, SPLITS)
        for split, nats in report.nats_per_token.items():
            checked_number(f"nats per token of {split}", nats, least=0)
        for step, *losses in report.curve:
            checked_number("a step", step, whole=True, least=0)
            for loss in losses:
                if loss is not None:
                    checked_number("a loss", loss, least=0, most=LOUDEST)
        return report
