"""Calendars taken in, read again and withdrawn, and the addresses that are never asked."""

import http.server
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from ortool.errors import BadInput
from ortool.schedule.slots import Span
from ortool.services import fetching, series, sources
from ortool.services.booking import book
from ortool.services.fetching import fetch, is_public
from ortool.services.journals import verify_journal
from ortool.services.sources import Feeds, Source
from tests.services.suite import MORNING, Suite

YEAR = Span(MORNING - timedelta(days=20), MORNING + timedelta(days=300))


def calendar(*days: str, title: str = "Holiday") -> bytes:
    events = [f"BEGIN:VEVENT\nUID:{day}@x\nDTSTART;VALUE=DATE:{day}\nSUMMARY:{title}\nEND:VEVENT" for day in days]
    return "\n".join(["BEGIN:VCALENDAR", *events, "END:VCALENDAR", ""]).encode()


HOLIDAYS = Source("", "Holidays", Feeds.CLOSURES, "all", "/calendars/holidays.ics", with_free=True)
STONE = Source("", "Stone", Feeds.LEAVE, "person:s1", "https://calendar.example/secret-token.ics")


def test_a_calendar_is_taken_in_read_again_and_withdrawn_as_a_whole(suite: Suite) -> None:
    theatre, who = suite.theatre, suite.nurse
    case = suite.case()
    book(theatre, who, case.id, "OR1", MORNING + timedelta(days=1), 60)
    taken = sources.take_in(theatre, who, HOLIDAYS, calendar("20261124", "20261225", "20270101"))
    assert (taken.new, taken.changed, taken.gone, taken.same) == (3, 0, 0, 0)
    assert [lying.number for lying in taken.cases] == [case.number]
    by_hand = replace(series.list_series(theatre)[0], id="", first_day=date(2026, 12, 31))
    series.set_series(theatre, who, by_hand)
    again = sources.find_source(theatre, "holidays")
    before = suite.head()
    assert sources.take_in(theatre, who, again, calendar("20261124", "20261225", "20270101")).same == 3
    assert suite.head() == before
    taken = sources.take_in(theatre, who, again, calendar("20261225", "20270402", title="Closed"))
    assert (taken.new, taken.changed, taken.gone, taken.same) == (1, 1, 2, 0)
    assert [one.title for one in series.windows(theatre, YEAR)] == ["Closed", "Holiday", "Closed"]
    assert verify_journal(theatre).faults == []
    assert sources.withdraw(theatre, who, again) == 2
    assert [one.first_day for one in series.list_series(theatre)] == [date(2026, 12, 31)]
    assert sources.list_sources(theatre) == []
    assert verify_journal(theatre).faults == []


def test_what_comes_from_a_calendar_is_not_changed_by_hand(suite: Suite) -> None:
    sources.take_in(suite.theatre, suite.nurse, HOLIDAYS, calendar("20261225"))
    [one] = series.list_series(suite.theatre)
    with pytest.raises(Exception, match="comes from the calendar cal1"):
        series.remove_series(suite.theatre, suite.nurse, one.id)


def test_leave_keeps_no_foreign_title_and_nothing_is_half_taken_in(suite: Suite) -> None:
    sources.take_in(suite.theatre, suite.nurse, STONE, calendar("20261221", "20261222", title="A private matter"))
    assert {one.title for one in series.list_series(suite.theatre)} == {""}
    before = suite.head()
    with pytest.raises(BadInput, match="no UID"):
        broken = calendar("20261223").replace(b"UID:20261223@x\n", b"")
        sources.take_in(suite.theatre, suite.nurse, sources.find_source(suite.theatre, "cal1"), broken)
    assert suite.head() == before
    assert "secret-token" not in repr(sources.list_sources(suite.theatre))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (replace(HOLIDAYS, resource="room:OR9"), "no room"), (replace(STONE, resource="person:zz"), "has the id"),
        (replace(HOLIDAYS, name=" "), "needs a name"), (replace(HOLIDAYS, zone="Nowhere/Land"), "no time zone"),
    ],
)  # fmt: skip
def test_a_calendar_that_feeds_nothing_is_refused(suite: Suite, wrong: Source, words: str) -> None:
    before = suite.head()
    with pytest.raises(BadInput, match=words):
        sources.take_in(suite.theatre, suite.nurse, wrong, calendar("20261225"))
    assert suite.head() == before


