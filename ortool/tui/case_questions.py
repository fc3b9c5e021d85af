"""What the case screen asks before it sends a command: reasons, values, second people, times, counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from ortool.checklist.commands import AnswerItem, Command, PassGate, StampMilestone, Undo, Voice
from ortool.checklist.decide import GateClosed, decide, subject
from ortool.checklist.definition import Item, ItemType
from ortool.checklist.earlier import earlier, has_changed
from ortool.checklist.labels import LabelStop
from ortool.checklist.records import Answer, Live, State
from ortool.checklist.rules import NeedsReason, OutsideWanted
from ortool.errors import OrtoolError
from ortool.presentation.alerts import alert_lines
from ortool.presentation.count_table import count_alarm
from ortool.presentation.paper_bar import typed_time
from ortool.presentation.words import STATE_WORDS, clock, plural
from ortool.tui import typed_answers
from ortool.tui.choosing import match, person_question
from ortool.tui.forms import Form, Question
from ortool.tui.identifying import carry_out
from ortool.tui.paper_before import is_entered

if TYPE_CHECKING:
    from ortool.people.person import Person
    from ortool.tui.app import OrtoolApp
    from ortool.tui.case import CaseScreen

REASONS = ("not needed for this patient", "done earlier", "not available", "patient's condition", "surgeon's decision")
OUTSIDE_REASONS = ("surgeon told", "anaesthetist told", "accepted for this patient", "being treated, read again later")
MEANT_REASONS = ("it was that long ago", "the earlier answer was wrong", "changed since then")
MANY, WIDE = 3, 74
UNDO_REASONS = ("wrong line", "wrong value", "wrong time", "not done after all")


def asks_for_more(item: Item) -> bool:
    """Whether a line must ask something before it can send."""
    return item.type is not ItemType.CONFIRM or item.second_reader


def at_once(screen: CaseScreen, item: Item) -> AnswerItem | None:
    """Return what Space sends without a question: a plain done, or the earlier answer confirmed; None to ask first."""
    if item.second_reader:
        return None
    if before := to_confirm(screen, item):
        return AnswerItem(item.id, State.DONE, confirms=before.seq)
    return AnswerItem(item.id, State.DONE) if item.type is ItemType.CONFIRM else None


def to_confirm(screen: CaseScreen, item: Item) -> Answer | None:
    """Return the earlier answer that this item can confirm now; None where it has its own answer already."""
    run = screen.dossier.run if screen.dossier else None
    return earlier(run, item) if run and not _stands(screen, item) else None


def _stands(screen: CaseScreen, item: Item) -> bool:
    """Whether an item has an answer that was not called into question since."""
    run = screen.dossier.run if screen.dossier else None
    current = run.answers.get(item.id) if run else None
    return bool(run and current and current.state is not State.DEFERRED and not has_changed(run, current))


async def answer(screen: CaseScreen, item: Item, state: State, ask_time: bool = False, scanned: str = "") -> None:
    """Ask what an answer needs (value, reason, second person, time) and send it; what was `scanned` is its value."""
    if is_entered(screen, item.id):
        return
    questions = _answer_questions(screen, item, state, ask_time or screen.paper is not None, scanned)
    if not questions and not scanned:
        await _send_answer(screen, item, state, {})
        return
    word = STATE_WORDS[state] or state.value
    words = [f"{item.prompt} → {item.response}", *typed_answers.told(screen, item, scanned)]
    if refusal := _never_allowed(item, state):
        screen.say(refusal)
        return
    if not await screen.somebody():
        return

    given = {"value": scanned} if scanned else {}

    def accept(answers: dict[str, str]) -> str:
        return refusal_of(screen, _answer_command(screen, item, state, answers | given))

    form = Form(f"{item.id}: {word}", questions, words, accept, alarm=state is State.OVERRIDDEN, confirm=bool(scanned))
    answers = await screen.app.push_screen_wait(form)
    if answers is not None:
        await _send_answer(screen, item, state, answers | given)


def _answer_questions(screen: CaseScreen, item: Item, state: State, ask_time: bool, scanned: str) -> list[Question]:
    questions: list[Question] = []
    if state is State.DONE:
        questions += [] if scanned else typed_answers.value_question(screen, item, to_confirm(screen, item))
    else:
        questions.append(Question("reason", "Reason", presets=REASONS))
    if state is State.OVERRIDDEN or (state is State.DONE and item.second_reader):
        label = "Second person" if state is State.OVERRIDDEN else "Second reader"
        required = item.second_reader if state is State.DONE else item.hard_stop
        people = list(screen.people.values())
        questions.append(person_question("second", label, people, required=required))
    if ask_time:
        questions.insert(0, time_question(screen))
    if state is State.DONE and _stands(screen, item):
        questions.append(Question("reason", "Why is it corrected", presets=UNDO_REASONS))
    return questions


def _never_allowed(item: Item, state: State) -> str:
    """Return the refusal that no reason would change, before anybody types one."""
    if state is State.NOT_APPLICABLE and not item.not_applicable:
        return f"{item.id} {item.prompt} always applies. Answer no with a reason, or override it."
    if item.type in (ItemType.AUTO, ItemType.COUNT) and state in (State.DONE, State.NO):
        how = "its count" if item.type is ItemType.COUNT else "what is recorded"
        return f"{item.id} {item.prompt} is answered by {how}. Override it if it must be passed."
    return ""


def refusal_of(screen: CaseScreen, command: Command) -> str:
    """Return why a command would be refused, empty where it would be taken: the draft stays in its form."""
    actor, dossier = screen.app.actor, screen.dossier
    if actor is None or dossier is None or dossier.run is None:
        return ""
    voice = Voice(actor.person.id, actor.person.name, actor.person.roles)
    try:
        decide(dossier.run, screen.app.verbs.understood(dossier.run, command), voice, screen.app.now())
    except (GateClosed, NeedsReason, LabelStop):
        return ""
    except OrtoolError as refusal:
        return str(refusal)
    return ""


def time_question(screen: CaseScreen, standing: datetime | None = None) -> Question:
    """Return the question for a time of day, with what was understood."""

    def check(text: str) -> str:
        try:
            return f"→ {screen.at(text).astimezone(screen.app.verbs.zone):%H:%M on %a %d %b}"
        except OrtoolError as error:
            return f"! {error}"

    zone, now = screen.app.verbs.zone, screen.app.now()
    if screen.paper:
        shown = typed_time(screen.paper.last or standing or now, now, zone)
        return Question("time", "Time on the paper (HH:MM)", shown, check=check)
    return Question("time", "When (HH:MM)", clock(standing or now, zone), check=check)


async def _send_answer(screen: CaseScreen, item: Item, state: State, answers: dict[str, str]) -> None:
    screen.send(_answer_command(screen, item, state, answers), item.id, state)


def _answer_command(screen: CaseScreen, item: Item, state: State, answers: dict[str, str]) -> AnswerItem:
    return AnswerItem(
        item.id,
        state,
        value=answers.get("value", ""),
        reason=answers.get("reason", ""),
        second=second_of(screen, answers.get("second", "")),
        occurred_at=screen.at(answers["time"]) if answers.get("time") else None,
        confirms=_confirmed(screen, item, state, answers),
    )


def _confirmed(screen: CaseScreen, item: Item, state: State, answers: dict[str, str]) -> int:
    """Return the entry of the earlier answer that was shown and is confirmed, 0 where another value was given."""
    before = to_confirm(screen, item) if state is State.DONE and not answers.get("value") else None
    return before.seq if before else 0


def second_of(screen: CaseScreen, text: str) -> Voice | None:
    """Return the second person that was typed. Nobody is ever filled in: a second person is asked for each time."""
    person: Person | None = match(list(screen.people.values()), text) if text else None
    return Voice(person.id, person.name, person.roles) if person else None


async def stamp(screen: CaseScreen, stamp_id: str, ask_time: bool = False) -> None:
    """Stamp a milestone: now, or at a time that is asked for. One that stands already is corrected, with a reason."""
    assert screen.dossier is not None
    assert screen.dossier.run is not None
    run = screen.dossier.run
    if is_entered(screen, stamp_id) or not await screen.somebody():
        return
    if not await _skips_knowingly(screen, stamp_id):
        return
    standing = run.stamps.get(stamp_id)
    questions = (
        [time_question(screen, standing.occurred_at if standing else None)]
        if ask_time or standing or screen.paper
        else []
    )
    if standing:
        questions.append(Question("reason", "Why is the time corrected", presets=UNDO_REASONS))

    def command(answers: dict[str, str]) -> StampMilestone:
        at = screen.at(answers["time"]) if answers.get("time") else None
        return StampMilestone(stamp_id, at, answers.get("reason", ""))

    def accept(given: dict[str, str]) -> str:
        if standing and given["time"] == clock(standing.occurred_at, screen.app.verbs.zone):
            return "That is the time that stands. Write the time that it should be."
        return refusal_of(screen, command(given))

    answers: dict[str, str] | None = {}
    if questions:
        form = Form(run.plan.stamps[stamp_id].title, questions, accept=accept)
        answers = await screen.app.push_screen_wait(form)
    if answers is not None:
        screen.send(command(answers), stamp_id, State.DONE)


async def _skips_knowingly(screen: CaseScreen, stamp_id: str) -> bool:
    """Name the required stamps that would be skipped, and ask. Returns whether to go on."""
    assert screen.dossier is not None
    assert screen.dossier.run is not None
    run = screen.dossier.run
    if stamp_id in run.stamps or run.is_emergency:
        return True
    order = list(run.plan.stamps.values())
    place = [stamp.id for stamp in order].index(stamp_id)
    # What was skipped before the last stamp has been asked about then.
    last = max((n for n, stamp in enumerate(order[:place]) if stamp.id in run.stamps), default=-1)
    skipped = [stamp for stamp in order[last + 1 : place] if stamp.required]
    if not skipped:
        return True
    words = ["Not stamped yet, and they come before:", *(f"  · {stamp.title} ({stamp.id})" for stamp in skipped)]
    words += [line[0].text.strip() for line in (*alert_lines(run, screen.view, WIDE), *count_alarm(run, WIDE))]
    title = f"{run.plan.stamps[stamp_id].title}: {plural(len(skipped), 'earlier time stamp')} missing"
    # Many at once is hardly meant: Enter alone is not enough then.
    sure = [Question("word", "Write `skip` to go on")] if len(skipped) > MANY else []
    answers = await screen.app.push_screen_wait(Form(title, sure, words, alarm=True, confirm=True))
    return answers is not None and (not sure or answers["word"].casefold() == "skip")


async def offer_gate(screen: CaseScreen, error: OrtoolError, command: StampMilestone) -> None:
    """A pause holds a stamp back: say what is missing, and offer to pass it with a reason and a second person."""
    if not isinstance(error, GateClosed):
        return
    assert screen.dossier is not None
    assert screen.dossier.run is not None
    pause = screen.dossier.run.plan.pauses[error.pauses[0]]
    words = [error.message, *(f"  · {line}" for line in error.missing)]
    if pause.definition.never_whole:
        await screen.app.push_screen_wait(Form(f"{pause.title} is not complete", [], [*words, error.hint], alarm=True))
        screen.rows.go_to(("item", error.missing[0].split()[0]))
        return
    questions = [
        Question("reason", "Reason to go on all the same", presets=REASONS),
        person_question("second", "Second person", list(screen.people.values())),
    ]

    def accept(given: dict[str, str]) -> str:
        second = second_of(screen, given["second"])
        return refusal_of(screen, PassGate(pause.id, command.stamp, given["reason"], second))

    words.append("Esc goes back to what is missing.")
    form = Form(f"{pause.title} is not complete", questions, words, accept, alarm=True)
    answers = await screen.app.push_screen_wait(form)
    if answers is None:
        screen.rows.go_to(("item", error.missing[0].split()[0]))
        return
    second = second_of(screen, answers["second"])
    passed = await screen.carry_out(PassGate(pause.id, command.stamp, answers["reason"], second), "")
    if passed and await screen.carry_out(command, command.stamp):
        screen.say(f"{pause.id} was passed, not completed: it stays open.", "warn")


async def offer_reason(screen: CaseScreen, error: OrtoolError, command: AnswerItem) -> None:
    """A value is outside what is wanted, or hardly meant: it is taken once somebody says why."""
    if isinstance(error, LabelStop):
        await _offer_override(screen, error, command)
    if not isinstance(error, NeedsReason):
        return
    outside = isinstance(error, OutsideWanted)
    questions = [Question("reason", "Reason", presets=OUTSIDE_REASONS if outside else MEANT_REASONS)]
    title = "OUTSIDE what is wanted" if outside else "Is it meant?"
    form = Form(title, questions, [error.message, error.hint], alarm=True)
    answers = await screen.app.push_screen_wait(form)
    if answers is not None:
        await screen.carry_out(replace(command, reason=answers["reason"]), command.item)


async def _offer_override(screen: CaseScreen, error: LabelStop, command: AnswerItem) -> None:
    """A label that must not be used: it is overridden by two people with a reason, or left."""
    questions = [
        Question("reason", "Reason to use it all the same", presets=REASONS),
        person_question("second", "Second person", list(screen.people.values())),
    ]

    def overriding(given: dict[str, str]) -> AnswerItem:
        second = second_of(screen, given["second"])
        return replace(command, state=State.OVERRIDDEN, reason=given["reason"], second=second, confirms=0)

    def accept(given: dict[str, str]) -> str:
        return refusal_of(screen, overriding(given))

    answers = await screen.app.push_screen_wait(
        Form("HARD STOP", questions, [error.message, error.hint], accept, alarm=True)
    )
    if answers is not None:
        await screen.carry_out(overriding(answers), command.item)


async def defer(screen: CaseScreen, item: Item) -> None:
    """Put an item off to the pause that its checklist names; asked, because a letter may come from a scanner."""
    words = [f"{item.prompt} → {item.response}", f"It is put off to {item.defer_to}." if item.defer_to else ""]
    questions = [time_question(screen)] if screen.paper else []
    answers = await screen.app.push_screen_wait(Form(f"{item.id}: put off", questions, words, confirm=True))
    if answers is not None:
        at = screen.at(answers["time"]) if answers.get("time") else None
        command = AnswerItem(item.id, State.DEFERRED, defer_to=item.defer_to or "", occurred_at=at)
        screen.send(command, item.id, State.DEFERRED)


async def undo(screen: CaseScreen, last: bool = False, ask: bool = False) -> None:
    """Undo this line's record; where it has none, or with `last`, the last one. After a minute a reason is asked."""
    assert screen.dossier is not None
    record = _record_to_undo(screen, last)
    if record is None:
        screen.say("There is nothing to undo.", "warn")
        return
    if ask and await screen.app.push_screen_wait(Form(f"Undo {subject(record)}?", [], confirm=True)) is None:
        return
    await _undo(screen, record, "")


