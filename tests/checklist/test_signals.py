"""Signals to the team: late, too fast, out of order; counts and places, never who."""

from datetime import timedelta

from ortool.checklist.signals import signals
from ortool.presentation.signal_lines import signal_lines
from tests.checklist.test_clocks import PLAN, T0, Day, Line


class Fast(Day):
    """Ticks at seconds of one's own choosing."""

    def tick(self, item: str, second: float, late: float = 0) -> None:
        """Answer an item done; typed so many minutes later than it happened."""
        at = T0 + timedelta(seconds=second)
        body = {"item": item, "state": "done", "value": ""}
        self.lines.append(Line(len(self.lines) + 1, "item.answered", body, at - timedelta(minutes=late), at))
        from ortool.checklist.run import fold

        self.run = fold(PLAN, self.lines)


ITEMS = [f"IR.{number}" for number in range(1, 8)]


def told(day: Fast) -> str:
    return " ".join(signals(day.run, 5))


def test_a_calm_record_says_nothing() -> None:
    day = Fast()
    for number, item in enumerate(ITEMS):
        day.tick(item, number * 8)
    assert signals(day.run, 5) == ()
    assert signal_lines(()) == []


def test_late_entries_are_counted() -> None:
    day = Fast()
    day.tick("IR.1", 0, late=6)
    day.tick("IR.2", 10, late=5)
    assert told(day) == "1 of 2 entries were typed more than 5 min after they happened."


def test_a_pause_of_seven_within_ten_seconds_is_named() -> None:
    day = Fast()
    for number, item in enumerate(ITEMS):
        day.tick(item, number * 1.6)
    assert "1 pause with 7 items or more took under 10 s (IR)" in told(day)
    assert "0.7 s" not in told(day)


def test_a_short_pause_may_be_quick() -> None:
    day = Fast()
    for number, item in enumerate(ITEMS[:6]):
        day.tick(item, number * 1.6)
    assert told(day) == ""


def test_three_ticks_in_a_row_are_too_fast_and_two_are_not() -> None:
    day = Fast()
    day.tick("IR.1", 0)
    day.tick("IR.2", 0.5)
    assert told(day) == ""
    day.tick("IR.3", 1.1)
    day.tick("IR.4", 1.5)
    assert told(day).startswith("3 answers or more came less than 0.7 s apart, once")


def test_an_item_of_a_later_pause_is_out_of_order_until_the_earlier_is_answered() -> None:
    day = Fast()
    day.tick("P0.1", 0)
    assert "1 item was answered while an earlier pause was still open (P0.1)" in told(day)
    day = Fast()
    for number, item in enumerate((*ITEMS, "P0.1")):
        day.tick(item, number * 8)
    assert told(day) == ""


def test_a_pause_passed_by_two_is_no_longer_open() -> None:
    day = Fast()
    body = {"pause": "IR", "target": "IRD", "reason": "emergency", "second": "s1", "missing": ITEMS}
    day.write("gate.overridden", body, T0)
    day.tick("P0.1", 10)
    assert told(day) == ""


def test_stamps_against_their_order_are_told() -> None:
    day = Fast()
    day.stamp("AI", 20)
    day.stamp("AR", 10)
    assert told(day) == "1 pair of time stamps contradicts the order of the operation (AI and AR)."


def test_nobody_is_named() -> None:
    day = Fast()
    for item in (*ITEMS, "P0.1", "P1.1"):
        day.tick(item, 0, late=9)
    assert len(signals(day.run, 5)) >= 3
    assert "n1" not in told(day)
    assert "blame" in signal_lines(signals(day.run, 5))[0]
