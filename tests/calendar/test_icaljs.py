"""ical.js, the parser of Thunderbird and Nextcloud, sees the same instants, by the zones that the file brings along."""

import json
import os
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.calendar.readers import by_hand
from tests.calendar.samples import GOLDEN, calendar
from tests.calendar.samples_more import BLOCK
from tests.calendar.test_series import ZONES, expected
from tests.calendar.test_series import calendar as series_calendar

NODE = shutil.which("node")
READ = """
const ICAL = (m => m.default || m)(require(process.argv[1]));
const found = JSON.parse(require("fs").readFileSync(0, "utf8")).map(text => {
  const whole = new ICAL.Component(ICAL.parse(text));
  ICAL.TimezoneService.reset();
  whole.getAllSubcomponents("vtimezone").forEach(zone => ICAL.TimezoneService.register(zone));
  const masters = new Map(), seen = [], later = [];
  for (const part of whole.getAllSubcomponents("vevent")) {
    const event = new ICAL.Event(part, {strictExceptions: true});
    if (event.isRecurrenceException()) later.push(event); else masters.set(event.uid, event);
  }
  later.forEach(event => masters.get(event.uid).relateException(event));
  const told = (start, end) => seen.push([start.toJSDate().toISOString(), end.toJSDate().toISOString()]);
  for (const event of masters.values()) {
    if (!event.isRecurring()) { told(event.startDate, event.endDate); continue; }
    const each = event.iterator();
    for (let next = each.next(), n = 0; next && n < 1000; next = each.next(), n++) {
      const one = event.getOccurrenceDetails(next);
      told(one.startDate, one.endDate);
    }
  }
  return seen.sort();
});
process.stdout.write(JSON.stringify(found));
"""


def module() -> str:
    """Return where ical.js is: ORTOOL_ICAL_JS names its folder, or node finds it by itself."""
    named = os.environ.get("ORTOOL_ICAL_JS", "ical.js")
    words = [NODE or "node", "-e", "process.stdout.write(require.resolve(process.argv[1]))", named]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=20) if NODE else None
    if done is None or done.returncode:
        pytest.skip("needs node and ical.js (npm install ical.js; ORTOOL_ICAL_JS=…/node_modules/ical.js)")
    return done.stdout


def either(moment: datetime, zone: ZoneInfo) -> set[datetime]:
    """Return what a local time may mean: an hour that the night has twice is written once, and RFC 5545 means the first."""
    local = moment.astimezone(zone)
    return {local.replace(fold=fold).astimezone(UTC) for fold in (0, 1)}


def test_ical_js_sees_the_same_instants():
    """But in the hour that a night has twice, where it takes the second one: nothing that a file says can change that."""
    found_at = module()
    series = [replace(BLOCK, zone=ZoneInfo(zone)) for zone in ZONES for _ in range(2)]
    files = [calendar(*GOLDEN), *(series_calendar(one, named=n % 2 == 0) for n, one in enumerate(series))]
    words = [str(NODE), "-e", READ, found_at]
    told = json.dumps([data.decode() for data in files])
    done = subprocess.run(words, input=told, capture_output=True, text=True, check=True, timeout=60)
    seen = [
        sorted(tuple(datetime.fromisoformat(word).astimezone(UTC) for word in pair) for pair in one)
        for one in json.loads(done.stdout)
    ]
    assert seen[0] == sorted((one.start, one.end) for one in by_hand(files[0]))
    for one, event in zip(seen[1:], series, strict=True):
        wanted = expected(event)
        assert len(one) == len(wanted) == 87
        for pair, other in zip(one, wanted, strict=True):
            assert all(is_ in either(was, event.zone) for is_, was in zip(pair, other, strict=True)), (pair, other)
        assert sum(pair != other for pair, other in zip(one, wanted, strict=True)) <= 1
