"""The graph of a Tensor: shapes, dtypes, sizes of gradients, and only numbers that are true."""

import numpy as np
import pytest

import moreish.torch as torch
import moreish.torch.nn.functional as F
from draw.seen import Seen, check_picture, seen
from moreish import draw
from moreish.models.mlp import MLP
from moreish.torch import Tensor


def picture(root: Tensor, **options: object) -> Seen:
    found = seen(draw.graph(root, **options).svg())
    check_picture(found)
    return found


def network() -> tuple[Tensor, dict[str, Tensor]]:
    """The course's network of the second part, in small."""
    g = torch.Generator().manual_seed(2147483647)
    parameters = {
        "C": torch.randn((27, 2), generator=g),
        "W1": torch.randn((6, 10), generator=g),
        "b1": torch.randn(10, generator=g),
        "W2": torch.randn((10, 27), generator=g),
        "b2": torch.randn(27, generator=g),
    }
    for p in parameters.values():
        p.requires_grad = True
    C, W1, b1, W2, b2 = parameters.values()
    X = torch.randint(0, 27, (32, 3), generator=g)
    Y = torch.randint(0, 27, (32,), generator=g)
    h = torch.tanh(C[X].view(-1, 6) @ W1 + b1)
    return F.cross_entropy(h @ W2 + b2, Y), parameters


def test_the_courses_network() -> None:
    loss, parameters = network()
    loss.backward()
    found = picture(loss, model=parameters)
    operations = [box.texts[0] for box in found.boxes if "float32" not in box.texts[0]]
    assert {"matmul", "add", "tanh", "cross_entropy", "select", "reshape"} <= set(operations)
    for name, parameter in parameters.items():
        box = found.box(name)
        shape = ", ".join(map(str, parameter.shape))
        assert f"({shape}) float32" in box.texts
        assert parameter.grad is not None
        size = float(np.linalg.norm(parameter.grad.numpy().astype(np.float64)))
        assert f"|grad| {size:.4f}" in box.texts
        assert box.title.endswith("\nparameter")
    last = found.boxes[[box.number for box in found.boxes].index(len(found.boxes) - 1)]
    assert f"{loss.item():.4f}" in last.texts
    assert "grad 1.0000" in last.texts
    assert "test_tensors.py" in last.title


def test_inner_gradients_are_those_of_retain_grad() -> None:
    w = torch.tensor([[1.0, -2.0], [0.5, 3.0]], requires_grad=True)
    hidden = (w * 2).tanh()
    hidden.retain_grad()
    loss = (hidden * hidden).sum()
    loss.backward()
    assert hidden.grad is not None
    size = float(np.linalg.norm(hidden.grad.numpy()))
    box = next(b for b in picture(loss).boxes if b.texts[0] == "tanh")
    assert f"|grad| {size:.4f}" in box.texts


def test_without_a_walk_back_there_are_no_gradients_and_drawing_makes_none() -> None:
    loss, parameters = network()
    assert "grad" not in draw.graph(loss).text()
    loss.backward()
    grads = [p.grad.numpy().copy() for p in parameters.values() if p.grad is not None]
    draw.graph(loss).html()
    for p, before in zip(parameters.values(), grads, strict=True):
        assert p.grad is not None
        np.testing.assert_array_equal(p.grad.numpy(), before)


def test_our_own_model() -> None:
    model = MLP(5, block_size=2, embedding_size=3, hidden_size=4).initialise(seed=1)
    loss = F.cross_entropy(model.logits(np.array([[0, 1], [2, 3]])), torch.tensor([1, 2]))
    loss.backward()
    found = draw.graph(loss, model=model, fold="")
    assert {"hidden.weight", "embedding"} <= {b.texts[0] for b in seen(found.svg()).boxes}
    check_picture(seen(draw.graph(loss, model=model).svg()))
    assert "5 parameters" in draw.graph(loss, model=model, fold="MLP").text()


def test_layers_as_in_the_third_part() -> None:
    class Linear:
        def __init__(self, fan_in: int, fan_out: int) -> None:
            self.weight = torch.randn((fan_in, fan_out)) / fan_in**0.5
            self.bias = torch.zeros(fan_out)
            for p in self.parameters():
                p.requires_grad = True

        def __call__(self, x: Tensor) -> Tensor:
            self.out = x @ self.weight
            self.out = self.out + self.bias
            return self.out

        def parameters(self) -> list[Tensor]:
            return [self.weight, self.bias]

    class BatchNorm1d:
        def __init__(self, dim: int) -> None:
            self.gamma, self.beta = torch.ones(dim), torch.zeros(dim)
            for p in self.parameters():
                p.requires_grad = True

        def __call__(self, x: Tensor) -> Tensor:
            mean, var = x.mean(0, keepdim=True), x.var(0, keepdim=True)
            return self.gamma * ((x - mean) / (var + 1e-5).sqrt()) + self.beta

        def parameters(self) -> list[Tensor]:
            return [self.gamma, self.beta]

    class Tanh:
        def __call__(self, x: Tensor) -> Tensor:
            return torch.tanh(x)

        def parameters(self) -> list[Tensor]:
            return []

    torch.manual_seed(1)
    layers = [Linear(4, 6), BatchNorm1d(6), Tanh(), Linear(6, 3)]
    x = torch.randn((8, 4))
    for layer in layers:
        x = layer(x)
    loss = F.cross_entropy(x, torch.tensor([0, 1, 2, 0, 1, 2, 0, 1]))
    loss.backward()
    text = draw.graph(loss, model=layers).text()
    for line in ("[0]: Linear", "[1]: BatchNorm1d", "[3]: Linear", "tanh("):
        assert text.count(line) == 1, line
    assert "sqrt" not in "".join(text.splitlines()[1:])  # inside of the folded normalisation
    found = picture(loss, model=layers, fold="")
    assert len(found.frames) - sum(box.texts[0] in ("32.0000",) for box in found.boxes) >= 3
    assert {"weight", "bias", "gamma", "beta"} <= {box.texts[0] for box in found.boxes}


