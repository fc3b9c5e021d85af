"""Answers that are a time of day or a scanned label."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ortool.checklist import moments
from ortool.checklist.clocks import started_at
from ortool.checklist.commands import AnswerItem
from ortool.checklist.definition import Item, ItemType
from ortool.checklist.labels import LabelStop, read_label
from ortool.checklist.records import State
from ortool.checklist.rules import NeedsReason
from ortool.checklist.timers import Timer
from ortool.errors import Refused
from tests.checklist.test_run_rules import ANAESTHETIST, NURSE, SCRUB, Table
from tests.services.suite import MORNING, done

TODAY = MORNING.date()
GTIN = "05012345678900"
GOOD = f"01{GTIN}1728070710A213B1\x1d21S1"
OLD = f"01{GTIN}1726100110A213B1"


def at(minutes: float) -> str:
    """Return the time so many minutes after eight."""
    return moments.written(MORNING + timedelta(minutes=minutes))


@pytest.fixture
def table() -> Table:
    return Table()


def test_a_time_is_kept_as_an_instant_beside_when_it_was_said(table: Table) -> None:
    table.say(done("cuff", at(-20)))
    answer = table.run.answers["cuff"]
    assert (answer.value, answer.state) == ("2026-11-23T07:40:00Z", State.DONE)
    assert answer.occurred_at == answer.recorded_at
    assert table.run.happened_at(answer) == MORNING - timedelta(minutes=20)


@pytest.mark.parametrize("value", ["", "08:12", "now", "2026-11-23T07:40:00", "2026-13-45T07:40:00Z", "yes"])
def test_only_an_instant_is_a_time(table: Table, value: str) -> None:
    table.refused(done("cuff", value), "asks for a time of day")


def test_a_time_never_lies_in_the_future_nor_a_month_back(table: Table) -> None:
    table.refused(done("cuff", at(3)), "not come yet")
    table.refused(done("cuff", at(-31 * 24 * 60)), "30 days")
    table.say(done("cuff", at(0.5)))


def test_a_time_far_back_is_asked_again_and_taken_with_a_reason(table: Table) -> None:
    refusal = table.refused(done("cuff", at(-13 * 60)), "13 h 0 min before. Is it meant?")
    assert isinstance(refusal, NeedsReason)
    table.say(done("cuff", at(-13 * 60), reason="put on in the other hospital"))
    table.say(done("cuff", at(-11 * 60)))


def test_a_time_from_paper_is_held_against_the_time_on_the_paper(table: Table) -> None:
    table.now = MORNING + timedelta(hours=20)
    on_paper = {"occurred_at": MORNING, "paper": "DT-7"}
    table.refused(done("cuff", at(5), **on_paper), "not come yet")
    table.say(done("cuff", at(-5), **on_paper))
    answer = table.run.answers["cuff"]
    assert (answer.transcribed, answer.occurred_at, answer.value) == ("DT-7", MORNING, at(-5))


def test_a_clock_that_a_time_starts_runs_from_that_time(table: Table) -> None:
    timer = Timer(id="cuff", title="Cuff", short="cuff", starts="cuff", minutes=(60,), evidence=("EST",))
    table.say(done("cuff", at(-30)))
    assert started_at(table.run, timer)[0] == MORNING - timedelta(minutes=30)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1)))
def test_what_is_written_is_read_again(moment: datetime) -> None:
    aware = moment.replace(tzinfo=UTC, microsecond=0)
    assert moments.read(moments.written(aware)) == aware


def test_a_label_keeps_what_its_barcode_says(table: Table) -> None:
    table.say(done("graft", GOOD))
    answer = table.run.answers["graft"]
    assert dict(answer.scan) == {
        "issuer": "GS1", "device_identifier": GTIN, "lot": "A213B1", "serial": "S1", "expires": "2028-07-07",
    }  # fmt: skip
    assert "\x1d" not in answer.value


def test_an_hibc_label_too(table: Table) -> None:
    table.say(done("graft", "+A999123457"))
    assert table.run.answers["graft"].scan["issuer"] == "HIBC"


@pytest.mark.parametrize("raw", ["", "TRAY 7", "b", f"01{GTIN[:-1]}310LOT", "(11)280101", "\x1b[31m", "9" * 500])
def test_what_is_no_device_is_refused_where_a_device_is_asked_for(table: Table, raw: str) -> None:
    table.refused(done("graft", raw), "asks for a label to be scanned")


def test_any_label_is_taken_where_the_checklist_says_so(table: Table) -> None:
    for label in ("TRAY 7", "H-12345", "8001234", "10AB", "b77"):
        table.say(done("tray", label))
        answer = table.run.answers["tray"]
        assert (answer.value, dict(answer.scan)) == (label, {})
    table.say(done("tray", GOOD))
    assert table.run.answers["tray"].scan["lot"] == "A213B1"


@pytest.mark.parametrize(
    "raw", ["", " ", f"(01){GTIN[:-1]}1(10)LOT", f"]C101{GTIN[:-1]}1", "a\x1db", "a\x1bb", "x" * 200]
)
def test_a_misread_barcode_is_never_a_plain_label(table: Table, raw: str) -> None:
    table.refused(done("tray", raw), "tray")


@pytest.mark.parametrize("item", ["graft", "tray"])
def test_an_expired_label_is_a_hard_stop_overridden_by_two(table: Table, item: str) -> None:
    stop = table.refused(done(item, OLD), "It expired on 2026-10-01")
    assert isinstance(stop, LabelStop)
    table.refused(done(item, OLD, reason="no other", second=ANAESTHETIST), "HARD STOP")
    over = AnswerItem(item, State.OVERRIDDEN, OLD, "no other in the house")
    table.refused(over, "needs a second person")
    table.refused(AnswerItem(item, State.OVERRIDDEN, OLD, "no other", SCRUB), "surgeon or anaesthetist")
    table.refused(AnswerItem(item, State.OVERRIDDEN, OLD, "no other", NURSE), "second person")
    table.refused(AnswerItem(item, State.OVERRIDDEN, OLD, "", ANAESTHETIST), "needs a reason")
    table.say(AnswerItem(item, State.OVERRIDDEN, OLD, "no other", ANAESTHETIST))
    answer = table.run.answers[item]
    assert (answer.stops, answer.second, answer.scan["lot"]) == (("It expired on 2026-10-01.",), "a1", "A213B1")


def test_the_day_of_expiry_is_the_theatres(table: Table) -> None:
    last = f"01{GTIN}17261123"
    table.say(done("graft", last))
    tomorrow = TODAY + timedelta(days=1)
    table.refused(done("graft", last, reason="again", today=tomorrow), "It expired")


@given(st.text(max_size=500), st.sampled_from([None, "any"]))
def test_whatever_is_scanned_is_a_label_or_a_sentence(raw: str, code: str | None) -> None:
    item = Item(
        id="x", prompt="X", response="y", type=ItemType.SCAN, code=code, responders=("scrub",), evidence=("EST",)
    )
    try:
        label = read_label(item, raw, TODAY)
    except Refused:
        return
    assert label.value.isprintable()
    assert label.value.strip()
    again = read_label(item, label.value, TODAY)
    assert (again.value, again.parts) == (label.value, label.parts)
