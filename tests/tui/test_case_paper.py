"""A downtime sheet is entered at the case screen: form, writer and the paper's times, in sight for as long as it lasts."""

from datetime import UTC, datetime

import pytest

from ortool.checklist.records import State
from ortool.errors import BadInput
from ortool.people.person import Actor
from ortool.services import journals, running, sheets
from ortool.services.theatre import Theatre
from ortool.tui.case import CaseScreen
from ortool.tui.counts import CountsScreen
from ortool.tui.forms import Form
from tests.tui.conftest import Watch
from tests.tui.driver import Terminal, at_terminal

SPINE = 1014
FIRST, SECOND = "Whose images, and from when?", "Planned levels and side"
TEN = ["10"] * 8


def form_of(sample: Theatre, number: int = SPINE) -> str:
    """Return the number of the form that the case's sheet carries now."""
    return sheets.of_case(sample, str(number)).form


async def begins(terminal: Terminal, form: str = "", version: str = "", verifier: str = "") -> None:
    """Begin to enter a sheet that MM wrote."""
    await terminal.press("g")
    await terminal.form("MM", form, version, verifier)


async def entering(sample: Theatre, terminal: Terminal) -> str:
    """Begin with the case's own sheet and return its number."""
    form = form_of(sample)
    await begins(terminal, form)
    await terminal.until(lambda: "PAPER ENTRY for" in terminal.text, "the bar")
    return form


def stored(sample: Theatre, case: CaseScreen):
    run = running.refold(sample, case.case_id)
    assert run is not None
    return run


async def test_each_answer_asks_for_the_papers_time_and_keeps_form_writer_and_both_times(
    sample: Theatre, nurse: Actor, watch: Watch
) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        writer = next(person for person in case.people.values() if person.initials == "MM")
        form = await entering(sample, terminal)
        await terminal.goes_to(FIRST)
        await terminal.press("space")
        await terminal.form("08:15")
        await terminal.saved()
        await terminal.goes_to(SECOND)
        await terminal.press("space")
        await terminal.form_shown("→ 08:15 on Tue 24 Nov")
        await terminal.form("", "L4-S1 both sides", "MM")
        await terminal.saved()
        for item in ("IR.1", "IR.2"):
            answer = stored(sample, case).answers[item]
            assert (answer.transcribed, answer.written_by, answer.actor) == (form, writer.id, nurse.person.id)
            assert answer.occurred_at == datetime(2026, 11, 24, 7, 15, tzinfo=UTC)
            assert answer.recorded_at == watch.time


async def test_the_bar_stays_until_esc_and_afterwards_a_tick_is_of_now(
    sample: Theatre, nurse: Actor, watch: Watch
) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        form = await entering(sample, terminal)
        flat = " ".join(terminal.text.split())
        assert f"PAPER ENTRY for {case.dossier.case.patient_name} from sheet {form} written by" in flat
        assert "– Esc ends" in flat
        await terminal.goes_to(FIRST)
        await terminal.press("p")
        assert "PAPER ENTRY" in terminal.text
        await terminal.press("escape")
        assert "PAPER ENTRY" not in terminal.text
        assert "Paper entry ended: 0 entries" in terminal.text
        assert case.pause_id, "the first Esc ended the paper entry and nothing else"
        await terminal.press("escape")
        await terminal.ticks(FIRST)
        answer = stored(sample, case).answers["IR.1"]
        assert (answer.transcribed, answer.written_by, answer.occurred_at) == ("", "", watch.time)


