"""Calendars on the command line: tried, taken in, read again, withdrawn; no secret of an address is shown."""

import json
import shutil
from pathlib import Path

DATA = Path(__file__).parents[2] / "data"


def ok(told):
    assert told.code == 0, told
    return told


def test_the_sample_holidays_are_tried_taken_in_refreshed_and_withdrawn(ortool, site, head):
    shutil.copy(DATA / "holidays.ics", site / "holidays.ics")
    line = ["--by", "co1", "calendar", "import", site / "holidays.ics", "--as", "closures", "--name", "Holidays"]
    before = head()
    assert "Nothing was written. It would be: 7 new" in ok(ortool(*line, "--dry-run")).out
    assert head() == before
    assert ok(ortool(*line)).out == "Calendar cal1 is read: 7 new, 0 changed, 0 gone, 0 as before.\n"
    assert "Founders' Day" in ok(ortool("closure", "list")).out
    assert "there already" in ortool(*line).err
    text = (site / "holidays.ics").read_bytes()
    (site / "holidays.ics").write_bytes(
        text.replace(b"20261211", b"20261212").replace(b"SUMMARY:New Year's", b"SUMMARY:First")
    )
    told = json.loads(ok(ortool("--by", "co1", "calendar", "source", "refresh", "holidays", "--json")).out)
    assert told["changed"] == 1
    assert "holidays.ics" in ok(ortool("calendar", "source", "list")).out
    (site / "holidays.ics").write_bytes(text[:200])
    before = head()
    refused = ortool("--by", "co1", "calendar", "source", "refresh", "cal1")
    assert (refused.code, "cut off" in refused.err, head() == before) == (2, True, True)
    assert "withdrawn" in ok(ortool("--by", "co1", "calendar", "source", "withdraw", "cal1")).out
    assert ortool("closure", "list").err == "There are no closures.\n"


def test_what_it_feeds_must_be_said_and_inner_addresses_are_refused(ortool, site):
    (site / "a.ics").write_bytes(b"BEGIN:VCALENDAR\nEND:VCALENDAR\n")
    line = ["--by", "co1", "calendar", "import", site / "a.ics", "--as"]
    for words, more in (
        ("of a person", ["leave"]), ("Which room", ["rooms"]), ("Only leave", ["closures", "--person", "su1"]),
        ("no room", ["rooms", "--room", "OR9"]), ("no time zone", ["closures", "--zone", "Nowhere"]),
    ):  # fmt: skip
        told = ortool(*line, *more)
        assert (told.code, words in told.err) == (2, True), told
    told = ortool("--by", "co1", "calendar", "import", "http://127.0.0.1:9/secret-token.ics", "--as", "closures")
    assert (told.code, "private network" in told.err, "secret" in told.err) == (2, True, False)
    assert ok(ortool(*line, "leave", "--person", "su1")).out.startswith("Calendar cal1 is read: 0 new")
