"""`ortool plan`: what could be done about a delay or an emergency, and doing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ortool.cli.plan_week import plan_week
from ortool.cli.session import actor_of, opened

if TYPE_CHECKING:
    from ortool.schedule.proposals import Plan
    from ortool.services.replanning import Late, Urgent
    from ortool.services.theatre import Theatre

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Plan a week's waiting list; re-plan the day after a delay or for an emergency.",
)


app.command("week", epilog="Example: ortool plan week --from 2026-11-30 --seconds 20 --apply --by co1")(plan_week)


@app.command("day", epilog="Example: ortool plan day --delay OR2=40")
def plan_day(
    ctx: typer.Context,
    delay: Annotated[str, typer.Option(metavar="WHO=MIN", help="A room or person runs so many minutes late.")] = "",
    since: Annotated[str, typer.Option("--from", metavar="HH:MM", help="Late from when on; without it now.")] = "now",
    emergency: Annotated[str, typer.Option(metavar="CASE", help="A waiting case that must begin soon.")] = "",
    within: Annotated[int, typer.Option(min=1, max=1440, help="Minutes within which it must begin.")] = 120,
    minutes: Annotated[int, typer.Option(min=0, max=1440, help="Its length; without it the procedure's own.")] = 0,
    any_surgeon: Annotated[
        bool, typer.Option("--any-surgeon", help="An emergency may go to another surgeon of its specialty.")
    ] = False,
    apply: Annotated[str, typer.Option(metavar="N", help="Carry out this proposal: its number or its mark.")] = "",
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; it stands in the journal.")] = "",
    move_frozen: Annotated[
        bool, typer.Option("--move-frozen", help="Move cases inside the freeze window too; needs a reason to apply.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Propose how today goes on: two or three ways, with who moves by how much. Writes nothing without --apply.

    What has begun or is frozen never moves. One `ortool slot undo` takes an applied proposal back.
    """
    from ortool.cli.output import say, show, show_json
    from ortool.presentation import replan_lines as words
    from ortool.services import replanning

    with opened(ctx) as theatre:
        what = _what(theatre, delay, since, emergency, within, minutes, any_surgeon)
        plans = replanning.propose(theatre, what, move_frozen)
        chosen = _chosen(plans, apply)
        if chosen:
            replanning.apply(theatre, actor_of(ctx, theatre), plans[chosen - 1], reason)
        if as_json:
            show_json(words.plans_json(plans, chosen))
            return
        if not plans:
            show(words.NOTHING)
        for number, plan in enumerate(plans, 1):
            if chosen in (0, number):
                show(f"{number} [{plan.mark}] {words.headline(plan)}")
                for sentence in words.sentences(plan, theatre.settings.zone):
                    show(f"  {sentence}")
        if chosen:
            say("Done. `ortool slot undo` takes it back.")
        elif plans:
            say(f"Nothing is written. --apply 1 (or its mark, --apply {plans[0].mark}) carries one out.")


def _what(
    theatre: Theatre, delay: str, since: str, emergency: str, within: int, minutes: int, any_surgeon: bool
) -> Late | Urgent:
    from ortool.cli.inputs import read_occurred
    from ortool.errors import BadInput
    from ortool.services.cases import find_case
    from ortool.services.replanning import Late, Urgent

    if bool(delay) == bool(emergency):
        raise BadInput("Say what happened: a delay or an emergency.", "--delay OR2=40, or --emergency CASE.")
    if emergency:
        return Urgent(find_case(theatre, emergency).id, within, minutes, any_surgeon)
    if any_surgeon:
        raise BadInput("Another surgeon is looked for only for an emergency.", "--emergency CASE --any-surgeon.")
    of, equals, late = delay.rpartition("=")
    if not equals or not (late.isascii() and late.isdigit()) or len(late) > 4:
        raise BadInput(f"{delay[:40]!r} is no delay.", "Write room or person, =, minutes: OR2=40.")
    zone = theatre.settings.zone
    return Late(of.strip(), int(late), None if since == "now" else read_occurred(since, theatre.now(), zone))


def _chosen(plans: tuple[Plan, ...], text: str) -> int:
    """Return the number of the plan that is asked for, 0 for none. Raises BadInput or Refused."""
    from ortool.errors import BadInput, Refused

    if not text:
        return 0
    marks = [plan.mark for plan in plans]
    if text in marks:
        return marks.index(text) + 1
    if text.isascii() and text.isdigit() and 1 <= int(text) <= len(plans) and len(text) < 3:
        return int(text)
    if len(text) == 4:
        raise Refused(
            f"No proposal has the mark {text[:4]} any more: the day is another by now.", "Look at them again."
        )
    raise BadInput(f"There is no proposal {text[:10]!r}.", f"There are {len(plans)}; without --apply they are listed.")
