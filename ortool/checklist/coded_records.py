"""Entries about delays and complications, read back as records."""

from collections.abc import Callable
from datetime import datetime

from ortool.checklist.records import Complication, DelayReason, EntryLike


def _delay(entry: EntryLike) -> DelayReason:
    body = entry.body
    return DelayReason(
        *_base(entry), str(body["delay"]), str(body["code"]), int(body.get("minutes", 0)), str(body.get("text", ""))
    )


def _complication(entry: EntryLike) -> Complication:
    body = entry.body
    return Complication(
        *_base(entry),
        str(body["event"]),
        str(body.get("grade", "")),
        int(body.get("severity", 0)),
        str(body.get("text", "")),
        int(body.get("corrects", 0)),
    )


def _base(entry: EntryLike) -> tuple[int, datetime, datetime, str, str]:
    return entry.seq, entry.occurred_at, entry.recorded_at, entry.actor, entry.auth


READERS: dict[str, Callable[[EntryLike], DelayReason | Complication]] = {
    "delay.explained": _delay,
    "complication.recorded": _complication,
}
"""The reader of each kind of entry about delays and complications."""
