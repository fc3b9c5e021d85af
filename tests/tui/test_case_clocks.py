"""Clocks at the case screen: what is due leads, is answered in one key, put off with a reason, and undone."""

from dataclasses import replace
from datetime import timedelta

from ortool.caselog.milestones import CaseState
from ortool.caselog.report import make_report
from ortool.checklist.commands import StampMilestone
from ortool.people.permissions import Verb
from ortool.people.person import Actor
from ortool.presentation.case_log import case_log_lines
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
        await terminal.until(lambda: "Skin prep drying: started, site value missing" in terminal.text, "no value")
        await terminal.press("s")
        await terminal.form("abdomen")
        await terminal.until(lambda: "Abdomen 60 s" in terminal.text, "a clock")


async def test_a_low_reading_starts_its_clock_and_stands_in_the_case_log(sample: Theatre, nurse: Actor) -> None:
    values = {"map-low": "5 min DEMO", "map-low-limit": "65 DEMO"}
    sample.settings = sample.settings.model_copy(update={"site_values": values})
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        await terminal.press("s")
        await terminal.form("arterial")
        await terminal.form_shown("Value (mmHg)")
        await terminal.type("5800")
        await terminal.press("enter", "enter")
        await terminal.until(lambda: "outside 20 to 200 mmHg" in terminal.text, "a slip of typing refused")
        await terminal.press("shift+tab")
        await terminal.form("58", "10:06")
        await terminal.until(lambda: "MAP low 58 DEMO 1 min" in terminal.text, "a clock since 10:06")
        await terminal.press("s")
        await terminal.form("arterial")
        await terminal.form("72", "")
        await terminal.until(lambda: "Mean arterial pressure 72 mmHg" in terminal.text, "taken")
        await terminal.until(lambda: "MAP low" not in terminal.text, "no clock")
        report = make_report(running.open_case(sample, case.case_id), sample.now(), 3)
        found = [(one.prompt, one.value, one.unit, one.mark.late) for one in report.values]
        assert found == [
            ("Mean arterial pressure", "58", "mmHg", True),
            ("Mean arterial pressure", "72", "mmHg", False),
        ]
        written = "\n".join(line.plain for line in case_log_lines(report, sample.settings.zone))
        assert "Mean arterial pressure: 58 mmHg" in written


async def test_a_reading_without_the_sites_values_says_so(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        await terminal.opens(SPINE)
        await terminal.press("s")
        await terminal.form("arterial")
        await terminal.form("58", "")
        await terminal.until(lambda: "58 mmHg, site value missing: watch the time yourself" in terminal.text, "missing")
        assert "site value missing: MAP low" in terminal.text


async def test_what_is_due_after_the_operation_stays_on_the_screen_of_its_list(
    sample: Theatre, nurse: Actor, watch: Watch
) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        with sample.writing(SYSTEM, Verb.KEEP) as desk:
            desk.append(f"case:{case.case_id}", "case.signed", {"statement": "x", "digest": "ab" * 32, "entries": 1})
        running.act(sample, nurse, case.case_id, StampMilestone("WARD"), list_id="recovery-plan")
        running.act(sample, nurse, case.case_id, StampMilestone("HOME"), list_id="recovery-plan")
        watch.goes_on(minutes=20 * 24 * 60)
        await terminal.press("f")
        await terminal.form("Recovery")
        await terminal.until(lambda: "DUE Visit 2 wk +6 d" in terminal.text, "the visit is overdue")
        assert "Visit 6 wk 22 d" in terminal.text
        await terminal.press("z")
        await terminal.form("3", "patient away")
        await terminal.until(lambda: "put off by 3 days" in terminal.text, "put off")
        run = running.refold(sample, case.case_id, "recovery-plan")
        assert run is not None
        assert run.timer_marks["sutures"][-1].minutes == 3 * 24 * 60


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
