"""Drawings: a drawing is a value, with .svg(), .text() and .save(path), and a notebook shows it.

from moreish import draw
draw.graph(loss)           what a Value or a Tensor was computed from
draw.activations()         the activation functions and their derivatives
draw.boundary(...)         what a binary classifier has learnt
draw.show(model, "counts") a model: its counts, losses, embeddings or layers
draw.counts(...), losses, rates, embeddings, layers    the same from plain arrays
"""

from .chart import Chart
from .counts import counts
from .drawing import Drawing
from .embeddings import embeddings
from .graphs import Graph, graph
from .layers import layers
from .losses import losses, rates
from .plots import activations, boundary
from .show import show

__all__ = [
    "Chart",
    "Drawing",
    "Graph",
    "activations",
    "boundary",
    "counts",
    "embeddings",
    "graph",
    "layers",
    "losses",
    "rates",
    "show",
]
