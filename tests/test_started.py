"""What a test starts in a process of its own ends with the test, however that ends."""

import pytest
from helpers.commands import start

WAIT = "import time; print('here', flush=True); time.sleep(600)"


@pytest.mark.parametrize("fresh", [False, True])
def test_a_command_ends_when_the_test_that_started_it_fails(tmp_path, fresh):
    with pytest.raises(ZeroDivisionError), start("-c", WAIT, log=tmp_path / "log", fresh=fresh) as process:
        assert process.stdout.readline() == "here\n"
        _ = 1 / 0
    assert process.returncode < 0
