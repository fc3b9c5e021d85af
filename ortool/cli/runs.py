"""`ortool run`: a case's checklist without the screens, for scripts and other faces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, TypedDict

import typer

from ortool.cli.session import actor_of, opened
from ortool.errors import BadInput, Refused

if TYPE_CHECKING:
    from ortool.caselog.dossier import Dossier
    from ortool.checklist.commands import Command
    from ortool.services.theatre import Theatre

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Work a case's checklist without the screens.",
)

Case = Annotated[str, typer.Argument(metavar="CASE", help="The case's number.")]
At = Annotated[str, typer.Option("--at", metavar="HH:MM", help="When it happened, where that was not now.")]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why; it stands in the journal.")]
Second = Annotated[str, typer.Option(metavar="PERSON", help="The second person.")]
Paper = Annotated[
    str,
    typer.Option(
        metavar="FORM",
        help="The form's number: what was written on paper is entered as transcribed, with both times; needs --at.",
    ),
]
WrittenBy = Annotated[str, typer.Option(metavar="PERSON", help="Who had written it on the paper.")]
VerifiedBy = Annotated[str, typer.Option(metavar="PERSON", help="Who compared what is entered with the paper.")]
ListName = Annotated[
    str,
    typer.Option(
        "--list", metavar="NAME", help="A review or follow-up beside the operation, for example recovery-plan."
    ),
]
CommandId = Annotated[str, typer.Option(metavar="TEXT", help="Makes a repeat of the same command harmless.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Said = Literal["done", "no", "not-applicable", "override", "defer"]
STATES = {"not-applicable": "not_applicable", "override": "overridden", "defer": "deferred"}


@app.command("start", epilog="Example: ortool run start 1004 --at 07:55 --by cn1")
def start(ctx: typer.Context, case: Case, at: At = "", list_name: ListName = "", command_id: CommandId = "") -> None:
    """Begin a case's checklist with its first time stamp; its exact text is kept with the case from then on."""
    from ortool.checklist.commands import StampMilestone
    from ortool.cli.inputs import read_occurred
    from ortool.services.cases import find_case
    from ortool.services.running import open_case

    with opened(ctx) as theatre:
        dossier = open_case(theatre, find_case(theatre, case).id, list_name)
        if dossier.started:
            what = f"{list_name} of case" if list_name else "Case"
            raise Refused(f"{what} {dossier.case.number} has begun already.", "`ortool run show` says how far it is.")
        if dossier.plan is None:
            raise Refused(f"{dossier.case.procedure} has no checklist here.", "Ask who keeps the checklists.")
        occurred = read_occurred(at, theatre.now(), theatre.settings.zone)
        _act(ctx, theatre, (case, list_name), StampMilestone(next(iter(dossier.plan.stamps)), occurred), command_id)


@app.command("answer", epilog='Example: ortool run answer 1004 P1.9 no --reason "Set comes at nine" --by cn1')
def answer(  # noqa: PLR0917 each is an option of its own
    ctx: typer.Context,
    case: Case,
    item: Annotated[str, typer.Argument(metavar="ITEM", help="The item's id, for example P1.3.")],
    said: Annotated[Said, typer.Argument(help="What was said; without it, done.")] = "done",
    value: Annotated[
        str,
        typer.Option(metavar="TEXT", help="Choice, number, words, image id, time (HH:MM, now, -5) or code scanned."),
    ] = "",
    reason: Reason = "",
    second: Second = "",
    defer_to: Annotated[str, typer.Option(metavar="PAUSE", help="The pause to which it is put off.")] = "",
    at: At = "",
    paper: Paper = "",
    written_by: WrittenBy = "",
    verified_by: VerifiedBy = "",
    list_name: ListName = "",
    command_id: CommandId = "",
) -> None:
    """Answer an item: done, no, not applicable, overridden or deferred."""
    from ortool.checklist.commands import AnswerItem
    from ortool.checklist.records import State
    from ortool.cli.inputs import read_occurred, second_of

    with opened(ctx) as theatre:
        occurred = read_occurred(at, theatre.now(), theatre.settings.zone)
        voice, state = second_of(theatre, second), State(STATES.get(said, said))
        sheet = _sheet(theatre, paper, written_by, verified_by)
        command = AnswerItem(item, state, value, reason, voice, defer_to, occurred, **sheet)
        _act(ctx, theatre, (case, list_name), command, command_id)


