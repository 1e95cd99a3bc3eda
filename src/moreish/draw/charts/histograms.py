"""Layers as a picture: how the numbers that a network computes, and their gradients, are spread.

A unit of tanh is saturated where its activation is beyond 0.97: it hardly passes a gradient
on. Whoever draws has computed the layers with the engine, kept their gradients and walked back.

Source: the pictures of the makemore course's third lecture on the MLP, A. Karpathy.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...errors import OptionError
from ...torch import Tensor
from .chart import Chart

__all__ = ["layers"]

SATURATED = 0.97
BINS = 80
TANH = "TanhBackward0"
COLOURS = ("#2f5d9f", "#c2571a")


def layers(tensors: Mapping[str, Tensor]) -> Chart:
    """Histograms of the activations of each layer, and of the gradients there.

    `tensors` are Tensors of any shape by the names of their layers, each with a gradient: call
    `retain_grad()` on them and then `backward()` on the loss → a Chart with mean and standard
    deviation of each, and, where a layer is a tanh, the share of its activations beyond ±0.97.
    OptionError for one without a gradient, or with numbers that are not finite.

    >>> from moreish.torch import tensor
    >>> x = tensor([[0.5, -3.0], [0.1, 2.0]], requires_grad=True)
    >>> h = x.tanh()
    >>> h.retain_grad()
    >>> (h * h).sum().backward()
    >>> print(layers({"input": x, "hidden": h}).text())
    layer   what              mean        std  saturated
    input   activations       -0.1       1.82
    input   gradients         0.26      0.281
    hidden  activations      0.133       0.72     25.0 %
    hidden  gradients        0.265       1.44
    Saturated: the share of activations of a tanh beyond ±0.97.
    """
    if not tensors:
        raise OptionError("a layer or more were wanted, got none")
    found = {name: _numbers(name, one) for name, one in tensors.items()}

    def draw(figure: Any) -> None:
        figure.set_size_inches(9.0, 2.1 * len(found) + 0.4)
        charts = figure.subplots(len(found), 2, squeeze=False)
        for row, (name, (activations, gradients, saturated)) in zip(
            charts, found.items(), strict=True
        ):
            for chart, what, numbers, colour in zip(
                row, ("activations", "gradients"), (activations, gradients), COLOURS, strict=True
            ):
                label = f"mean {numbers.mean():+.2g}, std {numbers.std():.2g}"
                if what == "activations" and saturated is not None:
                    label += f"\nsaturated {100 * saturated:.1f} %"
                    for edge in (-SATURATED, SATURATED):
                        chart.axvline(edge, color="#818b98", linewidth=0.8, linestyle="--")
                heights, edges = np.histogram(numbers, bins=BINS)
                chart.stairs(heights, edges, fill=True, color=colour, alpha=0.85, label=label)
                chart.set_title(f"{name}: {what}", fontsize=9.5)
                chart.set_ylabel("how many")
                chart.locator_params(axis="x", nbins=6)
                chart.ticklabel_format(axis="x", style="sci", scilimits=(-2, 3))
                highest = float(heights.max())
                if what == "gradients":  # most are near 0
                    chart.set_yscale("log")
                    chart.set_ylim(0.7, 2 * highest**1.3)
                else:
                    chart.set_ylim(0, 1.5 * highest)  # room for the legend
                chart.legend(loc="upper right", handlelength=0, handletextpad=0, fontsize=8)

    return Chart("layers and their gradients", draw, _text(found))


Layer = tuple[np.ndarray, np.ndarray, float | None]


def _numbers(name: str, layer: Tensor) -> Layer:
    """The activations and the gradients in one row each, and the share that is saturated."""
    if layer.grad is None:
        raise OptionError(
            f"{name} has no gradient: call its retain_grad() before backward() of the loss"
        )
    activations = layer.detach().numpy().ravel().astype(np.float64)
    gradients = layer.grad.detach().numpy().ravel().astype(np.float64)
    if not activations.size or not (
        np.isfinite(activations).all() and np.isfinite(gradients).all()
    ):
        raise OptionError(f"finite numbers were wanted in {name}; it is empty, or has others")
    if layer.grad_fn is None or layer.grad_fn.name != TANH:
        return activations, gradients, None
    return activations, gradients, float((np.abs(activations) > SATURATED).mean())


def _text(found: Mapping[str, Layer]) -> str:
    width = max(5, *map(len, found))
    lines = [f"{'layer':<{width}}  {'what':<11}  {'mean':>9}  {'std':>9}  saturated"]
    for name, (activations, gradients, saturated) in found.items():
        share = "" if saturated is None else f"  {f'{100 * saturated:.1f} %':>9}"
        for what, numbers, more in (
            ("activations", activations, share),
            ("gradients", gradients, ""),
        ):
            lines.append(
                f"{name:<{width}}  {what:<11}  {numbers.mean():>9.3g}  {numbers.std():>9.3g}{more}"
            )
    if any(saturated is not None for *_, saturated in found.values()):
        lines.append(f"Saturated: the share of activations of a tanh beyond ±{SATURATED}.")
    return "\n".join(lines)
