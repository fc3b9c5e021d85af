"""What happened to a case outside its checklist: booked, moved, cancelled, noted, signed, amended, opened, claimed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ortool.checklist.records import EntryLike, Record, Stamp
from ortool.people.person import UNIDENTIFIED

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Planned(Record):
    """A booking, a move, or a cancellation taken back: room, start and end as planned (UTC)."""

    kind: str
    room: str
    start: datetime
    end: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Remark(Record):
    """Words added to a case: a note, a cancellation, a slot given back, an addendum after the signature.

    An addendum may be about an entry (`ref`, 0: none): `before` is what stands there, `after` what is right.
    """

    kind: str
    text: str
    ref: int = 0
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Signature(Record):
    """The surgeon's signature: its meaning, the digest of the entries that it covers, and the hash of what was signed.

    `sha256` is that of the signed form `schema`, made at `as_of` (UTC) with `late_minutes` as the site's limit, and
    with `head` as the newest link of the journal, of entry `head_seq`. A signature of an older version has none.
    """

    statement: str
    digest: str
    entries: int
    signer: str = ""
    schema: str = ""
    sha256: str = ""
    head_seq: int = 0
    head: str = ""
    as_of: datetime | None = None
    late_minutes: int = 0


@dataclass(frozen=True, slots=True)
class Claim(Record):
    """Somebody says that entries which nobody known has made are theirs; `seqs` are those entries."""

    seqs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Listed(Record):
    """A case that came from a list of the past: the list, the line in it, and the milestones that it named.

    `is_planned`: the list had the planned times too. Nobody knows when its times were typed.
    """

    source: str
    line: int
    is_planned: bool
    stamps: Mapping[str, Stamp]


@dataclass(frozen=True, slots=True)
class History:
    """A case's life outside the checklist, oldest first.

    `opened` are the reasons of people who opened a case that is not theirs; `owed` the entries that nobody known has
    made and nobody has claimed since, by number. `listed` is the line of a list that the case came from.
    """

    plans: tuple[Planned, ...] = ()
    remarks: tuple[Remark, ...] = ()
    signatures: tuple[Signature, ...] = ()
    opened: tuple[Remark, ...] = ()
    owed: tuple[int, ...] = ()
    claims: tuple[Claim, ...] = ()
    listed: Listed | None = None

    @property
    def claimed(self) -> dict[int, str]:
        """Who has claimed which entry of nobody known."""
        return {seq: claim.actor for claim in self.claims for seq in claim.seqs}

    def first_plan(self, came: datetime | None) -> Planned | None:
        """Return the first booking of those that stood when the patient came (UTC), or that stand now.

        It is the plan that actual times are compared with after moves too. A slot that was given back takes its
        booking along, unless that was undone. Where none stood, it is the first one that was entered later.
        """
        standing: Planned | None = None
        held: Planned | None = None
        gone = [one for one in self.remarks if one.kind in ("slot.cancelled", "slot.released")]
        every: list[Planned | Remark] = [*self.plans, *gone]
        for one in sorted(every, key=lambda record: record.seq):
            if came is not None and one.occurred_at > came:
                break
            if isinstance(one, Remark):
                standing, held = None, standing or held
            elif standing is None:
                standing = held if held is not None and one.kind == "slot.restored" else one
        if standing is None and came is not None:
            return next((one for one in self.plans if one.occurred_at > came), None)
        return standing

    @property
    def is_signed(self) -> bool:
        """Whether the log has been signed."""
        return bool(self.signatures)


def read_history(entries: Iterable[EntryLike], before: History | None = None) -> History:
    """Return the history in a case's entries (in order), or in those that came after what `before` was read from."""
    before = before or History()
    plans, remarks, signatures = list(before.plans), list(before.remarks), list(before.signatures)
    opened, owed = list(before.opened), dict.fromkeys(before.owed)
    claims, listed = list(before.claims), before.listed
    for entry in entries:
        base = (entry.seq, entry.occurred_at, entry.recorded_at, entry.actor, entry.auth)
        body = entry.body
        if entry.auth == UNIDENTIFIED:
            owed[entry.seq] = None
        if entry.kind in ("slot.booked", "slot.moved", "slot.restored"):
            plans.append(
                Planned(
                    *base, entry.kind, body["room"], _at(body, "start_us"), _at(body, "end_us"), _text(body, "reason")
                )
            )
        elif entry.kind == "case.imported":
            listed = _listed(base, body)
            if listed.is_planned:
                plans.append(
                    Planned(*base, "slot.listed", body["room"], _at(body, "start_us"), _at(body, "end_us"), "")
                )
        elif entry.kind in ("note.added", "case.amended"):
            about = int(body.get("ref", 0)), _text(body, "before"), _text(body, "instead")
            remarks.append(Remark(*base, entry.kind, _text(body, "text"), *about))
        elif entry.kind in ("slot.cancelled", "slot.released", "case.restored"):
            remarks.append(Remark(*base, entry.kind, _text(body, "reason")))
        elif entry.kind == "case.cancelled":
            why = " ".join(filter(None, (_text(body, "code"), _text(body, "reason"))))
            remarks.append(Remark(*base, entry.kind, why))
        elif entry.kind == "case.signed":
            signatures.append(_signature(base, body))
        elif entry.kind == "case.opened":
            opened.append(Remark(*base, entry.kind, _text(body, "reason")))
        elif entry.kind == "entries.claimed":
            claims.append(Claim(*base, tuple(int(seq) for seq in body["seqs"] if owed.pop(int(seq), 0) is None)))
    return History(tuple(plans), tuple(remarks), tuple(signatures), tuple(opened), tuple(owed), tuple(claims), listed)


def _listed(base: tuple[int, datetime, datetime, str, str], body: Mapping[str, Any]) -> Listed:
    seq, _, recorded_at, actor, auth = base
    times = {str(stamp): _EPOCH + timedelta(microseconds=int(at)) for stamp, at in body["times"].items()}
    stamps = {
        stamp: Stamp(seq, at, recorded_at, actor, auth, stamp)
        for stamp, at in sorted(times.items(), key=lambda one: one[1])
    }
    return Listed(*base, _text(body, "source"), int(body.get("line", 0)), body["slot_state"] != "unplanned", stamps)


def _signature(base: tuple[int, datetime, datetime, str, str], body: Mapping[str, Any]) -> Signature:
    return Signature(
        *base,
        body["statement"],
        body["digest"],
        int(body["entries"]),
        _text(body, "signer"),
        _text(body, "schema"),
        _text(body, "sha256"),
        int(body.get("head_seq", 0)),
        _text(body, "head"),
        _at(body, "as_of_us") if "as_of_us" in body else None,
        int(body.get("late_minutes", 0)),
    )


def _at(body: Mapping[str, Any], name: str) -> datetime:
    return _EPOCH + timedelta(microseconds=int(body[name]))


def _text(body: Mapping[str, Any], name: str) -> str:
    return str(body.get(name, ""))
