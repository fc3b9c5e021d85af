"""What the plan was, where a slot was given back, cancelled or restored before the patient came."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ortool.caselog.history import History, Planned, Remark
from ortool.caselog.milestones import CaseState
from ortool.caselog.report import make_report
from tests.caselog.a_case import NOW, case, dossier

BEGAN = datetime(2026, 11, 20, 8, tzinfo=UTC)


def made(*kinds: str) -> History:
    """Return a history of a booking, a move or a giving back each hour; each plan starts a day after the one before."""
    plans, remarks = [], []
    for number, kind in enumerate(kinds):
        now = BEGAN + timedelta(hours=number)
        base = (number + 1, now, now, "n1", "chosen", f"slot.{kind}")
        if kind in ("released", "cancelled"):
            remarks.append(Remark(*base, "why"))
        else:
            start = BEGAN + timedelta(days=number)
            plans.append(Planned(*base, "OR1", start, start + timedelta(hours=1), ""))
    return History(tuple(plans), tuple(remarks))


def first(history: History, came: float | None = None) -> int:
    plan = history.first_plan(BEGAN + timedelta(hours=came) if came is not None else None)
    return plan.seq if plan else 0


def test_the_first_booking_is_the_first_of_those_that_stood_when_the_patient_came():
    assert first(made()) == 0
    assert first(made("booked", "moved", "moved")) == 1
    assert first(made("booked", "released", "booked", "moved"), 9) == 3
    assert first(made("booked", "cancelled", "restored", "moved"), 9) == 1
    assert first(made("booked", "released", "booked"), 0.5) == 1
    assert first(made("booked", "released"), 9) == 0
    assert first(made("booked"), -1) == 1


def test_a_case_that_waits_again_is_not_told_as_cancelled():
    one = dossier([])
    slot = replace(one.slot, cancelled=True, cancel_reason="no bed")
    for state, is_told in ((CaseState.BOOKED, False), (CaseState.CANCELLED, True)):
        plan = make_report(replace(one, case=case(state=state), slot=slot), NOW, 5).plan
        assert plan.cancelled is is_told
        assert (plan.start is None) is not is_told
