"""Drawings: a drawing is a value, with .svg(), .text() and .save(path), and a notebook shows it.

from moreish import draw
draw.graph(loss)           what a Value or a Tensor was computed from
draw.activations()         the activation functions and their derivatives
draw.boundary(...)         what a binary classifier has learnt
draw.show(model, "counts") a model: its counts, losses, embeddings or layers
draw.counts(...), losses, rates, embeddings, layers    the same from plain arrays
"""

from .chart import Chart
from .curves import losses, rates
from .drawing import Drawing
from .graphs import Graph, graph
from .heatmap import counts
from .histograms import layers
from .plots import activations, boundary
from .scatter import embeddings
from .showing import show

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
