"""Drawings: a drawing is a value, with .svg(), .text() and .save(path), and a notebook shows it.

from moreish import draw
draw.graph(loss)           what a Value or a Tensor was computed from
draw.activations()         the activation functions and their derivatives
draw.boundary(...)         what a binary classifier has learnt
"""

from .chart import Chart
from .drawing import Drawing
from .graphs import Graph, graph
from .plots import activations, boundary

__all__ = ["Chart", "Drawing", "Graph", "activations", "boundary", "graph"]
