"""The course's training step in every library: 27 tokens, context 3, embedding 10, hidden 200, SGD.

Each class gets the same data and parameters. `run(n)` takes n steps with batches that the library
draws itself; `losses(batches)` takes one step on each given batch and returns its losses.
"""

from typing import Any

import numpy as np

LR = 0.1
EXAMPLES = 182_625  # of the course's train split


def start() -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Contexts (N, 3), targets (N,), and C, W1, b1, W2, b2, all from one seed."""
    rng = np.random.default_rng(0)
    contexts, targets = rng.integers(0, 27, (EXAMPLES, 3)), rng.integers(0, 27, EXAMPLES)
    shapes = [(27, 10), (30, 200), (200,), (200, 27), (27,)]
    scales = [1.0, 0.3, 0.01, 0.01, 0.0]
    arrays = [
        (rng.standard_normal(shape) * scale).astype(np.float32)
        for shape, scale in zip(shapes, scales, strict=True)
    ]
    return contexts, targets, arrays


class Captured:
    """moreish, the step captured whole."""

    captured = True

    def __init__(self, batch: int) -> None:
        import moreish
        import moreish.torch as torch
        import moreish.torch.nn.functional as F

        X, Y, arrays = start()
        X, Y = torch.tensor(X), torch.tensor(Y)
        parameters = [torch.tensor(a, requires_grad=True) for a in arrays]
        C, W1, b1, W2, b2 = parameters
        g = torch.Generator().manual_seed(2147483647)

        def step_on(ix: Any) -> Any:
            emb = C[X[ix]]
            h = torch.tanh(emb.view(-1, 30) @ W1 + b1)
            logits = h @ W2 + b2
            loss = F.cross_entropy(logits, Y[ix])
            for p in parameters:
                p.grad = None
            loss.backward()
            for p in parameters:
                p.data += -LR * p.grad
            return loss

        def step() -> Any:
            return step_on(torch.randint(0, X.shape[0], (batch,), generator=g))

        self.tensor = torch.tensor
        self.draw = lambda count: torch.randint(0, X.shape[0], (count, batch), generator=g)
        wrap = moreish.capture if self.captured else lambda f: f
        self.step, self.step_on = wrap(step), wrap(step_on)

    def run(self, count: int) -> None:
        for _ in range(count):
            self.step()

    def losses(self, batches: list[np.ndarray]) -> list[float]:
        return [self.step_on(self.tensor(ix)).item() for ix in batches]

    def drawn(self, count: int) -> list[float]:
        return [self.step().item() for _ in range(count)]


class Scanned(Captured):
    """moreish, the step captured whole and taken for many batches without Python between."""

    def run(self, count: int) -> None:
        self.step_on.scan(self.draw(count))


class Eager(Captured):
    """moreish without capture."""

    captured = False


class PyTorch:
    """PyTorch, eager or compiled."""

    def __init__(self, batch: int, compiled: bool = False) -> None:
        import torch
        from torch.nn import functional as F

        torch.set_num_threads(int(__import__("os").environ["OMP_NUM_THREADS"]))
        X, Y, arrays = start()
        X, Y = torch.tensor(X), torch.tensor(Y)
        parameters = [torch.tensor(a, requires_grad=True) for a in arrays]
        C, W1, b1, W2, b2 = parameters
        g = torch.Generator().manual_seed(2147483647)

        def loss_of(ix: Any) -> Any:
            emb = C[X[ix]]
            h = torch.tanh(emb.view(-1, 30) @ W1 + b1)
            return F.cross_entropy(h @ W2 + b2, Y[ix])

        if compiled:
            loss_of = torch.compile(loss_of)

        def step_on(ix: Any) -> Any:
            loss = loss_of(ix)
            for p in parameters:
                p.grad = None
            loss.backward()
            for p in parameters:
                p.data += -LR * p.grad
            return loss

        self.step = lambda: step_on(torch.randint(0, X.shape[0], (batch,), generator=g))
        self.step_on, self.tensor = step_on, torch.tensor

    run = Captured.run
    losses = Captured.losses
    drawn = Captured.drawn


class Jax:
    """JAX: `jit` of a step, or of a `lax.scan` over many steps."""

    def __init__(self, batch: int, scanned: bool) -> None:
        import jax
        import jax.numpy as jnp

        X, Y, arrays = start()
        X, Y = jnp.asarray(X), jnp.asarray(Y)
        self.parameters = [jnp.asarray(a) for a in arrays]
        self.key = jax.random.PRNGKey(1)

        def loss_of(parameters: Any, ix: Any) -> Any:
            C, W1, b1, W2, b2 = parameters
            h = jnp.tanh(C[X[ix]].reshape(-1, 30) @ W1 + b1)
            log_probs = jax.nn.log_softmax(h @ W2 + b2)
            return -jnp.take_along_axis(log_probs, Y[ix][:, None], axis=1).mean()

        def step_on(parameters: Any, ix: Any) -> Any:
            loss, slopes = jax.value_and_grad(loss_of)(parameters, ix)
            return [p - LR * g for p, g in zip(parameters, slopes, strict=True)], loss

        def step(state: Any, _: Any) -> Any:
            key, parameters = state
            key, own = jax.random.split(key)
            parameters, loss = step_on(parameters, jax.random.randint(own, (batch,), 0, len(X)))
            return (key, parameters), loss

        self.step_on = jax.jit(step_on)
        self.scanned = scanned
        self.one = jax.jit(lambda state: step(state, None), donate_argnums=0)
        self.many = jax.jit(
            lambda state, length: jax.lax.scan(step, state, None, length), static_argnums=1
        )

    def run(self, count: int) -> None:
        state = self.key, self.parameters
        if self.scanned:
            state, loss = self.many(state, count)
        else:
            for _ in range(count):
                state, loss = self.one(state)
        loss.block_until_ready()
        self.key, self.parameters = state

    def losses(self, batches: list[np.ndarray]) -> list[float]:
        parameters, losses = [p.copy() for p in self.parameters], []
        for ix in batches:
            parameters, loss = self.step_on(parameters, ix)
            losses.append(float(loss))
        return losses


class Tinygrad:
    """tinygrad: `TinyJit` of a step."""

    def __init__(self, batch: int) -> None:
        from tinygrad import Context, Tensor, TinyJit
        from tinygrad.nn.optim import SGD

        X, Y, arrays = start()
        X, Y = Tensor(X.astype(np.int32)), Tensor(Y.astype(np.int32))
        parameters = [Tensor(a) for a in arrays]
        C, W1, b1, W2, b2 = parameters
        moves = SGD(parameters, lr=LR)

        @TinyJit
        def step_on(ix: Any) -> Any:
            with Context(TRAINING=1):
                moves.zero_grad()
                h = (C[X[ix]].reshape(-1, 30) @ W1 + b1).tanh()
                loss = (h @ W2 + b2).sparse_categorical_crossentropy(Y[ix]).backward()
                return loss.realize(*moves.schedule_step())

        self.step_on = lambda ix: step_on(Tensor(ix.astype(np.int32)).realize())
        self.rng, self.batch = np.random.default_rng(1), batch

    def run(self, count: int) -> None:
        for _ in range(count):
            loss = self.step_on(self.rng.integers(0, EXAMPLES, self.batch))
        loss.item()

    def losses(self, batches: list[np.ndarray]) -> list[float]:
        return [self.step_on(ix).item() for ix in batches]


class Plain:
    """NumPy by hand: the derivatives written out, every result into an array made beforehand."""

    def __init__(self, batch: int) -> None:
        self.X, self.Y, self.parameters = start()
        self.rng, self.batch = np.random.default_rng(1), batch
        f = np.float32
        self.h, self.h2, self.dh = (np.empty((batch, 200), f) for _ in range(3))
        self.logits, self.dx = np.empty((batch, 27), f), np.empty((batch, 30), f)
        self.slopes = [np.empty_like(p) for p in self.parameters]
        self.rows = np.arange(batch)

    def step_on(self, ix: np.ndarray) -> float:
        C, W1, b1, W2, b2 = self.parameters
        dC, dW1, db1, dW2, db2 = self.slopes
        h, h2, dh, p, dx = self.h, self.h2, self.dh, self.logits, self.dx
        tokens, targets = self.X[ix], self.Y[ix]
        x = C[tokens].reshape(-1, 30)
        np.matmul(x, W1, out=h)
        np.add(h, b1, out=h)
        np.tanh(h, out=h)
        np.matmul(h, W2, out=p)
        np.add(p, b2, out=p)
        np.subtract(p, p.max(1, keepdims=True), out=p)
        picked = p[self.rows, targets]
        np.exp(p, out=p)
        total = p.sum(1, keepdims=True)
        loss = (np.log(total[:, 0]) - picked).mean()
        np.divide(p, total, out=p)
        p[self.rows, targets] -= 1
        np.divide(p, np.float32(self.batch), out=p)
        np.matmul(h.T, p, out=dW2)
        np.sum(p, axis=0, out=db2)
        np.matmul(p, W2.T, out=dh)
        np.multiply(h, h, out=h2)
        np.subtract(1, h2, out=h2)
        np.multiply(dh, h2, out=dh)
        np.matmul(x.T, dh, out=dW1)
        np.sum(dh, axis=0, out=db1)
        np.matmul(dh, W1.T, out=dx)
        dC.fill(0)
        np.add.at(dC, tokens.reshape(-1), dx.reshape(-1, 10))
        for parameter, slope in zip(self.parameters, self.slopes, strict=True):
            np.multiply(slope, np.float32(LR), out=slope)
            np.subtract(parameter, slope, out=parameter)
        return float(loss)

    def run(self, count: int) -> None:
        for _ in range(count):
            self.step_on(self.rng.integers(0, EXAMPLES, self.batch))

    def losses(self, batches: list[np.ndarray]) -> list[float]:
        return [self.step_on(ix) for ix in batches]


class Tuned:
    """NumPy by hand as fast as it was found to go.

    Each bias is the last row of its matrix, logits lie tokens first, parameters and gradients lie
    in one line each, batches are gathered for many steps at once, the learning rate is part of the
    loss's gradient.
    """

    AHEAD = 500  # steps

    def __init__(self, batch: int) -> None:
        self.X, self.Y, (C, W1, b1, W2, b2) = start()
        self.rng, self.batch = np.random.default_rng(1), batch
        wholes = [C, np.vstack([W1, b1]), np.vstack([W2, b2])]
        self.line = np.concatenate([whole.reshape(-1) for whole in wholes])
        self.change = np.zeros_like(self.line)
        cuts = np.cumsum([whole.size for whole in wholes])[:-1]
        self.parameters, self.changes = (
            [part.reshape(w.shape) for part, w in zip(np.split(line, cuts), wholes, strict=True)]
            for line in (self.line, self.change)
        )
        f = np.float32
        self.x, self.h = np.ones((batch, 31), f), np.ones((batch, 201), f)
        self.embedded, self.dx = np.empty((batch, 3, 10), f), np.empty((batch, 30), f)
        self.dh, self.slope = (np.empty((batch, 200), f) for _ in range(2))
        self.z, self.p = np.empty((27, batch), f), np.empty((27, batch), f)
        self.row, self.identity, self.ones = np.empty(batch, f), np.eye(27, dtype=f), np.ones(27, f)

    def gathered(self, ix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(N, B) examples → their contexts (N, B, 3), the same as rows (N, 3 B, 27) of an identity
        matrix, and targets as columns (N, 27, B)."""
        contexts = self.X.take(ix, 0)
        hot = self.identity.take(contexts.reshape(len(ix), -1), 0)
        wanted = self.identity.take(self.Y.take(ix), 0).transpose(0, 2, 1)
        return contexts, hot, np.ascontiguousarray(wanted)

    def step_on(self, contexts: np.ndarray, hot: np.ndarray, wanted: np.ndarray) -> None:
        C, W1, W2 = self.parameters
        dC, dW1, dW2 = self.changes
        x, h, z, p, row, dh = self.x, self.h, self.z, self.p, self.row, self.dh
        units = h[:, :-1]
        C.take(contexts, 0, self.embedded, "clip")
        x[:, :-1] = self.embedded.reshape(-1, 30)
        np.dot(x, W1, dh)
        np.tanh(dh, units)
        np.dot(W2.T, h.T, z)
        np.maximum.reduce(z, 0, None, row)
        np.subtract(z, row, z)
        np.exp(z, p)
        np.dot(self.ones, p, row)
        np.divide(p, row, p)
        np.subtract(p, wanted, p)
        np.multiply(p, np.float32(-LR / self.batch), p)
        np.dot(h.T, p.T, dW2)
        np.dot(p.T, W2[:-1].T, dh)
        np.multiply(units, units, self.slope)
        np.subtract(1, self.slope, self.slope)
        np.multiply(dh, self.slope, dh)
        np.dot(x.T, dh, dW1)
        np.dot(dh, W1[:-1].T, self.dx)
        np.dot(hot.T, self.dx.reshape(-1, 10), dC)
        np.add(self.line, self.change, self.line)

    def run(self, count: int) -> None:
        for first in range(0, count, self.AHEAD):
            size = min(self.AHEAD, count - first), self.batch
            for one in zip(*self.gathered(self.rng.integers(0, EXAMPLES, size)), strict=True):
                self.step_on(*one)

    def losses(self, batches: list[np.ndarray]) -> list[float]:
        losses = []
        for contexts, hot, wanted in zip(*self.gathered(np.stack(batches)), strict=True):
            self.step_on(contexts, hot, wanted)
            right = (self.z * wanted).sum(0)  # of what is left of the logits
            losses.append(float((np.log(self.row) - right).mean()))
        return losses


