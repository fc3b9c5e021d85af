"""Garbage is collected while nobody types, and not in the middle of a key."""

import gc

import pytest

from ortool.tui.work import RARELY, Tidy, collect_rarely


@pytest.fixture(autouse=True)
def as_before():
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


class Ring:
    """Something that only the collector finds."""

    gone = 0

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        Ring.gone += 1


def test_everything_is_collected_when_it_is_quiet_and_once_a_minute():
    tidy = Tidy(quiet=4, every=60)
    assert not tidy.look(now=103, touched=100)
    Ring.gone = 0
    Ring()
    assert tidy.look(now=104, touched=100)
    assert Ring.gone == 1
    assert not tidy.look(now=163, touched=100)
    assert tidy.look(now=164, touched=100)


def test_python_itself_walks_over_everything_hardly_ever():
    young, middle, _ = gc.get_threshold()
    collect_rarely()
    assert gc.get_threshold() == (young, middle, RARELY)
