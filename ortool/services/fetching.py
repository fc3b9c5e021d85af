"""Fetching a foreign calendar: a plain file, or a public address; its size, time and redirects are bounded."""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import SplitResult, urljoin, urlsplit

from ortool.calendar.content import MOST_BYTES
from ortool.errors import BadInput
from ortool.reading import read_plain

SECONDS = 20.0
MOST_REDIRECTS = 3
_STEP_SECONDS, _CHUNK = 5.0, 64 * 1024
_PORTS = {"http": 80, "https": 443}
_REDIRECTS = (301, 302, 303, 307, 308)


def is_address(origin: str) -> bool:
    """Whether an origin is an address, and not a file."""
    return "://" in origin[:20]


def fetch(origin: str, private: bool = False) -> bytes:
    """Return the bytes of a calendar. Raises BadInput in a sentence that repeats no more of an address than its host.

    An address that leads to this computer or into a private network is refused unless `private`, after each redirect
    too; the connection goes to the very address that was looked at.
    """
    if not is_address(origin):
        return _file(Path(origin))
    deadline = time.monotonic() + SECONDS
    for _ in range(MOST_REDIRECTS + 1):
        url = _checked(origin)
        try:
            status, answer = _asked(url, private, deadline)
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            is_late = isinstance(error, TimeoutError) or time.monotonic() >= deadline
            why = "takes too long" if is_late else "cannot be reached"
            raise BadInput(
                f"{url.hostname} {why} ({type(error).__name__}).", "Try again, or save it as a file."
            ) from None
        if status == 200:
            return answer
        if status not in _REDIRECTS:
            raise BadInput(f"{url.hostname} answers {status} instead of a calendar.", "Check the address.")
        following = urljoin(url.geturl(), answer.decode("latin-1"))
        if url.scheme == "https" and urlsplit(following).scheme == "http":
            raise BadInput(f"{url.hostname} leads on to an address that is not encrypted.", "Ask for another one.")
        origin = following
    raise BadInput(f"The address leads on more than {MOST_REDIRECTS} times.", "Write the last of them.")


def host_of(origin: str) -> str:
    """Return what may be shown of an origin: a file's name or an address's host; the rest may be a secret."""
    return (urlsplit(origin).hostname or "?") if is_address(origin) else Path(origin).name


def _file(path: Path) -> bytes:
    try:
        return read_plain(path, MOST_BYTES)
    except FileNotFoundError:
        raise BadInput(f"There is no file {path}.", "Check the name.") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "its name is none"
        raise BadInput(f"{path} cannot be read: {why}.", "Is it the right file?") from None


def _checked(origin: str) -> SplitResult:
    if len(origin) > 2_000 or not origin.isascii() or not origin.isprintable() or " " in origin:
        raise BadInput("The address is too long or holds signs that none has.", "Copy it again.")
    try:
        url = urlsplit(origin.replace("webcal://", "https://", 1))
        port = url.port or _PORTS.get(url.scheme, 0)
    except ValueError:
        raise BadInput("The address is none.", "Copy it again.") from None
    if not port or not url.hostname:
        raise BadInput("A calendar is fetched by https://, http:// or webcal:// only.", "Or name a file.")
    if url.username or url.password:
        raise BadInput("An address with a name and a password in it is not taken.", "Ask for a secret address.")
    return url


def _asked(url: SplitResult, private: bool, deadline: float) -> tuple[int, bytes]:
    host, port = url.hostname or "", url.port or _PORTS[url.scheme]
    address = _address(host, port, private)
    connection = _Pinned(host, port, address, url.scheme == "https", deadline)
    try:
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        headers = {"Accept": "text/calendar, */*;q=0.1", "Accept-Encoding": "identity", "User-Agent": "ortool"}
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        connection.still(deadline)
        if answer.status in _REDIRECTS:
            return answer.status, (answer.getheader("Location") or "").encode("latin-1", "replace")
        return answer.status, _body(answer, connection, host, deadline) if answer.status == 200 else b""
    finally:
        connection.close()
        connection.let_go()


def _body(answer: http.client.HTTPResponse, connection: "_Pinned", host: str, deadline: float) -> bytes:
    data = bytearray()
    while chunk := answer.read1(_CHUNK):
        data += chunk
        if len(data) > MOST_BYTES:
            raise BadInput(f"What {host} sends has more than {MOST_BYTES // 1024 // 1024} MB.", "Is it the right one?")
        connection.still(deadline)
    connection.still(deadline)
    if answer.length:
        raise BadInput(f"What {host} sends is cut off.", "Try again.")
    return bytes(data)


def _address(host: str, port: int, private: bool) -> str:
    """Return the address of a host. Raises BadInput where any of its addresses is not a public one."""
    found = {str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    if not private and not all(is_public(one) for one in found):
        raise BadInput(
            f"{host} is an address inside a private network or of this computer.",
            "Where that is meant, set private_calendars in the settings.",
        )
    return sorted(found, key=lambda one: (":" in one, one))[0]


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet, also behind an IPv6 form of an IPv4 address."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = [found.ipv4_mapped, found.sixtofour, *(found.teredo or ())]
        if found in ipaddress.ip_network("64:ff9b::/96") or found in ipaddress.ip_network("::/96"):
            inner.append(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF))
        if found.is_site_local or any(one is not None and not is_public(str(one)) for one in inner):
            return False
    return found.is_global and not found.is_multicast and not found.is_reserved


class _Pinned(http.client.HTTPConnection):
    """A connection to one address that was looked at, in the name of its host. Waits end with the deadline.

    Each byte ends a wait, so one who sends them slowly could hold on for ever: at the deadline the line is cut.
    """

    def __init__(self, host: str, port: int, address: str, encrypted: bool, deadline: float) -> None:
        super().__init__(host, port)
        self._address, self._encrypted, self._deadline = address, encrypted, deadline
        self._line: socket.socket | None = None
        self._cutter = threading.Timer(max(0.0, deadline - time.monotonic()), self._cut)
        self._cutter.daemon = True

    def connect(self) -> None:
        """Connect to the address itself; a certificate must be the host's."""
        made = socket.create_connection((self._address, self.port), timeout=_STEP_SECONDS)
        self._line = made.dup()
        self._cutter.start()
        if self._encrypted:
            made = ssl.create_default_context().wrap_socket(made, server_hostname=self.host)
        self.sock = made
        self.still(self._deadline)

    def still(self, deadline: float) -> None:
        """Let the next wait end with the deadline. Raises TimeoutError where it has passed."""
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        if self.sock is not None:
            self.sock.settimeout(min(left, _STEP_SECONDS))

    def _cut(self) -> None:
        if self._line is not None:
            with suppress(OSError):
                self._line.shutdown(socket.SHUT_RDWR)

    def let_go(self) -> None:
        """Cut nothing any more."""
        self._cutter.cancel()
        if self._line is not None:
            self._line.close()