@app.command("stamp", epilog="Example: ortool run stamp 1004 PIR --at 08:02 --by cn1")
def stamp(
    ctx: typer.Context,
    case: Case,
    milestone: Annotated[str, typer.Argument(metavar="STAMP", help="The stamp's id, for example PIR.")],
    at: At = "",
    reason: Reason = "",
    paper: Paper = "",
    written_by: WrittenBy = "",
    verified_by: VerifiedBy = "",
    list_name: ListName = "",
    command_id: CommandId = "",
) -> None:
    """Stamp a milestone; with a reason, correct its time."""
    from ortool.checklist.commands import StampMilestone
    from ortool.cli.inputs import read_occurred

    with opened(ctx) as theatre:
        occurred = read_occurred(at, theatre.now(), theatre.settings.zone)
        sheet = _sheet(theatre, paper, written_by, verified_by)
        _act(ctx, theatre, (case, list_name), StampMilestone(milestone, occurred, reason, **sheet), command_id)


@app.command("gate", epilog='Example: ortool run gate 1004 P13 --reason "Still drowsy" --second sp1 --by an2')
def gate(
    ctx: typer.Context,
    case: Case,
    pause: Annotated[str, typer.Argument(metavar="PAUSE", help="The incomplete pause, for example P13.")],
    reason: Reason,
    second: Second,
    target: Annotated[str, typer.Option(metavar="ID", help="What it holds back; without it, the first.")] = "",
    list_name: ListName = "",
    command_id: CommandId = "",
) -> None:
    """Pass an incomplete pause with a reason and a second person."""
    from ortool.checklist.commands import PassGate
    from ortool.cli.inputs import second_of
    from ortool.services.cases import find_case
    from ortool.services.running import open_case

    with opened(ctx) as theatre:
        plan = open_case(theatre, find_case(theatre, case).id, list_name).plan
        held = [one for one, pauses in plan.gated_by.items() if pause in {p.id for p in pauses}] if plan else []
        command = PassGate(pause, target or next(iter(held), ""), reason, second_of(theatre, second))
        _act(ctx, theatre, (case, list_name), command, command_id)


@app.command("count", epilog="Example: ortool run count 1004 closing-1 --as-expected --second sc1 --by cn1")
def count(
    ctx: typer.Context,
    case: Case,
    moment: Annotated[str, typer.Argument(metavar="MOMENT", help="Which count, for example baseline.")],
    second: Second,
    found: Annotated[
        list[str] | None, typer.Option(metavar="CATEGORY=N", help="What was found; repeated for each category.")
    ] = None,
    as_expected: Annotated[bool, typer.Option("--as-expected", help="Categories not named are as expected.")] = False,
    at: At = "",
    paper: Paper = "",
    written_by: WrittenBy = "",
    verified_by: VerifiedBy = "",
    list_name: ListName = "",
    command_id: CommandId = "",
) -> None:
    """Record what two people counted at a moment."""
    from ortool.checklist.commands import RecordCount
    from ortool.cli.inputs import pairs, read_occurred, second_of
    from ortool.services.cases import find_case
    from ortool.services.running import open_case

    with opened(ctx) as theatre:
        numbers = {name: _whole(text) for name, text in pairs(found or [], "--found sponges=20").items()}
        run = open_case(theatre, find_case(theatre, case).id, list_name).run
        if as_expected and run is not None:
            categories = [category.id for category in run.plan.checklist.count_categories]
            numbers = run.ledger.expected(categories) | numbers
        occurred = read_occurred(at, theatre.now(), theatre.settings.zone)
        sheet = _sheet(theatre, paper, written_by, verified_by)
        command = RecordCount(moment, numbers, second_of(theatre, second), occurred, **sheet)
        _act(ctx, theatre, (case, list_name), command, command_id)


