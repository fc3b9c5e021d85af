"""One line of search, as it is typed behind `/`: `surgeon:su1 level:L4-5 lot:A213 kinked drain`."""

import difflib
from datetime import date, timedelta

from ortool.caselog.found import Wanted
from ortool.errors import BadInput
from ortool.schedule.wall_time import read_date
from ortool.services.finding import procedure_called, room_called, surgeon_called
from ortool.services.theatre import Theatre
from ortool.text import clean

FIELDS = ("surgeon", "procedure", "room", "level", "event", "lot", "day", "days", "unsigned")
_LONGEST = 3_660


def wanted_from(theatre: Theatre, text: str) -> Wanted:
    """Return what a line of search asks for; what has no field is searched in notes. Raises BadInput."""
    fields: dict[str, str] = {}
    words = []
    for part in clean(text).split():
        name, colon, value = part.partition(":")
        if not colon:
            words.append(part)
            continue
        if name not in FIELDS:
            near = difflib.get_close_matches(name, FIELDS, n=1)
            hint = f"Did you mean {near[0]}:?" if near else f"Fields: {', '.join(FIELDS)}."
            raise BadInput(f"{clean(name, 30)!r} is no field of a search.", hint)
        # A blank in a name is typed as an underscore.
        fields[name] = value.replace("_", " ")
    first, last = _days(fields)
    return Wanted(
        first,
        last,
        surgeon_called(theatre, fields["surgeon"]) if "surgeon" in fields else "",
        procedure_called(theatre, fields["procedure"]) if "procedure" in fields else "",
        fields.get("level", ""),
        room_called(theatre, fields["room"]) if "room" in fields else "",
        fields.get("event", "").replace(" ", "_"),
        fields.get("lot", ""),
        " ".join(words),
        "unsigned" in fields,
    )


def _days(fields: dict[str, str]) -> tuple[date | None, date | None]:
    if "day" not in fields:
        if "days" in fields:
            raise BadInput("From which day?", "Add for example day:2026-11-01.")
        return None, None
    first, count = read_date(fields["day"]), fields.get("days", "1")
    if not (count.isascii() and count.isdigit() and 1 <= int(count[:6]) <= _LONGEST):
        raise BadInput(f"{clean(count, 20)!r} is no number of days.", f"Write 1 to {_LONGEST}.")
    return first, first + timedelta(days=int(count) - 1)
