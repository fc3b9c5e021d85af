"""`ortool person`: people, what they may do, and how they prove who they are."""

from typing import Annotated

import typer

from ortool.cli.session import actor_of, asked_pin, opened, options_of

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="People: who they are, what they may do, their PIN and badge.",
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list", epilog="Example: ortool person list --role surgeon")
def list_persons(
    ctx: typer.Context,
    role: Annotated[str, typer.Option(metavar="ROLE", help="Only those who may take this case role.")] = "",
    as_json: Json = False,
) -> None:
    """List the active people."""
    from ortool.checklist.definition import Role
    from ortool.cli.output import show_json, show_table
    from ortool.cli.shapes import person_json
    from ortool.errors import BadInput
    from ortool.services.people import list_people

    if role and role not in set(Role):
        raise BadInput(f"{role[:40]!r} is no role.", f"Roles: {', '.join(Role)}.")
    with opened(ctx) as theatre:
        people = list_people(theatre, role)
    if as_json:
        show_json([person_json(person) for person in people])
        return
    rows = [
        (person.id, person.initials, person.name, ", ".join(sorted(person.roles)), ", ".join(sorted(person.grants)))
        for person in people
    ]
    show_table(("id", "initials", "name", "roles", "may act as"), rows, "There is nobody.")


@app.command(
    "add", epilog='Example: ortool person add cn9 "Ann Example" --initials AE --role circulating_nurse --by co1'
)
def add(
    ctx: typer.Context,
    person: Annotated[str, typer.Argument(metavar="ID", help="A short id, for example cn9.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name as it is shown.")],
    initials: Annotated[str, typer.Option(metavar="TEXT", help="Up to five letters.")],
    role: Annotated[list[str], typer.Option(metavar="ROLE", help="A case role; may be repeated.")],
    as_json: Json = False,
) -> None:
    """Add a person. The very first one of a theatre needs no --by."""
    from ortool.cli.output import say, show_json
    from ortool.cli.shapes import person_json
    from ortool.people.person import Person
    from ortool.services.people import add_person, list_people
    from ortool.services.setup import SYSTEM

    with opened(ctx) as theatre:
        first = not options_of(ctx).by and not list_people(theatre)
        actor = SYSTEM if first else actor_of(ctx, theatre)
        added = add_person(theatre, actor, Person(person, name, initials, frozenset(role)))
    if as_json:
        show_json(person_json(added))
    else:
        say(f"{added.name} is {added.id} here.")


@app.command("retire", epilog="Example: ortool person retire cn9 --by co1")
def retire(
    ctx: typer.Context,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Id, initials or name.")],
) -> None:
    """Retire a person: no longer offered, still named wherever they stand."""
    from ortool.cli.output import say
    from ortool.services.people import find_person, retire_person

    with opened(ctx) as theatre:
        gone = retire_person(theatre, actor_of(ctx, theatre), find_person(theatre, person).id)
    say(f"{gone.name} is retired.")


@app.command("grant", epilog="Example: ortool person grant co1 admin charge --by co1")
def grant(
    ctx: typer.Context,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Id, initials or name.")],
    grants: Annotated[list[str], typer.Argument(metavar="GRANT", help="charge, scheduler, auditor, admin …")],
    remove: Annotated[bool, typer.Option("--remove", help="Take them back.")] = False,
) -> None:
    """Give a person grants beyond what their case roles bring."""
    from ortool.cli.output import say
    from ortool.services import people

    with opened(ctx) as theatre:
        found = people.find_person(theatre, person)
        added, removed = ([], grants) if remove else (grants, [])
        now = people.grant(theatre, actor_of(ctx, theatre), found.id, added, removed)
    say(f"{now.name}: {', '.join(sorted(now.grants)) or 'no grant'}.")


@app.command("email", epilog="Example: ortool person email su1 a.surgeon@hospital.example --by co1")
def email(
    ctx: typer.Context,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Id, initials or name.")],
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="Where invitations go.")] = "",
    none: Annotated[bool, typer.Option("--none", help="Take the address away.")] = False,
) -> None:
    """Give a person an e-mail address for invitations."""
    from ortool.cli.output import say
    from ortool.errors import BadInput
    from ortool.services.people import find_person, set_email

    if bool(address) == none:
        raise BadInput("Which address?", "Write one, or --none.")
    with opened(ctx) as theatre:
        found = find_person(theatre, person)
        set_email(theatre, actor_of(ctx, theatre), found.id, address)
    say(f"{found.name} has {'no address' if none else 'this address'} now.")


@app.command("pin", epilog="Example: ortool person pin cn9 --by co1")
def pin(
    ctx: typer.Context,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Id, initials or name.")],
) -> None:
    """Set a PIN. From the first one on, an administrator's, everybody proves who they are.

    It is asked on the terminal; a script sets ORTOOL_NEW_PIN, and ORTOOL_PIN for the person of --by.
    """
    from ortool.cli.output import say
    from ortool.services.identity import set_pin
    from ortool.services.people import find_person

    with opened(ctx) as theatre:
        first, found = not theatre.identifies, find_person(theatre, person)
        actor = actor_of(ctx, theatre)
        set_pin(theatre, actor, found.id, asked_pin(f"New PIN of {found.name}", new=True))
        say(f"The PIN of {found.name} is set.")
        if first:
            say(f"From now on everybody proves who they are. Keep a copy of {theatre.settings.pepper_path}, sealed.")


@app.command("badge", epilog="Example: ortool person badge cn9 --by co1")
def badge(
    ctx: typer.Context,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Id, initials or name.")],
    none: Annotated[bool, typer.Option("--none", help="Take the badge away.")] = False,
) -> None:
    """Give a person a badge: it is read, or typed, when asked. A script sets ORTOOL_BADGE."""
    import os

    from ortool.cli.output import say
    from ortool.services.identity import set_badge
    from ortool.services.people import find_person

    with opened(ctx) as theatre:
        found = find_person(theatre, person)
        actor = actor_of(ctx, theatre)
        number = "" if none else os.environ.get("ORTOOL_BADGE", "") or typer.prompt("Badge", hide_input=True)
        set_badge(theatre, actor, found.id, number)
    say(f"{found.name} has {'no badge' if none else 'this badge'} now.")


@app.command("unlock", epilog="Example: ortool person unlock cn9 --by co1")
def unlock(
    ctx: typer.Context,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Id, initials or name.")],
) -> None:
    """Let a person try a PIN again that too many wrong ones have locked."""
    from ortool.cli.output import say
    from ortool.services.identity import unlock as unlock_pin
    from ortool.services.people import find_person

    with opened(ctx) as theatre:
        found = unlock_pin(theatre, actor_of(ctx, theatre), find_person(theatre, person).id)
    say(f"{found.name} may try again.")
