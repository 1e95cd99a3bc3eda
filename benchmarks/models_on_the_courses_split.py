"""How well does each family of models do on the course's split of its list, and how soon?"""

import statistics
import tempfile
import time
from pathlib import Path

import report
from losses_on_the_courses_split import course_split, train

import moreish
from moreish.models.ngram import NGram
from moreish.text import count_items, read_items

MODELS = {
    "`ngram`": ("--model", "ngram"),
    "`mlp`, T=3": ("--model", "mlp", "--block-size", "3"),
    "`mlp`, the best": ("--model", "mlp", "--hidden-size", "600"),
    "`mixture` of `ngram` and `mlp`": ("--model", "mixture"),
}
AIMS = (1.98, 2.11, 2.02, 1.94)


def evaluation_and_fit() -> tuple[float, float]:
    """Median seconds of evaluating the whole list with an mlp, and of fitting an n-gram model."""
    items = read_items(report.course_names())
    model = moreish.train(report.course_names(), model="mlp", block_size=3, steps=20)
    counts = count_items(items, model.vocabulary, block_size=4)
    evaluated, fitted = [], []
    for _ in range(5):
        began = time.perf_counter()
        model.evaluate(items)
        evaluated.append(time.perf_counter() - began)
        NGram(len(model.vocabulary), block_size=4).fit(counts)
        fitted.append(time.perf_counter() - began - evaluated[-1])
    return statistics.median(evaluated), statistics.median(fitted)


def main() -> None:
    rows = [("model", "options", "dev, nats per character", "aim", "parameters", "seconds")]
    seconds = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for name, words in course_split().items():
            (Path(folder) / f"{name}.txt").write_text("\n".join(words))
        for (what, options), aim in zip(MODELS.items(), AIMS, strict=True):
            answer = train(Path(folder), *options)
            seconds += answer["whole"]
            dev, count = answer["nats_per_token"]["dev"], answer["parameters"]
            told = (f"{dev:.4f}", f"{aim}", f"{count:,}", f"{answer['whole']:.1f}")
            rows.append((what, " ".join(options[2:]), *told))
    evaluated, fitted = evaluation_and_fit()
    report.write(
        "Models on the course's split",
        rows,
        f"Seconds of whole commands, {seconds:.0f} in all. The course's own MLP has 2.17, its best "
        f"network 1.993, and makemore's Transformer about 1.92. Counting and evaluating the whole "
        f"list, 228,146 characters, with `mlp`, T=3, takes {evaluated * 1e3:.0f} ms; fitting an "
        f"`ngram` of order 5 to it {fitted * 1e3:.0f} ms (medians of 5).",
    )


if __name__ == "__main__":
    main()
