"""States stand for their contexts: the same chances, and the same states afterwards."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moreish.models import LanguageModel, families, states_of
from moreish.models.arpa_reader import read_arpa
from moreish.models.mixture import Mixture
from moreish.models.ngram import NGram
from moreish.text import count_contexts

V = 4
ITEMS = st.lists(st.lists(st.integers(1, V - 1), min_size=1, max_size=6), min_size=1, max_size=12)
HISTORIES = st.lists(st.integers(1, V - 1), max_size=9)
SMOOTHINGS = st.sampled_from(["kneser-ney", "witten-bell", "deleted-interpolation", 0.5, 0.0])


def counted(items: list[list[int]], block_size: int):
    return count_contexts(np.array([t for item in items for t in (*item, 0)]), block_size, V)


def walked(model: LanguageModel, history: list[int]) -> Iterator[tuple[int, np.ndarray]]:
    """The state and the context after each token."""
    states = states_of(model)
    context = np.zeros((1, model.block_size), dtype=np.intp)
    state = states.start
    for token in (*history, None):
        yield state, context
        if token is not None:
            context = np.append(context[:, 1:], [[token]], axis=1)
            state = int(states.after(np.array([state]))[0, token])
            assert 0 <= state < states.count


def check(model: LanguageModel, history: list[int]) -> None:
    states = states_of(model)
    for state, context in walked(model, history):
        stands = states.contexts(np.array([state]))
        np.testing.assert_array_equal(
            model.next_log_probs(stands), model.next_log_probs(context), err_msg=f"{context}"
        )


@settings(max_examples=200, deadline=None)
@given(ITEMS, st.integers(1, 4), SMOOTHINGS, HISTORIES)
def test_an_ngram_sees_the_longest_it_knows(items, block_size, smoothing, history) -> None:
    counts = counted(items, block_size)
    check(NGram(V, block_size=block_size, smoothing=smoothing).fit(counts, counts), history)


@settings(max_examples=100, deadline=None)
@given(ITEMS, st.integers(1, 3), st.sampled_from([0.3, "by-frequency"]), HISTORIES)
@pytest.mark.parametrize("second", ["bigram", "ngram", "class-ngram", "neural-bigram", "mlp"])
def test_a_mixture_sees_what_its_parts_see(second, items, block_size, share, history) -> None:
    options = {"block_size": 2, "hidden_size": 3} if second == "mlp" else {}
    model = Mixture(
        V, mixture=f"ngram,{second}", share=share, parts=({"block_size": block_size}, options)
    )
    counts = counted(items, model.block_size)
    for part in model.parts:
        if hasattr(part, "fit"):
            part.fit(counted(items, part.block_size))
        else:
            part.initialise(1)
    check(model.mix(counts, counts), history)


@pytest.mark.parametrize("name", sorted(families()))
def test_a_model_that_was_not_fitted_has_states(name: str) -> None:
    check(families()[name](V), [1, 2, 3, 1, 1, 2])


def test_a_file_with_gaps_is_followed_as_it_is_read(tmp_path) -> None:
    """ "a b a" is known, and "b a" is not."""
    file = tmp_path / "gaps.arpa"
    file.write_text(
        "\\data\\\nngram 1=4\nngram 2=2\nngram 3=1\nngram 4=1\n\n"
        "\\1-grams:\n-9 <s> -0.3\n-0.5 </s>\n-0.4 a -0.2\n-0.6 b -0.1\n\n"
        "\\2-grams:\n-0.3 a b -0.2\n-0.2 <s> a -0.3\n\n"
        "\\3-grams:\n-0.3 a b a -0.4\n\n\\4-grams:\n-0.1 a b a b\n\n\\end\\\n"
    )
    model, vocabulary = read_arpa(str(file))
    assert len(vocabulary) == 4
    for history in ([1, 2, 1, 2, 1, 1, 2, 2, 1, 2], [2, 1, 2, 1, 2, 2]):
        check(model, history)


def test_an_ngram_has_few_states_and_what_sees_all_has_all() -> None:
    counts = counted([[1, 2, 3, 1, 2], [2, 2, 1]], 6)
    assert states_of(NGram(V, block_size=6).fit(counts)).count < 30
    assert states_of(families()["mlp"](V, block_size=6)).count == V**6
    assert states_of(families()["mlp"](1_000, block_size=8)) is None
    assert Mixture(1_000, mixture="ngram,mlp", parts=({}, {"block_size": 2})).endings() is None
