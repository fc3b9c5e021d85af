"""What is asked for a count, and for what comes to the field between two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ortool.checklist.commands import AddToCount, RecordCount
from ortool.checklist.counts import moment_title
from ortool.checklist.definition import CountCategory, Item
from ortool.presentation.count_table import next_moments
from ortool.tui.case_questions import second_of, time_question
from ortool.tui.choosing import person_question
from ortool.tui.forms import Form, Question

if TYPE_CHECKING:
    from ortool.tui.case import CaseScreen


async def count(screen: CaseScreen, item: Item | None, moment: str = "") -> None:
    """Ask the numbers of a count, each beside what is expected, and who counted with whom.

    The moment is `moment`, else the item's own, else the first that has not been counted in agreement.
    """
    assert screen.dossier is not None
    assert screen.dossier.run is not None
    run = screen.dossier.run
    checklist = run.plan.checklist
    if not checklist.counts:
        screen.say("This checklist has no counts.", "warn")
        return
    asked = item.moment if item is not None and item.moment else ""
    moment = moment or asked or next(iter(next_moments(run)), checklist.counts[-1].id)
    expected = run.ledger.expected(category.id for category in checklist.count_categories)
    first = not run.ledger.counts
    questions = [
        _category_question(category, None if first else expected[category.id])
        for category in checklist.count_categories
    ]
    questions.append(person_question("second", "Counted with", list(screen.people.values())))
    questions += [time_question(screen)] if screen.paper else []
    words = ["Count aloud, both seeing each item. An excess is a wrong count too."]
    answers = await screen.app.push_screen_wait(Form(f"Count: {moment_title(checklist, moment)}", questions, words))
    if answers is None:
        return
    found = {category.id: int(answers[category.id]) for category in checklist.count_categories}
    at = screen.at(answers["time"]) if answers.get("time") else None
    command = RecordCount(moment, found, second_of(screen, answers["second"]), at)
    if await screen.carry_out(command, item.id if item else ""):
        _say_count(screen, moment)


def _category_question(category: CountCategory, expected: int | None) -> Question:
    def check(text: str) -> str:
        if not text.isdigit():
            return "! A whole number."
        if expected is None:
            return ""
        if int(text) == expected:
            return "→ as expected"
        return f"→ {int(text) - expected:+d} AGAINST EXPECTED {expected}"

    label = category.title if expected is None else f"{category.title} (expected {expected})"
    return Question(category.id, label, check=check)


def _say_count(screen: CaseScreen, moment: str) -> None:
    assert screen.dossier is not None
    assert screen.dossier.run is not None
    last = screen.dossier.run.ledger.last(moment)
    if last and last.differences:
        ordered = sorted(last.differences.items(), key=lambda pair: (-abs(pair[1]), pair[0]))
        wrong = ", ".join(f"{name} {number:+d}" for name, number in ordered)
        screen.call_after_refresh(screen.say, f"COUNT DOES NOT AGREE: {wrong}. Recount; search; tell the surgeon.")
    else:
        screen.call_after_refresh(screen.say, "Count agrees.", "done")


async def add(screen: CaseScreen, category: str) -> None:
    """Ask what came to the field, and how many."""
    assert screen.dossier is not None
    assert screen.dossier.run is not None
    titles = {one.id: one.title for one in screen.dossier.run.plan.checklist.count_categories}

    def known(text: str) -> str:
        return f"→ {titles[text]}" if text in titles else f"! One of: {', '.join(titles)}."

    def whole(text: str) -> str:
        return "" if text.removeprefix("-").removeprefix("+").isdigit() else "! A whole number, for example 10 or -2."

    questions = [
        Question("category", "What", category, presets=tuple(titles), check=known),
        Question("number", "How many more", check=whole),
    ]
    words = ["Count what is added at once, by two, and write it on the board too. A negative number left the field."]
    answers = await screen.app.push_screen_wait(Form("Added to the field", questions, words))
    if answers is None:
        return
    command = AddToCount(answers["category"], int(answers["number"]))
    if await screen.carry_out(command, ""):
        after = screen.dossier.run.ledger.expected()[command.category]
        screen.call_after_refresh(screen.say, f"{command.category} {command.number:+d}: {after} expected now.", "done")
