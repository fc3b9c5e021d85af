"""What people type on a command line: files, days, times and people, each fault with its sentence."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ortool.errors import BadInput
from ortool.reading import read_plain

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from ortool.checklist.commands import Voice
    from ortool.services.theatre import Theatre

LARGEST = 8 * 1024 * 1024
SOON = timedelta(minutes=1)


def read_bytes(path: Path) -> bytes:
    """Return the content of a file. Raises BadInput that names it."""
    try:
        return read_plain(path, LARGEST)
    except FileNotFoundError:
        raise BadInput(f"There is no file {path}.", "Check the name.") from None
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.", "Is it the right file?") from None


def read_utf8(path: Path) -> str:
    """Return the text of a file. Raises BadInput that names it."""
    try:
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 text (byte {error.start + 1}).", "Save it as UTF-8.") from None


def read_when(text: str, zone: ZoneInfo) -> datetime:
    """Return the UTC instant of local `YYYY-MM-DD HH:MM`. Raises BadInput where it is none, or two."""
    from ortool.schedule.wall_time import read_date, read_instant

    day, _, clock = text.strip().replace("T", " ", 1).partition(" ")
    if not clock.strip():
        raise BadInput(f"{text[:40]!r} is no date and time.", 'Write "YYYY-MM-DD HH:MM".')
    moment = read_instant(clock.strip(), read_date(day), zone)
    assert moment is not None
    return moment


def read_occurred(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the UTC instant of a past `HH:MM` (yesterday's where today's is still to come), None for ''."""
    from ortool.schedule.wall_time import read_instant

    if not text.strip():
        return None
    if len(text.strip()) > 14 or " " in text.strip():
        return read_when(text, zone)
    today = now.astimezone(zone).date()
    moment = read_instant(text, today, zone)
    assert moment is not None
    return moment if moment <= now + SOON else read_instant(text, today - timedelta(days=1), zone)


def read_day(text: str, theatre: Theatre) -> date:
    """Return a day: `today`, `tomorrow` or YYYY-MM-DD. Raises BadInput."""
    from ortool.schedule.wall_time import read_date

    today = theatre.now().astimezone(theatre.settings.zone).date()
    words = {"": today, "today": today, "tomorrow": today + timedelta(days=1), "yesterday": today - timedelta(days=1)}
    return words[text.strip()] if text.strip() in words else read_date(text)


def second_of(theatre: Theatre, text: str) -> Voice | None:
    """Return the second person as a run knows one, None for ''. Raises BadInput."""
    from ortool.services.people import find_person
    from ortool.services.running import voice_of

    return voice_of(find_person(theatre, text)) if text.strip() else None


def pairs(texts: list[str], example: str) -> dict[str, str]:
    """Return `name=value` arguments as a mapping. Raises BadInput."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise BadInput(f"{text[:40]!r} is no pair.", f"Write for example {example}.")
        if name.strip() in found:
            raise BadInput(f"{name.strip()[:40]!r} is given twice.", "Keep one.")
        found[name.strip()] = value.strip()
    return found
