"""Draw the pictures of README and glossary again: python tools/make_pictures.py (or make pictures).

The graph is drawn by our own code alone, so it is the same everywhere. The others are made by
matplotlib, the extra `plot`. Their bytes are the same on one machine; another version of
matplotlib, or another processor for the trained network, may change some digits.
"""

import itertools
import re
import sys
from io import StringIO
from pathlib import Path

import numpy as np
from matplotlib import rc_context

sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))

import moreish
import two_moons
from moreish import Value, draw
from moreish.draw.charts.chart import SETTINGS
from moreish.text import Vocabulary, count_items, read_items

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
SIZE = (4.2, 4.4)  # inches


def graph() -> str:
    """The expression of README's *See how it works*, with its gradients."""
    a, b = Value(2.0, label="a"), Value(-0.5, label="b")
    y = (a * b).tanh()
    y.backward()
    return draw.graph(y).svg()


def counts() -> str:
    """How often each of the eight most frequent tokens of the bundled names came after each."""
    items = read_items(None)
    vocabulary = Vocabulary.of(items.texts)
    table = count_items(items, vocabulary, block_size=1)
    return charted(draw.counts(table, vocabulary.tokens, limit=8))


def embeddings() -> str:
    """What a small network learnt of the letters of the bundled names, in the plane."""
    model = moreish.train(model="mlp", block_size=3, embedding_size=2, seed=1)
    return charted(draw.show(model, "embeddings"))


def charted(chart: draw.Chart, size: tuple[float, float] = SIZE) -> str:
    """A chart at a size in inches: without one, that which two of them stand side by side in."""
    figure, content = chart.figure(), StringIO()
    figure.set_size_inches(size)
    with rc_context(SETTINGS):
        figure.savefig(content, format="svg", metadata={"Date": None})
    svg = content.getvalue()
    return smaller(svg[svg.index("<svg") :].rstrip())


def activations() -> str:
    """The activation functions, each with its derivative."""
    return charted(draw.activations(np.linspace(-4, 4, 41)), (7.5, 6))


def boundary() -> str:
    """Where a network of Values that learnt two moons changes its mind."""
    points, labels = two_moons.moons()
    model = two_moons.network()
    for _ in itertools.islice(two_moons.train(model, points, labels), 60):
        pass
    return charted(two_moons.picture(model, points, labels))


def overfitting() -> str:
    """The losses of a network that is too large for the 200 names that it learns."""
    names = read_items(None).texts[:200]
    options = {"hidden_size": 200, "steps": 1500, "weight_decay": 0, "seed": 1}
    return charted(draw.show(moreish.train(names, model="mlp", **options), "losses"), (6, 3.6))


PICTURES = {
    "graph.svg": graph,
    "counts.svg": counts,
    "embeddings.svg": embeddings,
    "activations.svg": activations,
    "boundary.svg": boundary,
    "overfitting.svg": overfitting,
}


def smaller(svg: str) -> str:
    """A chart without what matplotlib writes for itself: comments, metadata, names of groups that
    nothing refers to, long names of glyphs, digits behind a thousandth of a point, blank space.

    >>> smaller('<svg>\\n <!-- a -->\\n <g id="text_1">\\n  <path id="b"/>\\n </g>\\n</svg>')
    '<svg><g><path id="b"/></g></svg>'
    """
    svg = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<g id="\w+"', "<g", svg)
    svg = re.sub(r"(\.\d{3})\d+", r"\1", svg)
    svg = svg.replace("DejaVuSans-", "d")
    return re.sub(r"\s*\n\s*(?=<|/>)", "", svg)


def main() -> None:
    """Write all pictures."""
    FOLDER.mkdir(exist_ok=True)
    for name, picture in PICTURES.items():
        content = f"{picture()}\n"
        (FOLDER / name).write_text(content, encoding="utf-8")
        sys.stdout.write(f"{name}: {len(content) / 1000:.0f} kB\n")


if __name__ == "__main__":
    main()
