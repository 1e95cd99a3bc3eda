"""The sampled softmax: which tokens are drawn, and that it is right on average."""

from pathlib import Path

import numpy as np
import pytest
import torch

import moreish
from moreish.engine.generator import Generator
from moreish.errors import OptionError
from moreish.models import Learnt, families, sampled_softmax
from moreish.models.mlp import MLP
from moreish.models.sampled_softmax import Candidates, Drawn, sampled_loss
from moreish.torch import from_numpy

V, B = 23, 6
FREQUENCIES = np.append(0.0, 400 / np.arange(1, V))
FOLLOWED = np.array([0, 1, 1, 5, 22, 13])


def test_tokens_are_drawn_as_often_as_is_said() -> None:
    candidates, generator = Candidates(FREQUENCIES, size=7), Generator().manual_seed(1)
    assert candidates.chances.sum() == pytest.approx(7)
    assert candidates.chances[1] == 1
    assert (np.diff(candidates.chances[1:]) <= 0).all()
    rounds, came = 4_000, np.zeros(V)
    for _ in range(rounds):
        drawn = candidates.draw(FOLLOWED, generator)
        assert (np.diff(drawn.tokens) > 0).all()
        came[drawn.tokens] += 1
        np.testing.assert_allclose(
            np.exp(drawn.log_chances), candidates.chances[drawn.tokens], rtol=1e-6
        )
        is_there = np.isin(FOLLOWED, drawn.tokens)
        assert ((drawn.places < 7) == is_there).all()
        assert (drawn.tokens[drawn.places[is_there]] == FOLLOWED[is_there]).all()
    deviation = 5 * np.sqrt(candidates.chances * (1 - candidates.chances) / rounds)
    assert (np.abs(came / rounds - candidates.chances) <= deviation + 1e-12).all()


@pytest.mark.parametrize("options", [{}, {"direct": True}, {"tied": True}])
def test_the_loss_and_its_gradient_are_those_of_the_formula(options: dict[str, bool]) -> None:
    model, drawn, contexts = a_model(options), some_drawn(), some_contexts()
    losses = model.sampled_loss(*map(from_numpy, (contexts, FOLLOWED, *drawn)))
    losses.mean().backward()
    slopes = {name: p.grad.numpy().copy() for name, p in model.parameters.items()}
    for parameter in model.parameters.values():
        parameter.grad = None
    logits = model.logits(contexts)
    by_hand = torch.tensor(logits.detach().numpy(), requires_grad=True)
    others = by_hand[:, drawn.tokens] - torch.tensor(drawn.log_chances.astype(np.float64))
    is_own = torch.tensor(drawn.tokens[None, :] == FOLLOWED[:, None])
    own = by_hand[torch.arange(B), torch.tensor(FOLLOWED)]
    both = torch.cat([own[:, None], others.masked_fill(is_own, -torch.inf)], 1)
    wanted = both.logsumexp(1) - own
    np.testing.assert_allclose(losses.detach().numpy(), wanted.detach().numpy(), rtol=1e-12)
    wanted.mean().backward()
    logits.backward(from_numpy(by_hand.grad.numpy()))
    for name, parameter in model.parameters.items():
        np.testing.assert_allclose(slopes[name], parameter.grad.numpy(), atol=1e-13, err_msg=name)


def a_model(options: dict[str, bool]) -> MLP:
    model = MLP(V, block_size=3, embedding_size=4, hidden_size=5, **options).initialise(seed=1)
    for parameter in model.parameters.values():
        parameter.data = parameter.data.to(np.float64)
    return model


def some_drawn() -> Drawn:
    return Candidates(FREQUENCIES, size=9).draw(FOLLOWED, Generator().manual_seed(2))


def some_contexts() -> np.ndarray:
    return np.random.default_rng(3).integers(0, V, (B, 3))


