"""The network of the paper, written out in PyTorch beside it; its options one by one."""

import numpy as np
import pytest
import torch

import moreish
from moreish.engine import rules
from moreish.errors import OptionError
from moreish.learning.learning import memory
from moreish.models.base import contexts_at_once
from moreish.models.mlp import MLP
from moreish.text import count_contexts
from moreish.torch import from_numpy
from moreish.training.run import Run, Settings

CONTEXTS = np.random.default_rng(4).integers(0, 11, (40, 3)).astype(np.intp)
TARGETS = np.random.default_rng(5).integers(0, 11, 40)


def small(dtype: type = np.float32, **options: object) -> MLP:
    sizes = {"block_size": 3, "embedding_size": 4, "hidden_size": 7} | options
    model = MLP(11, **sizes).initialise(seed=2)
    for parameter in model.parameters.values():
        array = parameter.detach().numpy()
        array += np.random.default_rng(array.size).normal(0, 0.3, array.shape).astype(np.float32)
        parameter.data = parameter.data.to(dtype)
    return model


@pytest.mark.parametrize(("direct", "hidden_size"), [(False, 7), (True, 7), (True, 0)])
def test_the_formula_of_the_paper_and_its_gradient(direct: bool, hidden_size: int) -> None:
    """y = b + W x + U tanh(d + H x), x the T embeddings side by side; W = 0 if not direct."""
    model = small(np.float64, direct=direct, hidden_size=hidden_size)
    own = {name: torch.tensor(p.detach().numpy()) for name, p in model.parameters.items()}
    for tensor in own.values():
        tensor.requires_grad_()
    x = own["embedding"][torch.from_numpy(CONTEXTS)].view(40, 12)
    hidden = torch.tanh(own["hidden.bias"] + x @ own["hidden.weight"])
    y = own["output.bias"] + hidden @ own["output.weight"]
    if direct:
        y = y + x @ own["direct.weight"]
    loss = torch.nn.functional.cross_entropy(y, torch.from_numpy(TARGETS))
    loss.backward()
    ours = rules.cross_entropy(model.logits(CONTEXTS), from_numpy(TARGETS)).mean()
    ours.backward()
    assert ours.item() == pytest.approx(loss.item(), rel=1e-12)
    assert set(own) == set(model.parameters)
    for name, parameter in model.parameters.items():
        np.testing.assert_allclose(
            parameter.grad.numpy(), own[name].grad.numpy(), atol=1e-12, err_msg=name
        )


@pytest.mark.parametrize("direct", [False, True])
@pytest.mark.parametrize("bag", [0, 1, 2])
def test_tied_embeddings_and_a_bag(direct: bool, bag: int) -> None:
    """The output is compared with each embedding; the oldest L embeddings are one weighted sum."""
    model = small(np.float64, direct=direct, tied=True, bag=bag)
    own = {name: torch.tensor(p.detach().numpy()) for name, p in model.parameters.items()}
    for tensor in own.values():
        tensor.requires_grad_()
    rows = own["embedding"][torch.from_numpy(CONTEXTS)]
    inputs = list(rows[:, bag:].unbind(1))
    if bag:
        inputs.insert(0, sum(own["bag.weight"][n] * rows[:, n] for n in range(bag)))
    x = torch.cat(inputs, 1)
    hidden = torch.tanh(own["hidden.bias"] + x @ own["hidden.weight"])
    features = hidden @ own["output.weight"]
    if direct:
        features = features + x @ own["direct.weight"]
    y = features @ own["embedding"].T + own["output.bias"]
    loss = torch.nn.functional.cross_entropy(y, torch.from_numpy(TARGETS))
    loss.backward()
    ours = rules.cross_entropy(model.logits(CONTEXTS), from_numpy(TARGETS)).mean()
    ours.backward()
    assert ours.item() == pytest.approx(loss.item(), rel=1e-12)
    for name, parameter in model.parameters.items():
        np.testing.assert_allclose(
            parameter.grad.numpy(), own[name].grad.numpy(), atol=1e-12, err_msg=name
        )