@app.command("add", epilog="Example: ortool run add 1004 sponges 10 --by cn1")
def add(
    ctx: typer.Context,
    case: Case,
    category: Annotated[str, typer.Argument(metavar="CATEGORY", help="What came to the field, for example sponges.")],
    number: Annotated[int, typer.Argument(metavar="N", help="How many; negative: handed off for good.")],
    at: At = "",
    paper: Paper = "",
    written_by: WrittenBy = "",
    verified_by: VerifiedBy = "",
    list_name: ListName = "",
    command_id: CommandId = "",
) -> None:
    """Say what came to the field after the first count."""
    from ortool.checklist.commands import AddToCount
    from ortool.cli.inputs import read_occurred

    with opened(ctx) as theatre:
        occurred = read_occurred(at, theatre.now(), theatre.settings.zone)
        command = AddToCount(category, number, occurred, **_sheet(theatre, paper, written_by, verified_by))
        _act(ctx, theatre, (case, list_name), command, command_id)


@app.command("read", epilog="Example: ortool run read 1004 map-low 61 --at 09:12 --by an2")
def read(
    ctx: typer.Context,
    case: Case,
    timer: Annotated[str, typer.Argument(metavar="CLOCK", help="The clock's id, for example map-low.")],
    value: Annotated[str, typer.Argument(metavar="NUMBER", help="What was read off.")],
    at: At = "",
    paper: Paper = "",
    written_by: WrittenBy = "",
    verified_by: VerifiedBy = "",
    list_name: ListName = "",
    command_id: CommandId = "",
) -> None:
    """Enter a reading of a clock that runs while the last one is below your site's limit."""
    from ortool.checklist.commands import TakeReading
    from ortool.cli.inputs import read_occurred

    with opened(ctx) as theatre:
        occurred = read_occurred(at, theatre.now(), theatre.settings.zone)
        command = TakeReading(timer, value, occurred, **_sheet(theatre, paper, written_by, verified_by))
        _act(ctx, theatre, (case, list_name), command, command_id)


@app.command("undo", epilog='Example: ortool run undo 1004 --entry 512 --reason "Wrong item" --by cn1')
def undo(
    ctx: typer.Context,
    case: Case,
    entry: Annotated[int | None, typer.Option(metavar="SEQ", help="The entry's number; without it, the last.")] = None,
    reason: Reason = "",
    list_name: ListName = "",
    command_id: CommandId = "",
) -> None:
    """Take the last record back, or the one of an entry; after a minute with a reason. Both stay in the journal."""
    from ortool.checklist.commands import Undo
    from ortool.services.cases import find_case
    from ortool.services.running import open_case

    with opened(ctx) as theatre:
        run = open_case(theatre, find_case(theatre, case).id, list_name).run
        if run is None or not run.live:
            raise Refused("There is nothing to undo there.")
        _act(ctx, theatre, (case, list_name), Undo(run.live[-1].seq if entry is None else entry, reason), command_id)


@app.command("note", epilog='Example: ortool run note 1004 "Second tray opened" --by cn1')
def note(
    ctx: typer.Context,
    case: Case,
    text: Annotated[str, typer.Argument(help="The note's words.")],
    at: At = "",
    list_name: ListName = "",
) -> None:
    """Add a note to a case that is not signed yet, or to a list beside it."""
    from ortool.cli.inputs import read_occurred
    from ortool.cli.output import say
    from ortool.cli.session import kept_words
    from ortool.services.cases import find_case
    from ortool.services.running import add_note, open_case

    with opened(ctx) as theatre:
        found = find_case(theatre, case)
        if open_case(theatre, found.id, list_name).history.is_signed:
            raise Refused(f"Case {found.number} is signed.", "`ortool log amend` writes an addendum.")
        occurred = read_occurred(at, theatre.now(), theatre.settings.zone)
        add_note(theatre, actor_of(ctx, theatre), found.id, text, occurred, list_name)
        say(kept_words(theatre) or f"The note stands in {_named(found.number, list_name)}.")


