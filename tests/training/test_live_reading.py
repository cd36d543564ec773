"""What a training says of itself, as somebody may have damaged it."""

import pytest

from gan_demo.training import live


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"phase": "x"}', "[" * 5000, '{"phase": "training", "step": "x"}']
)
def test_a_damaged_live_file_says_nothing_or_little(tmp_path, content):
    (tmp_path / live.FOLDER).mkdir()
    (tmp_path / live.FOLDER / live.NOW).write_text(content)
    (tmp_path / live.FOLDER / live.CURVE).write_text(content)
    said = live.read(tmp_path)
    assert said is None or (said["step"], said["outputs"], said["milestones"], said["figures"]) == (0, None, [], {})
    assert live.curve(tmp_path) == {}
    assert live.digits(tmp_path) is None
