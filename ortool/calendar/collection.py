"""A calendar on a CalDAV server (RFC 4791): one resource for each slot, written only over what we last put there."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from icalendar import Calendar

from ortool.calendar.export import CALENDAR_TAIL, event_uid, resource_head
from ortool.errors import BadInput, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT_SECONDS = 20
_CALENDAR = {"Content-Type": "text/calendar; charset=utf-8"}
_ASKED = (
    '<?xml version="1.0" encoding="utf-8"?><d:propfind xmlns:d="DAV:"><d:prop><d:resourcetype/></d:prop></d:propfind>'
)
# What a server may write in its own way; all else of an event has to come back as it was sent.
_SAME = ("UID", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "STATUS", "LOCATION", "DESCRIPTION")


class Changed(Exception):
    """The resource is not what was last put there: somebody else changed, made or removed it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands in the collection: the server's tag of it and its bytes."""

    etag: str
    data: bytes


def resource_name(site: str, slot_id: str) -> str:
    """Return the name of a slot's resource: the same through every move, as its UID is."""
    return f"{event_uid(site, slot_id).partition('@')[0]}.ics"


def resource_of(event: bytes) -> bytes:
    """Return one event as a resource: a calendar of its own, without a METHOD (RFC 4791 section 4.1)."""
    return resource_head() + event + CALENDAR_TAIL


def says_the_same(one: bytes, other: bytes) -> bool:
    """Whether two resources say the same of a slot, however a server has rewritten them."""
    try:
        events = [Calendar.from_ical(data).events for data in (one, other)]
        words = [[event[0].get(name) for name in _SAME] for event in events if len(event) == 1]
        plain = [[getattr(word, "dt", word) for word in found] for found in words]
    except (ValueError, KeyError, IndexError):
        return False
    return len(plain) == 2 and plain[0] == plain[1]


def checked_address(address: str, plain: bool = False) -> str:
    """Return a collection's address with one slash at its end. Raises BadInput for what is none or not encrypted."""
    url = urlsplit(address.strip()) if len(address) <= 1_000 and address.isascii() and address.isprintable() else None
    try:
        fits = url is not None and url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        fits = False
    if url is None or not fits or url.query or url.fragment or " " in address.strip():
        raise BadInput("That is no address of a calendar.", "Write for example https://host/user/calendar/.")
    if url.username is not None or url.password is not None:
        raise BadInput("A name and a password stand in the address.", "Give --user; the password is asked.")
    if url.scheme == "http" and not plain and not _is_here(url.hostname or ""):
        raise BadInput(
            f"{url.hostname} would be reached without encryption: anybody on the way reads the password.",
            "Write https://, or add --allow-plain.",
        )
    return f"{url.geturl().rstrip('/')}/"


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Collection:
    """The calendar, reached by name and password. Every method raises Refused where the server cannot or will not."""

    def __init__(self, address: str, user: str, password: str) -> None:
        # Loaded where it is used: it brings a whole HTTP library along.
        from caldav.davclient import DAVClient

        self.address = address
        self.host = urlsplit(address).hostname or ""
        self._client = DAVClient(
            address, username=user, password=password, timeout=TIMEOUT_SECONDS, enable_rfc6764=False
        )
        # A password goes where it was meant to go, and a PUT that was led elsewhere would become a GET.
        self._client.session.max_redirects = 0
        self._client.session.trust_env = False

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def check(self) -> None:
        """Return where the address is a calendar that we may enter."""
        answer = self._asked("PROPFIND", "", _ASKED, {"Depth": "0", "Content-Type": "application/xml; charset=utf-8"})
        if answer.status != 207 or b"urn:ietf:params:xml:ns:caldav" not in _body(answer):
            raise Refused(f"{self.host} has no calendar there.", "Write the address of the calendar itself.")

    def put(self, name: str, data: bytes, etag: str, force: bool = False) -> str:
        """Put a resource over what has this tag, or where none stood if it is empty. Raises Changed.

        Return its new tag, empty where the server gives none.
        """
        guard = {} if force else {"If-Match": etag} if etag else {"If-None-Match": "*"}
        answer = self._asked("PUT", name, data.decode(), _CALENDAR | guard)
        if answer.status in (404, 409, 412):
            raise Changed
        self._expect(answer, 200, 201, 204)
        return _tag(answer) or self._tag_now(name, data)

    def remove(self, name: str, etag: str, force: bool = False) -> None:
        """Delete a resource that has this tag; one that is gone is no fault. Raises Changed."""
        answer = self._asked("DELETE", name, "", {} if force else {"If-Match": etag})
        if answer.status == 412:
            if self.read(name) is None:
                return
            raise Changed
        self._expect(answer, 200, 202, 204, 404, 410)

    def read(self, name: str) -> Standing | None:
        """Return what stands under a name, None where there is nothing."""
        answer = self._asked("GET", name, "", {"Accept": "text/calendar"})
        if answer.status in (404, 410):
            return None
        self._expect(answer, 200)
        return Standing(_tag(answer), _body(answer))

    def _tag_now(self, name: str, data: bytes) -> str:
        """Return the tag of what was just put, from a server that did not say it: only if nobody was in between."""
        found = self.read(name)
        return found.etag if found is not None and says_the_same(found.data, data) else ""

    def _asked(self, method: str, name: str, body: str, headers: Mapping[str, str]) -> Any:
        from caldav.lib.error import AuthorizationError, DAVError, RateLimitError

        try:
            return self._client.request(f"{self.address}{name}", method, body, headers)
        except AuthorizationError:
            raise Refused(f"{self.host} does not let this name and password in.", "Check them.") from None
        except RateLimitError:
            raise Refused(f"{self.host} asks to be left alone for a while.", "Run the same again later.") from None
        except NotImplementedError:  # so the library says it of a server that asks for Negotiate or NTLM alone
            raise Refused(f"{self.host} offers no way to log in by name and password.", "Ask who runs it.") from None
        except (OSError, DAVError, SyntaxError, ValueError) as error:  # a broken XML answer is a SyntaxError
            # The sentence of a foreign library may hold the address with all that is in it.
            why = "takes too long" if "timeout" in type(error).__name__.lower() else "cannot be reached"
            raise Refused(f"{self.host} {why} ({type(error).__name__}).", "Run the same again later.") from None

    def _expect(self, answer: Any, *wanted: int) -> None:
        if answer.status not in wanted:
            raise Refused(f"{self.host} answers {answer.status}.", "Nothing more was sent.")


def _tag(answer: Any) -> str:
    tag = str(answer.headers.get("ETag", ""))
    # A weak one never matches in If-Match (RFC 9110 section 13.1.1).
    return "" if tag.startswith("W/") else tag


def _body(answer: Any) -> bytes:
    raw = answer.raw
    return raw if isinstance(raw, bytes) else str(raw).encode()
