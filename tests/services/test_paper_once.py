"""A form entered line by line, twice, at two terminals, with lines taken back: one live record for each line.

The two terminals are two processes' worth of state: each has its own connection and its own folded run.
"""

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as rules
from hypothesis import strategies as st

from ortool.checklist.commands import AddToCount, AnswerItem, Command, RecordCount, StampMilestone, Undo
from ortool.checklist.once import EnteredBefore, OnPaper, line_of
from ortool.checklist.records import State
from ortool.errors import Refused
from ortool.services import journals, running
from ortool.services.theatre import open_theatre
from tests.services.suite import MORNING, Clock, Suite, settings

FORM = "DT-261123-060000-4F1A"
AT = MORNING - timedelta(minutes=50)


def lines(suite: Suite) -> list[Command]:
    """Return what stands on the form; the last line is of another value than the one before it on the same item."""
    counted = {"sponges": 10, "needles": 4}
    return [
        StampMilestone("PIR", AT, paper=FORM),
        RecordCount("baseline", counted, suite.voice("n2"), AT, FORM),
        AddToCount("sponges", 5, AT + timedelta(minutes=3), FORM),
        AddToCount("sponges", 5, AT + timedelta(minutes=4), FORM),
        AnswerItem("SI.consent", State.DONE, occurred_at=AT, paper=FORM),
        AnswerItem("SI.images", State.DONE, "IMG-1", occurred_at=AT, paper=FORM),
        AnswerItem("SI.images", State.DONE, "IMG-2", occurred_at=AT, paper=FORM),
    ]


steps = st.lists(
    st.tuples(
        st.sampled_from(("enter", "enter", "enter", "undo", "screen")), st.integers(0, 6), st.sampled_from((0, 1))
    ),
    min_size=1,
    max_size=25,
)


@pytest.fixture
def terminals(furnished: Path, tmp_path: Path) -> Iterator[tuple[Suite, Suite]]:
    """Two terminals at one database."""
    path = tmp_path / "two" / "ortool.db"
    path.parent.mkdir(mode=0o700)
    shutil.copy(furnished, path)
    clock = Clock()
    both = tuple(Suite(open_theatre(settings(), path, clock), clock) for _ in range(2))
    yield both[0], both[1]
    for one in both:
        one.theatre.close()


def live(suite: Suite, case_id: str) -> Counter[str]:
    """Return how often each line of the form stands in the run, folded afresh."""
    run = running.refold(suite.theatre, case_id)
    found = (record for record in (run.live if run else ()) if isinstance(record, OnPaper))
    return Counter(line_of(record, record.occurred_at) for record in found if record.transcribed == FORM)


def play(pair: tuple[Suite, Suite], case_id: str, script: list[tuple[str, int, int]]) -> None:
    """Enter, undo and tick as the script has it. Every refusal leaves the journal as it was."""
    for deed, which, seat in script:
        suite = pair[seat]
        command = lines(suite)[which]
        nurse = suite.nurse if seat == 0 else suite.person("n2")
        if deed == "undo":
            run = running.refold(suite.theatre, case_id)
            command = Undo(run.live[which % len(run.live)].seq if run and run.live else 1)
        elif deed == "screen":
            command = AnswerItem("SI.consent", State.DONE)
        head = journals.newest_seq(suite.theatre)
        try:
            running.act(suite.theatre, nurse, case_id, command)
        except Refused:
            assert journals.newest_seq(suite.theatre) == head


@rules(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=steps)
def test_however_a_form_is_entered_each_line_has_one_live_record(
    terminals: tuple[Suite, Suite], script: list[tuple[str, int, int]]
) -> None:
    suite = terminals[0]
    case = suite.case()
    play(terminals, case.id, script)
    assert max(live(suite, case.id).values(), default=1) == 1
    for command in lines(suite)[:6] * 2:  # the whole form, twice, whatever was done with it before
        with suppress(Refused):
            running.act(suite.theatre, suite.nurse, case.id, command)
    found = live(suite, case.id)
    assert set(found.values()) == {1}
    by_screen = running.open_case(suite.theatre, case.id).run
    assert by_screen is not None
    on_screen = by_screen.answers["SI.consent"].transcribed == ""
    assert len(found) == (5 if on_screen else 6)


def test_each_line_is_named_in_the_journal_after_its_form(suite: Suite) -> None:
    case = suite.case()
    for command in lines(suite)[:5]:
        running.act(suite.theatre, suite.nurse, case.id, command, "a-name-of-the-terminal")
    names = [entry.command_id for entry in journals.case_entries(suite.theatre, case.id)][1:]
    own = f"@{case.number}"
    assert names == [
        f"{FORM}-PIR{own}", f"{FORM}-PIR{own}#2", f"{FORM}-count.baseline.261123T0710{own}",
        f"{FORM}-add.sponges.261123T0713{own}", f"{FORM}-add.sponges.261123T0714{own}", f"{FORM}-SI.consent{own}",
    ]  # fmt: skip


def test_copies_of_one_form_for_two_cases_are_two_forms(suite: Suite) -> None:
    first, second = suite.case(), suite.case()
    for case in (first, second):
        running.act(suite.theatre, suite.nurse, case.id, lines(suite)[4])
        with pytest.raises(EnteredBefore):
            running.act(suite.theatre, suite.nurse, case.id, lines(suite)[4])
    assert journals.verify_journal(suite.theatre).faults == []


def test_a_site_may_ask_for_a_second_person(make_suite) -> None:
    from dataclasses import replace

    suite = make_suite(verify_paper=True)
    case = suite.case()
    command = lines(suite)[4]
    with pytest.raises(Refused, match="second person compares"):
        running.act(suite.theatre, suite.nurse, case.id, command)
    dossier = running.act(suite.theatre, suite.nurse, case.id, replace(command, verified_by="n2"))
    assert dossier.run is not None
    assert dossier.run.answers["SI.consent"].verified_by == "n2"
