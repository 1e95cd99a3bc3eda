"""How many items a second are drawn, as strings, next to markovify and a loop in PyTorch?

All models learn the bundled list; learning and loading do not count. markovify takes characters as
words. The loop in PyTorch has the weights of our own mlp and draws one token for every row of a
batch that has not ended, with the batch size that it is quickest with.
"""

import sys
from typing import Any

import report
from sides import Side, in_turn

ROUNDS = 3 if "--quick" in sys.argv else 5
BATCHES = (256, 1_024, 4_096, 16_384)


class Moreish:
    """A model of moreish."""

    def __init__(self, **options: Any) -> None:
        import moreish

        self.model = moreish.train(**options)

    def run(self, count: int) -> None:
        self.items = self.model.sample(count)

    def mean_length(self, count: int) -> float:
        self.run(count)
        assert len(self.items) == count
        return sum(map(len, self.items)) / count


class Markovify(Moreish):
    """A chain of markovify, compiled."""

    def __init__(self) -> None:
        import markovify

        from moreish.text.items import read_items

        chain = markovify.Chain([list(item) for item in read_items(None).texts], 3)
        self.walk = chain.compile().walk

    def run(self, count: int) -> None:
        self.items = ["".join(self.walk()) for _ in range(count)]


class Loop(Moreish):
    """The batched loop in PyTorch."""

    def __init__(self) -> None:
        import os

        import torch

        super().__init__(model="mlp", block_size=3)
        torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
        self.torch, self.batch = torch, BATCHES[0]
        self.parameters = {
            name: torch.tensor(array.detach().numpy())
            for name, array in self.model.language_model.parameters.items()
        }
        self.letters = ["", *self.model.vocabulary.tokens]

    def batch_of(self, count: int) -> list[str]:
        torch, p = self.torch, self.parameters
        with torch.inference_mode():
            contexts = torch.zeros((count, 3), dtype=torch.long)
            rows, columns = torch.arange(count), []
            while len(rows):
                hidden = p["embedding"][contexts].view(len(rows), -1) @ p["hidden.weight"]
                hidden = torch.tanh(hidden + p["hidden.bias"])
                logits = hidden @ p["output.weight"] + p["output.bias"]
                drawn = torch.multinomial(torch.softmax(logits, -1), 1)
                column = torch.zeros(count, dtype=torch.long)
                column[rows] = drawn[:, 0]
                columns.append(column)
                goes_on = drawn[:, 0] != 0
                rows = rows[goes_on]
                contexts = torch.cat([contexts[:, 1:], drawn], 1)[goes_on]
            tokens = torch.stack(columns, 1).tolist()
        letters = self.letters
        return ["".join([letters[token] for token in row]) for row in tokens]

    def run(self, count: int) -> None:
        self.items = []
        while len(self.items) < count:
            self.items += self.batch_of(min(self.batch, count - len(self.items)))

    def with_batch(self, batch: int) -> None:
        self.batch = batch


def main() -> None:
    many, few = (100_000, 5_000) if "--quick" in sys.argv else (1_000_000, 50_000)
    models: dict[str, dict[str, Any]] = {
        "`bigram`": {"model": "bigram"},
        "`ngram --block-size 3`": {"model": "ngram", "block_size": 3},
        "`mlp --block-size 3`": {"model": "mlp", "block_size": 3},
        "`mixture`": {"model": "mixture"},
    }
    ours = [Side(name, "sampling", "of_model", options) for name, options in models.items()]
    markovify = Side("markovify", "sampling", "Markovify")
    loops = []
    for cores in (1, 2):
        name = f"the loop in PyTorch, {('one core', 'two cores')[cores - 1]}"
        loop = Side(name, "sampling", "Loop", cores=cores)
        seconds = {}
        for batch in BATCHES:
            loop.ask("with_batch", batch)
            seconds[batch] = min(loop.ask("time", few) for _ in range(3))
        best = min(seconds, key=seconds.__getitem__)
        loop.ask("with_batch", best)
        loop.name = f"{name}, batches of {best:,}"
        loops.append(loop)
    lengths = {side.name: side.ask("mean_length", few) for side in [*ours, markovify, *loops]}
    for loop in loops:
        if abs(lengths[loop.name] / lengths["`mlp --block-size 3`"] - 1) > 0.02:
            raise SystemExit(f"the loop draws other items: {lengths}")
    in_turn(ours, ROUNDS, many)
    in_turn([markovify, *loops], ROUNDS, few)
    rows = [("what", "items a second", "of the median", "than markovify", "letters an item")]
    for side in [*ours, markovify, *loops]:
        times = f"{markovify.median / side.median:.1f}"
        length = f"{lengths[side.name]:.2f}"
        rows.append((side.name, f"{1 / side.median:,.0f}", side.spread, times, length))
        side.close()
    report.write(
        "Sampling",
        rows,
        f"One core but where it says two. The bundled list; strings come out; learning, loading "
        f"and compiling don't count. {many:,} items for ours, {few:,} for the others. {ROUNDS} "
        f"rounds in turn.",
    )


def of_model(options: dict[str, Any]) -> Moreish:
    """A side of ours."""
    return Moreish(**options)


if __name__ == "__main__":
    main()
