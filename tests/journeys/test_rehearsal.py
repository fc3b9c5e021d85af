"""Rehearsals: whole days played by the same verbs as the screens, at any hour."""

import shutil
import time
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from ortool.caselog.milestones import CaseState
from ortool.checklist.phases import phase_clocks
from ortool.checklist.records import PhaseState
from ortool.services.boards import day_board
from ortool.services.journals import recent_entries, verify_journal
from ortool.services.people import list_people
from ortool.services.rehearsal import rehearse, rehearse_morning, story_for
from ortool.services.running import open_case, refold
from ortool.services.sample import fill_sample, move_dates
from ortool.services.theatre import open_theatre
from ortool.settings import Settings

ZONE = ZoneInfo("Europe/Amsterdam")
TODAY = date(2026, 11, 25)


def local(hour, minute=0):
    return datetime(TODAY.year, TODAY.month, TODAY.day, hour, minute, tzinfo=ZONE).astimezone(UTC)


def opened(path, now):
    return open_theatre(Settings(time_zone="Europe/Amsterdam"), path, lambda: now)


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """The sample list on a file, made once and copied for each test."""
    path = tmp_path_factory.mktemp("filled") / "day.db"
    theatre = opened(path, local(10, 42))
    fill_sample(theatre, TODAY)
    theatre.close()
    return path


@pytest.fixture
def theatre(filled, tmp_path):
    theatre = opened(shutil.copy(filled, tmp_path / "day.db"), local(10, 42))
    yield theatre
    theatre.close()


def states(theatre):
    return {one.case.number: one.case.state for one in day_board(theatre).all_cases}


def test_the_sample_list_begins_today_and_fills_every_room(theatre):
    board = day_board(theatre)
    assert board.day == TODAY
    assert all(board.cases.values())
    assert set(states(theatre).values()) == {CaseState.BOOKED}


def test_dates_are_moved_by_whole_days():
    assert move_dates("date,x\n2026-11-24,a\n2026-11-23,b\n", TODAY) == "date,x\r\n2026-11-26,a\r\n2026-11-25,b\r\n"


def test_a_morning_has_finished_running_and_waiting_cases_within_three_seconds(theatre):
    begun = time.process_time()
    told = rehearse_morning(theatre, local(10, 42))
    assert time.process_time() - begun < 12
    found = set(states(theatre).values())
    assert found & {CaseState.OUT_OF_ROOM, CaseState.RECOVERED}
    assert CaseState.RUNNING in found
    assert CaseState.BOOKED in found
    assert open_case(theatre, told).case.state is CaseState.RUNNING


@pytest.mark.parametrize("hour", [0, 9, 13, 23])
def test_it_plays_at_any_hour_and_writes_nothing_of_the_future(theatre, hour):
    now = local(hour)
    theatre.now = lambda: now
    rehearse_morning(theatre, now)
    entries = recent_entries(theatre, 0, 5_000)
    assert all(entry.recorded_at <= now for entry in entries if entry.kind.startswith(("milestone", "item", "count")))
    recorded = [entry.recorded_at for entry in entries]
    assert recorded == sorted(recorded)
    assert verify_journal(theatre).faults == []
    assert theatre.now() == now


def test_a_room_takes_one_patient_at_a_time(theatre):
    now = local(18)
    theatre.now = lambda: now
    rehearse_morning(theatre, now)
    for cases in day_board(theatre).cases.values():
        for earlier, later in pairwise(cases):
            if later.in_room:
                assert earlier.out_of_room is not None
                assert earlier.out_of_room < later.in_room


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("number", [1001, 1004])
def test_a_case_plays_to_its_end_with_its_storyline(theatre, seed, number):
    case = next(one for one in day_board(theatre).all_cases if one.case.number == number).case
    plan = open_case(theatre, case.id).plan
    story = story_for(plan)
    said = rehearse(theatre, case.id, list_people(theatre), local(8), seed=seed, storyline=story)
    dossier = open_case(theatre, case.id)
    run = dossier.run
    assert dossier.case.state is CaseState.RECOVERED
    assert all(stamp.id in run.stamps for stamp in plan.stamps.values())
    assert run.answers[story.no[0]].state == "no"
    assert run.answers[story.not_applicable[0]].state == "not_applicable"
    assert run.answers[story.overridden[0]].second
    assert run.passes[story.gate[0]].missing == (story.left_open,)
    assert [one.what for one in run.undone] == [f"{story.undone} done"]
    late = run.stamps[story.late_stamp]
    assert late.recorded_at - late.occurred_at == timedelta(minutes=12)
    assert [bool(one.differences) for one in run.ledger.counts if one.moment == story.recount] == [True, False]
    over = [one.phase.id for one in phase_clocks(run, theatre.now()) if one.grade == "over"]
    assert story.overrun in over
    assert dossier.history.remarks[0].text == story.note
    assert any("overridden by two people" in line for line in said)
    assert refold(theatre, case.id).live == run.live


def test_a_case_stops_in_the_middle(theatre):
    case = day_board(theatre).all_cases[0].case
    rehearse(theatre, case.id, list_people(theatre), local(8), until=local(8, 40))
    run = open_case(theatre, case.id).run
    assert PhaseState.RUNNING in [one.state for one in phase_clocks(run, local(8, 40))]
    assert "POR" not in run.stamps


def test_the_same_seed_gives_the_same_times(tmp_path):
    def times(name):
        theatre = opened(tmp_path / name, local(12))
        fill_sample(theatre, TODAY)
        told = rehearse_morning(theatre, local(12))
        found = [(one.stamp, one.occurred_at) for one in open_case(theatre, told).run.stamps.values()]
        theatre.close()
        return found

    assert times("a.db") == times("b.db")
