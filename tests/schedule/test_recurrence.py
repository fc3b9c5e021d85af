"""Series against dateutil's own expansion, over the nights when the clock changes, and every rule that is none."""

import re
import time as clock
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from ortool.errors import BadInput
from ortool.schedule.recurrence import Series, check_rule, check_times, last_day, occurs_on, windows_of
from ortool.schedule.rule_words import rule_of, words_of
from ortool.schedule.rules import days_of, read_rule
from ortool.schedule.windows import WindowKind

MONDAY = date(2026, 11, 23)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NIGHTS = st.sampled_from(
    [("Europe/Amsterdam", date(2026, 10, 25)), ("Europe/Amsterdam", date(2027, 3, 28)),
     ("America/New_York", date(2026, 11, 1)), ("America/New_York", date(2027, 3, 14)),
     ("Australia/Lord_Howe", date(2027, 4, 4)), ("Australia/Lord_Howe", date(2026, 10, 4))]
)  # fmt: skip
days = st.dates(date(2024, 1, 1), date(2029, 12, 31))
weekdays = st.sampled_from(("MO", "TU", "WE", "TH", "FR", "SA", "SU"))


def block(rule: str = "", first: date = MONDAY, starts: str = "08:00", ends: str = "16:00", **more) -> Series:
    return Series("b1", WindowKind.BLOCK, "room:OR1", first, starts, ends, rule=rule, **more)


@st.composite
def rules(draw) -> str:
    freq = draw(st.sampled_from(("DAILY", "WEEKLY", "MONTHLY", "YEARLY")))
    parts = [f"FREQ={freq}", f"INTERVAL={draw(st.integers(1, 5))}"]
    if draw(st.booleans()):
        parts.append("BYMONTH=" + ",".join(map(str, draw(st.lists(st.integers(1, 12), min_size=1, max_size=3)))))
    if freq != "WEEKLY" and draw(st.booleans()):
        parts.append(f"BYMONTHDAY={draw(st.sampled_from((1, 13, 29, 30, 31, -1, -3)))}")
    if draw(st.booleans()):
        # dateutil joins plain and counted days of the week by "and", where RFC 5545 says "or": never both here.
        counted = freq in ("MONTHLY", "YEARLY") and draw(st.booleans())
        nth = st.sampled_from(("1", "2", "5", "-1")) if counted else st.just("")
        parts.append(
            "BYDAY=" + ",".join(a + b for a, b in draw(st.lists(st.tuples(nth, weekdays), min_size=1, max_size=3)))
        )
        if freq in ("MONTHLY", "YEARLY") and draw(st.booleans()):
            parts.append(f"BYSETPOS={draw(st.sampled_from((1, 2, -1)))}")
    if draw(st.booleans()):
        parts.append(f"WKST={draw(weekdays)}")
    if draw(st.booleans()):
        parts.append(draw(st.sampled_from(("COUNT=7", "COUNT=40", "UNTIL=20281231"))))
    return ";".join(parts)


@settings(deadline=None, max_examples=60)
@given(rules(), days, st.integers(0, 900), st.integers(0, 400))
@example("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU", date(2026, 11, 25), 40, 60)
def test_days_are_those_that_dateutil_names(rule: str, first: date, later: int, length: int) -> None:
    read = read_rule(rule)
    since = first + timedelta(days=later)
    until = since + timedelta(days=length)
    # Where nothing follows, dateutil would look on to the year 9999; so the ends of the rule are kept by hand.
    endless = re.sub(";(COUNT|UNTIL)=[0-9]+", "", rule)
    assume(next(days_of(read_rule(endless), first, until + timedelta(days=1), until + timedelta(days=3000)), None))
    theirs = []
    for number, moment in enumerate(rrulestr(endless, dtstart=datetime.combine(first, time())), start=1):
        if moment.date() > min(until, read.until or until) or number > (read.count or number):
            break
        theirs.append(moment.date())
    assert list(days_of(read, first, since, until)) == [day for day in theirs if day >= since]
    assert str(read_rule(str(read))) == str(read)


@settings(deadline=None, max_examples=60)
@given(NIGHTS, st.integers(0, 47), st.integers(1, 48))
def test_a_window_over_the_night_of_the_change_is_as_long_as_it_truly_is(
    night: tuple[str, date], half_hours: int, lasts: int
) -> None:
    zone, day = ZoneInfo(night[0]), night[1]
    days_later, rest = divmod(half_hours + lasts, 48)
    begins, ends = time(half_hours // 2, half_hours % 2 * 30), time(rest // 2, rest % 2 * 30)
    series = block("FREQ=DAILY", day - timedelta(days=40), f"{begins:%H:%M}", f"{ends:%H:%M}", days=days_later)
    found = windows_of(series, day - timedelta(days=1), day + timedelta(days=1), zone, day)
    assert len(found) >= 2
    for window in found:
        for moment, wanted in ((window.span.start, begins), (window.span.end, ends)):
            local = moment.astimezone(zone)
            assert moment.tzinfo is UTC
            assert local.time() == wanted or _skips(zone, local.date(), wanted)
            assert local.fold == 0


def _skips(zone: ZoneInfo, day: date, wanted: time) -> bool:
    local = datetime.combine(day, wanted, tzinfo=zone)
    return local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None)


