"""Scans on the screens: the app hands every key to the scanner first, and a finished scan to the screen in front."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from rich.cells import cell_len
from textual import events
from textual.widgets import Input

from ortool.checklist.scan import SEPARATOR, SHOWN_SEPARATOR
from ortool.text import clean
from ortool.tui.forms import Form
from ortool.tui.scanner import LAPSE, Scanner, Seen

SHORTEST = 6

if TYPE_CHECKING:
    from ortool.tui.app import OrtoolApp


@runtime_checkable
class TakesScans(Protocol):
    """A screen that a barcode may be scanned on. Nothing that it is handed may write without a question."""

    def scanning(self, text: str | None) -> None:
        """Show what has been scanned so far; None when the scan is over."""

    def scanned(self, raw: str, on_purpose: bool, /) -> None:
        """Begin with a finished scan; `on_purpose`: a key or the site's prefix began it."""


@cache
def _takes_scans(kind: type) -> bool:
    return issubclass(kind, TakesScans)  # each time anew it would cost as much as the scanner itself


def belongs_to_scan(app: OrtoolApp, scanner: Scanner, event: events.Key) -> bool:
    """Whether a key belongs to a scan; then no binding may see it."""
    screen = app.screen
    if scanner.is_badge and scanner.text is not None:
        return _badge(app, scanner, event)
    if isinstance(screen, Form) and (field := screen.barcode_field):
        return _into_field(screen, field, scanner, event)
    here = _takes_scans(type(screen))
    seen = scanner.see(event.key, event.character, event.time, here, lambda key: key in screen.active_bindings)
    if seen is Seen.PASSED:
        return False
    if seen is Seen.NO_ANSWER:
        _clear(app)
        app.tell("That came from a scanner: nothing was confirmed.", severe=True)
    elif seen is Seen.TAKEN:
        if not scanner.is_badge:
            _show(app, scanner)
    else:
        _over(app, scanner.finished if seen is Seen.FINISHED else "", scanner.is_meant)
    return True


def _badge(app: OrtoolApp, scanner: Scanner, event: events.Key) -> bool:
    """Take a badge: no part of it is shown, and no binding or field sees it."""
    seen = scanner.see(event.key, event.character, event.time, False, lambda _key: False)
    if seen is Seen.FINISHED:
        app.badge(scanner.finished)
    return True


def _into_field(form: Form, field: Input, scanner: Scanner, event: events.Key) -> bool:
    """Take a barcode into the field that asks for it: whole, in order, its separators kept, Enter last.

    A field by itself would drop the group separator, and a fast scanner's Enter would overtake its digits.
    """
    seen = scanner.fill(event.key, event.character)
    if seen is Seen.PASSED:
        return False
    text = scanner.finished if seen is Seen.FINISHED else scanner.text
    field.value = (text or "").replace(SEPARATOR, SHOWN_SEPARATOR)
    field.cursor_position = len(field.value)
    if seen is Seen.FINISHED:
        form.action_next()
    return True


def _show(app: OrtoolApp, scanner: Scanner) -> None:
    text = scanner.text
    if text is None:
        return
    if isinstance(app.screen, TakesScans):
        app.screen.scanning(scan_line(text))
    app.set_timer(LAPSE + 0.1, lambda: _give_up(app, scanner, text))


def _give_up(app: OrtoolApp, scanner: Scanner, text: str) -> None:
    if scanner.gives_up(text) and isinstance(app.screen, TakesScans):
        app.screen.scanning(None)


def _over(app: OrtoolApp, raw: str, on_purpose: bool) -> None:
    screen = app.screen
    if not isinstance(screen, TakesScans):
        if raw:
            app.tell("A barcode was scanned here: nothing was entered. Scan it on the case or its construct.", True)
        return
    screen.scanning(None)
    # A stray key and Enter are no barcode; the shortest code has more.
    if len(raw) >= SHORTEST:
        screen.scanned(raw, on_purpose)


def _clear(app: OrtoolApp) -> None:
    if isinstance(app.focused, Input):
        app.focused.value = ""


def scan_line(text: str) -> str:
    """Return the scan line as it grows; its end is what is seen where it is long."""
    shown = clean(text.replace(SEPARATOR, SHOWN_SEPARATOR), 400)
    while cell_len(shown) > 40:
        shown = "…" + shown[2:]
    return f"BARCODE: {shown or 'scan, or type it'} · Enter ends, Esc leaves"
