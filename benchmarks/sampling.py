"""How many items a second are drawn, as strings, next to markovify and a loop in PyTorch?

All models learn the bundled list; learning and loading do not count. markovify takes characters as
words. Both loops in PyTorch have the weights of our own mlp, and the batch size that they are
quickest with. Makemore's puts all tokens so far of every row through the network for each new one,
and goes on until the longest item could have ended; the other one draws a token for every row that
has not ended, from the last three.
"""

import sys
from typing import Any

import report
from sides import Side, in_turn

ROUNDS = 3 if "--quick" in sys.argv else 5
BATCHES = (50, 256, 1_024, 4_096, 16_384)


class Moreish:
    """A model of moreish."""

    def __init__(self, **options: Any) -> None:
        import moreish

        self.model = moreish.train(**options)
        self.seed = 0

    def run(self, count: int) -> None:
        self.seed += 1  # or it would come to nothing new
        self.items = self.model.sample(count, seed=self.seed)

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
    """A batched loop in PyTorch."""

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

    def logits(self, contexts: Any) -> Any:
        p = self.parameters
        hidden = p["embedding"][contexts].flatten(-2) @ p["hidden.weight"]
        hidden = self.torch.tanh(hidden + p["hidden.bias"])
        return hidden @ p["output.weight"] + p["output.bias"]

    def batch_of(self, count: int) -> list[str]:
        torch = self.torch
        with torch.inference_mode():
            contexts = torch.zeros((count, 3), dtype=torch.long)
            rows, columns = torch.arange(count), []
            while len(rows):
                drawn = torch.multinomial(torch.softmax(self.logits(contexts), -1), 1)
                column = torch.zeros(count, dtype=torch.long)
                column[rows] = drawn[:, 0]
                columns.append(column)
                goes_on = drawn[:, 0] != 0
                rows = rows[goes_on]
                contexts = torch.cat([contexts[:, 1:], drawn], 1)[goes_on]
            return self.texts(torch.stack(columns, 1))

    def texts(self, tokens: Any) -> list[str]:
        """(B, L) tokens, 0 from the end on → B items."""
        letters = self.letters
        return ["".join([letters[token] for token in row]) for row in tokens.tolist()]

    def run(self, count: int) -> None:
        self.items = []
        while len(self.items) < count:
            self.items += self.batch_of(min(self.batch, count - len(self.items)))

    def with_batch(self, batch: int) -> None:
        self.batch = batch


class Makemore(Loop):
    """What `generate` of makemore does, 50 items at a time where its command samples.

    Source: A. Karpathy, makemore.
    """

    def batch_of(self, count: int) -> list[str]:
        torch = self.torch
        longest = max(map(len, self.model.memory.items.texts))
        with torch.inference_mode():
            tokens = torch.zeros((count, 1), dtype=torch.long)
            for _ in range(longest + 1):
                before = torch.nn.functional.pad(tokens, (2, 0))
                logits = self.logits(before.unfold(1, 3, 1))[:, -1]
                drawn = torch.multinomial(torch.softmax(logits, -1), 1)
                tokens = torch.cat([tokens, drawn], 1)
            ended = (tokens[:, 1:] == 0).cumsum(1) > 0
            return self.texts(tokens[:, 1:].masked_fill(ended, 0))


def main() -> None:
    many, few = (100_000, 5_000) if "--quick" in sys.argv else (1_000_000, 20_480)
    models: dict[str, dict[str, Any]] = {
        "`bigram`": {"model": "bigram"},
        "`ngram --block-size 3`": {"model": "ngram", "block_size": 3},
        "`mlp --block-size 3`": {"model": "mlp", "block_size": 3},
        "`mixture`": {"model": "mixture"},
    }
    ours = [Side(name, "sampling", "of_model", options) for name, options in models.items()]
    markovify = Side("markovify", "sampling", "Markovify")
    loops = [
        loop("Loop", "a loop in PyTorch", 1, BATCHES, few),
        loop("Loop", "a loop in PyTorch", 2, BATCHES, few),
        loop("Makemore", "makemore's `generate`", 1, (50,), few),
        loop("Makemore", "makemore's `generate`", 1, (4_096,), few),
        loop("Makemore", "makemore's `generate`", 2, BATCHES, few),
    ]
    lengths = {side.name: side.ask("mean_length", few) for side in [*ours, markovify, *loops]}
    for side in loops:
        if abs(lengths[side.name] / lengths["`mlp --block-size 3`"] - 1) > 0.02:
            raise SystemExit(f"the loop draws other items: {lengths}")
    in_turn(ours, ROUNDS, many)
    in_turn([markovify, *loops], ROUNDS, few)
    mlp = ours[2]
    rows = [("what", "items a second", "of the median", "times markovify", "of the mlp", "letters")]
    for side in [*ours, markovify, *loops]:
        times = f"{markovify.median / side.median:.1f}"
        of_mlp = f"1 / {side.median / mlp.median:,.0f}" if side in loops else ""
        length = f"{lengths[side.name]:.2f}"
        rows.append((side.name, f"{1 / side.median:,.0f}", side.spread, times, of_mlp, length))
        side.close()
    report.write(
        "Sampling",
        rows,
        f"One core but where it says two. The bundled list; strings come out; learning, loading "
        f"and compiling don't count. {many:,} items for ours, {few:,} for the others. {ROUNDS} "
        f"rounds in turn.",
    )


def loop(kind: str, called: str, cores: int, batches: tuple[int, ...], few: int) -> Side:
    """A side in PyTorch, with the quickest of some batch sizes."""
    side = Side(called, "sampling", kind, cores=cores)
    seconds = {}
    for batch in batches:
        side.ask("with_batch", batch)
        seconds[batch] = min(side.ask("time", few) for _ in range(3 if len(batches) > 1 else 1))
    best = min(seconds, key=seconds.__getitem__)
    side.ask("with_batch", best)
    side.name = f"{called}, {('one core', 'two cores')[cores - 1]}, batches of {best:,}"
    return side


def of_model(options: dict[str, Any]) -> Moreish:
    """A side of ours."""
    return Moreish(**options)


if __name__ == "__main__":
    main()
