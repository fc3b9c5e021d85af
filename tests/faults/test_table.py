"""The one command and its table: a row for every test, Markdown that holds, and an exit code that tells."""

import re
from collections.abc import Iterator

import pytest

from tests.faults import __main__ as command
from tests.faults import selection
from tests.faults.outcome import HEAD, Outcome
from tests.faults.selection import Selection, counted
from tests.faults.table import TABLE

CELLS = re.compile(r"(?<!\\)\|")


def cells(row: str) -> list[str]:
    """Return what a Markdown renderer takes for the cells of a row."""
    parts = [part.strip() for part in CELLS.split(row)]
    assert parts[0] == parts[-1] == ""
    return parts[1:-1]


def test_every_test_of_the_catalogue_has_its_line_in_order() -> None:
    assert list(TABLE) == [f"T{number}" for number in range(1, 28)]


def test_a_row_stays_one_row_whatever_stands_in_it() -> None:
    row = Outcome("T0 a | b", "x\ny", "1,000 rounds", ["a | b\n| c |"], seed=7).row()
    assert "\n" not in row
    assert cells(row) == ["T0 a \\| b", "SQLite", "x y", "1,000 rounds (seed 7)", "FAILS: a \\| b \\| c \\|"]
    head, line = HEAD.split("\n")
    assert len(cells(head)) == len(cells(line)) == len(cells(row))


@pytest.mark.parametrize(
    ("outcome", "words", "is_well"),
    [
        (Outcome("T", "0"), "holds", True),
        (Outcome("T", "0", breaches=["one"]), "FAILS: one", False),
        (Outcome("T", "0", breaches=["one"], control=True), "fails, as it must", True),
        (Outcome("T", "0", control=True), "FAILS: the control found nothing", False),
        (Outcome("T", "0", absent=True), "not there yet", True),
    ],
)
def test_the_result_is_told_in_a_word(outcome: Outcome, words: str, is_well: bool) -> None:
    assert (outcome.result, outcome.is_well) == (words, is_well)


def test_the_command_prints_a_table_with_its_seeds(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection.Selection, "run", lambda self, scale=1.0: Outcome(self.test, self.holds, "1 case"))
    assert command.main(["T23", "T27", "--scale", "0.01"]) == 0
    head, line, *rows = capsys.readouterr().out.splitlines()
    assert f"{head}\n{line}" == HEAD
    assert [cells(row)[0].split()[0] for row in rows] == ["T23", "T23", "T23", "T27"]
    assert {len(cells(row)) for row in rows} == {5}
    assert re.search(r"100 of 100 found \(seed \d+\)", rows[0])


def test_a_row_that_does_not_hold_is_told_by_the_exit_code(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(scale: float) -> Iterator[Outcome]:
        yield Outcome("T2 broken", "0", f"at {scale}", ["lost"])
        yield Outcome("T2 well", "0")

    monkeypatch.setitem(TABLE, "T2", broken)
    assert command.main(["T2", "--scale", "0.5"]) == 1
    told = capsys.readouterr()
    assert "| at 0.5 | FAILS: lost |" in told.out
    assert "T2 broken: lost" in told.err
    with pytest.raises(SystemExit):
        command.main(["T99"])
    assert "no such line: T99" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("code", "told", "reached", "result"),
    [
        (0, "....\n1234 passed, 2 skipped in 3.1s", "1,234 cases passed, 2 skipped", "holds"),
        (1, "FAILED tests/x.py::test_y - no\n1 failed, 3 passed in 1s", "3 cases passed", "FAILS: FAILED tests/x.py"),
        (2, "ERROR tests/x.py\n1 error in 1s", "0 cases passed", "FAILS: ERROR tests/x.py"),
        (3, "broken", "0 cases passed", "FAILS: pytest ended with 3: broken"),
        (5, "no tests ran in 0.1s", "0 cases passed", "not there yet"),
        (0, "2 skipped in 0.1s", "0 cases passed, 2 skipped", "FAILS: no case passed"),
    ],
)
def test_what_pytest_told_becomes_a_row(code: int, told: str, reached: str, result: str) -> None:
    outcome = counted(Outcome("T", "0"), code, told)
    assert outcome.reached == reached
    assert outcome.result.startswith(result)


def test_a_selection_runs_counts_and_says_when_nothing_is_there() -> None:
    found = Selection("T", "0", ("tests/faults/test_start_up_gate.py",), "local_disk or nearest").run()
    assert (found.result, found.reached) == ("holds", "9 cases passed")
    absent = Selection("T", "0", ("tests/nowhere/test_*.py",), also=("tests/faults/test_start_up_gate.py",))
    assert absent.run().result == "not there yet"


EVERY = [*selection.T7, *(one for one in vars(selection).values() if isinstance(one, Selection))]


@pytest.mark.parametrize("one", EVERY, ids=lambda one: one.test)
def test_what_the_selections_name_is_there(one: Selection) -> None:
    assert one.found()
