"""Does training cost what a list contains, or how long it is? The list once, and 100 times over.

Only training is timed, after reading and counting, in seconds of the processor, so that other
programs on the machine do not count. The models must be the same to the bit.
"""

import statistics
import time

import report

import moreish

TIMES = 100
TURNS = 7


def trained(lines: list[str], **options: object) -> tuple[float, dict[str, bytes]]:
    """The seconds and the parameters of an mlp with three tokens of context."""
    run = moreish.learn(lines, model="mlp", block_size=3, **options).start()
    began = time.process_time()
    for _ in run:
        pass
    seconds = time.process_time() - began
    return seconds, {name: array.tobytes() for name, array in run.model.arrays().items()}


def main() -> None:
    lines = report.course_names().read_text().split("\n")
    header = ("training", "once, s", f"{TIMES} times, s", "ratio, median (least to most)", "bits")
    rows = [header]
    for what, options in {
        "full batch, 50 steps": {"batch_size": "all", "steps": 50},
        "batches of 256, 1,000 steps": {"steps": 1_000},
    }.items():
        ones, manies = [], []
        for _ in range(TURNS):
            one, bits = trained(lines, **options)
            many, others = trained(lines * TIMES, **options)
            if bits != others:
                raise SystemExit(f"{what}: the models are not the same")
            ones.append(one)
            manies.append(many)
        ratios = sorted(many / one for one, many in zip(ones, manies, strict=True))
        rows.append(
            (
                what,
                f"{statistics.median(ones):.2f}",
                f"{statistics.median(manies):.2f}",
                f"**{statistics.median(ratios):.2f}** ({ratios[0]:.2f} to {ratios[-1]:.2f})",
                "the same",
            )
        )
    report.write(
        f"A list {TIMES} times over",
        rows,
        f"`mlp` with `--block-size 3` on the course's {len(lines):,} lines; {TURNS} turns.",
    )


if __name__ == "__main__":
    main()
