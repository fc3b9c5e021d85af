"""One slot whose every text is unlike any other word of a calendar, and short ways to render it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ortool.calendar import Audience, SlotEvent, Staff, render_calendar

SITE = "St Elsewhere"
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
AS_OF = datetime(2026, 11, 2, 16, 5, 9, tzinfo=UTC)

SLOT = SlotEvent(
    slot_id="6f1c2f0a-6a1d-4f0e-9f43-0d6b1a6f7c11",
    revision=3,
    start=datetime(2026, 11, 3, 7, 30, tzinfo=UTC),
    end=datetime(2026, 11, 3, 11, 0, tzinfo=UTC),
    changed_at=AS_OF,
    cancelled=False,
    room_id="OR2",
    room_name="OR 2",
    case_number=4711,
    procedure="Decompression of stenosis",
    specialty="spine",
    patient_name="Wilhelmina Quackenbush",
    born=date(1951, 4, 23),
    hospital_number="HN-8830-2217",
    people=(Staff("surgeon", "Dr Femke Oosterhuis"), Staff("scrub nurse", "Björn Ångström")),
    levels="L4/L5",
    side="left-sided",
    urgency="expedited",
    notes="Known spondylodiscitis.\nAllergic to chlorhexidine.",
)


def slot(**changes: Any) -> SlotEvent:
    """Return the sample slot with `changes`."""
    return replace(SLOT, **changes)


def calendar(*events: SlotEvent, audience: Audience = Audience.SLOT, **changes: Any) -> bytes:
    """Return `events` as a calendar of the sample theatre."""
    settings: dict[str, Any] = {"site": SITE, "name": "Theatre suite", "as_of": AS_OF, "zone": AMSTERDAM} | changes
    return render_calendar(events, audience=audience, **settings)


GOLDEN = (
    SLOT,
    slot(
        slot_id="0b7e64c8-52c5-4d1c-8a55-1f7e9a3f2b02",
        revision=0,
        start=datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        end=datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
        tentative=True,
        room_id="Z,5;B\\N 🏥",
        room_name="Zaal, 5; B\\Noord 🏥",
        specialty="neurochirurgie für Kinder, mit einem Namen, der länger ist als eine Zeile",
    ),
    slot(slot_id="c4c0a9de-3f0f-4d38-9a0c-7be2f5a1d903", revision=9, cancelled=True),
)
"""A plain slot, one in the repeated autumn hour whose texts need every escape, and a cancelled one."""
