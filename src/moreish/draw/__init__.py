"""Drawings: a drawing is a value, with .svg(), .text() and .save(path), and a notebook shows it.

from moreish import draw
draw.graph(loss)           what a Value or a Tensor was computed from
draw.activations()         the activation functions and their derivatives
draw.boundary(...)         what a binary classifier has learnt
draw.show(model, "counts") a model: its counts, losses, embeddings or layers
draw.counts(...), losses, rates, embeddings, layers    the same from plain arrays
"""

from .charts.chart import Chart
from .charts.curves import losses, rates
from .charts.functions import activations, boundary
from .charts.heatmap import counts
from .charts.histograms import layers
from .charts.model_charts import show
from .charts.scatter import embeddings
from .drawing import Drawing
from .graphs.graph import Graph, graph

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
