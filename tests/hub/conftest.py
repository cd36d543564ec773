"""A checkpoint to push."""

import pytest
from helpers.hub import save


@pytest.fixture
def folder(tmp_path):
    return save(tmp_path / "model")
