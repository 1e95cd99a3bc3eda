"""The exercise of the course: a small network with batch norm, written out in single operations.

`forward` runs in both libraries. `use` is called for each use of a named result, so that a slip can
be planted in PyTorch's backward pass.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

EXAMPLES, VOCABULARY, CONTEXT, EMBEDDING, HIDDEN = 32, 27, 3, 10, 16
Use = Callable[[Any, str, str], Any]


def inputs(seed: int = 0) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(seed)
    shapes = {
        "C": (VOCABULARY, EMBEDDING),
        "W1": (CONTEXT * EMBEDDING, HIDDEN),
        "b1": (HIDDEN,),
        "W2": (HIDDEN, VOCABULARY),
        "b2": (VOCABULARY,),
        "bngain": (1, HIDDEN),
        "bnbias": (1, HIDDEN),
    }
    return {name: 0.3 * draw.normal(size=shape) for name, shape in shapes.items()} | {
        "X": draw.integers(0, VOCABULARY, (EXAMPLES, CONTEXT)),
        "Y": draw.integers(0, VOCABULARY, EXAMPLES),
    }


def forward(t: Any, given: dict[str, Any], use: Use) -> dict[str, Any]:
    """Every named result, in order; `use(x, name, user)` is the result `name` for one user."""
    n, made = EXAMPLES, dict(given)

    def u(name: str, user: str) -> Any:
        return use(made[name], name, user)

    made["emb"] = emb = u("C", "emb")[given["X"]]
    made["embcat"] = embcat = u("emb", "embcat").view(emb.shape[0], -1)
    made["hprebn"] = hprebn = u("embcat", "hprebn") @ u("W1", "hprebn") + u("b1", "hprebn")
    made["bnmeani"] = bnmeani = 1 / n * u("hprebn", "bnmeani").sum(0, keepdim=True)
    made["bndiff"] = bndiff = u("hprebn", "bndiff") - u("bnmeani", "bndiff")
    made["bndiff2"] = bndiff2 = u("bndiff", "bndiff2") ** 2
    made["bnvar"] = bnvar = 1 / (n - 1) * u("bndiff2", "bnvar").sum(0, keepdim=True)
    made["bnvar_inv"] = bnvar_inv = (u("bnvar", "bnvar_inv") + 1e-5) ** -0.5
    made["bnraw"] = bnraw = u("bndiff", "bnraw") * u("bnvar_inv", "bnraw")
    made["hpreact"] = hpreact = u("bngain", "hpreact") * u("bnraw", "hpreact") + u(
        "bnbias", "hpreact"
    )
    made["h"] = h = t.tanh(u("hpreact", "h"))
    made["logits"] = logits = u("h", "logits") @ u("W2", "logits") + u("b2", "logits")
    made["logit_maxes"] = logit_maxes = u("logits", "logit_maxes").max(1, keepdim=True).values
    made["norm_logits"] = norm_logits = u("logits", "norm_logits") - u("logit_maxes", "norm_logits")
    made["counts"] = counts = u("norm_logits", "counts").exp()
    made["counts_sum"] = counts_sum = u("counts", "counts_sum").sum(1, keepdims=True)
    made["counts_sum_inv"] = counts_sum_inv = u("counts_sum", "counts_sum_inv") ** -1
    made["probs"] = probs = u("counts", "probs") * u("counts_sum_inv", "probs")
    made["logprobs"] = logprobs = u("probs", "logprobs").log()
    made["loss"] = loss = -u("logprobs", "loss")[t.arange(n), given["Y"]].mean()
    del embcat, hprebn, bnmeani, bndiff, bndiff2, bnvar, bnvar_inv, bnraw, hpreact, h, logits
    del logit_maxes, norm_logits, counts, counts_sum, counts_sum_inv, probs, logprobs, loss
    return made
