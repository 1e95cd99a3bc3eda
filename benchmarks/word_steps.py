"""How many words a second does a training step take, with 17,908 different ones?

MLP9 of Bengio et al. (2003), batch 512, AdamW: the full softmax and the sampled one, in each
library by the same formula. The words are drawn by Zipf's law, so that no corpus is needed.
"""

import os
import sys
from typing import Any

import numpy as np
import report
from sides import Side, in_turn

V, T, E, H, BATCH, SAMPLED = 17_908, 4, 30, 100, 512, 2_000
RATE, DECAY = 2e-3, 0.05
ROUNDS, COUNT = (3, 5) if "--quick" in sys.argv else (9, 20)


def words() -> np.ndarray:
    """(200,000,) words by Zipf's law."""
    chances = 1 / np.arange(1, V)
    return 1 + np.random.default_rng(1).choice(V - 1, 200_000, p=chances / chances.sum())


def start() -> dict[str, np.ndarray]:
    """The parameters that every side begins with."""
    rng = np.random.default_rng(2)
    shapes = {"embedding": (V, E), "hidden.weight": (T * E, H), "hidden.bias": (H,)}
    shapes |= {"output.weight": (H, V), "output.bias": (V,)}
    return {n: (rng.standard_normal(s) * 0.05).astype(np.float32) for n, s in shapes.items()}


