"""The zones that calendars name: IANA's, Windows', or one that somebody at the terminal says."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ortool.errors import BadInput
from ortool.text import clean


class Zones:
    """Finds zones by the names of one file. `floating` is what is meant by an unknown one, and by none."""

    def __init__(self, floating: ZoneInfo | None, hint: str = "") -> None:
        self._floating = floating
        self._hint = hint
        self._known: dict[str, ZoneInfo] = {}

    def find(self, name: str) -> ZoneInfo:
        """Return the zone of a TZID, empty for a time that says none. Raises BadInput where nobody says what it is."""
        if name not in self._known:
            self._known[name] = self._found(name)
        return self._known[name]

    def _found(self, name: str) -> ZoneInfo:
        zone = resolve(name) or self._floating
        if zone is not None:
            return zone
        says = f" The calendar itself names {clean(self._hint, 40)}." if self._hint else ""
        what = f"in the unknown zone {clean(name, 40)!r}" if name else "without a zone"
        raise BadInput(f"The calendar has times {what}.", f"Say which is meant: --zone Europe/Amsterdam.{says}")


def resolve(name: str) -> ZoneInfo | None:
    """Return the zone of an IANA or a Windows name, also behind a vendor's path; None for any other."""
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    plain = name.strip().strip('"')
    parts = plain.strip("/").split("/")
    for one in (WINDOWS_TO_OLSON.get(plain, plain), "/".join(parts[-2:]), "/".join(parts[-3:])):
        if not one or len(one) > 60 or one.lower() in ("localtime", "factory"):
            continue
        try:
            return ZoneInfo(one)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return None
