"""The case log as it reads at the width of a terminal."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from rich.cells import cell_len
from rich.text import Text

from ortool.caselog.milestones import CaseState
from ortool.caselog.report import make_report
from ortool.presentation.case_log import case_log_lines, case_log_renderable
from tests.caselog.a_case import NOW, SLOT, Entry, Pen, at, case, dossier, eventful
from tests.presentation.shown import AMSTERDAM, rendered, same_as_golden, squeezed

REPORT = make_report(dossier(), NOW, 5)
WIDTHS = (80, 120)
HOSTILE = ("[NKA]", "[/]", "[bold]x[/]", "[link=file:///x]y[/link]", ":warning:", "\\[x]")


def shown(report, width=80, **options):
    return rendered(case_log_renderable(report, AMSTERDAM, width, **options), width)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_eventful_case_reads_as_approved(width):
    text = "\n".join(shown(REPORT, width)) + "\n"
    assert same_as_golden(f"case_log_{width}.txt", text)


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_no_line_is_longer_than_the_width_whatever_the_console(width):
    for lines in (
        shown(REPORT, width),
        rendered(case_log_renderable(REPORT, AMSTERDAM, width), width, console_width=300),
        [line.plain for line in case_log_lines(REPORT, AMSTERDAM, width)],
    ):
        assert max(cell_len(line) for line in lines) <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_the_scrolling_lines_are_the_same_words(width):
    lines = case_log_lines(REPORT, AMSTERDAM, width)
    assert [line.plain for line in lines] == shown(REPORT, width)
    assert all(isinstance(line, Text) for line in lines)
    assert any(span.style for line in lines for span in line.spans)


def everywhere(text):
    """Return the report of a case that has `text` in every field that people fill in."""
    one = case(
        patient_name=text, hospital_number=text, procedure=text, levels="L4-5", side=text, surgeon=text,
        anaesthetist=text, urgency=text, allergies=text, notes=text,
    )  # fmt: skip
    entries = [
        replace(e, body={name: _spoilt(name, value, text) for name, value in e.body.items()}) for e in eventful()
    ]
    known = dossier(entries, one)
    assert known.run is not None
    names = dict.fromkeys(known.names, text)
    return make_report(replace(known, names=names, slot=replace(SLOT, room=text, cancel_reason=text)), NOW, 5)


def _spoilt(name, value, text):
    return text if name in ("reason", "text", "value", "statement", "what", "digest") else value


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("width", WIDTHS)
def test_hostile_text_is_shown_as_it_stands(text, width):
    lines = shown(everywhere(text), width)
    for label in ("Patient", "Operation", "Allergies", "Notes", "Team", "Urgency"):
        assert text in next(line for line in lines if line.startswith(label))
    assert squeezed(lines).count("".join(text.split())) > 30
    assert max(cell_len(line) for line in lines) <= width


@pytest.mark.parametrize("text", ["\x1b[31mred\x1b[0m", "a\u202eb", "a\nb", "a\x00b", "a\u2028b", "x\x9b2Jy"])
def test_no_control_character_gets_through(text):
    joined = "\n".join(shown(everywhere(text)))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028]", joined)


@pytest.mark.parametrize("width", [40, *WIDTHS])
def test_safety_facts_are_never_cut_short(width):
    long = " ".join(f"word{number}" for number in range(80)) + "X" * 150
    one = case(allergies=long, patient_name=long, hospital_number="9" * 64, side="left", levels="L4-5")
    pen = Pen()
    pen.answer("SI.1", "08:00", state="overridden", reason=long, second="s1")
    pen.write("gate.overridden", "08:20", pause="SI", target="AR", reason=long, second="s1", missing=["SI.3"])
    pen.write("note.added", "08:30", text=long)
    lines = shown(make_report(dossier(pen.entries, one), NOW, 5), width)
    assert squeezed(lines).count("".join(long.split())) == 5
    assert "9" * 64 in squeezed(lines)
    assert "…" not in "".join(lines)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"allergies": ""}, "not recorded"),
        ({"side": ""}, "side not stated"),
        ({"born": None}, "date of birth not recorded"),
    ],
)
def test_what_is_not_known_is_said(changes, words):
    assert words in "\n".join(shown(make_report(dossier(one=case(**changes)), NOW, 5)))


def test_wide_characters_keep_to_the_width():
    lines = shown(everywhere("手術室の患者" * 12))
    assert max(cell_len(line) for line in lines) <= 80


def test_ascii_only_keeps_to_ascii():
    assert "\n".join(shown(REPORT, ascii_only=True)).isascii()


def test_a_case_that_has_only_been_booked():
    pen = Pen()
    pen.plan("slot.booked", "08:00", "11:00")
    text = "\n".join(shown(make_report(dossier(pen.entries, case(state=CaseState.BOOKED)), NOW, 5)))
    assert "not begun" in text
    assert "not yet" in text
    assert "MISSING" not in text
    assert "waiting; planned 40 min (P90 60)" in text


def test_a_case_without_checklist_or_slot_has_a_log():
    bare = replace(dossier([], case(state=CaseState.CANCELLED)), run=None, slot=None)
    lines = shown(make_report(bare, NOW, 5))
    assert lines[0].split() == ["Case", "log", "1004", "cancelled", "NOT", "SIGNED"]
    assert "MILESTONES" not in lines


def test_a_cancelled_slot_says_so_and_why():
    known = replace(dossier([]), slot=replace(SLOT, cancelled=True, cancel_reason="XP02 [not fasted]"))
    cancelled = replace(known, case=replace(known.case, state=CaseState.CANCELLED))
    assert "CANCELLED        XP02 [not fasted]" in shown(make_report(cancelled, NOW, 5))
    waiting = replace(known, case=replace(known.case, state=CaseState.BOOKED))
    assert not any("CANCELLED" in line for line in shown(make_report(waiting, NOW, 5)))


def test_a_repeated_hour_carries_its_offset():
    night = [
        Entry(seq, "milestone.stamped", {"stamp": stamp}, moment, moment, "n1")
        for seq, (stamp, moment) in enumerate(
            [("PIR", at("00:10").replace(month=10, day=25)), ("PST", at("01:10").replace(month=10, day=25))]
        )
    ]
    text = "\n".join(shown(make_report(dossier(night), night[-1].occurred_at, 5)))
    assert "02:10+02:00" in text
    assert "02:10+01:00" in text


def test_a_time_of_another_day_carries_its_date():
    pen = Pen()
    pen.stamp("PIR", "22:00")
    pen.stamp("AR", "23:30")
    assert "24 Nov 2026 00:30" in squeezed_words(shown(make_report(dossier(pen.entries), at("23:40"), 5), 120))


def squeezed_words(lines):
    return " ".join(" ".join(lines).split())


def test_a_phase_that_was_over_long_before_does_not_squash_the_bars():
    first, *rest = REPORT.phases
    day = timedelta(days=1)
    assert first.started is not None
    assert first.ended is not None
    early = replace(first, started=first.started - day, ended=first.ended - day)
    lines = shown(replace(REPORT, phases=(early, *rest)))
    assert "  < earlier" in lines
    axis = next(line for line in lines if line.split()[:2] == ["09:00", "10:00"])
    assert axis.split()[-1] == "13:00"


def test_bars_say_early_late_and_waiting():
    pen = Pen()
    pen.stamp("PIR", "08:00")
    pen.stamp("PST", "08:20")
    lines = shown(make_report(dossier(pen.entries), at("10:40"), 5))
    bars = [line for line in lines if line.strip() and not line.strip().strip("█▒░")]
    assert [re.sub(r"(.)\1+", r"\1", bar.strip()) for bar in bars] == ["█░", "█▒", "░", "░"]
    assert any(
        "running for 140 min, planned 90 min (P90 120): over, 50 min beyond P50" in " ".join(p) for p in pairs(lines)
    )


def pairs(lines):
    """Return neighbouring lines, for words that wrap."""
    return zip(lines, [*lines[1:], ""], strict=True)
