"""A series with every kind of exception, a phase and a visit, and calendars of them."""

from datetime import UTC, date, datetime

from ortool.calendar import CALENDAR_TAIL, Audience, calendar_head
from ortool.calendar.parts import PhaseEvent, VisitEvent, render_phase, render_visit
from ortool.calendar.series import SeriesEvent, SeriesKind, SeriesOverride, render_series, zone_of
from tests.calendar.samples import AMSTERDAM, AS_OF, SITE, SLOT

FIRST, LAST = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
BLOCK = SeriesEvent(
    series_id="0b7e64c8-52c5-4d1c-8a55-1f7e9a3f2b02",
    revision=2,
    changed_at=AS_OF,
    kind=SeriesKind.BLOCK,
    zone=AMSTERDAM,
    start=datetime(2026, 3, 1, 1, 15),
    end=datetime(2026, 3, 1, 4, 45),
    rule="FREQ=WEEKLY;BYDAY=SU,TU;UNTIL=20261231",
    excluded=(datetime(2026, 3, 10, 1, 15),),
    overrides=(SeriesOverride(datetime(2026, 3, 17, 1, 15), datetime(2026, 3, 18, 5, 0), datetime(2026, 3, 18, 7, 0)),),
    room_id="OR2",
    room_name="OR 2",
    service="spine",
    owner="Dr Femke Oosterhuis",
    title="Only with\r\nATTENDEE:mailto:x@example.org",
)

PHASE = PhaseEvent(SLOT, "P7", "Decompression", SLOT.start, SLOT.end, True, False, 4, AS_OF)
VISIT = VisitEvent(SLOT, "visit-2-weeks", "2-week visit", date(2026, 11, 17), False, 4, AS_OF)


def whole(*parts: bytes) -> bytes:
    return calendar_head(name="Suite", as_of=AS_OF, zone=AMSTERDAM) + b"".join(parts) + CALENDAR_TAIL


def beside_slots(audience: Audience) -> bytes:
    """Return a calendar of all that is no slot, as far as the audience reads it."""
    parts = [zone_of(BLOCK, AS_OF) or b"", render_series(BLOCK, audience, SITE, FIRST, LAST)]
    if audience is not Audience.BUSY:
        parts.append(render_phase(PHASE, audience, SITE))
    return whole(*parts, render_visit(VISIT, audience, SITE))
