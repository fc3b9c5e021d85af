"""Hostile text in any field breaks no file, injects no line and reaches no reader's terminal."""

import unicodedata

import pytest

from ortool.calendar import Audience, Staff
from ortool.calendar.value import Text
from tests.calendar.readers import READERS, content_lines
from tests.calendar.samples import SLOT, calendar, slot

HOSTILE = {
    "controls": "".join(map(chr, range(32))) + "\x7f" + "".join(map(chr, range(0x80, 0xA0))),
    "escape": "\x1b[2J\x1b]0;owned\x07red",
    "crlf": "a\r\nATTENDEE:mailto:x@example.org\r\nb",
    "lf": "a\nEND:VEVENT\nEND:VCALENDAR\n",
    "cr": "a\rMETHOD:CANCEL\rb",
    "folded": "a\r\n \r\n\tMETHOD:CANCEL",
    "other breaks": "a\x0bMETHOD:X\x0cMETHOD:X\x1cMETHOD:X\x85METHOD:X\u2028METHOD:X\u2029METHOD:X",
    "component": "BEGIN:VEVENT",
    "long component": "x" * 57 + "BEGIN:VEVENT" * 20,
    "10 kB": "Überlang " * 1200,
    "no spaces": "m" * 10_000,
    "spaces": "a" + " " * 500 + "b",
    "wide spaces": "a" + "\u3000\u2003\u00a0\t" * 100 + "b",
    "bidi": "\u202egnp.exe\u202c\u2066x\u2069\u200f",
    "emoji": "👩‍⚕️🏥🩻🇳🇱" * 30,
    "marks": "Z" + "\u0301\u0336" * 300,
    "separators": "a,b;c\\,d\\;e\\\\f:g\"h^n^'i=j",
    "backslashes": "\\" * 300,
    "backslash letters": "C:\\New\\next\\\\Node\\r\\n",
    "ends in backslash": "room\\",
    "surrogate": "a\ud800b\udfff",
    "private and unassigned": "\ue000\U000f0000\u0378\uffff\ufeff",
    "percent": "%0d%0aMETHOD:CANCEL =0D=0A",
    "markup": "[red]x[/red] [/ <script>alert(1)</script> {x}",
    "blank": " \t ",
}
FIELDS = [
    "room_name",
    "specialty",
    "procedure",
    "patient_name",
    "hospital_number",
    "levels",
    "side",
    "urgency",
    "notes",
]
FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def names(data):
    return [line.partition(":")[0] for line in content_lines(data)]


def assert_harmless(data, audience):
    lines = content_lines(data)
    assert names(data) == calendar_names(audience)
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == lines.count("END:VCALENDAR") == 1
    seen = {reader(data)[0] for reader in READERS}
    assert len(seen) == 1
    (event,) = seen
    for text in (event.summary, event.location, event.description.replace("\n", "")):
        # What joins two pictures into one may stay; tests/test_text.py shows that it stays nowhere else.
        assert not {unicodedata.category(char) for char in text if char != "\u200d"} & FORBIDDEN


def calendar_names(audience):
    return names(calendar(SLOT, audience=audience))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("field", FIELDS)
def test_one_hostile_field(field, text):
    assert_harmless(calendar(slot(**{field: text}), audience=Audience.NAMED), Audience.NAMED)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("audience", [Audience.BUSY, Audience.SLOT])
def test_every_field_hostile_at_once(audience, text):
    event = slot(**dict.fromkeys([*FIELDS, "room_id"], text), people=(Staff(text, text),))
    assert_harmless(calendar(event, audience=audience), audience)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("audience", [Audience.TEAM, Audience.NAMED])
def test_hostile_staff(audience, text):
    people = (*SLOT.people, Staff(text, text), Staff("surgeon", text), Staff(text, "Dr A"))
    assert_harmless(calendar(slot(people=people), audience=audience), audience)


@pytest.mark.parametrize("text", [text for text in HOSTILE.values() if text.strip() and not {"\r", "\n"} & set(text)])
def test_a_hostile_calendar_name(text):
    data = calendar(SLOT, name=text)
    assert names(data) == calendar_names(Audience.SLOT)
    assert all(len(reader(data)) == 1 for reader in READERS)


@pytest.mark.parametrize("text", [text for text in HOSTILE.values() if text.strip()])
def test_a_hostile_site(text):
    data = calendar(SLOT, site=text)
    assert names(data) == calendar_names(Audience.SLOT)


@pytest.mark.parametrize("text", ["C:\\New", "a\\nb", "\\N", "\\\\N", "a;b,c"])
@pytest.mark.parametrize("reader", READERS)
def test_a_backslash_is_read_as_it_was_written(reader, text):
    (seen,) = reader(calendar(slot(specialty=text)))
    assert seen.summary == f"OR2: {text}, case 4711"


def test_a_forged_line_stays_inside_its_value():
    (seen,) = READERS[-1](calendar(slot(patient_name="A\nHospital number: 1"), audience=Audience.NAMED))
    assert seen.description.split("\n")[0] == "Patient: A Hospital number: 1"


def test_a_carriage_return_never_reaches_a_line():
    with pytest.raises(ValueError, match="carriage return"):
        Text("a\rb").to_ical()