@pytest.mark.parametrize(
    ("zone", "night", "hours"),
    [
        ("Europe/Amsterdam", date(2026, 10, 24), 11), ("Europe/Amsterdam", date(2027, 3, 27), 9),
        ("America/New_York", date(2026, 10, 31), 11), ("America/New_York", date(2027, 3, 13), 9),
        ("Australia/Lord_Howe", date(2027, 4, 3), 10.5), ("Australia/Lord_Howe", date(2026, 10, 3), 9.5),
    ],
)  # fmt: skip
def test_a_night_block_is_longer_in_autumn_and_shorter_in_spring(zone: str, night: date, hours: float) -> None:
    series = block("FREQ=WEEKLY", night - timedelta(days=14), "21:00", "07:00", days=1)
    [window] = windows_of(series, night, night, ZoneInfo(zone), night)
    assert window.span.length == timedelta(hours=hours)
    assert windows_of(series, night + timedelta(days=1), night + timedelta(days=1), ZoneInfo(zone), night) == [window]


def test_a_time_that_the_clock_skips_leaves_no_window() -> None:
    spring = date(2027, 3, 28)
    assert windows_of(block(first=spring, starts="02:15", ends="02:45"), spring, spring, AMSTERDAM, spring)[
        0
    ].span.length == timedelta(minutes=30)
    assert windows_of(block(first=spring, starts="02:30", ends="03:15"), spring, spring, AMSTERDAM, spring) == []


def test_midnight_ends_a_day_and_touches_no_other() -> None:
    series = block(starts="16:00", ends="24:00")
    [window] = windows_of(series, MONDAY, MONDAY, AMSTERDAM, MONDAY)
    assert window.span.length == timedelta(hours=8)
    assert windows_of(series, MONDAY + timedelta(days=1), MONDAY + timedelta(days=9), AMSTERDAM, MONDAY) == []


def test_one_day_is_cancelled_another_moved_and_the_rest_stand() -> None:
    changes = {MONDAY + timedelta(days=7): None, MONDAY + timedelta(days=14): ("12:00", 0, "18:00")}
    series = block("FREQ=WEEKLY;COUNT=4", changes=changes)
    found = windows_of(series, MONDAY, MONDAY + timedelta(days=60), AMSTERDAM, MONDAY)
    assert [(w.span.start.astimezone(AMSTERDAM).day, w.span.start.astimezone(AMSTERDAM).hour) for w in found] == [
        (23, 8), (7, 12), (14, 8)
    ]  # fmt: skip
    assert occurs_on(series, MONDAY + timedelta(days=7))
    assert not occurs_on(series, MONDAY + timedelta(days=28))
    assert last_day(series) == MONDAY + timedelta(days=21)


def test_a_block_is_released_so_many_days_before_and_leave_never() -> None:
    def released(series: Series, today: date) -> bool:
        return windows_of(series, MONDAY, MONDAY, AMSTERDAM, today)[0].released

    owned = block(release_days=14, owner="person:s1")
    assert not released(owned, MONDAY - timedelta(days=15))
    assert released(owned, MONDAY - timedelta(days=14))
    assert not released(block(owner="person:s1"), MONDAY)
    leave = Series("l1", WindowKind.LEAVE, "person:s1", MONDAY, "00:00", "24:00", release_days=14)
    assert not released(leave, MONDAY)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=SECONDLY", "refused"), ("FREQ=MINUTELY", "refused"), ("FREQ=HOURLY;INTERVAL=24", "refused"),
        ("FREQ=DAILY;BYHOUR=9", "BYHOUR"), ("FREQ=DAILY;BYMINUTE=9", "BYMINUTE"), ("FREQ=DAILY;BYSECOND=9", "BYSECOND"),
        ("FREQ=WEEKLY;BYDAY=MO;BYSETPOS=1", "BYSETPOS"), ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS"),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0", "BYSETPOS"), ("FREQ=DAILY;COUNT=0", "COUNT"),
        ("FREQ=DAILY;COUNT=1001", "COUNT"), ("FREQ=DAILY;UNTIL=20261122", "before it begins"),
        ("FREQ=DAILY;UNTIL=20261341", "not a day"), ("FREQ=DAILY;INTERVAL=0", "INTERVAL"),
        ("FREQ=DAILY;INTERVAL=-1", "INTERVAL"), ("FREQ=DAILY;INTERVAL=1,2", "more than one"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20270101", "both"), ("FREQ=DAILY" + ";" * 300, "too long"), ("", "cannot say"),
        ("nonsense", "cannot say"), ("FREQ=SOMETIMES", "FREQ"), ("FREQ=DAILY;FREQ=DAILY", "twice"),
        ("FREQ=WEEKLY;BYDAY=1MO", "count"), ("FREQ=MONTHLY;BYDAY=0MO", "BYDAY"), ("FREQ=WEEKLY;BYDAY=XX", "BYDAY"),
        ("FREQ=MONTHLY;BYDAY=9MO", "count"), ("FREQ=WEEKLY;BYMONTHDAY=1", "weekly"), ("FREQ=WEEKLY;WKST=X", "WKST"),
        ("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30", "no day"), ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "no day"),
        ("FREQ=YEARLY;INTERVAL=99;BYMONTH=2;BYMONTHDAY=31", "no day"), ("FREQ=YEARLY;BYWEEKNO=3", "BYWEEKNO"),
        ("FREQ=MONTHLY;BYMONTHDAY=٣", "number"),
    ],
)  # fmt: skip
def test_a_rule_that_is_none_is_refused_in_a_sentence_and_at_once(rule: str, words: str) -> None:
    begun = clock.monotonic()
    with pytest.raises(BadInput) as refused:
        check_rule(rule, MONDAY)
    assert words in refused.value.message
    assert refused.value.message.count(". ") == 0
    assert clock.monotonic() - begun < 0.5


