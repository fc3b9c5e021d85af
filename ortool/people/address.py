"""E-mail addresses of people."""

import re

from ortool.errors import BadInput

# Narrower than RFC 5321 allows: nothing that an address line, a URI or an iCalendar parameter reads as its own sign.
_ADDRESS = re.compile(r"[A-Za-z0-9_'+=.-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9-]{1,63}")
LONGEST = 254


def checked_address(text: str) -> str:
    """Return an e-mail address without the spaces around it. Raises BadInput for what is none."""
    found = text.strip()
    if len(found) > LONGEST or not _ADDRESS.fullmatch(found) or ".." in found or found.startswith("."):
        raise BadInput(f"{found[:40]!r} is no e-mail address.", "Write for example a.surgeon@hospital.example.")
    return found
