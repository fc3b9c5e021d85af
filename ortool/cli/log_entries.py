"""`ortool log sign`, `amend`, `delay`, `complication` and `codes`: what is added to a case log."""

from __future__ import annotations

from typing import Annotated

import typer

from ortool.cli.session import actor_of, opened
from ortool.errors import Refused

Case = Annotated[str, typer.Argument(metavar="CASE", help="The case's number.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Words = Annotated[str, typer.Option("--text", metavar="TEXT", help="A few words; up to 120 characters.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the group `log`."""
    app.command("sign", epilog="Example: ortool log sign 1004 --by sp1")(sign_log)
    app.command("amend", epilog='Example: ortool log amend 1004 "Drain was removed on day two" --by sp1')(amend_log)
    app.command("delay", epilog="Example: ortool log delay 1004 start F01 --minutes 12 --by cn1")(give_delay)
    app.command("complication", epilog="Example: ortool log complication 1004 intra.dural-tear --grade I --by sp1")(
        add_complication
    )
    app.command("codes", epilog="Example: ortool log codes --json")(list_codes)


def sign_log(ctx: typer.Context, case: Case) -> None:
    """Sign a case log. Only the case's surgeon signs; afterwards it is only amended."""
    from ortool.caselog.unfinished import unfinished
    from ortool.cli.output import say
    from ortool.services.cases import find_case
    from ortool.services.running import open_case, sign

    with opened(ctx) as theatre:
        found = find_case(theatre, case)
        actor = actor_of(ctx, theatre)
        left = unfinished(open_case(theatre, found.id), theatre.now())
        signed = sign(theatre, actor, found.id)
        for sentence in left:
            say(f"Signed with this left open: {sentence}")
        newest = signed.history.signatures[-1]
        say(f'Signed by {actor.person.name}: "{newest.statement}" It covers {newest.entries} entries.')
        say(f"SHA-256 of what was signed: {newest.sha256}")


def amend_log(
    ctx: typer.Context,
    case: Case,
    text: Annotated[str, typer.Argument(help="The addendum's words.")],
    entry: Annotated[int, typer.Option(metavar="SEQ", help="The entry that it is about; what stands is kept.")] = 0,
    after: Annotated[str, typer.Option(metavar="TEXT", help="What is right there, with --entry.")] = "",
) -> None:
    """Add an addendum to a signed case log; what was signed stays as it is."""
    from ortool.cli.output import say
    from ortool.services.cases import find_case
    from ortool.services.running import add_note, open_case

    with opened(ctx) as theatre:
        found = find_case(theatre, case)
        if not open_case(theatre, found.id).history.is_signed:
            raise Refused(f"Case {found.number} is not signed.", "`ortool run note` adds a note.")
        dossier = add_note(theatre, actor_of(ctx, theatre), found.id, text, about=entry, after=after)
        remark = dossier.history.remarks[-1]
        say(f"The addendum stands in the case log of case {found.number}.")
        if remark.before:
            say(f"Before: {remark.before}. After: {remark.after}.")


def give_delay(
    ctx: typer.Context,
    case: Case,
    delay: Annotated[str, typer.Argument(metavar="DELAY", help="start, ready, hold, or a phase, as the log names it.")],
    code: Annotated[str, typer.Argument(metavar="CODE", help="For example F01; `ortool log codes` lists them.")],
    minutes: Annotated[int, typer.Option(min=0, max=1440, help="How many of the minutes; without it, all.")] = 0,
    text: Words = "",
) -> None:
    """Say why something was ten minutes late or more, by a code."""
    from ortool.checklist.commands import ExplainDelay
    from ortool.cli.output import say
    from ortool.services.cases import find_case
    from ortool.services.running import act

    with opened(ctx) as theatre:
        found = find_case(theatre, case)
        act(theatre, actor_of(ctx, theatre), found.id, ExplainDelay(delay, code, minutes, text))
        say(f"{code.upper()} stands in the case log of case {found.number}.")


def add_complication(
    ctx: typer.Context,
    case: Case,
    event: Annotated[str, typer.Argument(metavar="EVENT", help="For example post.haematoma, or withdrawn.")],
    grade: Annotated[str, typer.Option(metavar="GRADE", help="Clavien-Dindo: I, II, IIIa … V, `-d` with it.")] = "",
    severity: Annotated[int, typer.Option(min=0, max=6, help="SAVES V2: 1 to 6.")] = 0,
    text: Words = "",
    at: Annotated[str, typer.Option("--at", metavar="WHEN", help='HH:MM or "YYYY-MM-DD HH:MM"; without it, now.')] = "",
    corrects: Annotated[int, typer.Option(metavar="SEQ", help="The entry of an earlier one that this replaces.")] = 0,
) -> None:
    """Enter a complication by the list, graded; also at a follow-up, after the signature, where it says so."""
    from ortool.checklist.commands import RecordComplication
    from ortool.cli.inputs import read_occurred
    from ortool.cli.output import say
    from ortool.services.cases import find_case
    from ortool.services.running import act

    with opened(ctx) as theatre:
        found = find_case(theatre, case)
        occurred = read_occurred(at, theatre.now(), theatre.settings.zone)
        command = RecordComplication(event, grade, severity, text, occurred, corrects)
        after = act(theatre, actor_of(ctx, theatre), found.id, command)
        later = ", after the signature" if after.history.is_signed else ""
        say(f"{event} stands in the case log of case {found.number}{later}.")


def list_codes(as_json: Json = False) -> None:
    """List the codes of delays and complications, and what the grades mean."""
    from ortool.checklist.coded import COMPLICATIONS, DELAY_CODES, GRADES, SEVERITIES
    from ortool.cli.output import show_json, show_table

    coded = [("delay", code) for code in DELAY_CODES.values()]
    coded += [("complication", code) for code in COMPLICATIONS.values()]
    if as_json:
        grades = {"clavien_dindo": dict(GRADES), "saves_severity": {str(key): text for key, text in SEVERITIES.items()}}
        codes = [{"list": of, "id": code.id, "title": code.title, "group": code.group} for of, code in coded]
        show_json({"codes": codes, **grades})
        return
    rows = [(of, code.id, code.title, code.group) for of, code in coded]
    rows += [("Clavien-Dindo", grade, words, "") for grade, words in GRADES.items()]
    rows += [("SAVES severity", str(number), words, "") for number, words in SEVERITIES.items()]
    show_table(("list", "code", "meaning", "whose, or when"), rows, "There are no codes.")
