"""A shared terminal whose people have PINs: who is here, what they may open, what is owed, and what an idle one shows."""

import asyncio
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from ortool.caselog.milestones import CaseState
from ortool.checklist.commands import JoinTeam
from ortool.people.person import NOBODY, Actor
from ortool.presentation.identity import short_identity
from ortool.services import boards, identity, journals, people, running
from ortool.services.theatre import Theatre
from ortool.tui import app as tui_app
from ortool.tui.board import BoardScreen
from ortool.tui.case import CaseScreen
from ortool.tui.forms import Form
from ortool.tui.identifying import LockScreen
from ortool.tui.log import LogScreen
from ortool.tui.who import WhoScreen
from tests.tui.driver import Terminal, at_terminal

SPINE = 1014
PINS = {"co1": "480261", "cn1": "739105", "cn2": "250894", "sp2": "618342", "sp3": "907431"}
BADGE = "BADGE-00417"


class Steady:
    """A monotonic clock that goes only when it is told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def proven(sample: Theatre, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Theatre:
    """The sample theatre once its people have PINs; nurse cn1 is in the team of the spine case."""
    monkeypatch.setattr(identity, "_hasher", lambda: PasswordHasher(1, 8, 1))
    update = {"pepper_file": f"{tmp_path}/pepper.key", "badge_prefix": "f12"}
    sample.settings = sample.settings.model_copy(update=update)
    nurse = people.find_person(sample, "cn1")
    running.act(sample, Actor(nurse), spine(sample), JoinTeam(running.voice_of(nurse), "circulating_nurse"))
    admin = people.find_person(sample, "co1")
    identity.set_pin(sample, Actor(admin), "co1", PINS["co1"])
    boss = identity.identify(sample, "co1", PINS["co1"], now=True)
    for person in ("cn1", "cn2", "sp2", "sp3"):
        identity.set_pin(sample, boss, person, PINS[person])
    identity.set_badge(sample, boss, "cn2", BADGE)
    return sample


def spine(theatre: Theatre) -> str:
    """Return the id of the spine case of today."""
    theatre.reader = identity.KEEPER
    found = next(case for case, _ in boards.case_list(theatre) if case.number == SPINE)
    theatre.reader = NOBODY
    return found.id


def terminal_of(theatre: Theatre, person: str = "") -> AbstractAsyncContextManager[Terminal]:
    """Sit down, proven by PIN already where a person is named."""
    actor = identity.identify(theatre, person, PINS[person]) if person else None
    if actor:
        theatre.reader = actor
    return at_terminal(theatre, actor)


async def says_pin(terminal: Terminal, pin: str) -> None:
    """Answer the question for a PIN."""
    await terminal.form_shown("PIN of")
    await terminal.form(pin)


async def is_proven(terminal: Terminal, initials: str, person: str) -> None:
    """Say who one is, and prove it."""
    await terminal.until(lambda: isinstance(terminal.app.screen, WhoScreen), "the question who")
    await terminal.type(initials)
    await terminal.press("enter")
    await says_pin(terminal, PINS[person])


async def test_nobody_known_reads_no_name_ticks_and_owes_it_until_it_is_claimed(proven: Theatre) -> None:
    async with terminal_of(proven) as terminal:
        case = await terminal.opens(SPINE)
        await terminal.until(lambda: "patient not shown" in terminal.text, "a case without its patient")
        await terminal.goes_to("Whose images, and from when?")
        await terminal.press("space")
        await terminal.until(lambda: isinstance(terminal.app.screen, WhoScreen), "the question who")
        assert "0 goes on with nobody known" in " ".join(terminal.text.split())
        await terminal.press("0")
        await terminal.saved()
        await terminal.until(lambda: "1 entry of nobody known" in terminal.text, "what is owed")
        await terminal.press("w")
        await is_proven(terminal, "HS", "cn1")
        await terminal.until(lambda: "patient not shown" not in terminal.text, "the patient")
        await terminal.press("m")
        await terminal.form("mine")
        await terminal.until(lambda: "of nobody known" not in terminal.text, "nothing owed")
        history = running.open_case(proven, case.case_id).history
        assert (history.owed, [claim.actor for claim in history.claims]) == ((), ["cn1"])


async def test_a_wrong_pin_is_said_and_asked_again_and_esc_leaves_everything(proven: Theatre) -> None:
    async with terminal_of(proven) as terminal:
        await terminal.press("w")
        await terminal.until(lambda: isinstance(terminal.app.screen, WhoScreen), "the question who")
        await terminal.type("HS")
        await terminal.press("enter")
        await says_pin(terminal, PINS["co1"])
        await terminal.form_shown("Wrong PIN.")
        assert PINS["co1"] not in terminal.text
        await terminal.press("escape")
        await terminal.until(lambda: isinstance(terminal.app.screen, BoardScreen), "the board")
        assert terminal.app.actor is None


async def test_somebody_outside_the_team_gives_a_reason_and_the_log_shows_it(proven: Theatre) -> None:
    case_id = spine(proven)
    async with terminal_of(proven, "cn2") as terminal:
        assert terminal.rows.go_to(case_id)
        await terminal.press("enter")
        await terminal.form_shown("is not in the team of this case")
        await terminal.form("9")
        await terminal.form_shown("needs a reason in words")
        await terminal.form("called to help with the table")
        await terminal.until(lambda: getattr(terminal.app.screen, "dossier", None), "the case")
        await terminal.until(lambda: terminal.rows.rows, "its rows")
        await terminal.press("l")
        await terminal.until(lambda: isinstance(terminal.app.screen, LogScreen), "the log")
        lines = [row.text.plain for row in terminal.rows.rows]
        found = next(number for number, line in enumerate(lines) if "opened by somebody outside the team" in line)
        assert "Ivo Standin" in lines[found]
        assert "called to help with the table" in lines[found + 1]


async def test_esc_at_the_reason_leads_back_to_the_board(proven: Theatre) -> None:
    case_id = spine(proven)
    async with terminal_of(proven, "cn2") as terminal:
        assert terminal.rows.go_to(case_id)
        await terminal.press("enter")
        await terminal.form_shown("is not in the team of this case")
        terminal.app.tell_screens()
        await terminal.pilot.pause(0.3)
        assert sum(isinstance(screen, Form) for screen in terminal.app.screen_stack) == 1, "it is asked once"
        terminal.app.simulate_key("escape")
        for _ in range(500):  # the driver would wait for messages of the screen that is being left
            if isinstance(terminal.app.screen, BoardScreen):
                break
            await asyncio.sleep(0.02)
        assert isinstance(terminal.app.screen, BoardScreen)


async def test_two_readings_at_once_ask_for_the_reason_once(proven: Theatre) -> None:
    case_id = spine(proven)
    async with terminal_of(proven, "cn2") as terminal:
        assert terminal.rows.go_to(case_id)
        await terminal.press("enter")
        await terminal.until(lambda: any(isinstance(one, CaseScreen) for one in terminal.app.screen_stack), "the case")
        case = next(one for one in terminal.app.screen_stack if isinstance(one, CaseScreen))
        case.run_worker(case.reload())
        await terminal.form_shown("is not in the team of this case")
        await terminal.pilot.pause(0.3)
        await terminal.form("called to help with the table")
        await terminal.until(lambda: case.dossier, "the case read")
        await terminal.pilot.pause(0.3)
        assert terminal.app.screen is case


async def test_an_override_asks_for_the_pin_and_is_kept_with_it(proven: Theatre) -> None:
    async with terminal_of(proven, "cn1") as terminal:
        case = await terminal.opens(SPINE)
        await terminal.goes_to("Whose images, and from when?")
        await terminal.press("o")
        await terminal.form("not available", "MM")
        await terminal.form_shown("PIN of Hanna Sample")
        assert "gives the PIN again" in terminal.text
        await terminal.form(PINS["cn1"])
        await terminal.saved()
        run = running.refold(proven, case.case_id)
        assert run is not None
        assert run.answers["IR.1"].state.value == "overridden"
        last = terminal.app.actor
        assert last is not None
        assert not last.now, "the PIN was for that act alone"


async def test_a_signature_asks_for_the_pin(proven: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = spine(proven)
    with proven.store.writing() as session:
        from ortool.storage.tables import CaseRow

        stored = session.get(CaseRow, case_id)
        assert stored is not None
        stored.state = CaseState.OUT_OF_ROOM.value
        session.add(stored)
    async with terminal_of(proven, "sp2") as terminal:
        assert terminal.rows.go_to(case_id)
        await terminal.press("L")
        await terminal.until(lambda: isinstance(terminal.app.screen, LogScreen) and terminal.rows.rows, "the log")
        await terminal.press("s")
        await terminal.form("sign")
        await says_pin(terminal, PINS["sp2"])
        await terminal.until(lambda: "Signed." in terminal.text, "the signature")
        assert running.open_case(proven, case_id).history.is_signed


async def test_a_relief_asks_who_is_here_now(proven: Theatre) -> None:
    async with terminal_of(proven, "cn1") as terminal:
        await terminal.opens(SPINE)
        await terminal.press("m")
        await terminal.form("relieves", "IS", "circulating nurse")
        await terminal.until(lambda: isinstance(terminal.app.screen, WhoScreen), "the question who")
        assert "Hanna Sample is relieved." in terminal.text
        assert "1 IS" in terminal.text, "who relieved is offered first"
        await terminal.press("1")
        await says_pin(terminal, PINS["cn2"])
        await terminal.until(lambda: terminal.app.actor and terminal.app.actor.person.id == "cn2", "the newcomer")
        assert isinstance(terminal.app.screen, CaseScreen)


async def test_the_lock_hides_patients_and_gives_back_what_was_open(
    proven: Theatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tui_app, "IDLE_SECONDS", 0.02)
    steady = Steady()
    actor = proven.reader = identity.identify(proven, "sp3", PINS["sp3"])
    async with at_terminal(proven, actor, steady=steady) as terminal:
        board = terminal.app.screen
        assert isinstance(board, BoardScreen)
        assert board.board is not None
        shown = [short_identity(one.case) for one in board.board.all_cases]
        assert any(name in terminal.text for name in shown)
        await terminal.press("/")
        await terminal.form_shown("Find on this day")
        await terminal.type("half a wo")
        form = terminal.app.screen
        steady.seconds += 299
        await terminal.pilot.pause(0.1)
        assert terminal.app.screen is form
        steady.seconds += 2
        await terminal.until(lambda: isinstance(terminal.app.screen, LockScreen), "the lock")
        await terminal.until(lambda: "LOCKED" in terminal.text and "OR2" in terminal.text, "the rooms")
        assert "half a wo" not in terminal.text
        assert shown
        assert not [name for name in shown if name in terminal.text]
        await terminal.press("enter")
        await is_proven(terminal, "AT", "sp3")
        await terminal.until(lambda: terminal.app.screen is form, "the form as it was")
        assert "half a wo" in terminal.text


async def test_another_person_who_unlocks_lands_on_the_board(proven: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tui_app, "IDLE_SECONDS", 0.02)
    steady = Steady()
    actor = proven.reader = identity.identify(proven, "sp3", PINS["sp3"])
    async with at_terminal(proven, actor, steady=steady) as terminal:
        await terminal.press("/")
        await terminal.form_shown("Find on this day")
        steady.seconds += 301
        await terminal.until(lambda: isinstance(terminal.app.screen, LockScreen), "the lock")
        await terminal.press("f12", *("minus" if one == "-" else one for one in BADGE), "enter")
        await terminal.until(lambda: isinstance(terminal.app.screen, BoardScreen), "the board")
        assert terminal.app.actor is not None
        assert (terminal.app.actor.person.id, terminal.app.actor.auth) == ("cn2", "badge")
        assert BADGE not in terminal.text


async def test_a_badge_at_the_question_for_a_pin_opens_the_lock_too(
    proven: Theatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tui_app, "IDLE_SECONDS", 0.02)
    steady = Steady()
    actor = proven.reader = identity.identify(proven, "sp3", PINS["sp3"])
    async with at_terminal(proven, actor, steady=steady) as terminal:
        steady.seconds += 301
        await terminal.until(lambda: isinstance(terminal.app.screen, LockScreen), "the lock")
        await terminal.press("enter")
        await terminal.until(lambda: isinstance(terminal.app.screen, WhoScreen), "the question who")
        await terminal.type("AT")
        await terminal.press("enter")
        await terminal.form_shown("PIN of")
        await terminal.press("f12", *("minus" if one == "-" else one for one in BADGE), "enter")
        await terminal.until(lambda: isinstance(terminal.app.screen, BoardScreen), "the board")


async def test_a_case_under_way_keeps_its_nurse_until_it_ends(proven: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tui_app, "IDLE_SECONDS", 0.02)
    steady = Steady()
    actor = proven.reader = identity.identify(proven, "cn1", PINS["cn1"])
    async with at_terminal(proven, actor, steady=steady) as terminal:
        case = await terminal.opens(SPINE)
        steady.seconds += 3600
        await terminal.pilot.pause(0.1)
        assert isinstance(terminal.app.screen, CaseScreen)
        with proven.store.writing() as session:
            from ortool.storage.tables import CaseRow

            stored = session.get(CaseRow, case.case_id)
            assert stored is not None
            stored.state = CaseState.RECOVERED.value
            session.add(stored)
        proven.runs.clear()  # the state came by no entry
        await case.reload()
        await terminal.until(lambda: isinstance(terminal.app.screen, LockScreen), "the lock")


async def test_nobody_stays_longer_than_twelve_hours_without_being_asked(
    proven: Theatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tui_app, "IDLE_SECONDS", 0.02)
    steady = Steady()
    actor = proven.reader = identity.identify(proven, "cn1", PINS["cn1"])
    async with at_terminal(proven, actor, steady=steady) as terminal:
        await terminal.opens(SPINE)
        steady.seconds += 12 * 3600 - 60
        await terminal.press("down")
        steady.seconds += 120
        await terminal.pilot.pause(0.1)
        assert isinstance(terminal.app.screen, CaseScreen), "nobody is locked out under the hands"
        steady.seconds += 300
        await terminal.until(lambda: isinstance(terminal.app.screen, LockScreen), "the lock")


async def test_a_note_that_is_refused_stays_in_its_form(proven: Theatre) -> None:
    async with terminal_of(proven) as terminal:
        await terminal.opens(SPINE)
        await terminal.press("a")
        await terminal.form("the table was lowered twice")
        await terminal.until(lambda: isinstance(terminal.app.screen, WhoScreen), "the question who")
        await terminal.press("escape")
        await terminal.form_shown("nobody is known at this terminal")
        assert "the table was lowered twice" in terminal.text


def test_no_pin_stands_in_the_journal(proven: Theatre) -> None:
    proven.reader = identity.KEEPER
    written = " ".join(str(entry.body) for entry in journals.recent_entries(proven, limit=100_000))
    assert not [pin for pin in (*PINS.values(), BADGE) if pin in written]


async def test_a_fault_while_a_pin_is_asked_ends_in_a_sentence_without_it(
    proven: Theatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with terminal_of(proven) as terminal:
        monkeypatch.setattr(type(terminal.app), "_is_under_test", False)
        monkeypatch.setattr(terminal.app, "exit", lambda _code: None)
        terminal.app._handle_exception(RuntimeError(f"{PINS['cn1']} {BADGE}"))
        told = str(terminal.app.failure)
        assert "RuntimeError" in told
        assert PINS["cn1"] not in told
        assert BADGE not in told
        terminal.app._return_code = 0
