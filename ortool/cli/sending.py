"""`ortool calendar push` and `ortool calendar invite`: slots put where other people look."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ortool.cli.session import actor_of, opened
from ortool.errors import BadInput, Refused

if TYPE_CHECKING:
    from ortool.services.pushing import Pushed
    from ortool.services.theatre import Theatre


def push(
    ctx: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="The calendar's address on a CalDAV server.")],
    *,
    user: Annotated[str, typer.Option(metavar="NAME", help="The user there.")],
    room: Annotated[str, typer.Option(metavar="ROOM", help="Only this room.")] = "",
    person: Annotated[str, typer.Option(metavar="PERSON", help="Only slots of this surgeon or anaesthetist.")] = "",
    service: Annotated[str, typer.Option(metavar="SERVICE", help="Only this specialty, such as spine.")] = "",
    audience: Annotated[
        Literal["busy", "slot", "team"],
        typer.Option(help="busy: room taken; slot: and specialty, case number; team: and staff. Never the patient."),
    ] = "busy",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be sent, and send nothing.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over what somebody changed there.")] = False,
    allow_plain: Annotated[bool, typer.Option("--allow-plain", help="Reach another machine by http://.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Put slots into a calendar on a CalDAV server, 30 days back to 180 ahead; run it again and only changes are sent.

    The password is asked, or read from ORTOOL_CALDAV_PASSWORD.
    """
    from ortool.calendar import Audience
    from ortool.calendar.collection import checked_address
    from ortool.calendar.feed import FeedKind
    from ortool.cli.calendars import narrowed_to
    from ortool.services import pushing

    if sum(map(bool, (room, person, service))) > 1:
        raise BadInput("Of what?", "Give one of --room, --person and --service, or none of them.")
    address = checked_address(url, allow_plain)
    with opened(ctx) as theatre:
        found = narrowed_to(theatre, room, person, service, "")
        kind = FeedKind.ROOM if room else FeedKind.PERSON if person else FeedKind.SERVICE if service else None
        subject = found[kind.value] if kind else ""
        target = pushing.Target(address=address, audience=Audience(audience), kind=kind, subject=subject)
        actor = actor_of(ctx, theatre)
        if dry_run:
            done = pushing.plan_push(theatre, actor, target)
        else:
            done = pushing.push(theatre, actor, target, user, password_for("ORTOOL_CALDAV_PASSWORD", user), force)
        _told(theatre, done, dry_run, as_json)


def password_for(variable: str, user: str) -> str:
    """Return a password from the environment, or asked. Raises BadInput: it is never an option of a command."""
    import getpass

    if given := os.environ.get(variable, ""):
        return given
    if not sys.stdin.isatty():
        raise BadInput(f"Which password has {user[:40]!r}?", f"Ask on a terminal, or set {variable}.")
    return getpass.getpass(f"Password of {user}: ")


def _told(theatre: Theatre, done: Pushed, dry_run: bool, as_json: bool) -> None:
    from ortool.cli.output import say, show, show_json
    from ortool.services.pushing import named

    conflicts = named(theatre, done.conflicts)
    if as_json:
        counts = {"sent": done.sent, "removed": done.removed, "unchanged": done.unchanged}
        show_json(counts | {"conflicts": conflicts, "cut": done.cut, "dry_run": dry_run})
    else:
        would = "would be " if dry_run else ""
        show(f"{done.sent} slots {would}sent, {done.removed} {would}taken out, {done.unchanged} unchanged.")
        for one in conflicts:
            say(f"Not touched, because somebody changed or removed it there: {one}.")
    if done.cut:
        raise Refused(done.cut, "Run the same again: it goes on where it stopped.")
    if conflicts:
        raise Refused(f"{len(conflicts)} slots were left as somebody made them there.", "--force writes over them.")


def invite(
    ctx: typer.Context,
    case: Annotated[str, typer.Argument(metavar="CASE", help="The case's number.")],
    *,
    out: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Write the mails as .eml files here.")] = None,
    send: Annotated[bool, typer.Option("--send", help="Send them by the mail server of the settings.")] = False,
    cancel: Annotated[bool, typer.Option("--cancel", help="Take the invitations back.")] = False,
    audience: Annotated[
        Literal["slot", "team"],
        typer.Option(help="slot: specialty and case number; team: and staff. Never the patient."),
    ] = "slot",
) -> None:
    """Invite the people of a case to its slot, by mail; they need an address (`ortool person email`).

    The mail server's password is asked, or read from ORTOOL_SMTP_PASSWORD.
    """
    from ortool.calendar import Audience
    from ortool.cli.output import say, show
    from ortool.services.cases import find_case
    from ortool.services.inviting import invite as invite_people
    from ortool.services.mailing import Folder, Post, Server

    if (out is None) == (not send):
        raise BadInput("Where do the mails go?", "Give --out FOLDER or --send.")
    with opened(ctx) as theatre:
        actor, found, settings = actor_of(ctx, theatre), find_case(theatre, case), theatre.settings
        if out is not None:
            post: Post = Folder(out)
        else:
            user = settings.smtp_user
            post = Server(settings, password_for("ORTOOL_SMTP_PASSWORD", user) if user else "")
        try:
            done = invite_people(theatre, actor, found.id, post, Audience(audience), cancel)
        finally:
            post.close()
    for words, names in (("Invited", done.asked), ("Taken back for", done.taken_back)):
        if names:
            show(f"{words}: {', '.join(names)}.")
    if done.without:
        say(f"No address: {', '.join(done.without)}.")
    if done.cut:
        raise Refused(done.cut, "Run the same again.")
