"""The counts panel: expected now is always said, a difference opens what to do, and Esc leads back."""

from ortool.checklist.records import State
from ortool.people.person import Actor
from ortool.services import journals
from ortool.services.theatre import Theatre
from ortool.tui.case import CaseScreen
from ortool.tui.counts import CountsScreen
from tests.tui.driver import Terminal, at_terminal

SPINE = 1014
TEN = ["10"] * 8


async def counts(terminal: Terminal) -> CountsScreen:
    """Open the counts of the case."""
    await terminal.press("c")
    await terminal.until(lambda: isinstance(terminal.app.screen, CountsScreen), "the counts")
    screen = terminal.app.screen
    assert isinstance(screen, CountsScreen)
    return screen


async def first_count(terminal: Terminal) -> None:
    await terminal.press("c")
    await terminal.form(*TEN, "MM")
    await terminal.until(lambda: "Count agrees" in terminal.text, "the first count")


async def test_the_panel_says_what_is_expected_now(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        where = case.row.key if case.row else None
        await counts(terminal)
        assert "nothing is counted yet" in terminal.text
        await first_count(terminal)
        row = next(line for line in terminal.text.splitlines() if "Laps" in line)
        assert row.split()[-4:] == ["10", "·", "·", "10"]
        await terminal.press("escape")
        assert isinstance(terminal.app.screen, CaseScreen)
        assert case.row is not None
        assert case.row.key == where


async def test_what_is_added_is_expected_at_once(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        await counts(terminal)
        await first_count(terminal)
        await terminal.press("+")
        await terminal.form("laps", "5")
        await terminal.until(lambda: "15 expected now" in terminal.text, "added")
        row = next(line for line in terminal.text.splitlines() if line.startswith(" Laps"))
        assert row.split()[-1] == "15"
        assert journals.case_entries(sample, case.case_id)[-1].body == {"category": "laps", "number": 5}
        await terminal.press("u")
        await terminal.until(lambda: "Undone" in terminal.text, "undone")
        row = next(line for line in terminal.text.splitlines() if line.startswith(" Laps"))
        assert row.split()[-1] == "10"


async def test_a_difference_opens_what_to_do_until_a_later_count_agrees(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        panel = await counts(terminal)
        await first_count(terminal)
        await terminal.press("c")
        await terminal.form("10", "10", "9", *TEN[3:], "MM")
        await terminal.until(lambda: "COUNT DOES NOT AGREE: patties -1" in terminal.text, "the alarm")
        assert "9 (-1)" in terminal.text
        assert panel.rows.go_to(("step", "CD.2"))
        await terminal.press("space")
        await terminal.until(lambda: terminal_state(case, "CD.2") is State.DONE, "a step done")
        await terminal.press("escape")
        await terminal.until(lambda: "c: what to do" in terminal.text, "the lasting line")
        assert terminal.state_of("P11.7") is State.NO
        await counts(terminal)
        await terminal.press("c")
        await terminal.form(*TEN, "MM")
        await terminal.until(lambda: "Count agrees" in terminal.text, "found")
        assert "DOES NOT AGREE" not in terminal.text
        assert terminal_state(case, "P11.7") is State.AUTO


def terminal_state(case: CaseScreen, item: str) -> State:
    """Return what the run says of an item."""
    assert case.dossier is not None
    assert case.dossier.run is not None
    return case.dossier.run.state_of(case.dossier.run.plan.items[item], case.app.now())


async def test_a_relief_is_counted_any_number_of_times(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        await counts(terminal)
        await first_count(terminal)
        for _ in range(2):
            await terminal.press("r")
            await terminal.form(*TEN, "MM")
            await terminal.until(lambda: "relief" in terminal.text, "a count at a relief")
        moments = [e.body["moment"] for e in journals.case_entries(sample, case.case_id) if e.kind == "count.recorded"]
        assert moments == ["baseline", "relief-1", "relief-2"]