def _record_to_undo(screen: CaseScreen, last: bool) -> Live | None:
    assert screen.dossier is not None
    run, row = screen.dossier.run, screen.row
    if run is None or not run.live:
        return None
    here = (run.answers.get(row.id) or run.stamps.get(row.id)) if row and not last else None
    return here or run.live[-1]


async def _undo(screen: CaseScreen, record: Live, reason: str) -> None:
    app, case_id, list_id, command = screen.app, screen.case_id, screen.list_id, Undo(record.seq, reason)
    try:
        dossier = await carry_out(
            app, lambda actor: app.verbs.act(actor, case_id, command, "", list_id), case_id, list_id
        )
    except NeedsReason:
        form = Form(f"Undo {subject(record)}", [Question("reason", "Reason", presets=UNDO_REASONS)])
        answers = await screen.app.push_screen_wait(form)
        if answers is not None:
            await _undo(screen, record, answers["reason"])
        return
    except OrtoolError as error:
        screen.refuse(str(error))
        return
    screen.take(dossier)
    target = getattr(record, "item", "") or getattr(record, "stamp", "")
    screen.go_to(target)
    screen.call_after_refresh(screen.say, f"Undone: {subject(record)}.", "warn")


async def note(screen: CaseScreen) -> None:
    """Ask for a note and add it."""
    if await add_words(screen.app, "Note", screen.case_id, screen.list_id):
        await screen.reload()
        screen.say("Note added.", "done")


async def add_words(app: OrtoolApp, title: str, case_id: str, list_id: str = "", is_addendum: bool = False) -> bool:
    """Ask for words and add them to a case; refused ones stay in their form. Returns whether they were added.

    An addendum may be about one entry, and then says what is right there.
    """
    questions, told = [Question("text", "Words for the case log")], list[str]()
    if is_addendum:
        questions.append(Question("about", "About entry number (empty: the whole log)", required=False))
        questions.append(Question("after", "What is right there", required=False))
    while (answers := await app.push_screen_wait(Form(title, questions, told, alarm=bool(told)))) is not None:
        about = answers.get("about", "").strip().lstrip("#")
        number = int(about) if about.isascii() and about.isdigit() and len(about) < 12 else -1 if about else 0
        words, after = answers["text"], answers.get("after", "")
        adds = partial(app.verbs.note, case_id=case_id, text=words, list_id=list_id, about=number, after=after)
        try:
            await carry_out(app, adds, case_id, list_id)
        except OrtoolError as error:
            questions = [replace(one, value=answers[one.name]) for one in questions]
            told = [str(error)]
        else:
            return True
    return False
