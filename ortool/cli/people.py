"""`ortool person`: add, list and retire people."""

from typing import Annotated

import typer

from ortool.cli.session import actor_of, opened, options_of

app = typer.Typer(
    rich_markup_mode=None, add_completion=False, no_args_is_help=True, help="Add, list and retire people."
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
    rows = [(person.id, person.initials, person.name, ", ".join(sorted(person.roles))) for person in people]
    show_table(("id", "initials", "name", "roles"), rows, "There is nobody.")


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
