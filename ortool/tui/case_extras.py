"""What the case screen asks when something happens: events, an emergency, a pause read again, people in the room."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from ortool.checklist.commands import (
    Command,
    DeclareEmergency,
    EndEmergency,
    ExplainDelay,
    GiveReason,
    JoinTeam,
    LeaveTeam,
    RecordComplication,
    ReopenPause,
    StartEvent,
    Voice,
)
from ortool.checklist.decide import subject
from ortool.checklist.definition import Role
from ortool.errors import OrtoolError
from ortool.presentation.alerts import unclaimed_words
from ortool.presentation.words import clock
from ortool.tui.case_questions import REASONS, refusal_of, second_of
from ortool.tui.choosing import match, person_question
from ortool.tui.coded_questions import ask_complication, ask_delay
from ortool.tui.forms import Form, Question
from ortool.tui.identifying import carry_out

if TYPE_CHECKING:
    from ortool.caselog.dossier import Dossier
    from ortool.checklist.run import Run
    from ortool.tui.app import OrtoolApp
    from ortool.tui.case import CaseScreen

LATE, WRONG = "say why it was late", "a complication, from the list"
EMERGENCY, OVER, OWED = "EMERGENCY: hold nothing back", "the emergency is over", "give a reason that is owed"
AGAIN_REASONS = ("table moved", "patient moved", "team changed", "asked for")
ROLES = tuple(role.value.replace("_", " ") for role in Role if role is not Role.PATIENT)
JOINS, RELIEVES, LEAVES = "joins", "relieves", "leaves"


def _run(screen: CaseScreen) -> Run | None:
    return screen.dossier.run if screen.dossier else None


async def happened(screen: CaseScreen) -> None:
    """Ask what happened: an event of the checklist, an emergency, or a reason that is owed."""
    run = _run(screen)
    if run is None or not await screen.somebody():
        return
    events = {event.title: event.id for event in run.plan.checklist.events}
    extra = [OVER if run.is_emergency else EMERGENCY, *([OWED] if run.owed else []), LATE, WRONG]
    words = [f"{number:>2} {title}" for number, title in enumerate([*events, *extra], 1)]
    question = Question("what", "Number or words", presets=(*events, *extra), listed=False)
    answers = await screen.app.push_screen_wait(Form("What happened?", [question], words, alarm=True))
    if answers is None:
        return
    what = answers["what"]
    if what in events:
        await _open_event(screen, events[what])
    elif what == EMERGENCY:
        await _declare(screen)
    elif what == OVER:
        await screen.carry_out(EndEmergency(), "")
    elif what == OWED:
        await _give_reason(screen)
    elif what in (LATE, WRONG):
        await _coded(screen, ask_delay if what == LATE else ask_complication)
    else:
        screen.say(f"{what[:40]} is not in this checklist; `a` adds a note.", "warn")


async def _coded(
    screen: CaseScreen, ask: Callable[[OrtoolApp, Dossier], Awaitable[ExplainDelay | RecordComplication | None]]
) -> None:
    assert screen.dossier is not None
    if (command := await ask(screen.app, screen.dossier)) and await screen.carry_out(command, ""):
        screen.say("Entered; it stands in the case log.", "done")


async def _open_event(screen: CaseScreen, event: str) -> None:
    if await screen.carry_out(StartEvent(event), "") and (run := _run(screen)):
        pause = run.plan.pauses[run.extras[-1].instance]
        screen.rows.go_to(("item", pause.items[0].id))
        screen.say(f"{pause.title}: read each line, do it, answer it.")


async def _declare(screen: CaseScreen) -> None:
    words = ["From now on nothing is held back, and no reason is asked for.", "What is passed is owed a reason later."]
    if await screen.app.push_screen_wait(Form("Declare an emergency?", [], words, alarm=True, confirm=True)) is None:
        return
    await screen.carry_out(DeclareEmergency(), "")


async def _give_reason(screen: CaseScreen) -> None:
    run = _run(screen)
    assert run is not None
    record = run.owed[0]
    passed = getattr(record, "passed", ())
    said = f"{subject(record)} at {clock(record.occurred_at, screen.app.verbs.zone)}"
    words = [f"{said}, passing {', '.join(passed)}" if passed else said]
    questions = [
        Question("reason", "Reason", presets=REASONS),
        person_question("second", "Second person", list(screen.people.values())),
    ]

    def command(answers: dict[str, str]) -> GiveReason:
        return GiveReason(record.seq, answers["reason"], second_of(screen, answers["second"]))

    await _ask(
        screen, Form("A reason is owed", questions, words, lambda given: refusal_of(screen, command(given))), command
    )


async def _ask(screen: CaseScreen, form: Form, command: object) -> None:
    answers = await screen.app.push_screen_wait(form)
    if answers is not None:
        assert callable(command)
        await screen.carry_out(command(answers), "")


async def read_again(screen: CaseScreen) -> None:
    """Read the pause under the cursor again: a new one, beside the old."""
    run, row = _run(screen), screen.row
    if run is None or row is None or not row.pause or not await screen.somebody():
        screen.say("The cursor is on no pause.", "warn")
        return
    pause = run.plan.pauses[row.pause]

    def command(answers: dict[str, str]) -> ReopenPause:
        return ReopenPause(pause.id, answers["reason"])

    words = ["What was answered stays; the same lines are asked once more."]
    question = Question("reason", "Why", presets=AGAIN_REASONS)
    form = Form(f"Read {pause.title} again", [question], words, lambda given: refusal_of(screen, command(given)))
    answers = await screen.app.push_screen_wait(form)
    if answers is not None and await screen.carry_out(command(answers), "") and (run := _run(screen)):
        screen.rows.go_to(("item", run.plan.pauses[run.extras[-1].instance].items[0].id))


async def team(screen: CaseScreen) -> None:
    """Show who is in the room in which role, and take who joins, relieves or leaves."""
    run = _run(screen)
    if run is None or not await screen.somebody():
        return
    if screen.dossier and screen.dossier.history.owed and await _claims(screen, len(screen.dossier.history.owed)):
        return
    zone, people = screen.app.verbs.zone, screen.people
    words = [
        f"{stint.role.replace('_', ' ')}: {people[stint.person].name if stint.person in people else stint.person}"
        f" since {clock(stint.since, zone)}"
        for stint in run.present
    ]
    questions = [
        Question("act", "Who", presets=(JOINS, RELIEVES, LEAVES)),
        person_question("person", "Person", list(people.values())),
        Question(
            "role", "Role", presets=tuple(role.value.replace("_", " ") for role in Role if role is not Role.PATIENT)
        ),
    ]

    def accept(given: dict[str, str]) -> str:
        return refusal_of(screen, _team_command(screen, given))

    form = Form("In the room", questions, words or ["Nobody is written down yet."], accept)
    answers = await screen.app.push_screen_wait(form)
    if answers is not None and await screen.carry_out(_team_command(screen, answers), ""):
        screen.say(f"{answers['person']} {answers['act']} as {answers['role']}.", "done")


async def _claims(screen: CaseScreen, number: int) -> bool:
    """Offer to claim what nobody known has entered. Returns whether that was what the person came for."""
    words = ["1 claims them: your name stands beside them from now on.", "2 leaves them, and shows who is in the room."]
    form = Form(unclaimed_words(number), [Question("word", "Yours?", presets=("mine", "not mine"))], words)
    answers = await screen.app.push_screen_wait(form)
    if answers is None or answers["word"] != "mine":
        return answers is None
    app, case_id, list_id = screen.app, screen.case_id, screen.list_id
    try:
        screen.take(await carry_out(app, lambda actor: app.verbs.claim(actor, case_id, list_id), case_id, list_id))
    except OrtoolError as error:
        screen.refuse(str(error))
        return True
    screen.say("Claimed: every entry has its person now.", "done")
    return True


def _team_command(screen: CaseScreen, answers: dict[str, str]) -> Command:
    run = _run(screen)
    assert run is not None
    person = match(list(screen.people.values()), answers["person"])
    role = answers["role"].replace(" ", "_")
    if answers["act"] == LEAVES or person is None:
        return LeaveTeam(person.id if person else "", role)
    holder = next((stint.person for stint in run.present if stint.role == role), "")
    relieves = holder if answers["act"] == RELIEVES else ""
    return JoinTeam(Voice(person.id, person.name, person.roles), role, relieves)


async def beside(screen: CaseScreen) -> None:
    """Open a review or follow-up that runs beside this operation; signing the case does not close it."""
    from ortool.tui.case import CaseScreen as Beside

    known = await screen.app.ask(screen.app.verbs.companions)
    if screen.list_id or not known:
        screen.say("There is nothing more beside this list.", "warn")
        return
    titles = tuple(title for _, title in known)
    words = [f"{number} {title}" for number, title in enumerate(titles, 1)]
    form = Form("Beside this operation", [Question("list", "Number or words", presets=titles, listed=False)], words)
    answers = await screen.app.push_screen_wait(form)
    if answers is not None and answers["list"] in titles:
        screen.app.push_screen(Beside(screen.case_id, known[titles.index(answers["list"])][0]))
