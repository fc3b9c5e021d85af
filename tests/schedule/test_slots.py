"""Slots and their clashes, as values: half-open spans, numbered lanes, and a nearest start that is one."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ortool.errors import Refused
from ortool.schedule.slots import Claim, Held, Span, check_span, first_clash, free_lane, nearest_start

DAWN = datetime(2026, 11, 23, tzinfo=UTC)


def span(start: int, length: int) -> Span:
    """Return a span in minutes from dawn."""
    return Span(DAWN + timedelta(minutes=start), DAWN + timedelta(minutes=start + length))


spans = st.builds(span, st.integers(0, 600), st.integers(5, 240))
resources = st.sampled_from(("room:1", "person:s1", "patient:p"))
held_claims = st.lists(st.builds(Held, resources, st.integers(1, 3), spans, st.just("1"), st.just("OR1")), max_size=12)


@given(spans, spans)
def test_overlap_is_mutual_and_touching_is_none(one: Span, other: Span) -> None:
    assert one.overlaps(other) == other.overlaps(one)
    assert one.overlaps(one)
    assert not one.overlaps(Span(one.end, one.end + other.length))


@given(resources, spans, st.integers(1, 3), held_claims)
def test_a_free_lane_is_free_and_no_lane_is_a_clash(resource: str, wanted: Span, lanes: int, held: list[Held]) -> None:
    claim = Claim(resource, "it", wanted, lanes)
    lane = free_lane(claim, held)
    in_the_way = {h.lane for h in held if h.resource == resource and h.span.overlaps(wanted)}
    if lane is None:
        clash = first_clash(claim, held)
        assert clash is not None
        assert clash.span.overlaps(wanted)
        assert len(in_the_way) >= lanes
    else:
        assert lane not in in_the_way
        assert 1 <= lane <= lanes
        assert len(in_the_way) < lanes
        assert first_clash(claim, held) is None


@given(spans, held_claims, st.integers(0, 30))
def test_the_nearest_start_works_and_no_minute_before_it_does(wanted: Span, held: list[Held], turnover: int) -> None:
    room = Claim("room:1", "room", Span(wanted.start, wanted.end + timedelta(minutes=turnover)))
    claims = [room, Claim("person:s1", "surgeon", wanted, 2), Claim("patient:p", "patient", wanted)]

    def works(start: datetime) -> bool:
        moved = [Claim(c.resource, c.label, Span(start, start + c.span.length), c.lanes) for c in claims]
        return all(free_lane(claim, held) is not None for claim in moved)

    nearest = nearest_start(claims, held, wanted.start)
    assert works(nearest)
    minutes = int((nearest - wanted.start).total_seconds() // 60)
    assert not any(works(wanted.start + timedelta(minutes=n)) for n in range(minutes))


@pytest.mark.parametrize("minutes", [5, 60, 1440])
def test_a_usual_length_is_taken(minutes: int) -> None:
    check_span(span(0, minutes))


@pytest.mark.parametrize(("minutes", "words"), [(0, "before"), (-1, "before"), (4, "5 minutes"), (1441, "day")])
def test_an_unusual_length_is_refused(minutes: int, words: str) -> None:
    with pytest.raises(Refused, match=words):
        check_span(span(0, minutes))