def test_the_sum_of_exponentials_is_right_on_average() -> None:
    logits = np.random.default_rng(4).normal(0, 2, V)
    candidates, generator = Candidates(FREQUENCIES, size=9), Generator().manual_seed(5)
    for token in (1, 22):
        sums = []
        for _ in range(4_000):
            drawn = candidates.draw(np.array([token]), generator)
            own, others = from_numpy(logits[[token]]), from_numpy(logits[None, drawn.tokens])
            rest = (from_numpy(drawn.log_chances.astype(np.float64)), from_numpy(drawn.places))
            loss = sampled_loss(own, others, *rest).item()
            sums.append(np.exp(loss + logits[token]))
        error = 5 * np.std(sums) / np.sqrt(len(sums))
        assert abs(np.mean(sums) - np.exp(logits).sum()) < error


LINES = [f"{a} w{n} x{n % 7} y{n}" for n in range(60) for a in ("the", "a")]
OPTIONS = {"model": "mlp", "words": True, "hidden_size": 8, "split": (90, 10, 0)}


@pytest.fixture
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampled_softmax, "MOST", 30)


@pytest.mark.long
@pytest.mark.usefixtures("_few")
def test_it_learns_what_the_full_one_does() -> None:
    losses = {
        softmax: moreish.train(LINES, softmax=softmax, steps=600, weight_decay=0.01, **OPTIONS)
        for softmax in ("full", "sampled")
    }
    full, sampled = (model.nats_per_token("train") for model in losses.values())
    assert sampled == pytest.approx(full, abs=0.15)
    assert full < 2


@pytest.mark.usefixtures("_few")
def test_it_goes_on_with_the_same_bits(tmp_path: Path) -> None:
    options = {**OPTIONS, "softmax": "sampled", "steps": 60}
    whole = moreish.train(LINES, **options)
    learning = moreish.learn(LINES, **options)
    for record in learning:
        if record.step == 30:
            learning.checkpoint(tmp_path / "c")
            break
    again = moreish.learn(LINES, **options)
    assert again.resume(tmp_path / "c") == 30
    for _ in again:
        pass
    for name, array in whole.language_model.arrays().items():
        assert (array == again.model().language_model.arrays()[name]).all(), name


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model": "mlp", "words": True, "batch_size": "all"}, "for lists of words"),
        ({"model": "neural-bigram", "words": True}, "sampled is not for neural-bigram"),
        ({"model": "mixture", "mixture": "mlp,neural-bigram"}, "sampled is not for neural-bigram"),
        ({"model": "ngram"}, "softmax can't be set for ngram"),
    ],
)
@pytest.mark.usefixtures("_few")
def test_where_it_can_not_be_it_is_refused(options: dict, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        moreish.train(LINES, softmax="sampled", **options)
    with pytest.raises(OptionError, match="there is no softmax 'half'; there are full, sampled"):
        moreish.train(LINES, model="mlp", softmax="half")


@pytest.mark.parametrize(
    ("lines", "options"),
    [(LINES, {}), (LINES, {"words": True}), (["w", "w w", "w w w"], {"words": True})],
    ids=["characters", "words", "one word"],
)
def test_where_it_is_of_no_use_all_are_looked_at(lines: list[str], options: dict) -> None:
    """A remark says so, and the bits are those of the full softmax."""
    options = {**options, "model": "mlp", "hidden_size": 8, "steps": 9, "split": (100, 0, 0)}
    learning = moreish.learn(lines, softmax="sampled", **options)
    assert any("sampled softmax is of no use with" in remark for remark in learning.remarks)
    for _ in learning:
        pass
    full = moreish.train(lines, **options)
    for name, array in full.language_model.arrays().items():
        assert (array == learning.model().language_model.arrays()[name]).all(), name


def test_models_that_have_none_are_told_from_those_that_have() -> None:
    for model in families().values():
        if issubclass(model, Learnt):
            assert model.has_sampled_loss == (model.sampled_loss is not Learnt.sampled_loss)