@app.command("settle", epilog="Example: ortool run settle 3 --by cn1")
def settle(
    ctx: typer.Context,
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="As `ortool doctor` shows it.")],
) -> None:
    """Let go of what this terminal saved and the rules then refused, once it was entered anew; a note says so."""
    from ortool.cli.output import say
    from ortool.services import keeping

    with opened(ctx) as theatre:
        say(f"Settled: {keeping.settle(theatre, actor_of(ctx, theatre), number)}.")


@app.command("show", epilog="Example: ortool run show 1004 --json")
def show_run(
    ctx: typer.Context,
    case: Case,
    list_name: ListName = "",
    paper: Annotated[str, typer.Option(metavar="FORM", help="Only that form: what of it is entered or missing.")] = "",
    as_json: Json = False,
) -> None:
    """Show a case's checklist, or a list beside it, as it was run so far; with --paper, a form against the screen."""
    from ortool.cli.output import show, show_json
    from ortool.cli.run_sheet import RunSheet
    from ortool.services.cases import find_case
    from ortool.services.running import open_case

    with opened(ctx) as theatre:
        dossier = open_case(theatre, find_case(theatre, case).id, list_name)
        if dossier.run is None:
            raise Refused(f"{dossier.case.procedure} has no checklist here.", "Ask who keeps the checklists.")
        if paper:
            from ortool.cli.run_paper import show_paper

            show_paper(theatre, dossier, paper, as_json)
            return
        settings = theatre.settings
        sheet = RunSheet(dossier, dossier.run, theatre.now(), settings.zone, settings.late_minutes)
        if as_json:
            show_json(sheet.as_json())
            return
        for line in sheet.lines():
            show(line)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 5):
        raise BadInput(f"{text[:20]!r} is no count.", "Write a whole number, for example --found sponges=20.")
    return int(text)


class _Sheet(TypedDict):
    paper: str
    written_by: str
    verified_by: str


def _sheet(theatre: Theatre, paper: str, written_by: str, verified_by: str) -> _Sheet:
    """Return the form that something stands on, and the ids of who wrote and who compared it. Raises BadInput."""
    from ortool.services.people import find_person

    if not paper.strip():
        for option, did, text in (
            ("--written-by", "wrote on paper", written_by),
            ("--verified-by", "compared it with the paper", verified_by),
        ):
            if text.strip():
                raise BadInput(f"{option} says who {did}.", "Give the form's number with --paper.")
    writer, verifier = (find_person(theatre, text).id if text.strip() else "" for text in (written_by, verified_by))
    return _Sheet(paper=paper, written_by=writer, verified_by=verifier)


def _act(ctx: typer.Context, theatre: Theatre, run: tuple[str, str], command: Command, command_id: str) -> None:
    """Carry a command out on a run: the case as typed, and the list beside it, empty for the operation."""
    from ortool.caselog.sheet import sheet_warning
    from ortool.checklist.once import EnteredBefore
    from ortool.cli.output import say
    from ortool.presentation.paper_words import before_words
    from ortool.services.cases import find_case
    from ortool.services.running import act, open_case
    from ortool.services.theatre import Repeated

    case, list_name = run
    actor = actor_of(ctx, theatre)
    found = find_case(theatre, case)
    try:
        dossier = act(theatre, actor, found.id, command, command_id, list_name)
    except EnteredBefore as before:
        dossier = open_case(theatre, found.id, list_name)
        words = before_words(before, dossier.names, theatre.settings.zone, theatre.now())
        if not before.same:
            raise Refused(words) from None
        say(words)
        return
    except Repeated:
        say(f"This was saved before; {_named(found.number, list_name)} is as it was.")
        return
    say(_saved(dossier))
    if (paper := getattr(command, "paper", "")) and (warning := sheet_warning(dossier, paper)):
        say(f"WARNING: {warning}")


def _named(number: int, list_name: str) -> str:
    return f"{list_name} of case {number}" if list_name else f"case {number}"


def _saved(dossier: Dossier) -> str:
    if dossier.list_id:
        return f"Saved in {_named(dossier.case.number, dossier.list_id)}."
    return f"Saved. Case {dossier.case.number} is {dossier.case.state.value}."
