"""Jobs side by side: that they share the cores, and that one that fails ends the others."""

import signal
import threading

import pytest
import torch

from gan_demo.devices import side_by_side


@pytest.fixture
def two_cores():
    """A process of two threads, whatever the machine has."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_two_jobs_run_at_a_time_with_half_of_the_cores_each(two_cores):
    together = threading.Barrier(2)

    def job(number):
        together.wait(60)  # raises if the other never comes
        return number, torch.get_num_threads()

    jobs = [lambda go_on, number=number: job(number) for number in range(4)]
    assert side_by_side(jobs, "cpu") == [(number, 1) for number in range(4)]
    assert torch.get_num_threads() == 2


def test_one_core_a_gpu_and_a_single_job_take_them_in_turn(two_cores):
    def job(go_on):
        go_on()
        return threading.current_thread()

    assert side_by_side([job, job], "cuda") == [threading.main_thread()] * 2
    assert side_by_side([job], "cpu") == [threading.main_thread()]
    torch.set_num_threads(1)
    assert side_by_side([job, job], "cpu") == [threading.main_thread()] * 2


def test_the_first_error_ends_the_others_and_is_raised(two_cores):
    began = threading.Event()

    def endless(go_on):
        began.set()
        while True:
            go_on()

    def failing(go_on):
        assert began.wait(60)
        raise ValueError("too small")

    def never(go_on):
        raise AssertionError

    with pytest.raises(ValueError, match="too small"):
        side_by_side([endless, failing, never], "cpu")
    assert torch.get_num_threads() == 2


def test_who_presses_ctrl_c_need_not_wait_for_the_end(two_cores):
    began = threading.Barrier(2)

    def endless(go_on):
        if began.wait(60) == 0:
            signal.raise_signal(signal.SIGINT)
        while True:
            go_on()

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # which the runner of tests may have taken
    try:
        with pytest.raises(KeyboardInterrupt):
            side_by_side([endless, endless], "cpu")
    finally:
        signal.signal(signal.SIGINT, before)
    assert torch.get_num_threads() == 2
