"""The log is one that TensorBoard reads."""

from pathlib import Path

import pytest

from event_files import scalars
from moreish.errors import OptionError
from moreish.training import Record
from moreish.training.tensorboard import event_log


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    with event_log(str(tmp_path / "a" / "b")) as write:
        write(Record(10, 20, 0.25, 2.5, 2.75, 1.0))
        write(Record(20, 20, 0.0, 1.5, None, 2.0))
    assert [found[:3] for found in scalars(tmp_path / "a" / "b")] == [
        ("loss/train", 10, 2.5),
        ("loss/dev", 10, 2.75),
        ("learning_rate", 10, 0.25),
        ("loss/train", 20, 1.5),
        ("learning_rate", 20, 0.0),
    ]


def test_what_is_written_again_after_a_break_counts_once(tmp_path: Path) -> None:
    with event_log(str(tmp_path)) as write:
        for step in (10, 20, 30):
            write(Record(step, 40, 0.5, 2.0, None, 1.0))
    (old,) = tmp_path.iterdir()
    old.rename(tmp_path / "events.out.tfevents.0")  # read first: the name has the second in it
    with event_log(str(tmp_path)) as write:
        for step in (15, 20):
            write(Record(step, 40, 0.5, 1.0, None, 1.0))
    losses = {step: loss for name, step, loss, _ in scalars(tmp_path) if "train" in name}
    assert losses == {10: 2.0, 15: 1.0, 20: 1.0}


def test_a_log_wants_a_folder() -> None:
    with pytest.raises(OptionError, match="a folder for the logs was wanted"), event_log(""):
        pass
