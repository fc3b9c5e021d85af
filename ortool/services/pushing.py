"""Slots put into a calendar on a CalDAV server: what changed is sent, what is gone is taken out, nobody is overwritten.

What was sent is remembered resource by resource, with the server's tag: a push that was cut goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlmodel import col, select

from ortool.calendar import Audience
from ortool.calendar.collection import Changed, Collection, resource_name, resource_of, says_the_same
from ortool.calendar.feed import FeedKind
from ortool.errors import Refused
from ortool.people.permissions import Bond, Verb
from ortool.services import renderings
from ortool.services.feeds import around_today
from ortool.storage.tables import SlotRow
from ortool.storage.tables_calendar import PushedRow

if TYPE_CHECKING:
    from ortool.people.person import Actor
    from ortool.services.renderings import Selection
    from ortool.services.theatre import Theatre

MOST_SECONDS = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where slots go, and which: of a room, a person or a service (all where `kind` is None), for an audience.

    `address` is as `checked_address` returns it.
    """

    address: str
    audience: Audience = Audience.BUSY
    kind: FeedKind | None = None
    subject: str = ""

    @property
    def scope(self) -> str:
        """What is pushed there, in a word: what another push put into the same calendar is not this one's."""
        return f"{self.kind.value}:{self.subject}" if self.kind else ""


