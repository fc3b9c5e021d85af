"""A file that is read in again moves its events and makes no second ones, in a calendar program that people use."""

import os
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from ortool.calendar import Audience
from tests.calendar.samples import SLOT, calendar, slot

KHAL = shutil.which("khal") or str(Path(sys.executable).with_name("khal"))
SETTINGS = """[calendars]
[[theatre]]
path = {folder}/events
type = calendar
[locale]
local_timezone = Europe/Amsterdam
default_timezone = Europe/Amsterdam
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
[sqlite]
path = {folder}/khal.db
"""


@pytest.mark.skipif(not Path(KHAL).exists(), reason="needs khal, which the test extra installs")
def test_khal_moves_the_event_when_the_file_is_read_in_again(tmp_path):
    (tmp_path / "events").mkdir()
    (tmp_path / "khal.conf").write_text(SETTINGS.format(folder=tmp_path))
    environment = os.environ | {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}

    def khal(*words: str) -> str:
        command = [KHAL, "--config", str(tmp_path / "khal.conf"), *words]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, env=environment).stdout

    def read_in(data: bytes) -> list[str]:
        (tmp_path / "or.ics").write_bytes(data)
        khal("import", "--batch", "-a", "theatre", str(tmp_path / "or.ics"))
        listed = khal("list", "--format", "{start} {end} {title}", "--day-format", "", "2026-11-01", "30d")
        return [line for line in listed.splitlines() if line.strip()]

    other = slot(slot_id="c4c0a9de-3f0f-4d38-9a0c-7be2f5a1d903", start=SLOT.start + timedelta(days=2),
                 end=SLOT.end + timedelta(days=2))  # fmt: skip
    first = read_in(calendar(SLOT, other))
    assert first == [
        "2026-11-03 08:30 2026-11-03 12:00 OR2: spine, case 4711",
        "2026-11-05 08:30 2026-11-05 12:00 OR2: spine, case 4711",
    ]
    moved = slot(revision=4, start=SLOT.start + timedelta(hours=3), end=SLOT.end + timedelta(hours=3))
    assert read_in(calendar(moved, other)) == ["2026-11-03 11:30 2026-11-03 15:00 OR2: spine, case 4711", first[1]]
    gone = slot(revision=5, cancelled=True)
    assert read_in(calendar(gone, other, audience=Audience.BUSY))[0].endswith("Cancelled: OR2: busy")
