"""Change a training while it goes on, between two steps."""

from dataclasses import replace

from ..errors import OptionError
from ..models.mlp import MLP
from ..recording import capture
from .batches import batches_of
from .optimizing import begin, optimizer_of
from .run import Run

__all__ = ["change", "go_back"]


def change(run: Run, *, learning_rate: float | None = None, dropout: float | None = None) -> None:
    """Go on with another learning rate, which the schedule scales as before, or another dropout.

    OptionError for what can't be, and for the dropout of a model that has none.

    >>> from moreish import learn
    >>> run = learn(["anna", "hannah", "nan"] * 9, model="mlp", steps=3).start()
    >>> for _ in run.moves():
    ...     change(run, learning_rate=0.001)
    >>> run.records[-1].learning_rate < 0.001
    True
    """
    if learning_rate is not None:
        run.settings = replace(run.settings, learning_rate=learning_rate)
    if dropout is None:
        return
    if not isinstance(run.model, MLP):
        raise OptionError(f"the family {run.model.name} has no dropout; an mlp has")
    if not 0 <= dropout < 1:
        raise OptionError(f"the dropout must be 0 or more, and less than 1; got {dropout}")
    run.model.dropout = dropout
    run._step = capture(run._whole_step)


def go_back(run: Run, learning_rate: float) -> None:
    """Be at the best step again, or at the beginning, with another learning rate; what the
    optimizer kept of its way is forgotten.

    OptionError for a learning rate that can't be.

    >>> from moreish import learn
    >>> run = learn(["anna", "hannah", "nan"] * 9, model="mlp", steps=9).start()
    >>> _ = [next(run.moves()) for _ in range(5)]
    >>> go_back(run, 0.001)
    >>> run.step == run.best_step
    True
    """
    change(run, learning_rate=learning_rate)
    if run.best is None:
        run.generator = begin(run.model, run.settings)
        run._batches = batches_of(run.train, run.model, run.settings, run.generator)
    else:
        run.model.restore(run.best)
    run.step = run._looked_at = run.best_step
    run.records = [record for record in run.records if record.step <= run.step]
    run._losses.clear()
    run._vain_looks, run._has_diverged, run.stopped_early = 0, False, False
    run._optimizer = optimizer_of(run.model, run.settings)
    run._step = capture(run._whole_step)
