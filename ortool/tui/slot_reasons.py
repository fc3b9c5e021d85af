"""A reason as the site's code, typed as the code or by a word of it, or in other words."""

from __future__ import annotations

from collections.abc import Iterable

from ortool.schedule.codes import words_of
from ortool.tui.choosing import plain
from ortool.tui.forms import Check, Question

SHOWN = 6


def coded_questions(codes: Iterable[str], value: str = "", needed: bool = True) -> list[Question]:
    """Return the questions for a code and for other words; where a reason is needed, one of them is."""
    lines = tuple(f"{code} {words_of(code)}" for code in codes)
    check = _checker(lines)
    label = "Why: a code, or a word of it" if needed else "Why (where it is asked)"
    return [
        Question("code", label, value, presets=lines, check=check, required=False, listed=False),
        Question("words", "In other words", required=False),
    ]


def reason_of(answers: dict[str, str], codes: Iterable[str]) -> tuple[str, str]:
    """Return the code and the words that were given, each empty where it was not."""
    found = found_codes(answers["code"], [f"{code} {words_of(code)}" for code in codes]) if answers["code"] else []
    return (found[0] if len(found) == 1 else ""), answers["words"]


def found_codes(text: str, lines: Iterable[str]) -> list[str]:
    """Return the codes that what was typed may mean: the code itself, or words of its line."""
    wanted = plain(text)
    by_line = {line: line.partition(" ")[0] for line in lines}
    exact = [code for line, code in by_line.items() if wanted in (plain(code), plain(line))]
    return exact or [code for line, code in by_line.items() if wanted and wanted in plain(line)]


def _checker(lines: tuple[str, ...]) -> Check:
    def check(text: str) -> str:
        found = found_codes(text, lines)
        if len(found) == 1:
            return f"→ {found[0]} {words_of(found[0])}"
        if not found:
            return f"! No code says {text[:30]!r}; write it below in other words."
        more = " …" if len(found) > SHOWN else ""
        return "! Which one: " + ", ".join(f"{code} {words_of(code)}" for code in found[:SHOWN]) + f"{more}?"

    return check
