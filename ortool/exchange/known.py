"""The rooms and procedures of the site, found by what a theatre list calls them."""

from collections.abc import Collection, Mapping
from difflib import get_close_matches

from ortool.errors import BadInput
from ortool.exchange.values import SHOWN, folded, shown

_MAX_HINTS = 200
_NO_HINT = "Use a procedure of this site."
_NONE_YET = "None is known yet: `ortool init --theatre FILE` loads them."


class Known:
    """Finds rooms whatever their case and spaces, and procedures by name, id or alias."""

    def __init__(self, rooms: Collection[str], procedures: Mapping[str, str]) -> None:
        self._rooms = {_packed(room): room for room in rooms}
        self._procedures = {folded(name): found for name, found in procedures.items()}
        self._hints: dict[str, str] = {}

    def room(self, text: str) -> str:
        """Return the room that `text` names. Raises BadInput."""
        room = self._rooms.get(_packed(text))
        if not folded(text) or room is None:
            names = ", ".join(sorted(self._rooms.values())[:12])
            raise BadInput(f"{shown(text)} is not a room.", f"Rooms: {names}." if names else _NONE_YET)
        return room

    def procedure(self, text: str) -> str:
        """Return the procedure id that `text` names. Raises BadInput with the nearest known name."""
        name = folded(text)
        found = self._procedures.get(name)
        if not name or found is None:
            raise BadInput(f"{shown(text)} is not a known procedure.", self._hint(name[:SHOWN]))
        return found

    def _hint(self, name: str) -> str:
        # Comparing is slow and a wrong name often fills a whole column.
        if name not in self._hints:
            if len(self._hints) >= _MAX_HINTS:
                return _NO_HINT
            near = get_close_matches(name, self._procedures, n=1, cutoff=0.75)
            say = f'Did you mean "{near[0]}" ({self._procedures[near[0]]})?' if near else ""
            self._hints[name] = say or _NO_HINT
        return self._hints[name]


def _packed(room: str) -> str:
    return folded(room).replace(" ", "")
