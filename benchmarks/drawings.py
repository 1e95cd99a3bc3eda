"""How long does it take to draw a graph, and how large is the picture, with which limit?

The graph is the loss of the two-moons demo: 2-16-16-1, 100 points, 65,818 nodes.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import report

from moreish import draw

TURNS = 5


def measured(make: Callable[[], draw.Graph], page: bool) -> tuple[str, ...]:
    """The best of some seconds, and the size of the last picture."""
    times = []
    for _ in range(TURNS):
        began = time.perf_counter()
        drawing = make()
        content = drawing.html() if page else drawing.svg()
        times.append(time.perf_counter() - began)
    size = drawing.svg().split('viewBox="0 0 ')[1].split('"')[0].replace(" ", " x ")
    boxes = drawing.svg().count("data-node=")
    return f"{boxes:,}", f"{min(times):.2f}", f"{len(content) / 1e3:,.0f}", size


def main() -> None:
    sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))
    from two_moons import loss_of, moons, network

    points, labels = moons()
    model = network()
    loss, _ = loss_of(model, points, labels)
    loss.backward()
    score = model(points[0].tolist())
    ways: dict[str, tuple[Callable[[], draw.Graph], bool]] = {
        "`graph(loss)`: its kinds": (lambda: draw.graph(loss), False),
        "`graph(loss, model=model)`: with its layers, a page": (
            lambda: draw.graph(loss, model=model),
            True,
        ),
        "`graph(score, model=model)`: one example, a page": (
            lambda: draw.graph(score, model=model),
            True,
        ),
    }
    for limit in (50, 100, 150, 200, 400, 1000):
        ways[f"`graph(score, limit={limit})`: the nodes nearest to the result"] = (
            lambda limit=limit: draw.graph(score, limit=limit),
            False,
        )
    rows = [(what, *measured(*how)) for what, how in ways.items()]
    head = ("what", "nodes in the SVG", "seconds", "kB", "pixels of the SVG")
    report.write("Drawings of graphs", [head, *rows], f"The best of {TURNS}.")


if __name__ == "__main__":
    main()
