"""Entries about what came on the way, read back as records: events, emergencies, reasons given, people in the room."""

from collections.abc import Callable
from datetime import datetime

from ortool.checklist.records import EmergencyMark, EntryLike, Extra, Given, TeamMark


def _extra(entry: EntryLike) -> Extra:
    body, kind = entry.body, "event" if entry.kind == "event.started" else "reopened"
    of = str(body["event" if kind == "event" else "pause"])
    return Extra(*_base(entry), kind, of, int(body["number"]), str(body["after"]), str(body.get("reason", "")))


def _emergency(entry: EntryLike) -> EmergencyMark:
    return EmergencyMark(*_base(entry), entry.kind.removeprefix("emergency."), str(entry.body.get("reason", "")))


def _given(entry: EntryLike) -> Given:
    body = entry.body
    return Given(*_base(entry), int(body["ref"]), str(body["reason"]), str(body["second"]))


def _team(entry: EntryLike) -> TeamMark:
    body, act = entry.body, entry.kind.removeprefix("team.")
    return TeamMark(*_base(entry), str(body["person"]), str(body["role"]), act, str(body.get("relieves", "")))


def _base(entry: EntryLike) -> tuple[int, datetime, datetime, str, str]:
    return entry.seq, entry.occurred_at, entry.recorded_at, entry.actor, entry.auth


READERS: dict[str, Callable[[EntryLike], Extra | EmergencyMark | Given | TeamMark]] = {
    "event.started": _extra,
    "pause.reopened": _extra,
    "emergency.declared": _emergency,
    "emergency.ended": _emergency,
    "reason.given": _given,
    "team.joined": _team,
    "team.left": _team,
}
"""The reader of each kind of entry about what came on the way."""
