"""The rules of what is coded: the reason of a delay, and a complication. Neither ever holds anything back."""

import difflib
from collections.abc import Mapping
from datetime import datetime

from ortool.checklist.coded import (
    COMPLICATIONS,
    DELAY_CODES,
    GRADES,
    LONGEST_WORDS,
    SEVERITIES,
    WITHDRAWN,
    Code,
    is_grade,
)
from ortool.checklist.commands import Decision, ExplainDelay, RecordComplication, Voice
from ortool.checklist.rules import AHEAD
from ortool.checklist.run import Run
from ortool.errors import Refused

START, READY, HOLD = "start", "ready", "hold"
LONGEST_DELAY = 1440


def explain_delay(run: Run, command: ExplainDelay, _actor: Voice, _now: datetime) -> Decision:
    """Say why something was late. One delay may have several reasons, each with its minutes."""
    known = [START, READY, HOLD, *(phase.id for phase in run.plan.checklist.phases)]
    if command.delay not in known:
        raise Refused(f"{command.delay[:40]!r} is no delay of this case.", f"Known: {', '.join(known)}.")
    code = _known(DELAY_CODES, command.code.strip().upper(), "delay code")
    if not 0 <= command.minutes <= LONGEST_DELAY:
        raise Refused("The minutes of a delay are a whole number up to one day.")
    text = _short(command.text)
    if any((one.delay, one.code) == (command.delay, code.id) for one in run.delay_reasons):
        raise Refused(f"{code.id} is given for that delay already.", "Undo it first to change it.")
    body: dict[str, object] = {"delay": command.delay, "code": code.id}
    optional = {"minutes": command.minutes, "text": text}
    return Decision("delay.explained", body | {name: value for name, value in optional.items() if value})


def record_complication(run: Run, command: RecordComplication, _actor: Voice, now: datetime) -> Decision:
    """Say what went wrong, from a list: at once, or at a follow-up years later, after the signature too."""
    event = _known(COMPLICATIONS, command.event.strip(), "complication")
    if command.grade and not is_grade(command.grade):
        raise Refused(f"{command.grade[:20]!r} is no Clavien-Dindo grade.", f"Write one of {', '.join(GRADES)}.")
    if command.severity and command.severity not in SEVERITIES:
        raise Refused("The severity of SAVES is a number from 1 to 6.")
    if command.occurred_at and command.occurred_at > now + AHEAD:
        raise Refused("That time has not come yet.", "Check the clock and the day.")
    if command.corrects and command.corrects not in {one.seq for one in run.complications}:
        raise Refused(f"Entry {command.corrects} is no complication that stands.")
    if event.id == WITHDRAWN and not (command.corrects and command.text.strip()):
        raise Refused("What is withdrawn is named by its entry, with the reason.")
    body: dict[str, object] = {"event": event.id}
    optional = {
        "grade": command.grade,
        "severity": command.severity,
        "text": _short(command.text),
        "corrects": command.corrects,
    }
    return Decision(
        "complication.recorded", body | {name: value for name, value in optional.items() if value}, command.occurred_at
    )


def _known(codes: Mapping[str, Code], text: str, what: str) -> Code:
    if text in codes:
        return codes[text]
    near = difflib.get_close_matches(text[:60], codes, n=1, cutoff=0.5)
    raise Refused(
        f"{text[:40]!r} is no {what}.", f"Did you mean {near[0]}?" if near else "`ortool log codes` lists them."
    )


def _short(text: str) -> str:
    words = text.strip()
    if len(words) > LONGEST_WORDS:
        raise Refused(f"These words are longer than {LONGEST_WORDS} characters.", "Add a note for the rest.")
    return words
