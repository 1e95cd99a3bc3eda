"""How long does a training step take, batch drawn inside, in each library?"""

import shutil
import sys

import numpy as np
import report
from sides import Side, in_turn
from steps import EXAMPLES

BUSY = "--busy" in sys.argv  # others are at work: the quicker tenth of single calls
ROUNDS = 3 if "--quick" in sys.argv else 9


Checked = tuple[list[np.ndarray], list[float]]  # batches, and the losses that they give


def check(sides: list[Side], batch: int) -> Checked:
    """The same losses on the same batches, to 1e-5; and from the same generator."""
    rng = np.random.default_rng(5)
    batches = [rng.integers(0, EXAMPLES, batch) for _ in range(20)]
    found = {s.name: s.ask("losses", batches) for s in sides if "alone" not in s.name}
    wanted = next(iter(found.values()))
    for name, losses in found.items():
        if not np.allclose(losses, wanted, rtol=1e-5, atol=0):
            raise SystemExit(f"{name} computes something else: {losses[:3]}, not {wanted[:3]}")
    drawn = [s.ask("drawn", 50) for s in sides if s.name.startswith(("moreish", "PyTorch"))]
    for losses in drawn[1:]:
        if not np.allclose(losses, drawn[0], rtol=1e-4, atol=0):
            raise SystemExit("moreish and PyTorch draw different batches from one seed")
    return batches, wanted


def optional(
    remarks: list[str], checked: Checked, name: str, *arguments: object, cores: int
) -> list[Side]:
    """A side, if it runs here; else a remark that says why not."""
    try:
        side = Side(name, "steps", *arguments, cores=cores)
        losses = side.ask("losses", checked[0])
    except RuntimeError as error:
        reason = str(error).splitlines()[0][:200]
        if "tinygrad" in name and not shutil.which("clang"):
            reason = "it compiles with clang, which is not installed here"
        remarks.append(f"{name} did not run: {reason}.")
        return []
    if not np.allclose(losses, checked[1], rtol=1e-5, atol=0):
        raise SystemExit(f"{name} computes something else: {losses[:3]}, not {checked[1][:3]}")
    return [side]


def aims(batch: int, sides: list[Side]) -> list[tuple[str, str, str]]:
    """What was to be reached, and how far it is."""
    by_name = {side.name: side.median for side in sides}
    call, scan = by_name["**moreish, captured**"], by_name["**moreish, captured, `scan`**"]
    torch, jax = by_name["PyTorch, eager"], by_name["JAX, `lax.scan` over steps"]
    alone = by_name["its matrix products alone"]
    step = f"captured step, batch {batch}"
    if batch >= 256:
        best = min(by_name["moreish, captured, one core"], call, scan)
        told = f"{torch / best:.2f}, at its better number of cores"
        return [(f"{step}, against PyTorch eager with both cores", "1.5 times faster", told)]
    return [
        (f"{step}, against {other}", aim, f"{by_call:.2f} by call, {at_once:.2f} by `scan`")
        for other, aim, by_call, at_once in (
            ("PyTorch eager", "5 times faster", torch / call, torch / scan),
            ("JAX `lax.scan`", "1.1 times faster", jax / call, jax / scan),
            ("its matrix products alone", "at most 2 times", call / alone, scan / alone),
        )
    ]


def main() -> None:
    for batch, count in ((32, 1000), (1024, 100))[: 1 if BUSY else 2]:
        cores, remarks = 1 if batch < 256 else 2, []
        ours = Side("**moreish, captured**", "steps", "Captured", batch, cores=cores)
        checked = [
            ours,
            Side("**moreish, captured, `scan`**", "steps", "Scanned", batch, cores=cores),
            Side("PyTorch, eager", "steps", "PyTorch", batch, cores=cores),
            Side("JAX, `jit` of a step", "steps", "Jax", batch, False, cores=cores),
            Side("JAX, `lax.scan` over steps", "steps", "Jax", batch, True, cores=cores),
            Side("NumPy by hand, plain `out=`", "steps", "Plain", batch, cores=cores),
            Side("NumPy by hand, tuned, without the loss", "steps", "Tuned", batch, cores=cores),
            Side("moreish, eager", "steps", "Eager", batch, cores=cores),
        ]
        answers = check(checked, batch)
        products = Side("its matrix products alone", "steps", "Products", batch, cores=cores)
        sides = [*checked, products]
        if cores > 1:
            sides.append(Side("moreish, captured, one core", "steps", "Captured", batch, cores=1))
            sides.append(Side("PyTorch, eager, one core", "steps", "PyTorch", batch, cores=1))
        if shutil.which("g++"):
            name = "PyTorch, `torch.compile`"
            sides += optional(remarks, answers, name, "PyTorch", batch, True, cores=cores)
        sides += optional(remarks, answers, "tinygrad, `TinyJit`", "Tinygrad", batch, cores=cores)
        peak = Side("peak", "steps", "Peak", 384, cores=cores)
        in_turn(sides, ROUNDS, count, BUSY)
        in_turn([peak], ROUNDS, 5, BUSY)
        rows = [("what", "µs a step", "of the median", "captured is ... times faster")]
        for side in sides:
            ratio = f"{side.median / ours.median:.2f}"
            rows.append((side.name, f"{side.median * 1e6:.0f}", side.spread, ratio))
        reached = aims(batch, sides)
        if not shutil.which("g++"):
            remarks.append("`torch.compile` did not run: it compiles with g++, which is missing.")
        done = 2 * batch * (3 * 30 * 200 + 3 * 200 * 27) / products.median / 1e9
        most = 2 * 384**3 / peak.median / 1e9
        for side in [*sides, peak]:
            side.close()
        what = "one core" if cores == 1 else "two cores for each"
        how = f"{ROUNDS} rounds of {count} steps, the sides in turn."
        if BUSY:
            how = f"{ROUNDS} rounds of 200 calls, the sides in turn, the quicker tenth (--busy)."
        report.write(
            f"The course's training step, batch {batch}",
            rows,
            f"27 tokens, context 3, embedding 10, hidden 200, float32, SGD, {what}. Losses agree "
            f"to 1e-5 on the same batches, and PyTorch and moreish draw the same. {how} The "
            f"products alone run at {done:.0f} of the {most:.0f} GFLOP/s that large products "
            f"reach here. " + " ".join(remarks),
        )
        report.aims(reached)


if __name__ == "__main__":
    main()
