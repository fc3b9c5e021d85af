"""No patient field leaves for an audience below `named`, in no spelling."""

import base64
import re
from dataclasses import replace
from datetime import date
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ortool.calendar import Audience, Staff
from ortool.calendar.disclosure import disclose
from tests.calendar.readers import by_hand, content_lines
from tests.calendar.samples import SLOT, calendar, slot
from tests.calendar.strategies import slots

PATIENT = [
    SLOT.patient_name,
    "Wilhelmina",
    "Quackenbush",
    SLOT.hospital_number,
    "88302217",
    *("1951-04-23", "19510423", "23.04.1951", "23/04/1951", "1951"),
    SLOT.procedure,
    "stenosis",
    "spondylodiscitis",
    "chlorhexidine",
    SLOT.levels,
    SLOT.side,
    SLOT.urgency,
]
NO_PATIENT = {
    **dict.fromkeys(["patient_name", "born", "hospital_number"]),
    **dict.fromkeys(["procedure", "levels", "side", "urgency", "notes"], ""),
}
STAFF = ["Femke Oosterhuis", "Björn Ångström", "scrub nurse"]
BELOW_NAMED = [audience for audience in Audience if audience.allowed_in_feeds]


def spellings(value):
    raw = value.encode()
    yield from (raw, value[::-1].encode(), quote(value, safe="").encode(), raw.hex().encode())
    # Base64 of a text inside a longer one: each of three offsets, without the letters its neighbours decide.
    for offset in range(3):
        packed = base64.b64encode(b"\0" * offset + raw)
        start = -(-offset * 8 // 6)
        yield packed[start : (offset + len(raw)) * 8 // 6]


def found_in(data, value):
    unfolded = "\r\n".join(content_lines(data)).encode().lower()
    squeezed = re.sub(rb"[^\w]", b"", unfolded)
    return any(form.lower() in unfolded or form.lower() in squeezed for form in spellings(value) if len(form) > 3)


@pytest.mark.parametrize("state", [{}, {"cancelled": True}, {"tentative": True}])
@pytest.mark.parametrize("audience", BELOW_NAMED)
def test_no_patient_field_leaves_below_named(audience, state):
    data = calendar(slot(**state), audience=audience)
    assert [value for value in PATIENT if found_in(data, value)] == []


@pytest.mark.parametrize("value", ["Quackenbush", "HN-8830-2217"])
def test_the_search_would_find_a_leak(value):
    raw = b"padding " + value.encode()
    leaks = [raw, raw.hex().encode(), value[::-1].encode(), base64.b64encode(raw), raw.upper()]
    for leak in leaks:
        assert found_in(b"SUMMARY:" + leak + b"\r\n", value)


@pytest.mark.parametrize("audience", BELOW_NAMED)
def test_bytes_do_not_depend_on_the_patient_at_all(audience):
    other = slot(**{**NO_PATIENT, "born": date(2001, 1, 1)})
    assert calendar(other, audience=audience) == calendar(SLOT, audience=audience)


@settings(max_examples=25, deadline=None)
@given(slots(), slots(), st.sampled_from(BELOW_NAMED))
def test_one_slot_with_two_patients_gives_the_same_bytes(event, donor, audience):
    other = replace(event, **{field: getattr(donor, field) for field in NO_PATIENT})
    assert calendar(other, audience=audience) == calendar(event, audience=audience)


def test_busy_does_not_depend_on_the_case_either():
    other = slot(case_number=1, specialty="", people=(Staff("x", "y"),))
    assert calendar(other, audience=Audience.BUSY) == calendar(SLOT, audience=Audience.BUSY)


def test_each_audience_reads_its_own_words():
    seen = {audience: by_hand(calendar(SLOT, audience=audience))[0] for audience in Audience}
    assert seen[Audience.BUSY].summary == "OR2: busy"
    assert {seen[audience].summary for audience in Audience if audience is not Audience.BUSY} == {
        "OR2: spine, case 4711"
    }
    assert seen[Audience.BUSY].description == seen[Audience.SLOT].description == ""
    assert seen[Audience.TEAM].description == "surgeon: Dr Femke Oosterhuis\nscrub nurse: Björn Ångström"


@pytest.mark.parametrize("audience", [Audience.BUSY, Audience.SLOT])
def test_staff_are_shown_to_the_team_only(audience):
    assert not [name for name in STAFF if found_in(calendar(SLOT, audience=audience), name)]


def test_a_named_file_holds_the_patient_in_the_description_only():
    (seen,) = by_hand(calendar(SLOT, audience=Audience.NAMED))
    for value in (SLOT.patient_name, "1951-04-23", SLOT.hospital_number, SLOT.procedure, SLOT.levels, SLOT.side):
        assert value in seen.description
        assert value not in seen.summary + seen.location
    assert seen.description.endswith("Notes:\nKnown spondylodiscitis.\nAllergic to chlorhexidine.")


def test_an_unknown_audience_shows_nothing_and_a_plain_word_shows_its_own_level():
    with pytest.raises(ValueError, match="everyone"):
        disclose(SLOT, "everyone")
    assert disclose(SLOT, "busy") == disclose(SLOT, Audience.BUSY)


def test_a_slot_in_a_traceback_shows_no_patient():
    assert not [value for value in [*PATIENT, *STAFF] if value in repr(SLOT)]


def test_missing_values_leave_no_empty_label():
    bare = slot(**{**NO_PATIENT, "notes": " "})
    bare_staff = slot(people=(Staff("", "A"), Staff("surgeon", " ")))
    assert disclose(bare, Audience.NAMED).description == disclose(SLOT, Audience.TEAM).description
    assert disclose(bare_staff, Audience.TEAM).description == "staff: A"
    assert disclose(slot(specialty="", room_name=""), Audience.SLOT).summary == "OR2: case 4711"
    assert disclose(slot(specialty="", room_id="", room_name=""), Audience.SLOT).summary == "Theatre: case 4711"


def test_the_title_holds_the_room_s_id_and_the_place_its_name():
    seen = disclose(slot(room_name="Theatre 2 (spine)"), Audience.SLOT)
    assert (seen.summary, seen.location) == ("OR2: spine, case 4711", "Theatre 2 (spine)")


def test_only_a_named_calendar_is_barred_from_feeds():
    assert BELOW_NAMED == [Audience.BUSY, Audience.SLOT, Audience.TEAM]
