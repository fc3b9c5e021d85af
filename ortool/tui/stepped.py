"""Screens that open step by step: between two steps the keys of whoever is typing are taken."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import events
from textual.screen import Screen, ScreenResultType

if TYPE_CHECKING:
    from ortool.people.person import Actor


class SteppedScreen(Screen[ScreenResultType]):
    """A screen that holds the program for one step of its work only.

    Textual does all that has come for a screen in one go: as it opens, that is mounting, styles, layout and painting,
    longer together than a key may wait.
    """

    def shows(self, newest: int, actor: Actor | None) -> bool:
        """Return whether it shows the journal's entry `newest`, and all before it, as `actor` may read it.

        The clerk's thread asks it too: it looks at values alone, never at Textual.
        """
        return False

    async def on_event(self, event: events.Event) -> None:
        """Let others have their turn first; lay out in one step, and paint in another."""
        await asyncio.sleep(0)
        if isinstance(event, events.ScreenResume | events.Resize):
            with self.app.batch_update():  # nothing is painted in it
                await super().on_event(event)
        else:
            await super().on_event(event)
