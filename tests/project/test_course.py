"""The page of the course's words: none is missing, each has its line of code and an example."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from project.readme import blocks
from project.structure import ROOT

PAGE = ROOT / "docs" / "course.md"

# What a learner's notes of the two courses name, in their order.
NAMES = [
    name.strip()
    for line in """
np.arange | np.tanh | np.linspace
torch | torch.tensor | torch.Tensor | t.shape | t.requires_grad | t.item() | t.data.item()
t.grad.item() | t.backward() | torch.zeros | torch.Generator | manual_seed | torch.rand
torch.randn | torch.multinomial | N.float() | P.sum(1, keepdim=True) | (N+1).float() | F.one_hot
xenc @ W | logits.exp() | torch.cat | torch.unbind | mat.view(32, 6) | a.storage()
F.cross_entropy
Neural network | Layer | Activation function | tanh | Neuron | Weight | Bias | Parameters
Prediction | Ground truth | Forward pass | Backward pass | Backpropagation | Tensor
Multi-layer perceptron | Binary classifier | Loss | Mean squared error
Bigram | Bigram character level language model | Data normalization | Multinomial | Broadcasting
Maximum likelihood estimation | Negative log likelihood | Monotonic | Model smoothing
Training set | One-hot encoding | Gradient descent | Regularization | logits | softmax
Stochastic gradient descent | Natural language processing | Embedding lookup table | Block size
Hidden layer | Classification | Cross entropy | Overfitting | Underfitting | Batches
Learning rate | Learning rate decay | Dev set | Test set | A Neural Probabilistic Language Model
Activation functions | The inside of a tensor
""".strip().split("\n")
    for name in line.split("|")
]


def sections(page: str) -> dict[str, str]:
    """The text below each heading of the lowest level, by its name or names."""
    parts = re.split(r"(?m)^#{2,3} (.+)$", page)
    found = {}
    for heading, text in zip(parts[1::2], parts[2::2], strict=True):
        for name in re.findall(r"`([^`]+)`", heading) or [heading]:
            found[name] = text
    return found


def pointing() -> ModuleType:
    specification = importlib.util.spec_from_file_location("point", ROOT / "tools" / "point.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_no_name_is_missing() -> None:
    known = sections(PAGE.read_text(encoding="utf-8"))
    assert len(NAMES) == 79
    assert [name for name in NAMES if name not in known] == []


@pytest.mark.parametrize("name", NAMES)
def test_each_has_its_line_and_an_example(name: str) -> None:
    text = sections(PAGE.read_text(encoding="utf-8"))[name]
    assert pointing().LINK.search(text), f"{name} has no link to a line of code"
    assert any(block.is_run and ">>>" in block.text for block in blocks(text)), name


def test_links_point_at_their_lines() -> None:
    point = pointing()
    linked = [
        path for path in sorted(ROOT.glob("docs/*.md")) if point.LINK.search(path.read_text())
    ]
    assert PAGE in linked
    for path in [ROOT / "README.md", *linked]:
        text = path.read_text(encoding="utf-8")
        assert point.pointed(path) == text, f"{path.name} points at other lines: run `make fix`"


def test_a_link_to_nothing_is_seen(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "class A:\n    b: int\n\n    def c(self) -> None: ...\n\n\nd = 1\n"
    )
    page = tmp_path / "page.md"
    page.write_text("[`A.b`](a.py#L9) [`A.c`](a.py#L9) [`d`](a.py#L9) [`A`](a.py#L9)")
    assert re.findall(r"#L(\d+)", pointing().pointed(page)) == ["2", "4", "7", "1"]
    for name in ("e", "A.d", "b"):
        page.write_text(f"[`{name}`](a.py#L1)")
        with pytest.raises(LookupError, match=f"does not define {name}"):
            pointing().pointed(page)
