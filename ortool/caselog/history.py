"""What happened to a case outside its checklist: booked, moved, cancelled, noted, signed, amended, opened, claimed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ortool.checklist.records import EntryLike, Record
from ortool.people.person import UNIDENTIFIED

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Planned(Record):
    """A booking or a move: room, start and end as planned (UTC)."""

    kind: str
    room: str
    start: datetime
    end: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Remark(Record):
    """Words added to a case: a note, a cancellation, an addendum after the signature."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Signature(Record):
    """The surgeon's signature: its meaning, and the digest of the entries that it covers."""

    statement: str
    digest: str
    entries: int


@dataclass(frozen=True, slots=True)
class History:
    """A case's life outside the checklist, oldest first.

    `opened` are the reasons of people who opened a case that is not theirs; `owed` the entries that nobody known has
    made and nobody has claimed since, by number.
    """

    plans: tuple[Planned, ...] = ()
    remarks: tuple[Remark, ...] = ()
    signatures: tuple[Signature, ...] = ()
    opened: tuple[Remark, ...] = ()
    owed: tuple[int, ...] = ()

    @property
    def first_plan(self) -> Planned | None:
        """The booking that stands first: the plan that actual times are compared with after moves too."""
        return self.plans[0] if self.plans else None

    @property
    def is_signed(self) -> bool:
        """Whether the log has been signed."""
        return bool(self.signatures)


def read_history(entries: Iterable[EntryLike], before: History | None = None) -> History:
    """Return the history in a case's entries (in order), or in those that came after what `before` was read from."""
    before = before or History()
    plans, remarks, signatures = list(before.plans), list(before.remarks), list(before.signatures)
    opened, owed = list(before.opened), dict.fromkeys(before.owed)
    for entry in entries:
        base = (entry.seq, entry.occurred_at, entry.recorded_at, entry.actor, entry.auth)
        body = entry.body
        if entry.auth == UNIDENTIFIED:
            owed[entry.seq] = None
        if entry.kind in ("slot.booked", "slot.moved"):
            plans.append(
                Planned(
                    *base, entry.kind, body["room"], _at(body, "start_us"), _at(body, "end_us"), _text(body, "reason")
                )
            )
        elif entry.kind in ("note.added", "case.amended"):
            remarks.append(Remark(*base, entry.kind, _text(body, "text")))
        elif entry.kind == "slot.cancelled":
            remarks.append(Remark(*base, entry.kind, _text(body, "reason")))
        elif entry.kind == "case.signed":
            signatures.append(Signature(*base, body["statement"], body["digest"], int(body["entries"])))
        elif entry.kind == "case.opened":
            opened.append(Remark(*base, entry.kind, _text(body, "reason")))
        elif entry.kind == "entries.claimed":
            for seq in body["seqs"]:
                owed.pop(int(seq), None)
    return History(tuple(plans), tuple(remarks), tuple(signatures), tuple(opened), tuple(owed))


def _at(body: Mapping[str, Any], name: str) -> datetime:
    return _EPOCH + timedelta(microseconds=int(body[name]))


def _text(body: Mapping[str, Any], name: str) -> str:
    return str(body.get(name, ""))
