"""The case log by keyboard: reasons of delays, complications, addenda with before and after, replay, what waits."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ortool.people.person import Actor
from ortool.services.boards import day_board
from ortool.services.people import find_person, list_people
from ortool.services.rehearsal import rehearse, story_for
from ortool.services.running import open_case
from ortool.services.sample import fill_sample
from ortool.services.theatre import Theatre, open_theatre
from ortool.settings import Settings
from ortool.tui.log import LogScreen
from ortool.tui.replay import ReplayScreen
from ortool.tui.to_sign import ToSignScreen
from tests.tui.driver import at_terminal

EVENING = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)


@pytest.fixture
def played(tmp_path: Path) -> tuple[Theatre, str, Actor]:
    """The sample day in the evening with the told case played to its end, its id, and its surgeon."""
    theatre = open_theatre(Settings(time_zone="Europe/Amsterdam"), tmp_path / "day.db", lambda: EVENING)
    fill_sample(theatre, date(2026, 11, 23))
    case = next(one.case for one in day_board(theatre).all_cases if one.case.number == 1004)
    plan = open_case(theatre, case.id).plan
    assert plan is not None
    start = datetime(2026, 11, 23, 7, 25, tzinfo=UTC)
    rehearse(theatre, case.id, list_people(theatre), start, storyline=story_for(plan))
    return theatre, case.id, Actor(find_person(theatre, case.surgeon_id))


async def test_a_late_case_is_explained_graded_and_signed_and_then_only_amended(played) -> None:
    theatre, case_id, surgeon = played
    async with at_terminal(theatre, surgeon) as terminal:
        await terminal.press("S")
        await terminal.until(lambda: "1 case log to be signed" in terminal.text, "the list")
        assert isinstance(terminal.app.screen, ToSignScreen)
        assert "Start of the case: 25 min late, and nobody has said why (start)." in terminal.text
        await terminal.press("enter")
        await terminal.until(lambda: isinstance(terminal.app.screen, LogScreen) and terminal.app.screen.dossier, "log")
        await terminal.press("d")
        await terminal.form("", "S02", "", "Second theatre")
        await terminal.until(lambda: open_case(theatre, case_id).run.delay_reasons, "the reason")  # type: ignore[union-attr]
        await terminal.press("c")
        await terminal.form("dural tear", "IIIb-d", "3", "", "")
        await terminal.until(lambda: open_case(theatre, case_id).run.complications, "the complication")  # type: ignore[union-attr]
        await terminal.press("s")
        await terminal.form("sign")
        await terminal.until(lambda: open_case(theatre, case_id).history.is_signed, "the signature")
        run = open_case(theatre, case_id).run
        assert run is not None
        assert (run.delay_reasons[0].code, run.complications[0].grade) == ("S02", "IIIb-d")
        await terminal.until(lambda: terminal.app.screen.dossier.history.is_signed, "the signed log")
        await terminal.press("a")
        await terminal.form("The clock was wrong", str(run.stamps["PST"].seq), "09:40")
        await terminal.until(lambda: open_case(theatre, case_id).history.remarks[-1].after == "09:40", "the addendum")
        assert open_case(theatre, case_id).history.remarks[-1].before.startswith("PST Incision, 2026-11-23 ")


async def test_a_replay_goes_by_entry_and_by_phase_and_writes_nothing(played) -> None:
    theatre, case_id, surgeon = played
    newest = theatre.newest()
    async with at_terminal(theatre, surgeon) as terminal:
        terminal.app.push_screen(ReplayScreen(case_id))
        await terminal.until(lambda: "REPLAY" in terminal.text, "the replay")
        screen = terminal.app.screen
        assert isinstance(screen, ReplayScreen)
        whole = len(screen.replay)
        await terminal.press("left", "left")
        assert f"REPLAY {whole - 2} of {whole}" in terminal.text
        await terminal.press("home")
        assert "REPLAY 0 of" in terminal.text
        await terminal.press("right_square_bracket", "right_square_bracket")
        assert "time stamp PIR" in terminal.text
        assert screen.frame.at == screen.frame.entry.recorded_at
        assert screen.frame.at < EVENING - timedelta(hours=5)
        await terminal.press("comma")
        assert "time stamp PIR" not in terminal.text
    assert theatre.newest() == newest


async def test_a_late_phase_asks_for_its_reason_on_the_case_and_holds_nothing_back(sample, nurse, watch) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(1014)
        watch.goes_on(minutes=40)
        await terminal.ticks("Whose images, and from when?")
        await terminal.until(lambda: "WHY LATE? Start of the case" in terminal.text, "the owed row")
        await terminal.press("e")
        await terminal.form("say why it was late")
        await terminal.form("", "late to the unit", "", "")
        await terminal.until(lambda: "WHY LATE?" not in terminal.text, "the reason given")
        assert open_case(sample, case.case_id).run.delay_reasons[0].code == "P01"