@pytest.mark.parametrize(("direct", "count"), [(True, 5_762_483), (False, 1_830_563)])
def test_as_many_parameters_as_the_paper_says(direct: bool, count: int) -> None:
    """|V| (1 + n m + h) + h (1 + (n - 1) m) with direct connections; MLP1 of its Table 1."""
    model = MLP(16_383, block_size=4, embedding_size=60, hidden_size=50, direct=direct)
    assert model.parameter_count == count


def test_the_courses_network_is_one_setting() -> None:
    model = MLP(27, block_size=3, embedding_size=10, hidden_size=200)
    assert model.parameter_count == 11_897


class TestDropout:
    def test_it_is_for_training_alone(self) -> None:
        plain, dropped = small(), small(dropout=0.5)
        assert (plain.next_log_probs(CONTEXTS) == dropped.next_log_probs(CONTEXTS)).all()
        one, two = (dropped.logits(CONTEXTS).detach().numpy() for _ in range(2))
        assert (one != two).any()

    def test_on_average_it_takes_nothing_away(self) -> None:
        plain, dropped = small(), small(dropout=0.3)
        draws = np.array([dropped.logits(CONTEXTS).detach().numpy() for _ in range(4_000)])
        error = draws.std(axis=0) / np.sqrt(len(draws)) + 1e-6
        distance = np.abs(draws.mean(axis=0) - plain.logits(CONTEXTS).detach().numpy())
        assert (distance < 5 * error).all()

    def test_a_seed_repeats_it(self) -> None:
        one, two = (small(dropout=0.3).logits(CONTEXTS).detach().numpy() for _ in range(2))
        assert (one == two).all()


def test_weights_are_pulled_to_zero_and_biases_are_not() -> None:
    """With a table that the model predicts already, only the decay of weights moves anything."""
    counts = count_contexts(np.array([1, 2, 3, 0]), 3, 11)
    model = small(direct=True)
    before = model.arrays()
    settings = Settings(steps=1, weight_decay=0.5, learning_rate=1e-3, warm_up=0)
    for _ in Run(model, counts, None, settings):
        pass
    untouched = before["embedding"][5:]  # tokens that never came have no gradient
    np.testing.assert_allclose(
        model.arrays()["embedding"][5:], untouched * (1 - 1e-3 * 0.5), rtol=1e-6
    )
    moved = np.abs(model.arrays()["output.bias"] - before["output.bias"])
    assert moved.max() < 1.01e-3, "a bias moves by the learning rate at most, without decay"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"block_size": 0}, "the block size must be 1 or more, got 0"),
        ({"embedding_size": 0}, "the embedding size must be 1 or more"),
        ({"hidden_size": -1}, "the hidden size must be 1 or more"),
        ({"dropout": 1}, "the dropout must be 0 or more, and less than 1; got 1"),
        ({"dropout": -0.1}, "the dropout"),
        ({"dropout": np.nan}, "the dropout"),
    ],
)
def test_options_that_cannot_be(options: dict, sentence: str) -> None:
    with pytest.raises(OptionError, match=sentence):
        moreish.train(["ab"], model="mlp", **options)


def test_more_than_the_machine_holds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it is trained: the system would kill the process."""
    lines = ["one two three", "two three", "three one"] * 5
    for options in ({"hidden_size": 1_000_000}, {"block_size": 100_000}):
        learning = moreish.learn(lines, words=True, model="mlp", steps=1, **options)
        monkeypatch.setattr("moreish.learning.learning.memory", lambda: 2.0**30)
        with pytest.raises(OptionError, match="GiB while it is trained, and this machine has 1:"):
            next(iter(learning))
    learning = moreish.learn(lines, words=True, model="mlp", steps=1)
    assert [record.step for record in learning] == [1]
    assert memory() > 2**20


def test_far_contexts_are_asked_for_in_small_parts() -> None:
    for block_size, most in ((4, 8_192), (10_000, 20)):
        model = MLP(30, block_size=block_size, hidden_size=2)
        assert 1 <= contexts_at_once(model) <= most
