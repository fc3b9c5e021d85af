"""The forms of the day, printed before they are needed: lists, sheets and blank forms in a folder that needs nothing.

A spool is one folder of text and PDF files. It is written beside its place and then named, so that no half of one is
ever found; the one before stays until it is a day old.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import platformdirs

from ortool.caselog.board import Board, BoardCase
from ortool.caselog.milestones import CaseState
from ortool.caselog.sheet import Sheet, form_number
from ortool.errors import BadInput, OrtoolError, Refused
from ortool.people.permissions import Verb
from ortool.presentation.sheet import blank_sheet, case_sheet
from ortool.services import access, boards, checklists, sheets
from ortool.services.running import progress_dossier
from ortool.services.setup import SYSTEM
from ortool.services.theatre import Runs, Theatre, open_theatre
from ortool.settings import Settings

STAMP = "ortool-forms-%Y%m%dT%H%M%SZ"
_NAMED = re.compile(r"ortool-forms-[0-9]{8}T[0-9]{6}Z")
KEPT, AHEAD, APART = timedelta(hours=24), timedelta(hours=24), timedelta(minutes=1)
MORNING = time(5, 30)
OLD = timedelta(hours=25)
MOST_BLANKS = 20
LONGEST = 600  # seconds for one spool
BLANKS = 3
ANY = "any-operation"
_OVER = {CaseState.OUT_OF_ROOM, CaseState.RECOVERED, CaseState.SIGNED, CaseState.CANCELLED}


@dataclass(frozen=True, slots=True)
class Spool:
    """What was printed: where, and how many lists, sheets of cases and blank forms."""

    folder: Path
    lists: int
    cases: int
    blanks: int


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is to be printed: the days, the room (empty: all), how many blank forms, and until when (UTC)."""

    days: tuple[date, ...]
    room: str
    blanks: int
    named: bool
    until: datetime | None = None


def folder_of(settings: Settings) -> Path:
    """Return where the spools go: as the settings say, or in the user's data folder."""
    if settings.downtime_folder:
        return Path(settings.downtime_folder).expanduser()
    return Path(platformdirs.user_data_dir("ortool")) / "downtime"


def listed(folder: Path) -> list[tuple[datetime, Path]]:
    """Return the spools in a folder with the time (UTC) at which each was printed, oldest first."""
    if not folder.is_dir():
        return []
    found = (path for path in folder.iterdir() if _NAMED.fullmatch(path.name) and path.is_dir())
    return sorted((datetime.strptime(path.name, STAMP).replace(tzinfo=UTC), path) for path in found)


def print_day(
    theatre: Theatre, day: date, room: str = "", blanks: int = BLANKS, to: Path | None = None, named: bool = False
) -> Spool:
    """Print a day's lists, a sheet of each case and blank forms for each room. Raises BadInput and Refused.

    Names of patients stand on them only when `named`, for who may export them; nothing else is left out.
    """
    if not 0 <= blanks <= MOST_BLANKS:
        raise BadInput(f"{blanks} blank forms for each room are not printed.", f"Write 0 to {MOST_BLANKS}.")
    access.seen(theatre, Verb.PRINT, f"forms of {day}")
    if named:
        access.seen(theatre, Verb.NAME_PATIENTS, f"named forms of {day}")
    return _spool(theatre, to or folder_of(theatre.settings), _Wish((day,), room, blanks, named))


def keep_spool(theatre: Theatre) -> Spool | None:
    """Print the forms of the next 24 hours where they are due, without names, and drop those that are a day old.

    Nothing is done unless the site names a folder for them. Safe to call at any time and from any thread.
    """
    if not is_spool_due(theatre):
        return None
    wish = _next_day(theatre.now(), theatre.settings.zone)
    return _spool(_by_itself(theatre), folder_of(theatre.settings), wish)


def keep_spool_apart(theatre: Theatre) -> None:
    """Do as `keep_spool` in a process of its own, so that no key waits for the pages. Raises BadInput."""
    if not is_spool_due(theatre):
        return
    told = {
        "settings": theatre.settings.model_dump(),
        "path": str(getattr(theatre.store, "path", "") or ""),
        "now": theatre.now().isoformat(),
    }
    done = subprocess.run(
        [sys.executable, "-c", f"from {__name__} import spool_child; spool_child()"],
        input=json.dumps(told), capture_output=True, text=True, check=False, timeout=LONGEST,
    )  # fmt: skip
    if done.returncode:
        raise BadInput(done.stdout.strip() or "The forms were not printed.", "`ortool downtime print` says why.")