def test_numbers_that_were_changed_since_are_not_shown() -> None:
    w = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    h = w * 1
    y = (h * h).sum()
    assert "[1.0000, 2.0000, 3.0000]" in str(picture(y).boxes[-2].texts + picture(y).boxes[1].texts)
    w.grad = torch.ones(3)
    h.detach().mul_(5)
    text = draw.graph(y).text()
    assert "[5.0000" not in text
    assert "|grad| 1.7321" in text  # what the leaf holds; the walk back is refused, and left out


def test_changes_in_place_and_views_are_steps() -> None:
    t = torch.ones(3, requires_grad=True)
    u = t * 2
    u[0:2].mul_(3)
    u += 1
    total = u.sum()
    total.backward()
    found = picture(total)
    operations = [box.texts[0] for box in found.boxes]
    assert {"select", "put_view", "sum", "multiply", "add"} <= set(operations)
    assert f"{total.item():.4f}" in found.boxes[-1].texts


def test_without_a_history() -> None:
    for tensor, words in (
        (torch.ones(2, 3), "(2, 3) float32"),
        (torch.tensor([1, 2]), "[1, 2]"),
        (torch.tensor(3.0, dtype=torch.float64), "() float64"),
        (torch.zeros(0), "empty"),
        (torch.tensor([True, False, True, True]), "3 of 4 True"),
        (torch.arange(10), "0 … 9"),
    ):
        (box,) = picture(tensor).boxes
        assert any(words in text for text in box.texts), (words, box.texts)
        assert box.title.endswith("\ninput")
    leaf = torch.ones(2, requires_grad=True)
    assert picture(leaf).boxes[0].title.endswith("\nparameter")
    assert picture((leaf * 2).detach()).boxes[0].title.endswith("\ninput")


def test_what_is_not_finite() -> None:
    x = torch.tensor([1.0, float("nan"), float("inf"), 2.0], requires_grad=True)
    found = picture((x * x).sum())
    assert any("2 of 4 not finite" in box.texts for box in found.boxes)
    assert any("#b3261e" in box.colours for box in found.boxes)


def test_gradients_of_gradients() -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = (x**3).sum()
    y.backward(create_graph=True)
    picture(y)
    assert x.grad is not None
    found = picture(x.grad)
    assert len(found.boxes) > 3


def test_a_large_graph_of_tensors() -> None:
    x = torch.tensor([0.5], requires_grad=True)
    y = x
    for _ in range(1500):
        y = (y * 0.99).tanh()
    drawing = draw.graph(y)
    assert drawing.text().startswith("4,501 nodes, 3,000 operations deep: ")
    check_picture(seen(drawing.svg()))


def test_a_tensor_shows_its_text_in_a_notebook() -> None:
    x = torch.tensor([1.0], requires_grad=True) * 2
    assert not hasattr(x, "_repr_svg_")
    assert not hasattr(x, "_repr_html_")


@pytest.mark.parametrize("shape", [(), (1,), (3,), (0, 2), (2, 0)])
def test_shapes_of_every_kind(shape: tuple[int, ...]) -> None:
    x = torch.zeros(shape, requires_grad=True)
    (x * 2).sum().backward()
    found = picture((x * 2).sum())
    expected = f"({', '.join(map(str, shape))}) float32"
    assert sum(expected in box.texts for box in found.boxes) >= 2


class Block(torch.nn.Module):
    """Layers after each other, in a row and in a list, one of them without parameters."""

    def __init__(self) -> None:
        super().__init__()
        nn = torch.nn
        self.table = nn.Embedding(5, 3)
        self.row = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 4), nn.LayerNorm(4), nn.Tanh())
        self.more = nn.ModuleList([nn.Linear(4, 2, bias=False)])
        self.scale = nn.Parameter(torch.ones(2))

    def forward(self, x: Tensor) -> Tensor:
        return self.more[0](self.row(self.table(x))) * self.scale


def test_a_network_of_modules_is_drawn_by_its_layers() -> None:
    block = Block()
    loss = block(torch.tensor([0, 3])).sum()
    text = draw.graph(loss, model=block).text()
    for name, kind in (
        ("table", "Embedding(5, 3)"),
        ("0", "Linear"),
        ("1", "Linear"),
        ("2", "LayerNorm"),
        ("more[0]", "Linear"),
    ):
        assert f"{name}: {kind}" in text
    assert "\n  row: Sequential" in text
    assert "\n  more[0]: Linear" in text
    found = picture(loss, model=block, fold="")
    names = {box.texts[0] for box in found.boxes}
    assert {"weight", "bias", "scale"} <= names
    own = [box.title for box in found.boxes if "test_tensors.py" in box.title]
    assert any(title.startswith("#") and "matmul" in title for title in own)