def example() -> tuple[np.ndarray, ...]:
    """A batch and what was drawn for it: all sides must give it the same loss."""
    rng = np.random.default_rng(3)
    tokens = np.sort(rng.choice(V, SAMPLED, replace=False))
    followed = rng.choice(tokens, BATCH)
    followed[::2] = rng.integers(0, V, BATCH // 2)
    places = np.searchsorted(tokens, followed).clip(max=SAMPLED - 1)
    places[tokens[places] != followed] = SAMPLED
    log_chances = np.log(rng.uniform(0.1, 1, SAMPLED)).astype(np.float32)
    return rng.integers(0, V, (BATCH, T)), followed, tokens, log_chances, places


class Ours:
    """moreish, as `moreish train --model mlp` trains: the batch drawn, the step replayed."""

    def __init__(self, softmax: str, threads: int = 1) -> None:
        os.environ["MOREISH_THREADS"] = str(threads)  # as the command sets it
        from moreish.models.mlp import MLP
        from moreish.text import Positions
        from moreish.training import Run, Settings

        self.model = MLP(V, block_size=T, embedding_size=E, hidden_size=H)
        self.model.restore(start())
        settings = Settings(
            batch_size=BATCH, softmax=softmax, learning_rate=RATE, weight_decay=DECAY
        )
        self.trained = Run(self.model, Positions(words(), np.ones(1), T, V), None, settings)
        self.softmax = softmax

    def loss(self) -> float:
        from moreish.engine import rules
        from moreish.torch import as_tensor

        contexts, followed, *drawn = map(as_tensor, example())
        if self.softmax == "sampled":
            return self.model.sampled_loss(contexts, followed, *drawn).mean().item()
        return rules.cross_entropy(self.model.logits(contexts), followed).mean().item()

    def run(self, count: int) -> None:
        for _ in range(count):
            self.trained._move(RATE)


class PyTorch:
    """PyTorch, eager, AdamW with one kernel for each operation or with one for all (`fused`)."""

    def __init__(self, softmax: str, fused: bool = False) -> None:
        import torch

        torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
        torch.manual_seed(1)
        self.torch, self.softmax = torch, softmax
        self.p = {n: torch.tensor(a, requires_grad=True) for n, a in start().items()}
        groups = [
            {"params": [p for n, p in self.p.items() if n.endswith("bias") == is_bias],
             "weight_decay": 0.0 if is_bias else DECAY}
            for is_bias in (False, True)
        ]  # fmt: skip
        self.optimizer = torch.optim.AdamW(groups, lr=RATE, fused=fused)
        self.words = torch.tensor(words())
        self.back = torch.arange(-T, 0)
        frequencies = torch.bincount(self.words, minlength=V).clamp(1) ** 0.75
        self.chances = (SAMPLED * frequencies / frequencies.sum()).clamp(max=1)
        self.tokens = torch.arange(V)

    def of(self, contexts: Any, followed: Any, *drawn: Any) -> Any:
        torch, p = self.torch, self.p
        inputs = p["embedding"][contexts].view(len(contexts), T * E)
        hidden = torch.tanh(inputs @ p["hidden.weight"] + p["hidden.bias"])
        if self.softmax == "full":
            logits = hidden @ p["output.weight"] + p["output.bias"]
            return torch.nn.functional.cross_entropy(logits, followed)
        tokens, log_chances, places = drawn
        asked = torch.cat([tokens, followed])
        columns, bias = p["output.weight"][:, asked], p["output.bias"][asked]
        S = len(tokens)
        own = (hidden * columns[:, S:].t()).sum(1) + bias[S:]
        others = hidden @ columns[:, :S] + (bias[:S] - log_chances)
        padded = torch.cat([others, own[:, None]], 1)  # place S is the word itself
        hits = places < S
        padded[hits, places[hits]] = -torch.inf
        return (padded.logsumexp(1) - own).mean()

    def loss(self) -> float:
        return self.of(*map(self.torch.tensor, example())).item()

    def drawn(self, followed: Any) -> tuple[Any, ...]:
        """As many words as moreish draws, by the same probabilities; quicker than exactly so."""
        torch = self.torch
        tokens = torch.multinomial(self.chances, SAMPLED).sort().values
        places = torch.searchsorted(tokens, followed).clamp(max=SAMPLED - 1)
        places[tokens[places] != followed] = SAMPLED
        return tokens, self.chances[tokens].log(), places

    def run(self, count: int) -> None:
        torch = self.torch
        for _ in range(count):
            places = torch.randint(T, len(self.words), (BATCH,))
            contexts, followed = self.words[places[:, None] + self.back], self.words[places]
            drawn = self.drawn(followed) if self.softmax == "sampled" else ()
            self.optimizer.zero_grad()
            self.of(contexts, followed, *drawn).backward()
            self.optimizer.step()


def main() -> None:
    for softmax, least, times in (("full", 5_500, 1.5), ("sampled", 20_000, 1.1)):
        ours = Side("**moreish**", "word_steps", "Ours", softmax)
        eager = Side("PyTorch, eager", "word_steps", "PyTorch", softmax)
        fused = Side("PyTorch, eager, fused AdamW", "word_steps", "PyTorch", softmax, True)
        sides = [ours, eager, fused]
        if softmax == "full":
            sides += [
                Side("**moreish**, two cores", "word_steps", "Ours", softmax, 2),
                Side("PyTorch, eager, two cores", "word_steps", "PyTorch", softmax, cores=2),
            ]
        losses = [side.ask("loss") for side in sides]
        if not np.allclose(losses, losses[0], rtol=1e-5):
            raise SystemExit(f"the sides compute different losses: {losses}")
        in_turn(sides, ROUNDS, COUNT)
        rows = [("what", "words a second", "of the median", "moreish is ... times faster")]
        for side in sides:
            speed, ratio = BATCH / side.median, side.median / ours.median
            rows.append((side.name, f"{speed:,.0f}", side.spread, f"{ratio:.2f}"))
            side.close()
        report.write(
            f"A training step of words, {softmax} softmax",
            rows,
            f"MLP9 of Bengio et al. (2003) with {V:,} words, batch {BATCH}, float32, AdamW, one "
            f"core where not said otherwise, the batch drawn inside. All sides give a batch the "
            f"same loss, to 1e-5. {ROUNDS} rounds of {COUNT} steps, the sides in turn.",
        )
        speed = BATCH / ours.median
        report.aims(
            [
                (f"words a second, {softmax} softmax", f"{least:,}", f"{speed:,.0f}"),
                (
                    f"words a second, {softmax} softmax, against PyTorch eager",
                    f"{times} times faster",
                    f"{min(eager.median, fused.median) / ours.median:.2f}",
                ),
            ]
        )


if __name__ == "__main__":
    main()
