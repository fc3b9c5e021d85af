"""What is asked when something was late or went wrong: a line of a coded list. Neither ever waits for an answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ortool.caselog.delays import delays
from ortool.checklist.coded import COMPLICATIONS, DELAY_CODES, GRADES, SEVERITIES, WITHDRAWN, Code
from ortool.checklist.commands import Command, ExplainDelay, RecordComplication, Voice
from ortool.checklist.decide import decide
from ortool.errors import Refused
from ortool.presentation.plain import length
from ortool.tui.forms import Check, Form, Question

if TYPE_CHECKING:
    from ortool.caselog.dossier import Dossier
    from ortool.checklist.run import Run
    from ortool.tui.app import OrtoolApp

FEW = 4
ANYBODY = Voice("", "", frozenset())


async def ask_delay(app: OrtoolApp, dossier: Dossier) -> ExplainDelay | None:
    """Ask why something was late, the delays without a reason first; None where that was left."""
    found = sorted(delays(dossier, app.now()), key=lambda one: not one.is_owed)
    if not found or dossier.run is None:
        app.tell("Nothing was late by ten minutes or more.")
        return None
    titles = {f"{one.title}, {length(one.value)}{' (reason owed)' if one.is_owed else ''}": one.id for one in found}
    questions = [
        Question("delay", "Which delay", value=next(iter(titles)), presets=tuple(titles)),
        Question("code", "Code, or a word of it", check=_check(DELAY_CODES.values())),
        Question("minutes", "Minutes of it (empty: all)", required=False),
        Question("text", "Words (up to 120 characters)", required=False),
    ]
    run = dossier.run

    def command(given: dict[str, str]) -> ExplainDelay:
        minutes = given["minutes"].strip()
        if minutes and not (minutes.isascii() and minutes.isdigit()):
            raise Refused("The minutes of a delay are a whole number.")
        delay = titles.get(given["delay"], given["delay"])
        return ExplainDelay(delay, _id_of(DELAY_CODES.values(), given["code"]), int(minutes or 0), given["text"])

    form = Form("Why was it late?", questions, accept=lambda given: _refusal(app, run, lambda: command(given)))
    answers = await app.push_screen_wait(form)
    return command(answers) if answers is not None else None


async def ask_complication(app: OrtoolApp, dossier: Dossier) -> RecordComplication | None:
    """Ask what went wrong, by the list; None where that was left."""
    run = dossier.run
    if run is None:
        app.tell("This case has no checklist run to add to.", severe=True)
        return None
    listed = [code for code in COMPLICATIONS.values() if code.id != WITHDRAWN]
    questions = [
        Question("event", "A word of it, or `withdrawn`", check=_check(COMPLICATIONS.values())),
        Question("grade", f"Clavien-Dindo ({', '.join(GRADES)}; -d)", required=False),
        Question("severity", f"SAVES severity (1-{max(SEVERITIES)})", required=False),
        Question("text", "Words (up to 120 characters)", required=False),
        Question("corrects", "Corrects entry number", required=False),
    ]
    words = ["During the operation: " + ", ".join(one.title for one in listed if one.id.startswith("intra"))]
    words.append("After it: " + ", ".join(one.title for one in listed if one.id.startswith("post")))

    def command(given: dict[str, str]) -> RecordComplication:
        numbers = {name: given[name].strip().lstrip("#") for name in ("severity", "corrects")}
        if any(text and not (text.isascii() and text.isdigit()) for text in numbers.values()):
            raise Refused("Severity and entry are whole numbers.")
        return RecordComplication(
            _id_of(COMPLICATIONS.values(), given["event"]),
            given["grade"].strip(),
            int(numbers["severity"] or 0),
            given["text"],
            None,
            int(numbers["corrects"] or 0),
        )

    form = Form("A complication", questions, words, lambda given: _refusal(app, run, lambda: command(given)))
    answers = await app.push_screen_wait(form)
    return command(answers) if answers is not None else None


def _refusal(app: OrtoolApp, run: Run, command: object) -> str:
    """Return why a command would be refused, empty where it would not."""
    assert callable(command)
    try:
        made: Command = command()
        decide(run, made, ANYBODY, app.now())
    except Refused as refused:
        return str(refused)
    return ""


def matching(codes: Iterable[Code], text: str) -> list[Code]:
    """Return the codes that fit what was typed: an id, the beginning of one, or words of the title."""
    wanted, listed = text.strip().casefold(), list(codes)
    exact = [code for code in listed if code.id.casefold() == wanted]
    words = wanted.split()
    return exact or [
        code
        for code in listed
        if wanted and all(word in f"{code.id} {code.title} {code.group}".casefold() for word in words)
    ]


def _id_of(codes: Iterable[Code], text: str) -> str:
    found = matching(codes, text)
    return found[0].id if len(found) == 1 else text


def _check(codes: Iterable[Code]) -> Check:
    listed = list(codes)

    def check(text: str) -> str:
        found = matching(listed, text)
        if len(found) == 1:
            return f"→ {found[0].id} {found[0].title}, {found[0].group}"
        if not found:
            return "! Nothing on the list fits."
        rest = f" and {len(found) - FEW} more" if len(found) > FEW else ""
        return "! Which one: " + ", ".join(f"{one.id} {one.title}" for one in found[:FEW]) + rest

    return check
