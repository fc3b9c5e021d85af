"""Looking again and again whether anything was written: in the clerk's thread, while the screen's sleeps on."""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ortool.errors import OrtoolError

if TYPE_CHECKING:
    from ortool.tui.app import OrtoolApp

WATCH_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Sight:
    """What a look at the database finds: a number that changes with every writing, and the journal's newest entry.

    `standing`: the sentences that stand on every screen while they hold; `news`: whether there is any to be told.
    """

    version: int
    newest: int = 0
    standing: tuple[str, ...] = ()
    news: bool = False


class Watcher:
    """Looks at the database four times a second, and wakes the screen where there is something to show."""

    def __init__(self, app: OrtoolApp, clerk: Executor, shown: Sight) -> None:
        """`shown` is what the screens show already."""
        self._app, self._clerk = app, clerk
        self.shown = shown
        self._looking: Future[Sight] | None = None

    def begin(self) -> None:
        """Look from now on, until the program is left."""
        # Straight to the loop: a timer of Textual's costs more than all that is done here.
        asyncio.get_running_loop().call_later(WATCH_SECONDS, self._look)

    def _look(self) -> None:
        """Look now, unless the last look still waits for the database."""
        if not self._app.is_running:
            return
        if self._looking is None or self._looking.done():
            proves = self._app.is_lost
            self._looking = self._clerk.submit(self._look_there, proves)
            self._looking.add_done_callback(partial(self._looked, proves))
        self.begin()

    def _look_there(self, proves: bool) -> Sight:
        if proves:
            self._app.verbs.prove_it_saves()  # a disk may answer and still save nothing
        return self._app.verbs.watch()

    def _looked(self, proves: bool, looking: Future[Sight]) -> None:
        """Leave the screen alone, still in the clerk's thread, where all is as it was."""
        if looking.exception() is None and not proves:
            sight, before = looking.result(), self.shown
            is_quiet = not (sight.standing or before.standing or sight.news)
            if is_quiet and (sight.version == before.version or self._app.shows(sight.newest)):
                self.shown = sight
                return
        if self._app.is_running:
            self._app.call_later(self._show, looking, proves)

    def _show(self, looking: Future[Sight], proves: bool) -> None:
        try:
            sight = looking.result()
        except OrtoolError as fault:
            self._app.lost(fault)
            return
        before, self.shown = self.shown, sight
        if proves:
            self._app.found_again()
        self._app.sees(sight, before)
