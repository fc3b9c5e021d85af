"""A nurse at the case screen, by keyboard alone."""

import pytest

from ortool.checklist.records import State
from ortool.people.person import Actor
from ortool.services import journals, running
from ortool.services.theatre import Theatre
from ortool.tui.case import CaseScreen
from ortool.tui.forms import Form
from tests.tui.conftest import Watch
from tests.tui.driver import at_terminal

SPINE = 1014


async def test_a_tick_is_stored_and_the_cursor_goes_on(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        await terminal.ticks("Whose images, and from when?")
        assert terminal.state_of("IR.1") is State.DONE
        assert terminal.rows.row.title == "Planned levels and side"
        stored = running.refold(sample, case.case_id)
        assert stored is not None
        assert stored.answers["IR.1"].actor == nurse.person.id


async def test_no_asks_for_a_reason_and_keeps_it(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        await terminal.opens(SPINE)
        await terminal.goes_to("Implant set and back-up")
        await terminal.press("n")
        await terminal.form("back-up set is on its way")
        await terminal.saved()
        assert terminal.state_of("P0.8") is State.NO
        assert "back-up set is on its way" in terminal.text


async def test_what_always_applies_is_refused_in_a_sentence(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        await terminal.goes_to("Who are you?")
        await terminal.press("x")
        await terminal.until(lambda: case.message, "a sentence")
        assert "always applies" in terminal.text
        assert terminal.rows.row.title == "Who are you?"
        assert terminal.state_of("P0.1") is State.OPEN


async def test_undo_takes_the_last_tick_back_in_one_key(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        await terminal.ticks("Who are you?")
        await terminal.press("backspace")
        await terminal.until(lambda: terminal.state_of("P0.1") is State.OPEN, "undone")
        kinds = [entry.kind for entry in journals.case_entries(sample, case.case_id)]
        assert kinds[-2:] == ["item.answered", "entry.undone"]
        assert terminal.rows.row.title == "Who are you?"


async def test_undo_after_a_minute_asks_for_a_reason(sample: Theatre, nurse: Actor, watch: Watch) -> None:
    async with at_terminal(sample, nurse) as terminal:
        await terminal.opens(SPINE)
        await terminal.ticks("Who are you?")
        watch.goes_on(minutes=5)
        await terminal.goes_to("Who are you?")
        await terminal.press("backspace")
        await terminal.form("1")
        await terminal.until(lambda: terminal.state_of("P0.1") is State.OPEN, "undone")
        case = terminal.app.screen
        assert isinstance(case, CaseScreen)
        last = journals.case_entries(sample, case.case_id)[-1]
        assert last.body["reason"] == "wrong line"


async def test_u_asks_first_because_a_letter_may_come_from_a_scanner(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        await terminal.opens(SPINE)
        await terminal.ticks("Who are you?")
        await terminal.press("u")
        await terminal.until(lambda: "Undo P0.1 done?" in terminal.text, "the question")
        await terminal.press("escape")
        assert terminal.state_of("P0.1") is State.DONE
        await terminal.until(lambda: not isinstance(terminal.app.screen, Form), "the case again")
        await terminal.press("u")
        await terminal.until(lambda: isinstance(terminal.app.screen, Form), "the question again")
        await terminal.press("enter")
        await terminal.until(lambda: terminal.state_of("P0.1") is State.OPEN, "undone")


async def test_a_hard_stop_is_overridden_by_two_people_only(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        await terminal.opens(SPINE)
        await terminal.goes_to("Who are you?")
        await terminal.press("o")
        await terminal.until(lambda: isinstance(terminal.app.screen, Form), "the question")
        await terminal.type("unconscious, band checked")
        await terminal.press("enter")
        await terminal.type(nurse.person.initials)
        await terminal.press("enter")
        assert "is the first" in terminal.text, "refused, and the draft is still there"
        await terminal.type("MM")
        await terminal.press("enter")
        await terminal.saved()
        assert terminal.state_of("P0.1") is State.OVERRIDDEN


async def test_a_closed_gate_says_what_is_missing_and_can_be_passed_by_two(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        await terminal.goes_to("Imaging review done")
        await terminal.press("space")
        await terminal.until(lambda: "Not stamped yet" in terminal.text, "what would be skipped")
        await terminal.goes_on()
        await terminal.until(lambda: "is not complete" in terminal.text, "the gate")
        assert "Planned levels and side" in terminal.text
        await terminal.form("emergency", "MM")
        await terminal.until(lambda: case.dossier and case.dossier.run and "IRD" in case.dossier.run.stamps, "stamped")
        run = running.refold(sample, case.case_id)
        assert run is not None
        assert run.passes["IR"].reason == "emergency"
        assert run.passes["IR"].second == "sp2"


async def test_a_stamp_at_another_time_shows_when_it_was_typed(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        await terminal.opens(SPINE)
        await terminal.goes_to("In holding")
        await terminal.press("t")
        await terminal.goes_on()
        await terminal.form("09:40")
        await terminal.saved()
        await terminal.goes_to("In holding")
        assert "late" in terminal.text
        assert "typed 30 min later" in terminal.text


async def test_a_count_that_does_not_agree_is_said_at_once(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        await terminal.opens(SPINE)
        await terminal.press("c")
        await terminal.press("c")
        await terminal.form(*(["10"] * 8), "MM")
        await terminal.until(lambda: "Count agrees" in terminal.text, "the first count")
        await terminal.press("c")
        await terminal.form("10", "10", "9", *(["10"] * 5), "MM")
        await terminal.until(lambda: "COUNT DOES NOT AGREE" in terminal.text, "the alarm")
        assert "patties -1" in terminal.text


async def test_nobody_at_the_terminal_is_asked_for_before_anything_is_entered(sample: Theatre) -> None:
    async with at_terminal(sample, None) as terminal:
        case = await terminal.opens(SPINE)
        await terminal.ticks_without_waiting("Whose images, and from when?")
        await terminal.is_somebody("MM")
        await terminal.saved()
        await terminal.until(lambda: terminal.state_of("IR.1") is State.DONE, "the tick")
        entry = journals.case_entries(sample, case.case_id)[-1]
        assert (entry.actor, entry.auth) == ("sp2", "chosen")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 20), (200, 60)])
async def test_identity_is_whole_at_every_size(sample: Theatre, nurse: Actor, size: tuple[int, int]) -> None:
    async with at_terminal(sample, nurse, size) as terminal:
        case = await terminal.opens(SPINE)
        assert case.dossier is not None
        patient = case.dossier.case
        flat = " ".join(terminal.text.split())
        for fact in (patient.patient_name, patient.hospital_number, "side BOTH", "no known allergies"):
            assert " ".join(fact.split()) in flat


async def test_a_value_outside_what_is_wanted_is_taken_with_a_reason_and_says_so(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse, (120, 40)) as terminal:
        await terminal.opens(SPINE)
        await terminal.goes_to("Aldrete score")
        await terminal.press("space")
        await terminal.form("7")
        await terminal.until(lambda: "OUTSIDE what is wanted, 9 of 10 or more" in terminal.text, "the question")
        await terminal.form("2")
        await terminal.saved()
        await terminal.until(lambda: terminal.state_of("P15.1") is State.DONE, "the answer")
        await terminal.goes_to("Aldrete score")
        assert "OUTSIDE 10:10" in terminal.text
        assert "anaesthetist told" in terminal.text


async def test_the_person_at_the_terminal_changes_in_two_keys(sample: Theatre, nurse: Actor, surgeon: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        terminal.app.recent = [surgeon.person, nurse.person]
        await terminal.press("w", "1")
        await terminal.until(lambda: terminal.app.actor and terminal.app.actor.person == surgeon.person, "the surgeon")
        await terminal.press("w", "2")
        await terminal.until(lambda: terminal.app.actor and terminal.app.actor.person == nurse.person, "the nurse")