class Web(http.server.BaseHTTPRequestHandler):
    """A foreign server of every kind."""

    def do_GET(self) -> None:
        if self.path == "/good.ics":
            body = calendar("20261225")
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        elif self.path in ("/loop", "/inside"):
            self.send_response(302)
            self.send_header("Location", "/loop" if self.path == "/loop" else "http://inside.example/x")
            self.end_headers()
        elif self.path == "/cut":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"BEGIN:VCALENDAR")
        elif self.path in ("/endless", "/slow"):
            self.send_response(200)
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b"x" * (65536 if self.path == "/endless" else 1))
                    if self.path == "/slow":
                        threading.Event().wait(0.05)
            except OSError:
                return
        elif self.path == "/headers":
            try:
                self.wfile.write(b"HTTP/1.0 200 OK\r\n")
                for number in range(90):
                    self.wfile.write(b"X-%d: a\r\n" % number)
                    threading.Event().wait(0.1)
                self.end_headers()
            except OSError:
                return
        else:
            self.send_error(404)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def web() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Web)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_an_address_is_fetched_within_its_bounds(web: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert fetch(f"{web}/good.ics", private=True) == calendar("20261225")
    monkeypatch.setattr(fetching, "SECONDS", 0.6)
    for path, words in (
        ("/loop", "leads on more"), ("/cut", "cut off"), ("/endless", "more than 4 MB"), ("/slow", "takes too long"),
        ("/headers", "takes too long"), ("/other?token=secret", "answers 404"),
    ):  # fmt: skip
        begun = time.monotonic()
        with pytest.raises(BadInput, match=words) as refused:
            fetch(web + path, private=True)
        assert "secret" not in str(refused.value)
        assert time.monotonic() - begun < 5


def test_addresses_inside_are_refused_before_they_are_asked_and_after_each_redirect(
    web: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadInput, match="private network"):
        fetch(f"{web}/good.ics")
    port = int(web.rsplit(":", 1)[1])
    asked = []

    def resolve(host: str, *_args: object, **_more: object) -> list[tuple[object, ...]]:
        asked.append(host)
        address = {"outside.example": "203.0.114.7", "mixed.example": "203.0.114.7"}.get(host, "10.0.0.7")
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]
        return found + ([(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))] if host[0] == "m" else [])

    pinned: list[str] = []
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", lambda a, **m: connect_numeric(a, pinned, port, **m))
    with pytest.raises(BadInput, match="inside.example is an address inside"):
        fetch("http://outside.example/inside")
    assert (asked, pinned) == (["outside.example", "inside.example"], ["203.0.114.7"])
    with pytest.raises(BadInput, match="mixed.example is an address inside"):
        fetch("http://mixed.example/good.ics")


def connect_numeric(address: tuple[str, int], pinned: list[str], port: int, timeout: float) -> socket.socket:
    """Connect to the test's own server in place of a public address, without a name being looked up."""
    pinned.append(address[0])
    made = socket.socket()
    made.settimeout(timeout)
    made.connect(("127.0.0.1", port))
    return made


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
     "2002:7f00:1::", "64:ff9b::a00:1", "fec0::1", "240.0.0.1"],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)
    assert is_public("203.0.114.7")
    assert is_public("2a00:1450:4001::8a")


@pytest.mark.parametrize(
    "address", ["ftp://x.example/a", "file:///etc/passwd", "https://", "https://u:p@x.example/", "http://x.example:99999/",
                "https://x.example/\r\nHost: y", "https://[::1", "gopher://x"]
)  # fmt: skip
def test_addresses_of_other_kinds_are_refused(address: str) -> None:
    with pytest.raises(BadInput):
        fetch(address)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.ics", Path("/dev/zero")):
        with pytest.raises(BadInput):
            fetch(str(path))
