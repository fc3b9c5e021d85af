"""Foreign calendars: read as another expansion reads them, and everything hostile refused in a sentence, soon."""

import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from hypothesis import given, settings
from hypothesis import strategies as st

from ortool.calendar import reading
from ortool.calendar.reading import Busy, read_calendar
from ortool.errors import BadInput
from ortool.schedule.recurrence import Series, windows_of
from ortool.schedule.windows import WindowKind

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
FIRST, LAST = date(2026, 10, 1), date(2027, 4, 30)


def event(*lines: str, uid: str = "u1") -> str:
    return "\r\n".join(
        ["BEGIN:VEVENT", *([f"UID:{uid}"] if uid else []), "DTSTAMP:20260101T000000Z", *lines, "END:VEVENT"]
    )


def calendar(*events: str, head: str = "") -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *([head] if head else []), *events, "END:VCALENDAR", ""]
    return "\r\n".join(lines).encode()


def read(*events: str, **more) -> tuple[Busy, ...]:
    return read_calendar(calendar(*events), AMSTERDAM, FIRST, LAST, **more).busy


def spans(busy: tuple[Busy, ...], zone: ZoneInfo = AMSTERDAM) -> list[tuple[datetime, datetime]]:
    found = []
    for one in busy:
        series = Series("x", WindowKind.CLOSURE, "all", one.first_day, one.starts, one.ends, one.days)
        for window in windows_of(series, one.first_day, one.first_day, zone, one.first_day):
            found.append((window.span.start, window.span.end))
    return sorted(found)


