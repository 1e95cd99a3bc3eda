"""What all edits cost, against scoring each edited item as a whole."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import moreish
from moreish.scoring.edits import NONE, TRIED, edited_nats, edits_of, likeliest
from moreish.scoring.ranking import item_nats, token_nats

LISTED = ["abba", "bab", "ab", "aab", "bb", "cab", "cc"]
MODELS = [
    moreish.train(LISTED, split=(100, 0, 0), **options)
    for options in (
        {"model": "bigram"},
        {"model": "ngram", "block_size": 3},
        {"model": "mlp", "block_size": 5, "steps": 5},
    )
]


@pytest.mark.parametrize("model", MODELS)
@given(st.text("abcx", max_size=9))
@settings(max_examples=40, deadline=None)
def test_as_though_each_edited_item_were_scored(model: moreish.Model, text: str) -> None:
    numbers = model.vocabulary.encode([text])
    nats = token_nats(model.language_model, model.vocabulary.encode([text]), 20.0)
    tried = likeliest(model.language_model, numbers[:-1], len(model.vocabulary))
    edits = edits_of(numbers[:-1], tried)
    found = edited_nats(model.language_model, numbers, nats, edits, 20.0)
    letters = ["", *model.vocabulary.tokens, "x"]
    texts = []
    for place, taken, put in zip(edits.places, edits.taken, edits.put.tolist(), strict=True):
        new = "".join(letters[number] for number in put if number != NONE)
        texts.append(text[:place] + new + text[place + taken :])
    wanted, _ = item_nats(model.language_model, model.vocabulary.encode(texts), 20.0)
    np.testing.assert_allclose(found, wanted, rtol=1e-5)
    near = {text[:i] + text[i + 1 :] for i in range(len(text))}
    near |= {text[:i] + c + text[i + 1 :] for i in range(len(text)) for c in "abc"}
    near |= {text[:i] + c + text[i:] for i in range(len(text) + 1) for c in "abc"}
    near |= {text[:i] + text[i + 1] + text[i] + text[i + 2 :] for i in range(len(text) - 1)}
    assert set(texts) == near


@pytest.mark.parametrize("min_count", [1, 2])
def test_of_many_words_the_likeliest_are_tried(min_count: int) -> None:
    """Those that a model finds likeliest after what stands before, and not `<unk>`."""
    rng = np.random.default_rng(1)
    lines = [" ".join(f"w{n}" for n in rng.zipf(1.3, 12) % 5_000) for _ in range(4_000)]
    model = moreish.train(lines, words=True, min_count=min_count, model="ngram", block_size=2)
    text = lines[0]
    numbers = model.vocabulary.encode([text])
    assert len(model.vocabulary.tokens) > 1_000
    tried = likeliest(model.language_model, numbers[:-1], model.vocabulary.unknown)
    padded = np.concatenate([[0, 0], numbers])
    for place, own in enumerate(tried):
        (log_probs,) = model.next_log_probs(padded[None, place : place + 2])
        known = log_probs[1 : model.vocabulary.unknown]
        assert len(set(own.tolist())) == TRIED
        assert known[own - 1].min() >= np.sort(known)[-TRIED]
    slip = text.split()
    slip[5] = model.vocabulary.tokens[-1]
    assert model.explain(" ".join(slip)).saved is not None
