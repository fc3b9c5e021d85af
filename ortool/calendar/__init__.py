"""HOW OTHERS SEE IT: slots as iCalendar bytes."""

from ortool.calendar.event import Audience, SlotEvent, Staff
from ortool.calendar.export import (
    CALENDAR_TAIL,
    RENDERER,
    calendar_head,
    event_uid,
    render_calendar,
    render_event,
)

__all__ = [
    "CALENDAR_TAIL",
    "RENDERER",
    "Audience",
    "SlotEvent",
    "Staff",
    "calendar_head",
    "event_uid",
    "render_calendar",
    "render_event",
]
