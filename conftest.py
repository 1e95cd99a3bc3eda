"""For the examples in docstrings: the names that a reader of `help()` takes for granted."""

import pytest


@pytest.fixture(autouse=True)
def _names_in_examples(doctest_namespace: dict) -> None:
    from moreish import engine

    doctest_namespace.update(np=__import__("numpy"), Tensor=engine.Tensor, tensor=engine.tensor)