async def test_the_same_key_ends_it_and_says_how_many(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        await terminal.opens(SPINE)
        await entering(sample, terminal)
        await terminal.goes_to(FIRST)
        await terminal.press("space")
        await terminal.form("08:15")
        await terminal.saved()
        await terminal.press("g")
        await terminal.until(lambda: "Paper entry ended: 1 entry from sheet DT-" in terminal.text, "the end")


async def test_a_sheet_without_a_number_still_has_its_writer(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        await begins(terminal)
        await terminal.until(lambda: "a sheet without a number" in terminal.text, "the bar")
        await terminal.goes_to(FIRST)
        await terminal.press("n")
        await terminal.form("08:20", "lost in transport")
        await terminal.saved()
        answer = stored(sample, case).answers["IR.1"]
        assert (answer.state, answer.transcribed, answer.reason) == (State.NO, "PAPER", "lost in transport")


@pytest.mark.parametrize(
    ("form", "version", "words"),
    [("DT-261123-073000-0000", "", "was not printed for case 1014"), ("", "0.9", "The sheet says version '0.9'")],
)
async def test_a_sheet_of_another_version_warns_and_is_marked(
    sample: Theatre, nurse: Actor, form: str, version: str, words: str
) -> None:
    async with at_terminal(sample, nurse) as terminal:
        await terminal.opens(SPINE)
        await begins(terminal, form, version)
        await terminal.form_shown("may be another one")
        assert words in " ".join(terminal.text.split())
        await terminal.leave_form()
        await terminal.until(lambda: not isinstance(terminal.app.screen, Form), "the form gone")
        assert "PAPER ENTRY" not in terminal.text
        await begins(terminal, form, version)
        await terminal.goes_on()
        await terminal.until(lambda: "SHEET MAY BE OF ANOTHER VERSION" in terminal.text, "the mark")


async def test_a_sheet_of_this_version_does_not_warn(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        await terminal.opens(SPINE)
        sheet = sheets.of_case(sample, str(SPINE))
        await begins(terminal, sheet.form, sheet.edition)
        await terminal.until(lambda: "PAPER ENTRY" in terminal.text, "the bar")
        assert "ANOTHER VERSION" not in terminal.text


async def test_what_is_no_form_number_is_refused_and_the_draft_stays(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        await terminal.opens(SPINE)
        await terminal.press("g")
        for value in ("MM", "the [blue] one", "", ""):
            await terminal.type(value)
            await terminal.press("enter")
        assert "is no form number" in terminal.text
        assert isinstance(terminal.app.screen, Form)


async def test_a_stamp_and_a_count_come_from_the_sheet_too(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        form = await entering(sample, terminal)
        await terminal.goes_to("Patient in room")
        await terminal.press("space")
        await terminal.form_shown("missing")
        await terminal.goes_on()
        await terminal.form_shown("Time on the paper")
        await terminal.form("08:30")
        await terminal.saved()
        await terminal.press("c")
        await terminal.until(lambda: isinstance(terminal.app.screen, CountsScreen), "the counts")
        assert "PAPER ENTRY" in terminal.text
        await terminal.press("c")
        await terminal.form(*TEN, "MM", "08:35")
        await terminal.until(lambda: "Count agrees" in terminal.text, "the count")
        await terminal.press("plus")
        await terminal.form("laps", "5")
        await terminal.form_shown("Time on the paper")
        await terminal.form("08:50")
        await terminal.until(lambda: stored(sample, case).ledger.added, "the addition")
        run = stored(sample, case)
        taken = (run.stamps["PIR"], run.ledger.counts[0], run.ledger.added[0])
        assert [record.transcribed for record in taken] == [form] * 3
        assert [f"{record.occurred_at:%H:%M}" for record in taken] == ["07:30", "07:35", "07:50"]


async def test_a_time_before_midnight_is_yesterdays(sample: Theatre, nurse: Actor, watch: Watch) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        await entering(sample, terminal)
        await terminal.goes_to(FIRST)
        await terminal.press("space")
        await terminal.form("23:50")
        await terminal.saved()
        assert stored(sample, case).answers["IR.1"].occurred_at == datetime(2026, 11, 23, 22, 50, tzinfo=UTC)
        await terminal.goes_to(SECOND)
        await terminal.press("space")
        await terminal.form_shown("2026-11-23 23:50")
        await terminal.leave_form()
        await terminal.saved()
        assert "IR.2" not in stored(sample, case).answers


async def test_an_event_takes_the_papers_time_and_implants_wait(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        await entering(sample, terminal)
        await terminal.press("v")
        await terminal.until(lambda: "Implants are entered directly" in terminal.text, "the sentence")
        assert isinstance(terminal.app.screen, CaseScreen)
        await terminal.press("e")
        await terminal.form("Durotomy")
        await terminal.form_shown("The time on the paper")
        await terminal.form("08:40")
        await terminal.until(lambda: stored(sample, case).extras, "the event")
        assert f"{stored(sample, case).extras[0].occurred_at:%H:%M}" == "07:40"


async def test_leaving_the_time_writes_nothing(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        await entering(sample, terminal)
        await terminal.press("e")
        await terminal.form("Durotomy")
        await terminal.form_shown("The time on the paper")
        await terminal.leave_form()
        await terminal.until(lambda: "the paper's time is not known" in terminal.text, "the sentence")
        assert journals.case_entries(sample, case.case_id)[-1].kind != "event.started"


async def test_a_line_entered_again_from_the_same_sheet_changes_nothing_and_says_who_and_when(
    sample: Theatre, nurse: Actor
) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        form = await entering(sample, terminal)
        await terminal.goes_to(FIRST)
        await terminal.press("space")
        await terminal.form("08:15")
        await terminal.saved()
        await terminal.goes_to(FIRST)
        await terminal.press("space")
        await terminal.until(lambda: "entered already" in terminal.text, "the sentence")
        assert "entered already from this form at" in " ".join(terminal.text.split())
        entries = [entry for entry in journals.case_entries(sample, case.case_id) if entry.kind == "item.answered"]
        # The entry that pins the checklist carries the line's own name.
        assert [entry.command_id for entry in entries] == [f"{form}-IR.1@{SPINE}#2"]


async def test_who_compares_stands_in_the_bar_and_in_each_entry(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        other = next(person for person in case.people.values() if person.id != nurse.person.id)
        await begins(terminal, form_of(sample), "", other.id)
        await terminal.until(lambda: f"verified by {other.name}" in " ".join(terminal.text.split()), "the bar")
        await terminal.goes_to(FIRST)
        await terminal.press("space")
        await terminal.form("08:15")
        await terminal.saved()
        assert stored(sample, case).answers["IR.1"].verified_by == other.id


async def test_the_open_screens_print_the_forms_when_a_folder_is_named(
    sample: Theatre, nurse: Actor, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ortool.services import downtime

    async with at_terminal(sample, nurse) as terminal:
        app = terminal.app
        asked = []
        monkeypatch.setattr(downtime, "keep_spool_apart", asked.append)
        await app._back_up()
        assert asked == [], "the site has named no folder"
        app.verbs.settings = app.verbs.settings.model_copy(update={"downtime_folder": str(tmp_path / "forms")})
        await app._back_up()
        assert asked == [app.verbs.theatre]
        monkeypatch.setattr(downtime, "keep_spool_apart", refuses)
        await app._back_up()
        await terminal.until(lambda: "The forms for a dead screen were not" in terminal.text, "the sentence")


def refuses(_theatre: Theatre) -> None:
    """Print nothing."""
    raise BadInput("The folder is gone.", "Name another.")
