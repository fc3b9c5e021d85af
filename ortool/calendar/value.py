"""Corrections of what the iCalendar library writes."""

from icalendar import vText


class Text(vText):
    """A TEXT value escaped as RFC 5545 section 3.3.11 says; a carriage return, which TEXT cannot hold, is a ValueError.

    `vText` takes a backslash before a capital N for a line break, which would cut a text such as `A\\New` in two.
    """

    __slots__ = ()

    def to_ical(self) -> bytes:
        """Return the escaped value in UTF-8."""
        if "\r" in self:
            raise ValueError("a calendar text holds a carriage return")
        escaped = self.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
        return escaped.encode()
