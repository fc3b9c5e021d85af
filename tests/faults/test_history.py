"""Eight clients and somebody who makes trouble: their histories fit what is stored. The check itself has teeth."""

import pytest

from tests.faults.history import check
from tests.faults.outcome import expect, new_seed
from tests.faults.trouble import jepsen


def test_the_histories_of_eight_clients_under_trouble_fit_what_is_stored() -> None:
    expect(jepsen(seconds=7, seed=new_seed()))


def wrote(name: str, began: int, ended: int, answer: str) -> list[tuple[object, ...]]:
    """Return what a client tells of one attempt."""
    return [("begin", name, "tick", began), ("end", name, "tick", began, ended, answer)]


def read(name: str, began: int, ended: int, seq: int) -> list[tuple[object, ...]]:
    """Return what a client tells of one read."""
    return [("read", name, began, ended, seq)]


@pytest.mark.parametrize(
    ("histories", "seqs", "breach"),
    [
        ([wrote("a", 1, 2, "ok")], {}, "lost"),
        ([wrote("a", 1, 2, "kept")], {}, "was kept and is lost"),
        ([wrote("a", 1, 2, "refused")], {"a": 1}, "was refused and is there"),
        ([wrote("a", 1, 2, "ok"), wrote("b", 3, 4, "ok")], {"a": 2, "b": 1}, "was known before"),
        ([wrote("a", 1, 2, "ok"), read("r", 3, 4, 0)], {"a": 1}, "was known before"),
        ([read("r", 1, 2, 2) + read("s", 3, 4, 1)], {"a": 1, "b": 2}, "read 1 after 2"),
        ([read("r", 1, 2, 2), read("s", 3, 4, 1)], {"a": 1, "b": 2}, "was known before"),
    ],
)
def test_a_history_that_cannot_be_is_found(
    histories: list[list[tuple[object, ...]]], seqs: dict[str, int], breach: str
) -> None:
    assert any(breach in one for one in check(histories, seqs, 2))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("histories", "seqs"),
    [
        ([wrote("a", 1, 9, "ok"), wrote("b", 2, 4, "ok")], {"a": 2, "b": 1}),  # at the same time: either order
        ([wrote("a", 1, 2, "unknown")], {"a": 1}),
        ([wrote("a", 1, 2, "unknown")], {}),
        ([wrote("a", 1, 2, "kept"), wrote("b", 3, 4, "ok")], {"a": 2, "b": 1}),  # what waits is sent later
        ([wrote("a", 1, 2, "unknown") + wrote("a", 3, 4, "ok")], {"a": 1, "b": 2}),
        ([wrote("a", 1, 2, "ok"), read("r", 1, 4, 0)], {"a": 1}),
    ],
)
def test_a_history_that_can_be_is_let_pass(histories: list[list[tuple[object, ...]]], seqs: dict[str, int]) -> None:
    assert check(histories, seqs, 2) == []  # type: ignore[arg-type]
