"""A network that is cut at every moment of a tick, a herd that wants one room, a server that is shot."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from ortool.errors import Away
from ortool.services import booking
from tests.faults import herds, schedulers
from tests.faults.outcome import expect, new_seed
from tests.faults.trouble import jepsen
from tests.postgres.behind import Behind
from tests.postgres.cuts import cut_ticks, fresh_ids, naive_herd, shoot_server
from tests.services.suite import MORNING, Suite


@pytest.mark.parametrize("quarter", range(4))
def test_a_tick_counts_once_wherever_the_network_is_cut(behind: Callable[..., Behind], quarter: int) -> None:
    expect(cut_ticks(behind(), 25, new_seed()))


def test_with_a_new_id_for_each_try_the_same_cuts_count_twice(behind: Callable[..., Behind]) -> None:
    outcome = fresh_ids(behind(), 20)
    expect(outcome)
    assert len(outcome.breaches) == 20


def test_of_a_herd_that_wants_one_room_exactly_one_wins_each_round() -> None:
    expect(herds.herd(rounds=30, store="PostgreSQL"))


def test_without_lock_and_constraint_the_same_herd_books_twice(make_server_suite: Callable[..., Suite]) -> None:
    outcome = naive_herd(make_server_suite().theatre.settings.database_url, 10)
    expect(outcome)
    assert len(outcome.breaches) == 70


def test_a_random_mix_of_bookings_leaves_no_overlap() -> None:
    expect(herds.mixture(commands=8 * 40, seed=new_seed(), store="PostgreSQL"))


def test_many_writers_that_change_one_schedule_in_every_way_leave_no_overlap() -> None:
    expect(schedulers.rush(processes=6, desks=4, times=6, seed=new_seed(), store="PostgreSQL"))


def test_without_the_constraint_and_looking_the_same_changes_overlap() -> None:
    expect(schedulers.unguarded(times=100, seed=new_seed(), store="PostgreSQL"))


def test_the_histories_of_eight_clients_under_cuts_and_kills_fit_what_is_stored() -> None:
    expect(jepsen(seconds=4, seed=new_seed(), store="PostgreSQL"))


def test_every_acknowledged_entry_survives_a_server_that_is_shot() -> None:
    expect(shoot_server(kills=3))


def test_hours_of_bookings_are_not_taken_while_away(behind: Callable[..., Behind]) -> None:
    one = behind()
    case, nurse = one.suite.case(), one.suite.nurse
    one.proxy.refuses = True
    one.proxy.drop()
    for hour in range(5):
        with pytest.raises(Away):
            booking.book(one.suite.theatre, nurse, case.id, "OR1", MORNING + timedelta(hours=hour), 60)
