"""What all edits cost, against scoring each edited item as a whole."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import moreish
from moreish.scoring.edits import NONE, edited_nats, edits_of
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
    edits = edits_of(numbers[:-1], len(model.vocabulary))
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
