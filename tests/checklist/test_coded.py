"""Delays and complications by their lists: what is taken, what is refused, and the lists themselves."""

from dataclasses import replace

import pytest

from ortool.caselog.delays import delays, owed_delays
from ortool.caselog.unfinished import unfinished
from ortool.checklist.coded import COMPLICATIONS, DELAY_CODES, is_grade
from ortool.checklist.commands import ExplainDelay, RecordComplication, Voice
from ortool.checklist.decide import decide
from ortool.errors import Refused
from ortool.schedule.codes import CANCELLATIONS
from tests.caselog.a_case import CASE, NOW, Pen, at, dossier

NURSE = Voice("n1", "Nora Berg", frozenset())


def started(*more, came="08:25"):
    """Return a case whose patient came at `came`; planned at 08:00."""
    pen = Pen()
    pen.plan("slot.booked", "08:00", "11:00")
    if came:
        pen.stamp("PIR", came)
    for kind, clock, body in more:
        pen.write(kind, clock, **body)
    return dossier(pen.entries, replace(CASE, state=dossier([]).case.state))


def run_of(one):
    assert one.run is not None
    return one.run


def test_the_codes_of_the_schedule_and_of_the_log_are_the_same() -> None:
    assert set(CANCELLATIONS) == {f"X{code}" for code in DELAY_CODES if not code.startswith("M")}


def test_the_pick_lists_are_those_that_were_compiled() -> None:
    assert sum(one.startswith("intra.") for one in COMPLICATIONS) == 16
    assert sum(one.startswith("post.") for one in COMPLICATIONS) == 26
    assert [text for text in ("I", "IIIa", "IVb-d", "V", "V-d", "III", "d", "") if is_grade(text)] == [
        "I", "IIIa", "IVb-d", "V",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "command",
    [
        ExplainDelay("nowhere", "F01"), ExplainDelay("start", "Z99"), ExplainDelay("start", "F01", 2000),
        ExplainDelay("start", "F01", text="x" * 121), RecordComplication("bad luck"),
        RecordComplication("post.haematoma", "VI"), RecordComplication("post.haematoma", severity=7),
        RecordComplication("post.haematoma", corrects=5), RecordComplication("withdrawn", text="slip"),
        RecordComplication("post.haematoma", occurred_at=at("23:00")),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_on_no_list_is_refused(command) -> None:
    with pytest.raises(Refused):
        decide(run_of(started()), command, NURSE, NOW)


def test_a_reason_is_taken_once_and_another_beside_it() -> None:
    given = started(("delay.explained", "08:30", {"delay": "start", "code": "F01"}))
    with pytest.raises(Refused, match="given for that delay already"):
        decide(run_of(given), ExplainDelay("start", "f01"), NURSE, NOW)
    assert decide(run_of(given), ExplainDelay("start", "f05", 4), NURSE, NOW).body == {
        "delay": "start", "code": "F05", "minutes": 4,
    }  # fmt: skip


@pytest.mark.parametrize(("came", "is_late"), [("08:09", False), ("08:10", True), ("07:40", False)])
def test_ten_minutes_are_a_delay(came, is_late) -> None:
    found = [one.id for one in owed_delays(started(came=came), at("08:30"))]
    assert ("start" in found) is is_late


def test_a_running_phase_becomes_late_and_the_reason_pays_the_debt() -> None:
    case = started(came="08:00")
    assert owed_delays(case, at("08:49:59")) == ()  # planned 40 minutes for one level
    (late,) = owed_delays(case, at("08:50"))
    assert (late.id, late.lasts, late.stage) == ("preparation", True, "intra")
    said = "Anaesthesia and positioning: 10 min late, and nobody has said why (preparation)."
    assert said in unfinished(case, at("08:50"))
    paid = started(("delay.explained", "08:56", {"delay": "preparation", "code": "A03"}), came="08:00")
    assert owed_delays(paid, at("08:57")) == ()
    assert delays(paid, at("08:57"))[0].reasons[0].title == "difficult airway"


def test_a_reason_stays_where_its_delay_is_gone() -> None:
    paid = started(("delay.explained", "08:56", {"delay": "start", "code": "A03"}), came="08:05")
    (kept,) = [one for one in delays(paid, at("08:10")) if one.id == "start"]
    assert kept.reasons
    assert not kept.is_owed


def test_what_was_withdrawn_does_not_stand_and_stays_readable() -> None:
    wrong = started(("complication.recorded", "12:00", {"event": "post.haematoma", "grade": "I"}))
    ref = run_of(wrong).complications[0].seq
    decision = decide(run_of(wrong), RecordComplication("withdrawn", text="other patient", corrects=ref), NURSE, NOW)
    gone = started(
        ("complication.recorded", "12:00", {"event": "post.haematoma", "grade": "I"}),
        ("complication.recorded", "12:05", decision.body),
    )
    assert run_of(gone).complications == ()
