"""Feeds over real HTTP: without a login, conditional, withdrawn when revoked, and silent about tokens and patients."""

import asyncio
import base64
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from ortool.calendar import Audience
from ortool.calendar.feed import FeedKind
from ortool.checklist.commands import DeclareEmergency, StampMilestone
from ortool.errors import BadInput
from ortool.services import booking, feeds
from ortool.web.feeds import Feeds, Pace, checked_prefix
from tests.calendar.readers import content_lines
from tests.services.suite import CHECKLISTS, Clock, Suite, furnish
from tests.services.suite import settings as usual
from tests.web.conftest import Served, start, stop

pytestmark = pytest.mark.xdist_group("served")
PATIENT = {"hospital_number": "HN-88302217", "name": "Wilhelmina Quackenbush", "notes": "Known spondylodiscitis",
           "allergies": "chlorhexidine", "levels": "L4-5", "side": "left"}  # fmt: skip
SECRET = ("HN-88302217", "88302217", "Wilhelmina", "Quackenbush", "spondylodiscitis", "chlorhexidine", "L4-5")


class Site:
    """A theatre with one booked case, a feed of each level, and a server of feeds alone behind a prefix."""

    def __init__(self, folder) -> None:
        written = f'site = "Test site"\nchecklists = "{CHECKLISTS}"\npepper_file = "{folder / "pepper.key"}"\n'
        (folder / "settings.toml").write_text(written)
        self.clock = Clock(datetime.now().astimezone())
        self.suite = Suite(furnish(folder / "ortool.db", usual(), self.clock), self.clock)
        self.case = self.suite.case(**PATIENT)
        start_at = self.clock.now.replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
        self.slot = booking.book(self.suite.theatre, self.suite.nurse, self.case.id, "OR1", start_at, 60)
        self.tokens = {
            level: feeds.add_feed(self.suite.theatre, self.suite.nurse, FeedKind.ROOM, "OR1", level).token
            for level in (Audience.BUSY, Audience.SLOT, Audience.TEAM)
        }
        self.served: Served = start(folder, "--feeds-only", "--prefix", "/theatre")

    def get(self, path: str, method: str = "GET", **headers: str):
        with self.served.client() as client:
            return client.request(method, path, headers=headers)

    def feed(self, level: Audience = Audience.SLOT) -> str:
        return f"/calendar/{self.tokens[level]}.ics"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    one = Site(tmp_path_factory.mktemp("feeds"))
    yield one
    one.suite.theatre.close()
    assert stop(one.served) == 0


def test_a_feed_is_read_without_a_login_and_then_only_when_it_changed(site):
    first = site.get(site.feed())
    assert first.status_code == 200
    assert first.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert "SUMMARY:OR1: spine\\, case 1001" in content_lines(first.content)
    tag, changed = first.headers["ETag"], first.headers["Last-Modified"]
    assert not tag.startswith("W/")
    for headers in ({"If-None-Match": tag}, {"If-None-Match": f'"x", {tag}'}, {"If-Modified-Since": changed}):
        again = site.get(site.feed(), **headers)
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert site.get(site.feed(), **{"If-None-Match": '"x"', "If-Modified-Since": changed}).status_code == 200
    head = site.get(site.feed(), "HEAD")
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", tag)
    booking.move(site.suite.theatre, site.suite.nurse, site.case.id, "OR1", site.slot.start + timedelta(hours=1), 60)
    moved = site.get(site.feed(), **{"If-None-Match": tag, "If-Modified-Since": changed})
    assert moved.status_code == 200
    assert moved.headers["ETag"] != tag
    assert "SEQUENCE:1" in content_lines(moved.content)
    assert site.get(site.feed(), **{"If-Modified-Since": changed}).status_code == 200


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_curl_reads_a_feed_conditionally(site, tmp_path):
    def curl(*options: str) -> str:
        address = f"{site.served.origin}/theatre{site.feed()}"
        words = [
            "curl",
            "--silent",
            "--noproxy",
            "*",
            "--write-out",
            "%{http_code} %{size_download}",
            *options,
            address,
        ]
        return subprocess.run(words, capture_output=True, text=True, check=True, timeout=20).stdout

    tag, out = tmp_path / "tag", tmp_path / "x.ics"
    saving = (
        "--remote-time",
        "--etag-save",
        str(tag),
        "--etag-compare",
        str(tag),
        "--output",
        str(out),
        "--compressed",
    )
    assert curl(*saving).startswith("200 ")
    assert content_lines(out.read_bytes())[0] == "BEGIN:VCALENDAR"
    assert curl(*saving) == "304 0"
    assert curl("--time-cond", str(out), "--output", str(tmp_path / "y.ics")).startswith("304 ")


def test_a_feed_moves_with_the_day_while_the_server_runs(site):
    now = datetime.now(UTC)
    if now.hour == 0:
        pytest.skip("the case of this test began yesterday")
    case = site.suite.case()
    begins = now.replace(second=0, microsecond=0) - timedelta(minutes=35)
    booking.book(site.suite.theatre, site.suite.nurse, case.id, "OR2", begins, 60, past=True)
    token = feeds.add_feed(site.suite.theatre, site.suite.nurse, FeedKind.ROOM, "OR2", Audience.SLOT).token
    site.suite.clock.now = now
    site.suite.act(case, DeclareEmergency(), StampMilestone("PIR"))
    until = time.monotonic() + 20
    while "min late" not in (text := site.get(f"/calendar/{token}.ics").text) and time.monotonic() < until:
        time.sleep(0.3)
    assert re.search(r"SUMMARY:OR2: spine\\, case 1002\\, running 3[2-8] min late", text)


