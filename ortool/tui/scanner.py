"""Tells a barcode scanner from a person: a scanner types like a keyboard, and may type at any moment.

What is swallowed is decided here, in the order of the keys, before any key binding sees them:

1. `b`, or the site's scanner prefix: everything until Enter is a scan. The prefix counts on every screen.
2. Where scans are taken, a character that is no key of the screen (a digit, a capital, `]`, `(`, `+`, `=` …) begins a
   scan too. Barcodes of implants begin with nothing else, so this needs no clock. Digits must therefore stay no keys.
3. Letters that are keys open questions and never write by themselves, and Enter opens and never writes.
4. Only where a barcode begins with such a letter does the clock help: four different characters in a row faster than
   a person types are a scan, and an Enter right behind them confirms nothing.
"""

from collections.abc import Callable
from enum import Enum

FAST = 0.035
"""Seconds between two keys that only a machine keeps up; a held key repeats as fast, but the same character."""

RUN = 4
LAPSE = 2.0
"""Seconds after which a scan that nobody began on purpose is given up."""

LIMIT = 400
_SEPARATOR = "\x1d"


class Seen(Enum):
    """What came of a key: nothing, it belongs to a scan, a scan is finished or left, or an Enter that is no answer."""

    PASSED = "passed"
    TAKEN = "taken"
    FINISHED = "finished"
    LEFT = "left"
    NO_ANSWER = "no answer"


class Scanner:
    """What was typed lately, and the scan that is under way. Times are seconds of a monotonic clock."""

    def __init__(self, prefix: str = "", badge_prefix: str = "") -> None:
        self.prefix = prefix
        self.badge_prefix = badge_prefix
        self.is_badge = False
        self.text: str | None = None
        self.finished = ""
        self.is_meant = False
        self._on_purpose = False
        self._by_key = False
        self._in_field = False
        self._last_at = float("-inf")
        self._last = ""
        self._run = ""
        self._changes = 0
        self._run_began_here = False

    def see(self, key: str, character: str | None, at: float, here: bool, is_bound: Callable[[str], bool]) -> Seen:
        """Take note of a key. `here` says whether the screen in front takes scans."""
        gap, self._last_at = at - self._last_at, at
        if self._in_field:
            self.text, self._in_field = None, False
        if self.text is not None and not self._on_purpose and gap > LAPSE:
            self.text = None
        if self.text is not None:
            # A code that itself begins with b: the key was not pressed by a person.
            self.is_meant = self.is_meant and not (self._by_key and not self.text and gap < FAST)
            return self._more(key, character)
        self.is_badge = False
        before, fast = self._last, gap < FAST
        self._follow_run(character, fast, here)
        if self.badge_prefix and self.badge_prefix in (key, character):
            self.is_badge = True
            return self._begin("", on_purpose=True)
        if self.prefix and self.prefix in (key, character):
            return self._begin("", on_purpose=True)
        if here and key == "b":
            return self._begin("", on_purpose=True, by_key=True)
        if here and _begins_a_barcode(character) and not is_bound(key):
            return self._begin(character or "", on_purpose=False)
        if here and character == " " and fast and before not in ("", " "):
            return Seen.TAKEN
        if self._changes >= RUN and self._run_began_here:
            return self._begin(self._run, on_purpose=False)
        if key == "enter" and fast and self._changes >= RUN and not here:
            return Seen.NO_ANSWER
        return Seen.PASSED

    def fill(self, key: str, character: str | None) -> Seen:
        """Take note of a key in a field that asks for a barcode: its first character begins it."""
        if self.text is None and self.prefix and self.prefix in (key, character):
            self._in_field = True
            return self._begin("", on_purpose=True)
        is_text = bool(character) and (str(character).isprintable() or character == _SEPARATOR)
        if self.text is None:
            self._in_field = is_text
            return self._begin(character or "", on_purpose=True) if is_text else Seen.PASSED
        if is_text or key in ("enter", "escape", "backspace"):
            return self._more(key, character)
        self.text = None
        return Seen.PASSED

    def gives_up(self, text: str) -> bool:
        """Give up a scan that nobody began on purpose and that stands still at `text`. Returns whether it was."""
        if self.text != text or self._on_purpose:
            return False
        self.text = None
        return True

    def _follow_run(self, character: str | None, fast: bool, here: bool) -> None:
        if character is None or not character.isprintable():
            return
        if not fast:
            self._run, self._changes, self._run_began_here = "", 0, here
        self._changes += character != self._last or not self._run
        self._run += character
        self._last = character

    def _begin(self, text: str, on_purpose: bool, by_key: bool = False) -> Seen:
        self.text, self._on_purpose, self.is_meant, self._by_key = text, on_purpose, on_purpose, by_key
        self._run, self._changes = "", 0
        return Seen.TAKEN

    def _more(self, key: str, character: str | None) -> Seen:
        assert self.text is not None
        if key == "enter":
            self.finished, self.text = self.text, None
            return Seen.FINISHED if self.finished else Seen.LEFT
        if key == "escape":
            self.text = None
            return Seen.LEFT
        if key == "backspace":
            self.text = self.text[:-1]
        elif character and (character.isprintable() or character == _SEPARATOR):
            self.text = (self.text + character)[: LIMIT + 1]
        return Seen.TAKEN


def _begins_a_barcode(character: str | None) -> bool:
    return bool(character and character.isprintable() and character != " " and not character.islower())
