"""Calendar feeds: made, listed, revoked, rotated, and found by their token. A token is shown once and kept hashed."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from ortool.calendar import Audience
from ortool.calendar.feed import DAYS_AFTER, DAYS_BEFORE, Feed, FeedKind
from ortool.errors import BadInput, Refused, StorageFault
from ortool.journal.entry import to_micros
from ortool.people.permissions import Bond, Verb
from ortool.people.person import Actor
from ortool.services import renderings
from ortool.services.again import repeatable
from ortool.services.boards import day_span
from ortool.services.calendars import CANCELLED_DAYS, services_of, since
from ortool.services.cases import rooms_of
from ortool.services.renderings import Selection
from ortool.services.theatre import Desk, Theatre
from ortool.storage.tables import PersonRow
from ortool.storage.tables_calendar import FeedRow, FeedSeenRow

TOKEN_BYTES = 32
MOST_DAYS = 800


@dataclass(frozen=True, slots=True)
class NewFeed:
    """A feed that was just made, with its token: the only time that it is known."""

    feed: Feed
    token: str


@repeatable
def add_feed(
    theatre: Theatre, actor: Actor, kind: FeedKind, subject: str, audience: Audience, days: int = 365
) -> NewFeed:
    """Make a feed of a room, a person (their own, or as a scheduler anybody's) or a service. Raises BadInput, Refused.

    `subject` is an id, or the service's name; the feed ends after `days`.
    """
    if not Audience(audience).allowed_in_feeds:
        hint = "`ortool calendar export --audience named` writes a file."
        raise Refused("A feed names no patient: its address is copied and kept by others.", hint)
    if not 1 <= days <= MOST_DAYS:
        raise BadInput(f"A feed lasts 1 to {MOST_DAYS} days.", "Rotate it before it ends.")
    with theatre.writing(actor, Verb.SHARE) as desk:
        _permit(desk, kind, subject)
        if subject not in _titles(theatre, desk.session)[kind]:
            raise BadInput(f"There is no {kind} {subject[:40]!r}.", "Nothing was made.")
        return _made(desk, kind, subject, Audience(audience), timedelta(days=days))


@repeatable
def revoke_feed(theatre: Theatre, actor: Actor, feed_id: str) -> Feed:
    """End a feed: whoever still asks for it is told that it is gone. Raises BadInput, Refused."""
    with theatre.writing(actor, Verb.SHARE) as desk:
        row = _standing(desk, feed_id)
        _revoke(desk, row)
        return _feed_of(row, _titles(theatre, desk.session))


@repeatable
def rotate_feed(theatre: Theatre, actor: Actor, feed_id: str, days: int = 365) -> NewFeed:
    """Replace a feed by one that is the same but for its id, its address and its end. Raises BadInput, Refused."""
    with theatre.writing(actor, Verb.SHARE) as desk:
        row = _standing(desk, feed_id)
        _revoke(desk, row)
        return _made(desk, FeedKind(row.kind), row.subject, Audience(row.audience), timedelta(days=days))


def list_feeds(theatre: Theatre) -> list[Feed]:
    """Return every feed, the open ones first, by kind and subject. No token is among them: nobody has one."""
    now = theatre.now()
    with theatre.reading() as session:
        titles = _titles(theatre, session)
        found = [_feed_of(row, titles) for row in session.exec(select(FeedRow)).all()]
    return sorted(found, key=lambda one: (not one.is_open(now), one.kind, one.subject, one.audience, one.id))


def find_feed(theatre: Theatre, token: str) -> Feed | None:
    """Return the feed of a token, open or not; None where there never was one."""
    hashed = _hashed(token)
    with theatre.reading() as session:
        row = session.exec(select(FeedRow).where(col(FeedRow.token_sha256) == hashed)).first()
        # The look-up is by a hash that nobody can steer; the comparison takes the same time wherever it differs.
        if row is None or not hmac.compare_digest(row.token_sha256, hashed):
            return None
        return _feed_of(row, _titles(theatre, session))


def etag_of(theatre: Theatre, feed: Feed) -> str:
    """Return what a feed's bytes are known by, without rendering: it changes whenever one of them would."""
    said = renderings.fingerprint(theatre, around_today(theatre, feed.kind, feed.subject), feed.audience)
    words = "\x1f".join((said, _name(theatre, feed), str(theatre.settings.zone)))
    return hashlib.sha256(words.encode()).hexdigest()[:40]


def changed_since(theatre: Theatre, feed: Feed, etag: str) -> datetime:
    """Return since when a feed is as `etag` says (UTC, whole seconds); two versions of it never share one.

    It moves with whatever changes the bytes, a new name too, and outlasts the program.
    """
    with theatre.reading() as session:
        seen = session.get(FeedSeenRow, feed.id)
        if seen is not None and seen.etag == etag:
            return seen.changed_at
    now = theatre.now().replace(microsecond=0)
    try:
        with theatre.store.writing() as session:
            before = session.get(FeedSeenRow, feed.id)  # another server may have seen it meanwhile
            if before is not None and before.etag == etag:
                return before.changed_at
            changed = max(now, before.changed_at + timedelta(seconds=1)) if before else now
            session.merge(FeedSeenRow(feed_id=feed.id, etag=etag, changed_at=changed))
            return changed
    except StorageFault:  # a calendar is read where nothing can be kept
        return now


def pieces_of(theatre: Theatre, feed: Feed) -> Iterator[bytes]:
    """Return a feed's calendar in pieces; what was changed since the last time is rendered and kept first."""
    selection = around_today(theatre, feed.kind, feed.subject)
    renderings.fill(theatre, selection, feed.audience)
    return renderings.stream(theatre, selection, feed.audience, _name(theatre, feed))


def around_today(theatre: Theatre, kind: FeedKind | None, subject: str) -> Selection:
    """Return the days that live calendars hold, of one room, person or service, or of all."""
    today = theatre.now().astimezone(theatre.settings.zone).date()
    span = day_span(theatre, today - timedelta(days=DAYS_BEFORE), DAYS_BEFORE + DAYS_AFTER + 1)
    of = {kind: subject}
    return Selection(
        start=span.start,
        end=span.end,
        cancelled_since=since(theatre, CANCELLED_DAYS),
        room=of.get(FeedKind.ROOM, ""),
        person=of.get(FeedKind.PERSON, ""),
        service=of.get(FeedKind.SERVICE, ""),
    )


def _name(theatre: Theatre, feed: Feed) -> str:
    return f"{theatre.settings.site} {feed.title}"


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _permit(desk: Desk, kind: FeedKind, subject: str) -> None:
    is_own = kind is FeedKind.PERSON and subject == desk.actor.person.id
    desk.permit(Verb.SHARE, Bond.OWN if is_own else Bond.OTHER)


def _standing(desk: Desk, feed_id: str) -> FeedRow:
    row = desk.session.get(FeedRow, feed_id.strip())
    if row is None:
        desk.permit(Verb.SHARE, Bond.OTHER)
        raise BadInput(f"There is no feed {feed_id[:20]!r}.", "`ortool calendar feed list` shows their ids.")
    _permit(desk, FeedKind(row.kind), row.subject)
    if row.revoked_at is not None:
        raise Refused(f"Feed {row.id} is revoked already.")
    return row


def _made(desk: Desk, kind: FeedKind, subject: str, audience: Audience, lasts: timedelta) -> NewFeed:
    token, theatre = secrets.token_urlsafe(TOKEN_BYTES), desk.theatre
    row = FeedRow(
        id=uuid.uuid4().hex[:10], token_sha256=_hashed(token), kind=kind.value, subject=subject,
        audience=audience.value, expires_at=theatre.now() + lasts,
    )  # fmt: skip
    desk.session.add(row)
    desk.session.flush()
    body = row.model_dump(include={"token_sha256", "kind", "subject", "audience"})
    desk.append(f"feed:{row.id}", "feed.added", body | {"expires_us": to_micros(row.expires_at)})
    return NewFeed(_feed_of(row, _titles(theatre, desk.session)), token)


def _revoke(desk: Desk, row: FeedRow) -> None:
    row.revoked_at = desk.theatre.now()
    desk.session.add(row)
    desk.session.flush()
    desk.append(f"feed:{row.id}", "feed.revoked", {"revoked_us": to_micros(row.revoked_at)})


def _titles(theatre: Theatre, session: Session) -> dict[FeedKind, dict[str, str]]:
    """Return what there is to make a feed of: the names by kind and subject."""
    people = session.exec(select(PersonRow.id, PersonRow.name).where(PersonRow.active)).all()
    return {
        FeedKind.ROOM: rooms_of(session),
        FeedKind.PERSON: dict(people),
        FeedKind.SERVICE: {one: one for one in services_of(theatre)},
    }


def _feed_of(row: FeedRow, titles: dict[FeedKind, dict[str, str]]) -> Feed:
    kind = FeedKind(row.kind)
    title = titles[kind].get(row.subject)
    return Feed(
        row.id, kind, row.subject, Audience(row.audience), row.expires_at, row.revoked_at, title or row.subject,
        title is not None,
    )  # fmt: skip
