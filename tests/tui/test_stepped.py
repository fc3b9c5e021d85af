"""Opening a screen gives way to keys between its steps; looking for other terminals' entries wakes no screen."""

import asyncio
import importlib
import pkgutil
from dataclasses import replace
from typing import Any

import pytest
from textual import events
from textual.screen import Screen
from textual.widgets import Input

import ortool.tui
from ortool.people.person import Actor
from ortool.services import people
from ortool.services.setup import SYSTEM
from ortool.services.theatre import Theatre, open_theatre
from ortool.tui.forms import Form, Question
from ortool.tui.stepped import SteppedScreen
from tests.tui.conftest import Watch
from tests.tui.driver import at_terminal

SPINE = 1014


def test_every_screen_opens_in_steps() -> None:
    for module in pkgutil.iter_modules(ortool.tui.__path__, "ortool.tui."):
        importlib.import_module(module.name)
    todo, found = [Screen], []
    while todo:
        one = todo.pop()
        todo += one.__subclasses__()
        found += [one] if one.__module__.startswith("ortool.") else []
    assert len(found) > 15
    assert [one.__name__ for one in found if not issubclass(one, SteppedScreen)] == []


async def test_each_step_of_an_opening_screen_has_a_turn_of_its_own(
    sample: Theatre, nurse: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn, steps, painted = [0], [], []
    on_event, paint = Screen.on_event, Screen._compositor_refresh

    async def noted(screen: Any, event: events.Event) -> None:
        if isinstance(screen, Form):
            steps.append((turn[0], type(event).__name__))
        await on_event(screen, event)

    def painting(screen: Any) -> None:
        if isinstance(screen, Form):
            painted.append(turn[0])
        paint(screen)

    async with at_terminal(sample, nurse) as terminal:
        loop = asyncio.get_running_loop()

        def goes_round() -> None:
            turn[0] += 1
            if not over:
                loop.call_soon(goes_round)

        over: list[bool] = []
        monkeypatch.setattr(Screen, "on_event", noted)
        monkeypatch.setattr(Screen, "_compositor_refresh", painting)
        loop.call_soon(goes_round)
        terminal.app.push_screen(Form("A question", [Question("why", "Why")]))
        await terminal.until(lambda: painted and isinstance(terminal.app.focused, Input), "the field")
        over.append(True)
        monkeypatch.undo()
    assert {"Compose", "ScreenResume", "Resize"} <= {name for _, name in steps}
    assert len({at for at, _ in steps}) == len(steps)
    laid_out = {at for at, name in steps if name in ("ScreenResume", "Resize")}
    assert painted
    assert not laid_out & set(painted)


async def test_a_look_that_finds_nothing_to_show_wakes_no_screen(
    sample: Theatre, nurse: Actor, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, shown = [], []
    async with at_terminal(sample, nurse) as terminal:
        app = terminal.app
        look, sees = app.verbs.watch, app.sees
        monkeypatch.setattr(app.verbs, "watch", lambda: looks.append(True) or look())
        monkeypatch.setattr(app, "sees", lambda *seen: shown.append(True) or sees(*seen))

        async def few_more() -> None:
            already = len(looks)
            await terminal.until(lambda: len(looks) > already + 3, "a few looks more")

        await few_more()
        assert not shown
        elsewhere = open_theatre(sample.settings, sample.store.path, watch)
        people.set_email(elsewhere, SYSTEM, nurse.person.id, "invented@example.invalid")
        elsewhere.close()
        await terminal.until(lambda: shown, "what was written elsewhere")
        await few_more()
        already = len(shown)
        await few_more()
        assert len(shown) == already


async def test_what_a_case_shows_already_wakes_no_screen(
    sample: Theatre, nurse: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = []
    async with at_terminal(sample, nurse) as terminal:
        app = terminal.app
        case = await terminal.opens(SPINE)
        await terminal.goes_to("Names and roles")
        await terminal.press("space")
        await terminal.until(lambda: case.dossier and case.dossier.started and not case.saving, "the tick")
        await terminal.until(lambda: app.watcher.shown.newest == sample.newest(), "that it was seen")
        assert app.shows(sample.newest())
        assert not app.shows(sample.newest() + 1)
        seen = app.watcher.shown
        monkeypatch.setattr(app, "sees", lambda *_: shown.append(True))
        monkeypatch.setattr(app.verbs, "watch", lambda: replace(seen, version=seen.version + 1))
        await terminal.until(lambda: app.watcher.shown.version != seen.version, "a look")
        assert not shown
        monkeypatch.setattr(app.verbs, "watch", lambda: replace(seen, version=seen.version + 2, newest=seen.newest + 1))
        await terminal.until(lambda: shown, "something new")
