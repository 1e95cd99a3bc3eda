"""Programs of our own that make the calls of makemore.py and gpt.py, run through both libraries.

Each trains in double precision from PyTorch's starting weights: 20 losses, and all parameters
after them, are PyTorch's to 1e-9.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import moreish.torch
from torch_names.alike import LIBRARIES, indices, weighted

STEPS = 20
VOCABULARY, CONTEXT, WIDTH, HEADS = 11, 6, 8, 2


def mlp(t: Any) -> Any:
    """Embeddings side by side, two layers, logits; batch norm and dropout between them."""
    nn = t.nn

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table = nn.Embedding(VOCABULARY + 1, 4)
            self.layers = nn.Sequential(
                nn.Flatten(),
                nn.Linear(4 * CONTEXT, 16, bias=False),
                nn.BatchNorm1d(16),
                nn.Tanh(),
                nn.Dropout(0.1),
                nn.Linear(16, VOCABULARY),
            )
            self.loss = nn.CrossEntropyLoss()

        def forward(self, x: Any, targets: Any = None) -> Any:
            logits = self.layers(self.table(x))
            return logits, None if targets is None else self.loss(logits, targets[:, -1])

    return Network()


def transformer(t: Any) -> Any:
    """Two blocks with causal self-attention, layer norm before each part, and residual paths."""
    nn, F = t.nn, t.nn.functional

    class Attention(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.in_map = nn.Linear(WIDTH, 3 * WIDTH)
            self.out_map = nn.Linear(WIDTH, WIDTH)
            self.dropout = nn.Dropout(0.1)
            mask = t.tril(t.ones(CONTEXT, CONTEXT)).view(1, 1, CONTEXT, CONTEXT)
            self.register_buffer("mask", mask)

        def forward(self, x: Any) -> Any:
            B, T, C = x.size()
            q, k, v = (
                part.view(B, T, HEADS, C // HEADS).transpose(1, 2)
                for part in self.in_map(x).split(WIDTH, dim=2)
            )
            scores = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
            scores = scores.masked_fill(self.mask[:, :, :T, :T] == 0, float("-inf"))
            weights = self.dropout(F.softmax(scores, dim=-1))
            y = (weights @ v).transpose(1, 2).contiguous().view(B, T, C)
            return self.out_map(y)

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first_norm, self.second_norm = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
            self.attention = Attention()
            self.mlp = nn.ModuleDict(
                {
                    "up": nn.Linear(WIDTH, 4 * WIDTH),
                    "act": nn.GELU("tanh"),
                    "down": nn.Linear(4 * WIDTH, WIDTH),
                }
            )

        def forward(self, x: Any) -> Any:
            x = x + self.attention(self.first_norm(x))
            m = self.mlp
            return x + m.down(m.act(m.up(self.second_norm(x))))

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.ModuleDict(
                {
                    "tokens": nn.Embedding(VOCABULARY, WIDTH),
                    "positions": nn.Embedding(CONTEXT, WIDTH),
                    "blocks": nn.ModuleList([Block() for _ in range(2)]),
                    "norm": nn.LayerNorm(WIDTH),
                }
            )
            self.head = nn.Linear(WIDTH, VOCABULARY, bias=False)
            self.start = nn.Parameter(t.zeros(1, WIDTH))
            self.apply(self.initialise)

        def initialise(self, module: Any) -> None:
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, mean=0.0, std=0.2)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

        def forward(self, x: Any, targets: Any = None) -> Any:
            T = x.size()[1]
            positions = t.arange(0, T, dtype=t.long, device=x.device).unsqueeze(0)
            x = self.body.tokens(x) + self.body.positions(positions) + self.start
            for block in self.body.blocks:
                x = block(x)
            logits = self.head(self.body.norm(x))
            if targets is None:
                return logits, None
            return logits, F.cross_entropy(
                logits.view(-1, logits.size(-1)), targets.view(-1), ignore_index=-1
            )

    return Network()


def trained(t: Any, make: Callable[[Any], Any]) -> tuple[Any, list[float]]:
    t.manual_seed(1337)
    t.cuda.manual_seed_all(1337)
    device = "cuda" if t.cuda.is_available() else "cpu"
    model = weighted(t, make(t).to(device).double())
    optimizer = t.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=0.01, betas=(0.9, 0.99))
    losses = []
    for step in range(STEPS):
        x = indices(t, VOCABULARY, 16, CONTEXT, seed=step).to(device)
        _, loss = model(x, t.roll(x, -1, 1))
        model.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return model, losses


NETWORKS = pytest.mark.parametrize("make", [mlp, transformer])


@NETWORKS
def test_twenty_steps_are_pytorchs(make: Callable[[Any], Any]) -> None:
    (ours, mine), (theirs, reference) = (trained(t, make) for t in LIBRARIES)
    np.testing.assert_allclose(mine, reference, rtol=0, atol=1e-9)
    assert mine[-1] < mine[0]
    assert repr(ours) == repr(theirs)
    state, wanted = ours.state_dict(), theirs.state_dict()
    assert list(state) == list(wanted)
    for name, tensor in wanted.items():
        np.testing.assert_allclose(state[name].numpy(), tensor.numpy(), rtol=0, atol=1e-9)


@NETWORKS
def test_samples_are_pytorchs_and_use_changes_nothing(make: Callable[[Any], Any]) -> None:
    found = []
    for t in LIBRARIES:
        model, _ = trained(t, make)
        before = {name: x.clone() for name, x in model.state_dict().items()}
        found.append(sampled(t, model))
        assert all(t.equal(before[name], x) for name, x in model.state_dict().items())
        assert model.training
    assert found[0] == found[1]


def sampled(t: Any, model: Any) -> Any:
    """Three rows of ten tokens, among the five likeliest each, a context at a time."""

    @t.inference_mode()
    def generate(row: Any) -> Any:
        model.eval()
        for _ in range(10):
            logits, _ = model(row[:, -CONTEXT:])
            logits = logits[:, -1, :] if logits.dim() == 3 else logits
            kept, _ = t.topk(logits, 5)
            logits[logits < kept[:, [-1]]] = -float("inf")
            probabilities = t.nn.functional.softmax(logits, dim=-1)
            row = t.cat((row, t.multinomial(probabilities, num_samples=1)), dim=1)
        model.train()
        return row

    return generate(t.zeros((3, CONTEXT), dtype=t.long, device="cpu")).tolist()


def test_what_was_trained_by_pytorch_goes_on_here() -> None:
    theirs, _ = trained(LIBRARIES[1], transformer)
    ours = transformer(moreish.torch).double()
    state = {name: moreish.torch.tensor(x.numpy()) for name, x in theirs.state_dict().items()}
    assert repr(ours.load_state_dict(state)) == "<All keys matched successfully>"
    logits = [
        model.eval()(indices(t, VOCABULARY, 4, CONTEXT))[0].detach().numpy()
        for t, model in zip(LIBRARIES, (ours, theirs), strict=True)
    ]
    np.testing.assert_allclose(*logits, rtol=0, atol=1e-12)
