"""The sample theatre with a waiting list longer than what is open in one week of December, for the plan of a week."""

from datetime import date, timedelta

from ortool.schedule.recurrence import Series
from ortool.schedule.windows import WindowKind
from ortool.services import booking, series
from ortool.services.setup import SYSTEM
from ortool.services.theatre import Theatre
from tests.tui.a_week import at, waits

MONDAY = date(2026, 12, 7)
KINDS = (
    ("microdiscectomy", "L4-5", "left"),
    ("tlif", "L5-S1", ""),
    ("lumbar-decompression", "L3-4", "both"),
    ("dynamic-stabilisation", "L4-5", ""),
)


def with_a_long_list(theatre: Theatre, many: int = 21) -> None:
    """Leave OR2 open on three days and OR3 on two, with two cases in them; more wait than fit.

    One is urgent, and its surgeon is away.
    """
    closed = [("OR1", 7, 7), ("OR4", 7, 7), ("OR2", 9, 1), ("OR2", 11, 1), ("OR3", 8, 4)]
    for room, day, days in closed:
        times = date(2026, 12, day), "00:00", "24:00"
        rule = f"FREQ=DAILY;COUNT={days}"
        series.set_series(theatre, SYSTEM, Series("", WindowKind.CLOSURE, f"room:{room}", *times, rule=rule))
    away = Series("", WindowKind.LEAVE, "person:sp1", MONDAY, "00:00", "24:00", rule="FREQ=DAILY;COUNT=7")
    series.set_series(theatre, SYSTEM, away)
    for number in range(1, many + 1):
        kind, levels, side = KINDS[number % len(KINDS)]
        waits(
            theatre, number, kind, ("sp2", "sp3", "sp2")[number % 3], levels=levels, side=side,
            priority=1 + number % 4, since=date(2026, 9, number), due=date(2026, 12, 1 + 3 * number % 28),
        )  # fmt: skip
    waits(
        theatre, 99, "microdiscectomy", "sp1", levels="L5-S1", side="right", priority=1, urgency="urgent",
        since=date(2026, 11, 20), due=date(2026, 12, 9),
    )  # fmt: skip
    standing = [waits(theatre, 200 + n, "microdiscectomy", "sp2", levels="L4-5", side="left") for n in range(2)]
    booking.book(theatre, SYSTEM, standing[0].id, "OR2", at(8) + timedelta(days=13), 90)
    booking.book(theatre, SYSTEM, standing[1].id, "OR2", at(10) + timedelta(days=14), 60, hold=True)
