"""Two people at one case, and a disk that goes away."""

import os

from ortool.checklist.commands import AnswerItem, StampMilestone
from ortool.checklist.records import State
from ortool.people.person import Actor
from ortool.services import running
from ortool.services.theatre import Theatre, open_theatre
from ortool.tui.log import LogScreen
from tests.tui.conftest import Watch
from tests.tui.driver import at_terminal

SPINE = 1014


async def test_a_tick_elsewhere_is_seen_within_a_second_and_says_who(
    sample: Theatre, nurse: Actor, surgeon: Actor, watch: Watch
) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        elsewhere = open_theatre(sample.settings, sample.store.path, watch)
        running.act(elsewhere, surgeon, case.case_id, AnswerItem("IR.1", State.DONE))
        for _ in range(10):
            await terminal.pilot.pause(0.1)
            if terminal.state_of("IR.1") is State.DONE:
                break
        assert terminal.state_of("IR.1") is State.DONE
        assert f"{surgeon.person.name}: IR.1 done" in terminal.text
        elsewhere.close()


async def test_who_was_quicker_is_said_with_the_time(
    sample: Theatre, nurse: Actor, surgeon: Actor, watch: Watch
) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        await terminal.goes_to("Whose images, and from when?")
        elsewhere = open_theatre(sample.settings, sample.store.path, watch)
        running.act(elsewhere, surgeon, case.case_id, AnswerItem("IR.1", State.DONE))
        await terminal.press("space")
        await terminal.until(lambda: "was quicker, at 10:10" in terminal.text, "who was quicker")
        assert surgeon.person.name in terminal.text
        run = running.refold(sample, case.case_id)
        assert run is not None
        assert run.answers["IR.1"].actor == surgeon.person.id
        elsewhere.close()


async def test_a_lost_database_is_said_for_as_long_as_it_lasts(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        await terminal.opens(SPINE)
        path = sample.store.path
        os.rename(path, path.with_suffix(".away"))
        await terminal.until(lambda: terminal.app.is_lost, "the loss")
        await terminal.until(lambda: "NOTHING IS BEING SAVED" in terminal.text, "the banner")
        os.rename(path.with_suffix(".away"), path)
        await terminal.until(lambda: not terminal.app.is_lost, "the return")


async def test_a_follow_up_runs_beside_the_case_and_no_signature_closes_it(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        await terminal.press("f")
        await terminal.form("Recovery")
        await terminal.until(lambda: getattr(terminal.app.screen, "list_id", "") == "recovery-plan", "the plan")
        screen = terminal.app.screen
        await terminal.until(lambda: screen.dossier and screen.rows.rows, "its rows")  # type: ignore[attr-defined]
        await terminal.press("full_stop")
        item = next(row for row in terminal.rows.rows if row.kind.value == "item" and row.is_open)
        running.act(sample, nurse, case.case_id, AnswerItem(item.id, State.NO, reason="later"), list_id="recovery-plan")
        beside = running.refold(sample, case.case_id, "recovery-plan")
        assert beside is not None
        assert beside.answers[item.id].state is State.NO
        assert running.refold(sample, case.case_id) is None, "the operation itself has not begun"


async def test_a_note_on_a_follow_up_stays_with_it_and_the_case_log_shows_its_section(
    sample: Theatre, nurse: Actor
) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        running.act(sample, nurse, case.case_id, StampMilestone("WARD"), list_id="recovery-plan")
        await terminal.press("f")
        await terminal.form("Recovery")
        await terminal.until(lambda: getattr(terminal.app.screen, "list_id", "") == "recovery-plan", "the plan")
        screen = terminal.app.screen
        await terminal.until(lambda: screen.dossier and screen.rows.rows, "its rows")  # type: ignore[attr-defined]
        await terminal.press("a")
        await terminal.form("Walks with help")
        await terminal.until(lambda: "Note added" in terminal.text, "the note")
        assert running.open_case(sample, case.case_id).history.remarks == ()
        await terminal.press("l")
        await terminal.until(lambda: isinstance(terminal.app.screen, LogScreen), "the log")
        log = terminal.app.screen
        await terminal.until(lambda: log.dossier, "its lines")  # type: ignore[attr-defined]
        text = "\n".join(row.text.plain for row in terminal.rows.rows)
        assert "FOLLOW-UP: RECOVERY AND FOLLOW-UP PLAN" in text
        assert "Walks with help" in text