@dataclass(slots=True)
class Pushed:
    """What a push did, or would do. `conflicts` are slots (ids) whose resource there is not as it was left.

    `cut` is the sentence why it stopped before its end, empty where it did not.
    """

    sent: int = 0
    removed: int = 0
    unchanged: int = 0
    conflicts: list[str] = field(default_factory=list)
    cut: str = ""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What there is to do: resources by slot, tags and hashes of what was sent, and what has to go."""

    wanted: dict[str, bytes]
    known: dict[str, PushedRow]
    gone: list[str]

    @property
    def changed(self) -> dict[str, bytes]:
        return {
            slot: data
            for slot, data in self.wanted.items()
            if slot not in self.known or self.known[slot].sha256 != hashlib.sha256(data).hexdigest()
        }


def plan_push(theatre: Theatre, actor: Actor, target: Target) -> Pushed:
    """Return what a push would do, by what was sent before; nothing is asked of the server. Raises as `push` does."""
    _check(target)
    theatre.permit(actor, Verb.SHARE, _bond(actor, target))
    plan = _plan(theatre, target)
    return Pushed(len(plan.changed), len(plan.gone), len(plan.wanted) - len(plan.changed))


def push(theatre: Theatre, actor: Actor, target: Target, user: str, password: str, force: bool = False) -> Pushed:
    """Bring a CalDAV calendar up to date, and return what was done; `force` writes over what others changed there.

    Raises Refused where the actor may not, or the server lets nobody in. A cut in the middle is told in the result.
    """
    _check(target)
    theatre.permit(actor, Verb.SHARE, _bond(actor, target))
    plan = _plan(theatre, target)
    with theatre.writing(actor, Verb.SHARE) as desk:
        desk.permit(Verb.SHARE, _bond(actor, target))
        wanted = {"wanted": len(plan.changed), "to_remove": len(plan.gone)}
        desk.append("calendar:push", "calendar.push_begun", _where(target, user) | wanted)
    done = Pushed(unchanged=len(plan.wanted) - len(plan.changed))
    collection = Collection(target.address, user, password)
    try:
        collection.check()
        _carry_out(theatre, target, collection, plan, done, force)
    finally:
        collection.close()
        with theatre.writing(actor, Verb.SHARE) as desk:
            desk.permit(Verb.SHARE, _bond(actor, target))
            counts = {"sent": done.sent, "removed": done.removed, "conflicts": len(done.conflicts)}
            desk.append("calendar:push", "calendar.pushed", _where(target, user) | counts | {"cut": bool(done.cut)})
    return done


def _carry_out(
    theatre: Theatre, target: Target, collection: Collection, plan: _Plan, done: Pushed, force: bool
) -> None:
    until = time.monotonic() + MOST_SECONDS
    work = [*((slot, data) for slot, data in plan.changed.items()), *((slot, None) for slot in plan.gone)]
    try:
        for slot, data in work:
            if time.monotonic() >= until:
                done.cut = "That took too long."
                return
            _one(theatre, target, collection, slot, data, plan.known.get(slot), done, force)
    except Refused as stopped:
        done.cut = str(stopped)


def _one(
    theatre: Theatre, target: Target, collection: Collection, slot: str, data: bytes | None, last: PushedRow | None,
    done: Pushed, force: bool,
) -> None:  # fmt: skip
    name = resource_name(theatre.store.site_id, slot)
    tag = last.etag if last else ""
    try:
        if data is None:
            collection.remove(name, tag, force)
            _forget(theatre, target, slot)
            done.removed += 1
            return
        tag = collection.put(name, data, tag, force)
    except Changed:
        standing = collection.read(name)
        # It may be our own: sent just before a cut that took the answer with it, or before this table was dropped.
        if data is None or standing is None or not says_the_same(standing.data, data):
            done.conflicts.append(slot)
            return
        tag = standing.etag
    _remember(theatre, target, slot, tag, data)
    done.sent += 1


def _plan(theatre: Theatre, target: Target) -> _Plan:
    selection = around_today(theatre, target.kind, target.subject)
    renderings.fill(theatre, selection, target.audience)
    events = renderings.rendered_events(theatre, selection, target.audience)
    with theatre.reading() as session:
        query = select(PushedRow).where(PushedRow.collection == target.address, PushedRow.scope == target.scope)
        known = {row.slot_id: row for row in session.exec(query).all()}
        session.expunge_all()
    gone = _gone(theatre, selection, sorted(known.keys() - events.keys()))
    return _Plan({slot: resource_of(event) for slot, event in events.items()}, known, gone)


def _gone(theatre: Theatre, selection: Selection, slots: list[str]) -> list[str]:
    """Return those that have to go: not what is merely past, which stays where it was read."""
    if not slots:
        return []
    with theatre.reading() as session:
        stands = col(SlotRow.state).in_(("booked", "held"))
        past = select(SlotRow.id).where(stands, col(SlotRow.end_at) <= selection.start)
        over = set(session.exec(past.where(col(SlotRow.id).in_(slots))).all())
    return [slot for slot in slots if slot not in over]


def _remember(theatre: Theatre, target: Target, slot: str, tag: str, data: bytes) -> None:
    with theatre.store.writing() as session:
        session.merge(
            PushedRow(
                collection=target.address, scope=target.scope, slot_id=slot, etag=tag,
                sha256=hashlib.sha256(data).hexdigest(),
            )
        )  # fmt: skip


def _forget(theatre: Theatre, target: Target, slot: str) -> None:
    with theatre.store.writing() as session:
        row = session.get(PushedRow, (target.address, target.scope, slot))
        if row is not None:
            session.delete(row)


def _check(target: Target) -> None:
    if not Audience(target.audience).allowed_in_feeds:
        raise Refused("Nobody's calendar elsewhere names a patient.", "Use the audience busy, slot or team.")


def _bond(actor: Actor, target: Target) -> Bond:
    return Bond.OWN if target.kind is FeedKind.PERSON and target.subject == actor.person.id else Bond.OTHER


def _where(target: Target, user: str) -> dict[str, str]:
    return {"where": target.address, "user": user, "of": target.scope, "audience": target.audience.value}


def named(theatre: Theatre, slots: list[str]) -> list[str]:
    """Return slots in words without a patient: room, day, time and case number."""
    zone = theatre.settings.zone
    with theatre.reading() as session:
        found = dict(renderings.events_of(session, slots))
    events = sorted(found.values(), key=lambda one: (one.start, one.room_id))
    return [f"{one.room_id} {one.start.astimezone(zone):%Y-%m-%d %H:%M}, case {one.case_number}" for one in events]