def spool_child() -> None:
    """Print what is due, as standard input says; a refusal goes to standard output and ends with 1."""
    os.nice(10)
    told = json.loads(sys.stdin.read())
    moment = datetime.fromisoformat(told["now"])
    try:
        path = Path(told["path"]) if told["path"] else None
        theatre = open_theatre(Settings.model_validate(told["settings"]), path, lambda: moment)
        try:
            keep_spool(theatre)
        finally:
            theatre.close()
    except OrtoolError as error:
        sys.stdout.write(str(error))
        sys.exit(1)


def is_spool_due(theatre: Theatre) -> bool:
    """Whether `keep_spool` would print now."""
    settings = theatre.settings
    if not settings.downtime_folder or theatre.is_demo:
        return False
    now, found = theatre.now(), listed(folder_of(settings))
    seen = _bookings(_boards(_by_itself(theatre), _next_day(now, settings.zone)))
    same = bool(found) and _noted(found[-1][1]) == seen
    return is_due(found[-1][0] if found else None, same, now, settings.zone)


def _by_itself(theatre: Theatre) -> Theatre:
    """Return the theatre as the program itself reads it, whoever is at the terminal."""
    return replace(theatre, reader=SYSTEM, runs=Runs(), noted={}, _open=threading.local())


def is_due(newest: datetime | None, same: bool, now: datetime, zone: ZoneInfo) -> bool:
    """Whether forms are to be printed: at 05:30, and when the bookings are not the `same`, at most once a minute."""
    if newest is None:
        return True
    if timedelta(0) <= now - newest < APART:
        return False
    morning = datetime.combine(now.astimezone(zone).date(), MORNING, zone).astimezone(UTC)
    return not same or newest < morning <= now


def _boards(theatre: Theatre, wish: _Wish) -> list[tuple[Board, dict[str, tuple[BoardCase, ...]]]]:
    """Return the boards of the days that are printed, and what of each is: by room. Raises BadInput."""
    found = []
    for day in wish.days:
        board = boards.day_board(theatre, day)
        rooms = [name for name, title in board.rooms.items() if wish.room.casefold() in ("", name.casefold(), title)]
        if not rooms:
            raise BadInput(f"There is no room {wish.room[:40]!r}.", f"Known: {', '.join(board.rooms)}.")
        soon = {
            name: tuple(one for one in board.cases[name] if wish.until is None or one.slot.start < wish.until)
            for name in rooms
        }
        found.append((board, soon))
    return found


def _next_day(now: datetime, zone: ZoneInfo) -> _Wish:
    first, last = now.astimezone(zone).date(), (now + AHEAD).astimezone(zone).date()
    return _Wish((first, last), "", BLANKS, named=False, until=now + AHEAD)


def _bookings(found: list[tuple[Board, dict[str, tuple[BoardCase, ...]]]]) -> str:
    """Return what changes when a booking does: not the passing of time, and not how far a case has come."""
    slots = [one.slot for _, rooms in found for cases in rooms.values() for one in cases]
    words = sorted(f"{slot.case_id} {slot.room_id} {slot.start} {slot.end}" for slot in slots)
    return hashlib.sha256("\n".join(words).encode()).hexdigest()