def test_no_answer_is_compressed_and_each_has_its_guards(site):
    for agent in ("Microsoft Exchange/15", "curl"):
        answer = site.get(site.feed(), **{"User-Agent": agent, "Accept-Encoding": "gzip", "Accept": "text/html"})
        assert "Content-Encoding" not in answer.headers
        assert answer.status_code == 200
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in answer.headers
    assert "Allow: /calendar/" in site.get("/robots.txt").text


def test_unknown_revoked_and_expired_addresses(site):
    theatre, nurse = site.suite.theatre, site.suite.nurse
    new = feeds.add_feed(theatre, nurse, FeedKind.PERSON, "s1", Audience.BUSY)
    path = f"/calendar/{new.token}"
    assert site.get(f"{path}.ics").status_code == site.get(path).status_code == 200
    feeds.revoke_feed(theatre, nurse, new.feed.id)
    assert site.get(f"{path}.ics").status_code == site.get(path).status_code == 410
    assert site.get(f"{path}.ics", "HEAD").status_code == 410
    for wrong in ("x" * 43, "x", "..%2f..%2fetc", f"{new.token}x", "%00" * 20):
        assert site.get(f"/calendar/{wrong}.ics").status_code == 404, wrong
    assert site.get("/login").status_code == 404, "feeds alone have no login"
    assert site.get(f"{path}.ics", "POST").status_code in (404, 405)
    with site.served.client() as client:
        assert client.request("GET", site.feed(), content=b"x" * 100_000).status_code == 413
        assert client.get(site.feed(), headers={"Host": "evil.example"}).status_code == 421


def test_the_page_has_both_addresses_a_picture_and_an_honest_sentence(site):
    page = site.get(f"/theatre/calendar/{site.tokens[Audience.SLOT]}", **{"X-Forwarded-Prefix": "/evil"})
    rest = f"{site.served.origin.partition('://')[2]}/theatre{site.feed()}"
    assert f'href="webcal://{rest}"' in page.text
    assert f'href="http://{rest}"' in page.text
    assert "/evil" not in page.text
    assert "<svg" in page.text
    assert "Google every 4 to 24 hours" in page.text
    assert "script" not in page.headers["Content-Security-Policy"]


def spellings(value: str) -> Iterator[str]:
    raw = value.encode()
    yield from (value, quote(value, safe=""), "".join(f"%{byte:02x}" for byte in raw), raw.hex(), value[::-1])
    yield "".join(f"={byte:02x}" for byte in raw)
    for offset in range(3):
        packed = base64.b64encode(b"\0" * offset + raw).decode()
        yield packed[-(-offset * 8 // 6) : (offset + len(raw)) * 8 // 6]


def test_no_patient_and_no_token_is_in_any_answer_header_or_log(site):
    said = []
    for level in site.tokens:
        for path in (site.feed(level), f"/calendar/{site.tokens[level]}"):
            answer = site.get(path)
            assert answer.status_code == 200
            unfolded = answer.content.replace(b"\r\n ", b"").decode()
            said += [unfolded, repr(answer.headers.multi_items())]
    logged = site.served.said.read_text()
    assert "GET /calendar/{token}.ics 200" in logged
    text = "\n".join([*said, logged]).casefold()
    found = [value for value in SECRET for form in spellings(value) if form.casefold() in text]
    assert found == []
    assert site.case.hospital_number == PATIENT["hospital_number"]
    tokens = list(site.tokens.values())
    assert [token for token in tokens if token in logged or token in "".join(said[1::4])] == []
    assert not re.search(r"[A-Za-z0-9_-]{43}", logged)


def test_the_search_would_find_a_leak():
    text = base64.b64encode(b"xx" + b"Quackenbush" + b"y").decode()
    assert [form for form in spellings("Quackenbush") if form in text]


def test_a_feed_that_is_asked_for_too_often_waits_and_others_do_not():
    now = [0.0]
    pace = Pace(lambda: now[0])
    assert [pace.allows("a", 2) for _ in range(3)] == [True, True, False]
    assert pace.allows("b", 2)
    now[0] = 61
    assert pace.allows("a", 2)


@pytest.mark.parametrize("wrong", ["theatre", "/a/../b", "//x", "/a b", "/ä", "https://x/y"])
def test_a_prefix_is_a_path(wrong):
    with pytest.raises(BadInput):
        checked_prefix(wrong)
    assert checked_prefix("/theatre/") == "/theatre"


def test_the_calendars_follow_on_after_a_fault_and_its_words_are_not_logged(monkeypatch, capsys) -> None:
    asked: list[int] = []

    def failing(_theatre: object) -> int:
        asked.append(1)
        if len(asked) == 1:
            raise ValueError("Wilhelmina Quackenbush")
        raise asyncio.CancelledError

    monkeypatch.setattr("ortool.services.publishing.milestones_seen", failing)
    monkeypatch.setattr("ortool.web.feeds.LOOK_SECONDS", 0.0)

    async def follow() -> None:
        await Feeds(None, lambda: None)._follow()  # type: ignore[arg-type]

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(follow())
    said = capsys.readouterr().err
    assert len(asked) == 2
    assert "ValueError" in said
    assert "Quackenbush" not in said
