"""Days of a theatre from a seed."""

from tests.faults.outcome import expect, new_seed
from tests.faults.theatre_day import simulate


def test_whole_days_hold_what_must_hold_and_come_out_the_same_again() -> None:
    expect(simulate(days=8, seed=new_seed(), twice=4))