@settings(deadline=None, max_examples=25)
@given(
    st.sampled_from(("Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "UTC")),
    st.datetimes(datetime(2026, 9, 1), datetime(2027, 1, 4)).map(
        lambda at: at.replace(second=0, microsecond=0, minute=at.minute // 5 * 5)
    ),
    st.integers(1, 60).map(lambda fives: fives * 5),
    st.sampled_from(
        ("", "FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY;COUNT=20", "FREQ=MONTHLY", "FREQ=DAILY;UNTIL=20270105T120000Z")
    ),
)
def test_events_are_expanded_as_another_library_expands_them(zone: str, at: datetime, minutes: int, rule: str) -> None:
    local = at.replace(tzinfo=ZoneInfo(zone))
    if (
        local.astimezone(UTC).astimezone(local.tzinfo).replace(tzinfo=None) != at
        or local.replace(fold=1).utcoffset() != local.utcoffset()
    ):
        return  # libraries differ where a time is skipped or happens twice; other tests say what is meant here
    start = f"DTSTART;TZID={zone}:{at:%Y%m%dT%H%M%S}" if zone != "UTC" else f"DTSTART:{at:%Y%m%dT%H%M%SZ}"
    data = calendar(event(start, f"DURATION:PT{minutes}M", *([f"RRULE:{rule}"] if rule else []), "SUMMARY:x"))
    ours = spans(read_calendar(data, AMSTERDAM, FIRST, LAST).busy)
    begins, ends = (datetime.combine(day, datetime.min.time(), AMSTERDAM) for day in (FIRST, LAST + timedelta(days=1)))
    theirs = []
    for one in recurring_ical_events.of(icalendar.Calendar.from_ical(data)).between(begins, ends):
        first = one["DTSTART"].dt.astimezone(UTC)
        theirs.append((first, first + timedelta(minutes=minutes)))
    skipped = {
        (a, b) for a, b in {*ours} ^ {*theirs} if _near_a_change(a, local.tzinfo) or _near_a_change(a, AMSTERDAM)
    }
    assert {*ours} - skipped == {*theirs} - skipped
    assert len(skipped) <= 4


def _near_a_change(at: datetime, zone: ZoneInfo) -> bool:
    hours = (at - timedelta(hours=8), at + timedelta(hours=8))
    return len({one.astimezone(zone).utcoffset() for one in hours}) == 2


def test_a_day_a_stretch_of_days_an_exception_and_a_moved_occurrence() -> None:
    found = read(
        event("DTSTART;VALUE=DATE:20261225", "SUMMARY:Christmas\\, all day"),
        event("DTSTART;VALUE=DATE:20261221", "DTEND;VALUE=DATE:20261228", uid="u2"),
        event(
            "DTSTART:20261102T090000Z",
            "DTEND:20261102T100000Z",
            "RRULE:FREQ=WEEKLY;COUNT=4",
            "EXDATE:20261109T090000Z",
            uid="u3",
        ),
        event("RECURRENCE-ID:20261116T090000Z", "DTSTART:20261117T120000Z", "DURATION:PT2H", uid="u3"),
        event("RECURRENCE-ID:20261123T090000Z", "DTSTART:20261123T090000Z", "STATUS:CANCELLED", uid="u3"),
        event("DTSTART;VALUE=DATE:20261111", "STATUS:CANCELLED", uid="u4"),
    )
    assert [(one.uid, one.first_day, one.starts, one.days, one.ends) for one in found] == [
        ("u3", date(2026, 11, 2), "10:00", 0, "11:00"), ("u3", date(2026, 11, 17), "13:00", 0, "15:00"),
        ("u2", date(2026, 12, 21), "00:00", 6, "24:00"), ("u1", date(2026, 12, 25), "00:00", 0, "24:00"),
    ]  # fmt: skip
    assert found[-1].title == "Christmas, all day"
    assert found[1].occurrence == "20261116T090000Z"


def test_the_hour_that_happens_twice_is_never_shorter_than_the_event() -> None:
    found = read(event("DTSTART:20261025T003000Z", "DTEND:20261025T013000Z"))
    [(start, end)] = spans(found)
    assert start <= datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert end >= datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_the_newest_of_two_with_one_uid_counts_and_free_time_can_be_left_out() -> None:
    old = event("DTSTART;VALUE=DATE:20261225", "SEQUENCE:1")
    new = event("DTSTART;VALUE=DATE:20261226", "SEQUENCE:2")
    assert [one.first_day.day for one in read(new, old)] == [26]
    free = calendar(event("DTSTART;VALUE=DATE:20261225", "TRANSP:TRANSPARENT"))
    assert len(read_calendar(free, AMSTERDAM, FIRST, LAST).busy) == 1
    told = read_calendar(free, AMSTERDAM, FIRST, LAST, with_free=False)
    assert (told.busy, told.free) == ((), 1)


def test_zones_by_windows_names_resolve_and_unknown_ones_are_asked_for() -> None:
    def starts(zone: str, **more) -> str:
        return read(event(f"DTSTART;TZID={zone}:20261124T080000", "DURATION:PT1H"), **more)[0].starts

    assert starts("W. Europe Standard Time") == "08:00"
    assert starts("Eastern Standard Time") == "14:00"
    assert starts("/freeassociation.sourceforge.net/America/New_York") == "14:00"
    assert starts('"America/Argentina/Buenos_Aires"') == "12:00"
    with pytest.raises(BadInput, match="unknown zone 'Customized Time Zone'") as refused:
        starts("Customized Time Zone")
    assert "--zone" in refused.value.hint
    assert starts("Customized Time Zone", floating=ZoneInfo("America/New_York")) == "14:00"
    naive = calendar(event("DTSTART:20261124T080000", "DURATION:PT1H"), head="X-WR-TIMEZONE:America/New_York")
    with pytest.raises(BadInput, match="without a zone") as refused:
        read_calendar(naive, AMSTERDAM, FIRST, LAST)
    assert "America/New_York" in refused.value.hint
    assert read_calendar(naive, AMSTERDAM, FIRST, LAST, floating=AMSTERDAM).busy[0].starts == "08:00"


DAY = "DTSTART;VALUE=DATE:20261225"
HOSTILE = {
    "cut": (calendar(event(DAY))[:-20], "cut off"),
    "cut inside an event": (calendar(event(DAY))[:60], "cut off"),
    "a web page": (b"<!DOCTYPE html><html></html>", "no iCalendar"),
    "empty": (b"", "empty"),
    "not UTF-8": (calendar(event(DAY)).replace(b"PRODID:x", b"PRODID:\xff"), "UTF-8"),
    "crossed": (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\nEND:VEVENT\nEND:VCALENDAR", "do not close"),
    "an event outside": (b"BEGIN:VCALENDAR\nEND:VCALENDAR\nBEGIN:VEVENT\nEND:VEVENT\nBEGIN:VCALENDAR\nEND:VCALENDAR", "do not lie"),
    "no uid": (calendar(event(DAY, uid="")), "no UID"),
    "no start": (calendar(event("SUMMARY:x")), "no start"),
    "no day": (calendar(event("DTSTART;VALUE=DATE:20261332")), "time that is none"),
    "year one": (calendar(event("DTSTART:00010101T000000Z")), "time that is none"),
    "backwards": (calendar(event("DTSTART:20261124T080000Z", "DTEND:20261124T070000Z")), "ends before"),
    "for ever": (calendar(event("DTSTART:20261124T080000Z", "DTEND:20361124T070000Z")), "three years"),
    "a day to a time": (calendar(event(DAY, "DTEND:20261226T000000Z")), "other way round"),
    "a length of words": (calendar(event(DAY, "DURATION:long")), "DURATION"),
    "each second": (calendar(event("DTSTART:20261124T080000Z", "DURATION:PT1S", "RRULE:FREQ=SECONDLY")), "SECONDLY"),
    "each minute": (calendar(event("DTSTART:20261124T080000Z", "DURATION:PT1S", "RRULE:FREQ=MINUTELY")), "MINUTELY"),
    "each hour": (calendar(event("DTSTART:20261124T080000Z", "DURATION:PT1S", "RRULE:FREQ=HOURLY")), "HOURLY"),
    "an hour by its rule": (calendar(event(DAY, "RRULE:FREQ=DAILY;BYHOUR=1,2,3,4")), "BYHOUR"),
    "a period": (calendar(event(DAY, "RDATE;VALUE=PERIOD:20261124T080000Z/PT1H")), "RDATE"),
    "all that follow": (calendar(event(DAY, "RECURRENCE-ID;RANGE=THISANDFUTURE:20261225")), "RANGE"),
    "an old rule": (calendar(event(DAY, "EXRULE:FREQ=DAILY")), "EXRULE"),
    "50 MB": (b"BEGIN:VCALENDAR\n" + b"X" * 50_000_000, "more than 4 MB"),
    "one line of 4 MB": (calendar(event(DAY, "DTSTART;" + "A=b;" * 1_000_000)), "cannot be read"),
    "folded a million times": (b"BEGIN:VCALENDAR\nX:" + b"\n " * 2_000_000, "cut off"),
    "deep": (b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\n" * 250_000 + b"END:VCALENDAR", "do not lie"),
    "many events": (calendar(*["BEGIN:VEVENT\nUID:a\nDTSTART:20261124\nEND:VEVENT"] * 30_000), "more than 20000 events"),
    "many days": (calendar(*[event(DAY, "RRULE:FREQ=DAILY", uid=f"u{n}") for n in range(2_000)]), "more than 5000"),
    "many counted rules": (
        calendar(*[event("DTSTART;VALUE=DATE:19000101", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=9", uid=f"u{n}") for n in range(15_000)]),
        "longer than",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_calendar_is_refused_in_a_sentence_and_soon(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data, words = HOSTILE[name]
    if name == "many counted rules":
        monkeypatch.setattr(reading, "SECONDS", 0.5)
    begun = time.monotonic()
    with pytest.raises(BadInput) as refused:
        read_calendar(data, AMSTERDAM, FIRST, LAST)
    assert words in refused.value.message
    assert len(refused.value.message) < 200
    assert time.monotonic() - begun < 5


def test_what_is_refused_takes_less_than_200_mb() -> None:
    line = "BEGIN:VEVENT\nUID:a%d\nDTSTART:20261124T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY\nEND:VEVENT\n"
    program = (
        "import sys\nfrom datetime import date\nfrom zoneinfo import ZoneInfo\nfrom ortool.calendar.reading import read_calendar\n"
        f"line = {line!r}\nevents = ''.join(line % n for n in range(19_000))\n"
        "pad = 'X-PAD:' + 'x' * (4_100_000 - len(events)) + '\\n'\n"
        "data = ('BEGIN:VCALENDAR\\n' + pad + events + 'END:VCALENDAR\\n').encode()\n"
        "try:\n    read_calendar(data, ZoneInfo('Europe/Amsterdam'), date(2026, 10, 1), date(2027, 4, 30))\n"
        "except Exception as error:\n    print(error)\n"
        "peak = next(x for x in open('/proc/self/status') if x.startswith('VmHWM'))\nprint(int(peak.split()[1]) // 1024)\n"
    )
    begun = time.monotonic()
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    assert "more than 5000" in told[0] or "longer than" in told[0]
    assert int(told[1]) < 200
    assert time.monotonic() - begun < 8


def test_a_rule_that_never_occurs_leaves_its_own_start_alone() -> None:
    assert len(read(event(DAY, "RRULE:FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30"))) == 1
