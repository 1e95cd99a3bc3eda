"""Checks that name the slip: what is wrong in a learner's program, and in which line.

- `gradient`: gradients worked out by hand; which path was forgotten, doubled, or has a wrong sign
- `rule`: a derivative written by hand, against the measured slope
- `step`: a step of training; a missing zero_grad, an update in the wrong direction
- `shapes`: broadcasts that line up the wrong axes
- `loss`: a cross-entropy written out; summed, averaged twice, over the wrong axis
- `split`: a list in parts; what leaks from one into another

Each check gives a `Feedback`, which prints as a sentence.
"""

from .broadcasts import shapes
from .feedback import Feedback
from .gradients import gradient
from .losses import loss
from .rules import rule
from .splits import split
from .steps import step

__all__ = ["Feedback", "gradient", "loss", "rule", "shapes", "split", "step"]
