"""Several processes on one file, and some that are shot: nothing is lost, nothing is booked twice."""

from ortool.checklist.commands import RecordCount, StampMilestone
from ortool.services.running import open_case, refold
from tests.faults import crowd, deeds, herds, schedulers
from tests.faults.outcome import expect, new_seed
from tests.services.suite import Suite

PATIENT_MS = 5_000  # a busy machine; what an idle one holds is in the long form


def test_of_a_herd_that_wants_one_room_exactly_one_wins_each_round() -> None:
    expect(herds.herd(rounds=60))


def test_without_lock_and_trigger_the_same_herd_books_twice() -> None:
    expect(herds.naive_herd(rounds=5))


def test_a_random_mix_of_bookings_leaves_no_overlap() -> None:
    expect(herds.mixture(commands=8 * 40, seed=new_seed()))


def test_forty_writers_that_change_one_schedule_in_every_way_leave_no_overlap() -> None:
    expect(schedulers.rush(processes=8, desks=5, times=4, seed=new_seed()))


def test_without_guards_and_looking_the_same_changes_overlap() -> None:
    expect(schedulers.unguarded(times=100, seed=new_seed()))


def test_appends_of_many_processes_queue_up_and_none_fails() -> None:
    expect(herds.queue(times=60, most_ms=PATIENT_MS))


def test_appends_behind_a_bare_begin_do_fail() -> None:
    expect(herds.naive_queue(times=60))


def test_of_two_terminals_that_tick_one_item_the_slower_is_told() -> None:
    expect(herds.same_item(items=60, most_ms=PATIENT_MS))


def test_every_acknowledged_tick_survives_a_kill() -> None:
    expect(herds.kills(wanted=24, seed=new_seed()))


def test_writing_and_folding_back_at_once_damages_nothing() -> None:
    expect(herds.wal_reset(runs=1, seconds=3))


def test_two_writers_on_one_case_lose_nothing(suite: Suite) -> None:
    case, path = suite.case(), suite.theatre.store.path
    suite.act(case, StampMilestone("PIR"), RecordCount("baseline", {"sponges": 10, "needles": 4}, suite.voice("n2")))
    crowd.all_of([crowd.start(deeds.add_many, path, case.id, 30) for _ in range(2)])
    run = open_case(suite.theatre, case.id).run
    assert run is not None
    assert run.ledger.expected()["sponges"] == 70
    assert run == refold(suite.theatre, case.id)