def _noted(folder: Path) -> str:
    try:
        return str(json.loads((folder / "forms.json").read_text("utf-8"))["bookings"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _spool(theatre: Theatre, folder: Path, wish: _Wish) -> Spool:
    now = theatre.now()
    target, part = folder / now.astimezone(UTC).strftime(STAMP), folder / f".part-{uuid.uuid4().hex}"
    found = _boards(theatre, wish)
    try:
        part.mkdir(mode=0o700, parents=True)
        printed = _Printer(theatre, part, wish, sheets.witness_of(theatre)).print_all(found)
        _write(
            part / "forms.json", json.dumps(_manifest(now, wish, _bookings(found), printed.forms), indent=1).encode()
        )
        if target.exists():
            raise Refused("Forms were printed in this very second.", "Look into the folder.")
        part.rename(target)
        _drop_old(folder, now, target)
    except OSError as error:
        raise BadInput(f"The forms cannot be written to {folder}: {error.strerror}.", "Name another folder.") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return Spool(target, *(printed.counted[name] for name in ("list", "case", "blank")))


def _manifest(now: datetime, wish: _Wish, bookings: str, forms: list[dict[str, str]]) -> dict[str, object]:
    return {
        "printed_at": f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "named": wish.named,
        "bookings": bookings,
        "forms": forms,
    }


def _drop_old(folder: Path, now: datetime, newest: Path) -> None:
    for printed_at, path in listed(folder):
        if now - printed_at > KEPT and path != newest:
            shutil.rmtree(path, ignore_errors=True)


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


class _Printer:
    """Prints into one folder; every form is noted with its number."""

    def __init__(self, theatre: Theatre, folder: Path, wish: _Wish, witness: str) -> None:
        self.theatre, self.folder, self.wish, self.witness = theatre, folder, wish, witness
        self.now, self.settings = theatre.now(), theatre.settings
        self.forms: list[dict[str, str]] = []
        self.counted: Counter[str] = Counter()
        self._used: dict[str, Counter[str]] = {}
        self._serial = 0

    def print_all(self, found: list[tuple[Board, dict[str, tuple[BoardCase, ...]]]]) -> _Printer:
        """Print the lists and the sheets of the cases, then the blank forms of every room."""
        for board, rooms in found:
            for room, cases in rooms.items():
                if cases or board is found[0][0]:
                    self._list(board, room, cases)
                for one in cases:
                    self._case(room, one)
        for room in found[0][1]:
            for sheet in self._blanks(room):
                self._sheet(f"{_file(room)}-blank-{sheet.form[-3:].strip('-')}", sheet, {"room": room}, "blank")
        return self

    def _list(self, board: Board, room: str, cases: tuple[BoardCase, ...]) -> None:
        from ortool.exchange.day_list import list_pdf, list_text
        from ortool.presentation.day_list import day_list
        from ortool.presentation.words import day

        zone = self.settings.zone
        shown = cases if self.wish.named else tuple(replace(one, case=access.nameless(one.case)) for one in cases)
        about = (self.settings.site, f"{day(self.now, zone)} {self.now.astimezone(zone):%H:%M %Z}", self.witness)
        one = day_list(board.rooms[room], day(board.day), shown, zone, about)
        name = f"{_file(room)}-list-{board.day}"
        self._files(name, lambda: list_text(one), lambda: list_pdf(one))
        self.counted["list"] += 1

    def _case(self, room: str, one: BoardCase) -> None:
        if one.case.state in _OVER:
            return
        case = one.case if self.wish.named else access.nameless(one.case)
        dossier = progress_dossier(self.theatre, case)
        sheet = case_sheet(dossier, self.settings.site, self.now, self.settings.zone, self.settings.site_values)
        if sheet is None or dossier.run is None:
            return
        self._used.setdefault(room, Counter())[dossier.run.plan.checklist.id] += 1
        number = str(case.number)
        self._sheet(f"{_file(room)}-case-{number}", sheet, {"room": room, "case": number}, "case")

    def _blanks(self, room: str) -> Iterator[Sheet]:
        on_file, used = checklists.on_file(self.settings), self._used.get(room, Counter())
        names = [name for name, _ in used.most_common() if name in on_file] + [
            name for name in (ANY,) if name in on_file
        ]
        one = on_file.get(names[0]) if names else next(iter(on_file.values()), None)
        for _ in range(self.wish.blanks if one else 0):
            assert one is not None
            self._serial += 1
            zone, values = self.settings.zone, self.settings.site_values
            sheet = blank_sheet(one.checklist, one.sha256, self.settings.site, self.now, zone, values)
            yield replace(sheet, form=form_number(self.now, one.sha256, "", self._serial))

    def _sheet(self, name: str, sheet: Sheet, about: dict[str, str], kind: str) -> None:
        from ortool.exchange.sheet import sheet_text
        from ortool.exchange.sheet_pdf import sheet_pdf

        sheet = replace(sheet, witness=self.witness)
        self._files(name, lambda: sheet_text(sheet), lambda: sheet_pdf(sheet))
        self.forms.append({"form": sheet.form, "file": f"{name}.pdf", "checklist": sheet.edition, **about})
        self.counted[kind] += 1

    def _files(self, name: str, text: Callable[[], str], pdf: Callable[[], bytes]) -> None:
        _write(self.folder / f"{name}.txt", text().encode("utf-8"))
        _write(self.folder / f"{name}.pdf", pdf())


def _file(room: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", room).strip("-")[:40] or "room"
