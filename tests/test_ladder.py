"""From a constant to a trained model that makes names, each rung standing on the one below."""

import numpy as np
import pytest

import moreish
from moreish.engine import rules
from moreish.models.bigram import Bigram
from moreish.models.mlp import MLP
from moreish.text import Vocabulary, count_contexts
from moreish.torch import from_numpy, tensor
from moreish.torch.optim import AdamW

NAMES = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "amelia", "anna", "hanna", "nina"]


def test_a_constant() -> None:
    assert tensor(3.0).item() == 3.0


def test_what_is_used_twice_gets_both_gradients() -> None:
    x = tensor(-4.0, requires_grad=True)
    z = x * 2 + 2 + x
    q = z * x + x * x
    (q * z).backward()
    slope = ((-4.01 * 3 + 2) ** 2 * -4.01 + 4.01**2 * (-4.01 * 3 + 2)) - (
        (-3.99 * 3 + 2) ** 2 * -3.99 + 3.99**2 * (-3.99 * 3 + 2)
    )
    assert x.grad is not None
    assert x.grad.item() == pytest.approx(slope / -0.02, rel=1e-3)


def test_a_step_down_the_gradient_lowers_the_loss() -> None:
    model = MLP(5, block_size=2, embedding_size=3, hidden_size=4).initialise(seed=1)
    optimizer = AdamW(model.parameters.values(), lr=0.05)
    contexts, targets = np.array([[0, 1], [1, 2], [2, 3]]), from_numpy(np.array([2, 3, 4]))
    losses = []
    for _ in range(5):
        loss = rules.cross_entropy(model.logits(contexts), targets).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < losses[0] - 0.1


def test_a_table_of_counts_is_a_model() -> None:
    vocabulary = Vocabulary.of(NAMES)
    counts = count_contexts(vocabulary.encode(NAMES), 1, len(vocabulary))
    chances = np.exp(
        Bigram(len(vocabulary), smoothing=0).fit(counts).next_log_probs(np.array([[0]]))
    )
    assert chances[0, vocabulary.numbers["a"]] == pytest.approx(3 / 10)


@pytest.mark.parametrize("model", ["bigram", "mlp"])
def test_from_a_list_to_more_like_it_and_through_a_file(model: str, tmp_path) -> None:
    options = {"steps": 200, "hidden_size": 20, "block_size": 2} if model == "mlp" else {}
    learnt = moreish.train(NAMES, model=model, split=(100, 0, 0), **options)
    assert learnt.nats_per_token("train") < np.log(len(learnt.vocabulary)) * 0.8
    more = learnt.sample(5, seed=3)
    assert len(more) == 5
    assert set("".join(more)) <= set("".join(NAMES))
    learnt.save(tmp_path / "names.safetensors")
    assert moreish.load(tmp_path / "names.safetensors").sample(5, seed=3) == more
