"""Equal data gives equal bytes: today, in any process, with or without assertions."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ortool.calendar import Audience
from tests.calendar.samples import GOLDEN, calendar
from tests.calendar.samples_more import beside_slots

HERE = Path(__file__).parent
PRINT_ALL = """
import sys
from ortool.calendar import Audience
from tests.calendar.samples import GOLDEN, calendar
from tests.calendar.test_hostile import FIELDS, HOSTILE
from tests.calendar.samples import slot
from tests.calendar.samples_more import beside_slots
for audience in Audience:
    sys.stdout.buffer.write(calendar(*GOLDEN, audience=audience) + beside_slots(audience))
    for text in HOSTILE.values():
        sys.stdout.buffer.write(calendar(slot(**dict.fromkeys(FIELDS, text)), audience=audience))
"""


@pytest.mark.parametrize("audience", Audience)
def test_the_golden_file(audience):
    assert calendar(*GOLDEN, audience=audience) == (HERE / "golden" / f"{audience}.ics").read_bytes()


@pytest.mark.parametrize("audience", Audience)
def test_the_golden_file_of_series_and_parts(audience):
    path = HERE / "golden" / f"beside-{audience}.ics"
    if os.environ.get("ORTOOL_GOLDEN") == "write":
        path.write_bytes(beside_slots(audience))
    assert beside_slots(audience) == path.read_bytes()


def test_the_golden_file_has_the_line_ends_of_icalendar():
    data = (HERE / "golden" / "slot.ics").read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r") > 50


def bytes_of_process(*options, **environment):
    env = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"} | environment
    command = [sys.executable, *options, "-c", PRINT_ALL]
    done = subprocess.run(command, cwd=HERE.parents[1], env=env, capture_output=True, check=True)
    return done.stdout


def test_other_processes_write_the_same_bytes_with_assertions_and_without():
    first = bytes_of_process(PYTHONHASHSEED="0")
    assert first.count(b"BEGIN:VCALENDAR\r\n") > 50
    assert first.count(b"RRULE:FREQ=WEEKLY") == len(Audience)
    assert bytes_of_process(PYTHONHASHSEED="1", TZ="Australia/Lord_Howe") == first
    assert bytes_of_process("-O", PYTHONHASHSEED="4711", TZ="America/New_York", LC_ALL="C") == first
