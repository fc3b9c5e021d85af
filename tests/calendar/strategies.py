"""Random slots, with any text in every field."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from ortool.calendar import SlotEvent, Staff

words = st.text(max_size=300)
instants = st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))


@st.composite
def slots(draw: st.DrawFn) -> SlotEvent:
    start = draw(instants)
    return SlotEvent(
        slot_id=str(draw(st.uuids())),
        revision=draw(st.integers(0, 2**31 - 1)),
        start=start,
        end=start + timedelta(seconds=draw(st.integers(1, 10**6))),
        changed_at=draw(instants),
        cancelled=draw(st.booleans()),
        tentative=draw(st.booleans()),
        room_id=draw(words),
        room_name=draw(words),
        case_number=draw(st.integers(0, 10**9)),
        procedure=draw(words),
        specialty=draw(words),
        patient_name=draw(st.none() | words),
        born=draw(st.none() | st.dates()),
        hospital_number=draw(st.none() | words),
        people=tuple(draw(st.lists(st.builds(Staff, words, words), max_size=3))),
        levels=draw(words),
        side=draw(words),
        urgency=draw(words),
        notes=draw(words),
    )