class Peak:
    """What the processor can do: products of large square matrices."""

    def __init__(self, size: int) -> None:
        rng = np.random.default_rng(0)
        self.a, self.b = (rng.standard_normal((size, size)).astype(np.float32) for _ in "ab")
        self.out = np.empty_like(self.a)

    def run(self, count: int) -> None:
        for _ in range(count):
            np.dot(self.a, self.b, self.out)


class Products:
    """The limit: the step's six products of matrices, and nothing else."""

    def __init__(self, batch: int) -> None:
        rng, f = np.random.default_rng(0), np.float32

        def filled(*shape: int) -> np.ndarray:
            return rng.standard_normal(shape).astype(f)

        x, h, p = filled(batch, 30), filled(batch, 200), filled(batch, 27)
        W1, W2 = filled(30, 200), filled(200, 27)
        out_h, out_p, out_x = filled(batch, 200), filled(batch, 27), filled(batch, 30)
        out_W1, out_W2 = filled(30, 200), filled(200, 27)
        self.calls = [
            (x, W1, out_h),
            (h, W2, out_p),
            (h.T, p, out_W2),
            (p, W2.T, out_h),
            (x.T, h, out_W1),
            (h, W1.T, out_x),
        ]

    def run(self, count: int) -> None:
        dot, calls = np.dot, self.calls
        for _ in range(count):
            for a, b, out in calls:
                dot(a, b, out)
