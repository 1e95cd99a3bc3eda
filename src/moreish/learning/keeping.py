"""Work that is not lost: the checkpoint of a training, and a spare copy of its model."""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ..errors import ModelFileError, MoreishError, OptionError
from ..model import Model
from ..storage.atomic import clear_unfinished
from ..training.checkpoint import checkpoint_of
from .learning import Learning

__all__ = ["Keeper", "save_somewhere"]


class Keeper:
    """Writes the checkpoint of a training now and then, and removes it when all is done.

    `place` is where the model will be. What there is to remark is said by `say`.
    `every` is in seconds. OptionError for less than 0.
    """

    def __init__(
        self, learning: Learning, place: Path, every: float, say: Callable[[str], None]
    ) -> None:
        if not every >= 0:
            raise OptionError(f"a checkpoint every 0 seconds or more was wanted, got {every}")
        self.learning = learning
        self.place = place
        self.path = checkpoint_of(place)
        self.every = every
        self.last = time.monotonic()
        self.fails = False
        self.say = say

    def resume(self) -> bool:
        """Go on from the checkpoint, or say that there is none; whether all is done already.

        OptionError for a model that is counted.
        """
        if not self.learning.is_trained:
            name = self.learning.language_model.name
            raise OptionError(f"--resume can't be: {name} is counted, not trained")
        if self.path.exists():
            step = self.learning.resume(self.path)
            self.say(f"Going on after step {step:,}.")
        elif os.path.lexists(self.place):
            self.learning.check_is_of(self.place)
            self.say(
                f"This training has ended, and {self.place} is its model; --force begins anew."
            )
            return True
        else:
            self.say(f"There is no {self.path}: beginning at the beginning.")
        return False

    def keep(self) -> None:
        """Write the checkpoint if it is time; a disk that is full does not stop the training."""
        if self.fails or time.monotonic() - self.last < self.every:
            return
        try:
            self.learning.checkpoint(self.path)
        except ModelFileError as error:
            self.say(f"Note: {error}, so there is no checkpoint.")
            self.fails = True
        self.last = time.monotonic()

    def remove(self) -> None:
        """Nothing is left but the model, not even what a killed process could not finish."""
        self.path.unlink(missing_ok=True)
        for path in (self.path, self.place):
            clear_unfinished(path)


def save_somewhere(model: Model, place: Path, replace: bool) -> Path:
    """Write the model's file; where that fails, a spare one, so that no work is lost.

    ModelFileError if it fails, with the place of the spare one.

    >>> from moreish import train
    >>> model = train(["anna", "nan"], model="bigram")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_somewhere(model, Path(folder, "names.safetensors"), replace=False).name
    'names.safetensors'
    """
    try:
        model.save(place, replace=replace)
    except MoreishError as error:
        try:
            with tempfile.NamedTemporaryFile(
                prefix="moreish-", suffix=".safetensors", delete=False
            ) as spare:
                pass
        except OSError:
            raise error from None
        try:
            model.save(spare.name)
        except MoreishError:
            os.unlink(spare.name)
            raise error from None
        raise ModelFileError(f"{error}. The model is in {spare.name} instead") from None
    return place
