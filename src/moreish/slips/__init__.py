"""Checks that name the slip: what is wrong in a learner's program, and in which line.

- `gradient`: gradients worked out by hand; which path was forgotten, doubled, or has a wrong sign

Each check gives a `Feedback`, which prints as a sentence.
"""

from .feedback import Feedback
from .gradient import gradient

__all__ = ["Feedback", "gradient"]
