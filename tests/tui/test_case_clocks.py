"""Clocks at the case screen: what is due leads, is answered in one key, put off with a reason, and undone."""

from dataclasses import replace
from datetime import timedelta

from ortool.caselog.milestones import CaseState
from ortool.people.permissions import Verb
from ortool.people.person import Actor
from ortool.services import journals, running
from ortool.services.setup import SYSTEM
from ortool.services.theatre import Theatre
from ortool.tui.bars import Lines
from tests.tui.conftest import TEN_PAST_TEN, Watch
from tests.tui.driver import Terminal, at_terminal

SPINE = 1014


def lying_prone(theatre: Theatre, case_id: str, minutes: float) -> None:
    """Stamp PRONE as it stood so many minutes ago; the pauses before it are not what is looked at here."""
    from ortool.checklist.commands import AnswerItem
    from ortool.checklist.records import State

    running.act(theatre, SYSTEM, case_id, AnswerItem("ABX", State.DONE, "cefazolin"))
    with theatre.writing(SYSTEM, Verb.KEEP) as desk:
        at = TEN_PAST_TEN - timedelta(minutes=minutes)
        desk.append(f"case:{case_id}", "milestone.stamped", {"stamp": "PRONE"}, at)


async def prone(terminal: Terminal, theatre: Theatre, minutes: float) -> str:
    """Open the case with the patient prone since so many minutes."""
    case = await terminal.opens(SPINE)
    lying_prone(theatre, case.case_id, minutes)
    await terminal.until(lambda: "Eyes, tube" in terminal.text, "the clocks")
    return case.case_id


async def test_no_clock_takes_no_line(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        assert not case.query_one("#clocks", Lines).display


async def test_a_due_clock_leads_in_words_and_offers_its_keys(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        await prone(terminal, sample, 19)
        first = next(line for line in terminal.text.splitlines() if "Eyes" in line)
        assert first.startswith("DUE Eyes, tube +4 min")
        assert "Temperature 11 min" in terminal.text
        assert "y clock done" in terminal.text.splitlines()[-1]
        assert "z later" in terminal.text.splitlines()[-1]


async def test_a_key_and_enter_answer_the_first_due_clock_and_one_undoes_it(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case_id = await prone(terminal, sample, 19)
        await terminal.press("y")
        await terminal.form_shown("answered?")
        await terminal.press("enter")
        await terminal.until(lambda: "Eyes, tube 15 min" in terminal.text, "the next round")
        assert journals.case_entries(sample, case_id)[-1].kind == "timer.answered"
        await terminal.until(lambda: "tube depth the same" in terminal.text, "what was said")
        await terminal.press("backspace")
        await terminal.until(lambda: "DUE Eyes, tube +4 min" in terminal.text, "due again")


async def test_a_clock_is_put_off_with_a_reason(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case_id = await prone(terminal, sample, 19)
        await terminal.press("z")
        await terminal.form("", "image running")
        await terminal.until(lambda: "later Eyes, tube 5 min" in terminal.text, "put off")
        assert journals.case_entries(sample, case_id)[-1].body["reason"] == "image running"


async def test_a_clock_is_started_by_hand_and_reads_that_its_value_is_missing(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        await prone(terminal, sample, 1)
        await terminal.press("s")
        await terminal.form("drying")
        await terminal.until(lambda: "site value missing: Prep dry" in terminal.text, "no value of the site")
        await terminal.press("s")
        await terminal.form("abdomen")
        await terminal.until(lambda: "Abdomen 60 s" in terminal.text, "a clock")


async def test_with_nothing_due_the_clock_is_chosen(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case_id = await prone(terminal, sample, 6)
        await terminal.press("y")
        await terminal.form("eyes")
        await terminal.until(lambda: "Eyes, tube 15 min" in terminal.text, "answered early")
        assert journals.case_entries(sample, case_id)[-1].body["timer"] == "eyes"


async def test_a_clock_goes_on_while_nothing_is_pressed_and_paints_only_what_changed(
    sample: Theatre, nurse: Actor, watch: Watch
) -> None:
    async with at_terminal(sample, nurse) as terminal:
        await prone(terminal, sample, 6)
        screen = terminal.app.screen
        bar = screen.query_one("#clocks", Lines)
        painted: list[bool] = []
        before = bar.refresh
        bar.refresh = lambda *args, **more: painted.append(True) or before(*args, **more)  # type: ignore[method-assign]
        for _ in range(20):
            watch.goes_on(seconds=1)
            screen.draw_clocks()  # type: ignore[attr-defined]
        assert not painted
        watch.goes_on(minutes=9)
        screen.draw_clocks()  # type: ignore[attr-defined]
        await terminal.until(lambda: "DUE Eyes, tube now" in terminal.text, "due")


async def test_a_cancelled_case_has_no_clocks(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        await prone(terminal, sample, 19)
        screen = terminal.app.screen
        dossier = screen.dossier  # type: ignore[attr-defined]
        screen.dossier = replace(dossier, case=replace(dossier.case, state=CaseState.CANCELLED))  # type: ignore[attr-defined]
        screen.draw_clocks()  # type: ignore[attr-defined]
        assert not screen.query_one("#clocks", Lines).display
