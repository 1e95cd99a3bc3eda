"""How fast does a list become a table of counts, reading included, and in how much memory?

The list is made here: lines drawn from the bundled names, every tenth of them two names in one, so
that there are millions of different windows of six. Each run has a process of its own and reads a
file that the system has in memory.
"""

import gzip
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import report

SIZE, SMALL = 1_000_000_000, 100_000_000  # bytes
RUNS = 3
PROGRAM = """
import resource, sys, time
import moreish
clock, processor = time.perf_counter(), time.process_time()
table = moreish.count(sys.argv[1], block_size=int(sys.argv[2]))
clock, processor = time.perf_counter() - clock, time.process_time() - processor
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(clock, processor, peak, len(table), len(table.counts), int(table.items), int(table.total))
"""


def write_list(place: Path, size: int) -> None:
    """About `size` bytes of lines, always the same."""
    from moreish.text import read_items

    names, draw = read_items(None).texts, random.Random(1)
    with place.open("w", newline="\n") as file:
        while file.tell() < size:
            lines = draw.choices(names, k=100_000)
            lines[::10] = map("".join, zip(lines[::10], lines[1::10], strict=True))
            file.write("\n".join(lines) + "\n")


def other_clothes(place: Path) -> dict[str, Path]:
    """The same list with other ends of lines, with characters that are not ASCII, and packed."""
    content = place.read_bytes()
    places = {name: place.with_name(name) for name in ("LF", "CRLF", "accents", "gzip")}
    places["LF"].write_bytes(content)
    places["CRLF"].write_bytes(content.replace(b"\n", b"\r\n"))
    places["accents"].write_bytes(content.replace(b"zo", "zö".encode()))
    places["gzip"].write_bytes(gzip.compress(content, compresslevel=1))
    return places


def count(place: Path, block_size: int) -> list[float]:
    """What `PROGRAM` prints."""
    command = [sys.executable, "-c", PROGRAM, str(place), str(block_size)]
    return [*map(float, subprocess.run(command, check=True, capture_output=True).stdout.split())]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        large, small = Path(folder, "large"), Path(folder, "small")
        write_list(large, SIZE)
        runs: dict[int, list[list[float]]] = {3: [], 5: []}
        for _ in range(RUNS):
            for block_size, results in runs.items():
                results.append(count(large, block_size))
        rows = [
            ("T", "MB/s", "MB/s of processor time", "peak memory", "contexts", "counts", "lines")
        ]
        megabytes = large.stat().st_size / 1e6
        for block_size, results in runs.items():
            clock, processor, peak = ([result[place] for result in results] for place in range(3))
            rows.append(
                (
                    f"{block_size}",
                    f"{megabytes / min(clock):.0f}",
                    f"{megabytes / statistics.median(processor):.0f}",
                    f"{max(peak):.0f} MB",
                    *(f"{results[0][place]:,.0f}" for place in (3, 4, 5)),
                )
            )
        report.write(
            f"Counting a list of {megabytes / 1e3:.1f} GB",
            rows,
            f"`moreish.count(path, block_size=T)`, plain ASCII, one core. By the clock the best of "
            f"{RUNS} runs, in turn; of processor time the median.",
        )
        write_list(small, SMALL)
        places = other_clothes(small)
        times: dict[str, list[list[float]]] = {name: [] for name in places}
        for _ in range(RUNS):
            for name, place in places.items():
                times[name].append(count(place, 3))
        accents = places["accents"].read_bytes()
        share = accents.count("zö".encode()) / accents.count(b"\n")
    for name in ("CRLF", "gzip"):
        assert times[name][0][3:] == times["LF"][0][3:], f"{name} was counted otherwise"
    processor = {name: statistics.median(r[1] for r in results) for name, results in times.items()}
    ratio = {name: f"{value / processor['LF']:.1f}" for name, value in processor.items()}
    report.write(
        "Counting in other clothes",
        [
            ("the list", "times as long"),
            ("a line ends with LF", "1"),
            ("with CRLF", ratio["CRLF"]),
            ("packed with gzip", ratio["gzip"]),
            (f"{share:.1%} of the lines with a letter that is not ASCII", ratio["accents"]),
        ],
        f"100 MB, T=3, processor time, medians of {RUNS} runs in turn.",
    )


if __name__ == "__main__":
    main()
