"""The line of keys that work now. Drawn by ourselves: it changes with every step of the cursor."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events

from ortool.presentation.pieces import Piece
from ortool.tui.bars import Lines


@dataclass(frozen=True, slots=True)
class Key:
    """A key, its word, and the action behind it. What `stays` has its room before others are let in."""

    key: str
    word: str
    action: str
    stays: bool = False

    @property
    def size(self) -> int:
        """How many cells it takes."""
        return cell_len(f" {self.key} {self.word} ")


class KeyLine(Lines):
    """The keys that work here and now, in order of need; what does not fit is behind `?`."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._keys: list[tuple[int, int, str]] = []
        self._offered: tuple[object, ...] = ()

    def offer(self, keys: Sequence[Key]) -> None:
        """Show these keys as far as they fit in one line; `?` always does."""
        width = self.size.width or self.app.size.width
        if (width, keys) == self._offered:
            return
        self._offered = width, keys
        pieces: list[Piece] = []
        self._keys = []
        used, offered = 0, [*keys, Key("?", "help", "app.help", stays=True)]
        kept = sum(key.size for key in offered if key.stays)
        for key in offered:
            size, kept = key.size, kept - key.size * key.stays
            if used + size + kept > width:
                continue
            pieces += [Piece(f" {key.key} ", "name"), Piece(f"{key.word} ", "plain")]
            self._keys.append((used, used + size, key.action))
            used += size
        self.show([pieces])

    async def on_click(self, event: events.Click) -> None:
        """A click on a key does what the key does."""
        for first, last, action in self._keys:
            if first <= event.x < last:
                await self.run_action(action if "." in action else f"screen.{action}")
