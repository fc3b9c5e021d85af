"""The list of logs to be signed: read in small turns, and never twice for nothing."""

from collections.abc import Sequence

import pytest

from ortool.services import boards, running
from ortool.services.boards import ToSign
from ortool.services.theatre import Theatre
from ortool.tui import to_sign
from tests.services.suite import Suite
from tests.tui.driver import at_terminal

CASES = 4


async def test_whoever_waits_for_the_clerk_waits_for_one_turn_of_the_list(
    suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [suite.case() for _ in range(CASES)]
    for case in cases:
        suite.through(case)
    asked: list[str] = []
    answered: list[int] = []
    shown: list[int] = []
    read, rows = boards.to_sign, to_sign.waiting_rows

    def take(theatre: Theatre, ids: Sequence[str]) -> list[ToSign]:
        if not asked:  # somebody ticks while the first log is being read
            terminal.app._clerk.submit(lambda: answered.append(len(asked)))
        asked.extend(ids)
        return read(theatre, ids)

    def show(found: list[ToSign]) -> list[to_sign.WaitingRow]:
        shown.append(len(found))
        return rows(found)

    monkeypatch.setattr(to_sign, "AT_ONCE", 1)
    monkeypatch.setattr(boards, "to_sign", take)
    monkeypatch.setattr(to_sign, "waiting_rows", show)
    async with at_terminal(suite.theatre, suite.surgeon) as terminal:
        await terminal.press("S")
        await terminal.until(lambda: len(asked) == CASES and "read …" not in terminal.text, "the whole list")
        assert f"{CASES} case logs to be signed" in terminal.text
        assert answered == [1]
        assert sorted(set(shown)) == list(range(1, CASES + 1))
        running.add_note(suite.theatre, suite.surgeon, cases[2].id, "Looked at again.")
        await terminal.until(lambda: len(asked) > CASES, "the case with a note")
        await terminal.press("escape")
    assert asked == [*(case.id for case in cases), cases[2].id]
