"""`ortool log`: list, show, sign and amend case logs."""

from typing import Annotated

import typer

from ortool.cli.log_export import export_command
from ortool.cli.log_import import import_command
from ortool.cli.log_list import list_command
from ortool.cli.log_stats import stats_command
from ortool.cli.session import actor_of, opened
from ortool.errors import Refused

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Find, show, sign, amend, count, export and import case logs.",
)

app.command("list", epilog="Example: ortool log list --day 2026-11-23 --unsigned")(list_command)
app.command("stats", epilog="Example: ortool log stats --day 2026-01-01 --days 90 --html quarter.html")(stats_command)
app.command("export", epilog="Example: ortool log export 2026.csv --day 2026-01-01 --days 365")(export_command)
app.command("import", epilog="Example: ortool log import past.csv --map past.toml --dry-run")(import_command)

Case = Annotated[str, typer.Argument(metavar="CASE", help="The case's number.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("show", epilog="Example: ortool log show 1004")
def show_log(ctx: typer.Context, case: Case, as_json: Json = False) -> None:
    """Show a case log: planned against actual, people, events, counts, departures with their reasons, signatures.

    Each review or follow-up beside the operation has a section of its own.
    """
    from ortool.caselog.report import make_report
    from ortool.cli.output import show_json, show_rich, width
    from ortool.presentation.case_log import case_log_renderable
    from ortool.presentation.case_log_json import case_log_json
    from ortool.services.cases import find_case
    from ortool.services.running import open_log

    with opened(ctx) as theatre:
        settings = theatre.settings
        dossier = open_log(theatre, find_case(theatre, case).id)
        report = make_report(dossier, theatre.now(), settings.late_minutes)
        if as_json:
            show_json(case_log_json(report))
        else:
            show_rich(case_log_renderable(report, settings.zone, width()))


@app.command("sign", epilog="Example: ortool log sign 1004 --by sp1")
def sign_log(ctx: typer.Context, case: Case) -> None:
    """Sign a case log. Only the case's surgeon signs; afterwards it is only amended."""
    from ortool.caselog.dossier import unfinished
    from ortool.cli.output import say
    from ortool.services.cases import find_case
    from ortool.services.running import STATEMENT, open_case, sign

    with opened(ctx) as theatre:
        found = find_case(theatre, case)
        actor = actor_of(ctx, theatre)
        left = unfinished(open_case(theatre, found.id), theatre.now())
        signed = sign(theatre, actor, found.id)
        for sentence in left:
            say(f"Signed with this left open: {sentence}")
        newest = signed.history.signatures[-1]
        say(f'Signed by {actor.person.name}: "{STATEMENT}" It covers {newest.entries} entries, {newest.digest[:12]}.')


@app.command("amend", epilog='Example: ortool log amend 1004 "Drain was removed on day two" --by sp1')
def amend_log(
    ctx: typer.Context, case: Case, text: Annotated[str, typer.Argument(help="The addendum's words.")]
) -> None:
    """Add an addendum to a signed case log; what was signed stays as it is."""
    from ortool.cli.output import say
    from ortool.services.cases import find_case
    from ortool.services.running import add_note, open_case

    with opened(ctx) as theatre:
        found = find_case(theatre, case)
        if not open_case(theatre, found.id).history.is_signed:
            raise Refused(f"Case {found.number} is not signed.", "`ortool run note` adds a note.")
        add_note(theatre, actor_of(ctx, theatre), found.id, text)
        say(f"The addendum stands in the case log of case {found.number}.")
