"""The corpus that the tests share."""

from pathlib import Path

import pytest

from paper.brown_like import write_corpus


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder, read by many tests."""
    return write_corpus(tmp_path_factory.mktemp("corpus"))
