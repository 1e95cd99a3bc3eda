"""Drawings: a drawing is a value, with .svg(), .text() and .save(path), and a notebook shows it.

from moreish import draw
draw.graph(loss)
"""

from .drawing import Drawing
from .graphs import Graph, graph

__all__ = ["Drawing", "Graph", "graph"]