def test_every_expansion_is_bounded() -> None:
    begun = clock.monotonic()
    for rule in ("FREQ=DAILY;COUNT=1000", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;BYDAY=MO;BYSETPOS=-1"):
        windows_of(block(rule, date(1990, 1, 1)), MONDAY, MONDAY + timedelta(days=6), AMSTERDAM, MONDAY)
    assert clock.monotonic() - begun < 0.5
    with pytest.raises(BadInput):
        windows_of(block("FREQ=DAILY"), MONDAY, MONDAY + timedelta(days=4000), AMSTERDAM, MONDAY)
    assert (
        windows_of(
            block("FREQ=DAILY", date.max), date.max - timedelta(days=9), date.max - timedelta(days=8), AMSTERDAM, MONDAY
        )
        == []
    )
    assert list(days_of(read_rule("FREQ=DAILY"), date.max, date.max, date.max)) == [date.max]


@pytest.mark.parametrize(
    "times", [("8", 0, "9"), ("24:00", 0, "24:00"), ("25:00", 0, "26:00"), ("09:00", 0, "09:00"), ("09:00", 0, "08:00"),
              ("09:00", -1, "10:00"), ("09:00", 1100, "10:00"), ("09:00", 0, "24:30"), ("٠٩:٠٠", 0, "10:00")]
)  # fmt: skip
def test_times_without_a_length_are_refused(times) -> None:
    with pytest.raises(BadInput):
        check_times(times)


def test_times_take_one_form() -> None:
    assert check_times(("8:00", 0, "24:00")) == ("08:00", 0, "24:00")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("", "once"), ("FREQ=DAILY", "every day"), ("FREQ=DAILY;INTERVAL=3", "every 3rd day"),
        ("FREQ=WEEKLY", "every Monday"), ("FREQ=WEEKLY;BYDAY=MO,WE", "every Monday and Wednesday"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every weekday"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "every 2nd week on Tuesday"),
        ("FREQ=WEEKLY;BYDAY=MO;COUNT=4", "every Monday, 4 times"),
        ("FREQ=WEEKLY;BYDAY=MO;UNTIL=20270101", "every Monday until 1 January 2027"),
        ("FREQ=MONTHLY;BYDAY=1MO", "every month on the first Monday"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "every month on the last Friday"),
        ("FREQ=MONTHLY", "every month on day 23"), ("FREQ=MONTHLY;BYMONTHDAY=-1", "every month on the last day"),
        ("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25,26", "every year on 25 December and 26 December"),
        ("FREQ=YEARLY;BYMONTH=9;BYDAY=1MO", "every year on the first Monday of September"),
        ("FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1", "FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1"),
    ],
)  # fmt: skip
def test_a_rule_is_said_in_words(rule: str, words: str) -> None:
    assert words_of(rule, MONDAY) == words


@given(st.sets(st.sampled_from(("mon", "tue", "wed", "thu", "fri", "sat", "sun")), min_size=1), st.integers(1, 9))
def test_what_people_type_is_a_rule_that_says_the_same(typed: set[str], weeks: int) -> None:
    rule = rule_of(",".join(typed), weeks)
    assert check_rule(rule, MONDAY) == rule
    words = words_of(rule, MONDAY)
    assert words.startswith("every ")
    assert all(day.capitalize() in words for day in typed) or "weekday" in words
    assert weeks == 1 or f"{weeks}" in words


@pytest.mark.parametrize(("typed", "weeks"), [("t", 1), ("noday", 1), ("", 1), ("mon", 0), ("day", 2), ("mon,,wed", 1)])
def test_what_is_no_day_of_the_week_is_refused(typed: str, weeks: int) -> None:
    with pytest.raises(BadInput):
        rule_of(typed, weeks)


def test_each_short_word_is_a_rule() -> None:
    assert [rule_of(word) for word in ("day", "weekday", "month", "Tues")] == [
        "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "FREQ=MONTHLY", "FREQ=WEEKLY;BYDAY=TU"
    ]  # fmt: skip
