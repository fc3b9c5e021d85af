"""What a tick costs on the screen: CPU and bytes a key, against Textual's own SelectionList of the same 40 items.

Run by hand: python -m tests.benchmarks.screen_ticks [runs, 5 by default]
Three programs run in a pseudo-terminal of 80x24 and get the same keys at the same pace: 20 ticks at 150 ms a key, and
20 steps of the cursor. The first is a SelectionList and nothing else; the second is ortool's list and nothing else, of
the same 40 items; the third is ortool with a case open, eight running clocks and all that a tick does: its ticks are
looked up in the journal, and ten idle seconds are measured too. CPU is told apart by thread: the screen's, the one that
talks to the database, and those that read and write the terminal. What goes on without a key (clocks, looking for other
terminals' entries) is in every figure and told beside it. Bytes are the mean of 20 keys.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ortool.checklist.commands import StampMilestone
from ortool.people.person import Actor
from ortool.services import boards, people, running
from ortool.services.sample import fill_sample
from ortool.services.theatre import Theatre, open_theatre
from ortool.settings import Settings
from ortool.tui import rows_view
from tests.benchmarks.inside import TOLD

PACE = 0.15

LIST = """
from textual.app import App
from textual.widgets import SelectionList
class Listed(App):
    def compose(self):
        yield SelectionList(*[(f"Item number {n}, as long as a prompt", n) for n in range(40)])
    def on_mount(self):
        self.query_one(SelectionList).focus()
Listed().run()
"""

OUR_LIST = """
from dataclasses import dataclass, replace
from textual.app import App
from textual.binding import Binding
from ortool.presentation.pieces import Piece, fit
from ortool.tui.harmless import HARMLESS
from ortool.tui.lines import PALETTE
from ortool.tui.rows_view import RowsView

@dataclass(frozen=True)
class Item:
    number: int
    done: bool = False
    can_rest = True
    @property
    def key(self):
        return self.number
    @property
    def is_open(self):
        return not self.done
    def pieces(self, width):
        mark = "X" if self.done else " "
        words = fit(f"Item number {self.number}, as long as a prompt", width - 4)
        return [Piece(f" {mark}  ", "done" if self.done else "open"), Piece(words, "title")]

class Listed(App):
    CSS_PATH = STYLES
    COMPONENT_CLASSES = PALETTE
    BINDINGS = [Binding("space", "tick", priority=True)]
    ascii_only = False
    def get_line_filters(self):
        return [*super().get_line_filters(), HARMLESS]
    def compose(self):
        yield RowsView("checklist")
    def on_mount(self):
        self.rows = self.query_one(RowsView)
        self.rows.show([Item(n) for n in range(40)])
        self.rows.focus()
    def action_tick(self):
        at = self.rows.cursor
        self.rows.hold()
        self.rows.go_on()
        self.rows.show([replace(row, done=not row.done) if i == at else row for i, row in enumerate(self.rows.rows)])

Listed().run()
"""


def checklist() -> str:
    """Return a checklist of forty plain items, eight clocks and hardly anything else."""
    pauses = "\n".join(
        f"  - id: Q{p}\n    title: Pause {p}\n    reader: circulating_nurse\n    target_seconds: 60\n    items:\n"
        + "\n".join(
            f'      - {{id: Q{p}.{n}, prompt: "Item {p} {n}, as long as a prompt", response: Done as it should be,'
            f" responders: [surgeon], evidence: [EST]}}"
            for n in range(1, 9)
        )
        for p in range(1, 6)
    )
    timers = "\n".join(
        f"  - {{id: clock{n}, title: Clock {n}, short: Clock {n}, starts: PIR, stops: [POR], minutes: {n + 20}, repeat: true,"
        f" acknowledge: done, evidence: [EST]}}"
        for n in range(8)
    )
    steps = "".join(f"      - pause: Q{p}\n" for p in range(1, 6))
    return f"""
id: forty
version: "1"
title: Forty items
procedures: [any, dynamic-stabilisation]
stamps:
  - {{id: PIR, title: In room, meaning: x, by: surgeon, evidence: [EST]}}
  - {{id: POR, title: Out of room, meaning: x, by: surgeon, evidence: [EST]}}
durations:
  - {{id: all, title: All, from: PIR, to: POR, one_level: [60, 90], two_levels: [60, 90], evidence: [EST]}}
phases:
  - id: all
    title: All of it
    starts: PIR
    ends: POR
    durations: [all]
    steps:
      - stamp: PIR
{steps}      - stamp: POR
pauses:
{pauses}
timers:
{timers}
"""


@dataclass(frozen=True)
class Cost:
    """What a key costs: CPU milliseconds by thread, and bytes to the terminal."""

    screen: float
    storage: float
    terminal: float
    bytes: float

    @property
    def cpu(self) -> float:
        """CPU milliseconds in all."""
        return self.screen + self.storage + self.terminal

    def line(self, name: str, base: Cost | None = None) -> str:
        """Return it in words, with its ratio to Textual's own list of the same run."""
        words = (
            f"{name:<34} {self.cpu:6.2f} ms CPU (screen {self.screen:5.2f}, storage {self.storage:5.2f},"
            f" reading and writing the terminal {self.terminal:5.2f})"
        )
        if base is None:
            return words
        ratios = f"CPU {self.cpu / base.cpu:4.2f}, screen {self.screen / base.screen:4.2f}"
        return (
            f"{words}   {self.bytes / 1000:5.2f} kB   to SelectionList: {ratios}, bytes {self.bytes / base.bytes:4.2f}"
        )


def least(costs: list[Cost]) -> Cost:
    """Return the run that cost the least CPU: what other programs do at the same time only adds."""
    return min(costs, key=lambda cost: cost.cpu)


class Program:
    """A program in a terminal: its CPU seconds, and the bytes that it writes."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.environ.update(environment)
            os.execvp(command[0], command)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.bytes, self.seen, self.clerk = 0, b"", ""
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while True:
            try:
                if select.select([self.terminal], [], [], 0.5)[0]:
                    chunk = os.read(self.terminal, 65536)
                    self.bytes += len(chunk)
                    self.seen += chunk
            except OSError:
                return

    @property
    def threads(self) -> dict[str, float]:
        """CPU seconds of each thread so far; the screen's thread has the program's own number."""
        tasks = Path(f"/proc/{self.child}/task").iterdir()
        return {task.name: int((task / "schedstat").read_text().split()[0]) / 1e9 for task in tasks}

    @property
    def cpu(self) -> float:
        """CPU seconds so far."""
        return sum(self.threads.values())

    def press(self, keys: str | list[str], pace: float = PACE) -> None:
        """Press keys one by one."""
        for key in keys:
            os.write(self.terminal, key.encode())
            time.sleep(pace)

    def until(self, word: bytes) -> None:
        """Wait until a word was on the screen."""
        began = time.monotonic()
        while word not in self.seen and time.monotonic() - began < 30:
            time.sleep(0.05)

    def spent(self, since: dict[str, float]) -> tuple[float, float, float]:
        """Return the CPU milliseconds since then of the screen, of the storage, and of all else."""
        spent = {name: (seconds - since.get(name, 0)) * 1000 for name, seconds in self.threads.items()}
        screen, storage = spent.get(str(self.child), 0.0), spent.get(self.clerk, 0.0)
        return screen, storage, sum(spent.values()) - screen - storage

    def measured(self, keys: str | list[str]) -> Cost:
        """Return the median of what each key costs; of bytes the mean, for some keys turn a page."""
        time.sleep(2)
        costs, written = [], self.bytes
        for key in keys:
            before = self.threads
            self.press([key])
            costs.append(self.spent(before))
        time.sleep(0.5)
        screen, storage, terminal = (statistics.median(part) for part in zip(*costs, strict=True))
        return Cost(screen, storage, terminal, (self.bytes - written) / len(keys))

    def resting(self) -> Cost:
        """Return what ten seconds without a key cost, for the time of one key."""
        before = self.threads
        time.sleep(10)
        return Cost(*(part * PACE / 10 for part in self.spent(before)), 0)

    def end(self) -> None:
        """Stop it."""
        os.kill(self.child, 9)
        os.waitpid(self.child, 0)


def prepared(folder: Path) -> tuple[Theatre, str]:
    """Return a theatre whose first case runs the forty items, begun half an hour ago."""
    (folder / "lists").mkdir()
    (folder / "lists" / "forty.yaml").write_text(checklist())
    settings = Settings(time_zone="UTC", checklists=str(folder / "lists"))
    theatre = open_theatre(settings, folder / "day.db")
    now = datetime.now(UTC)
    fill_sample(theatre, now.date())
    case_id = boards.day_board(theatre).all_cases[0].case.id
    nurse = Actor(people.list_people(theatre, "circulating_nurse")[0])
    running.act(theatre, nurse, case_id, StampMilestone("PIR", now - timedelta(minutes=10)))
    return theatre, case_id


def environment(folder: Path) -> dict[str, str]:
    """Return the settings of a program on the theatre of a folder."""
    return {
        "TERM": "xterm-256color", "ORTOOL_TIME_ZONE": "UTC", "ORTOOL_PERSON": "cn1", "ORTOOL_STATE": str(folder / "state"),
        "ORTOOL_DATABASE_URL": f"sqlite:///{folder / 'day.db'}", "ORTOOL_CHECKLISTS": str(folder / "lists"),
    }  # fmt: skip


def told(answer: Path) -> Any:
    """Return what a program wrote down when it was asked."""
    began = time.monotonic()
    while not answer.exists() and time.monotonic() - began < 30:
        time.sleep(0.05)
    found = json.loads(answer.read_text())
    answer.unlink()
    return found


def listed(source: str) -> tuple[Cost, Cost]:
    """Return what a toggle and a step of a list cost, in a program that is nothing but that list."""
    program = Program([sys.executable, "-c", source], {"TERM": "xterm-256color"})
    program.until(b"Item number 3")
    costs = program.measured(" " * 20), program.measured(["\x1b[B"] * 20)
    program.end()
    return costs


def carried_out() -> tuple[Cost, Cost, Cost, int]:
    """Return what a tick, a step and rest cost in ortool, and how many ticks were stored."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        theatre, case_id = prepared(folder)
        answer = folder / "told.json"
        command = [sys.executable, "-m", "tests.benchmarks.inside"]
        program = Program(command, environment(folder) | {TOLD: str(answer)})
        program.until(b"THR")
        program.press("\r")
        program.until(b"Pause 1")
        os.kill(program.child, signal.SIGUSR1)
        program.clerk = next(str(number) for thread, number in told(answer).items() if thread.startswith("clerk"))
        ticks = program.measured(" " * 20)
        stored = running.refold(theatre, case_id)
        moves = program.measured("k" * 10 + "j" * 10)
        costs = ticks, moves, program.resting(), len(stored.answers if stored else ())
        program.end()
        theatre.close()
    return costs


def main() -> None:
    """Print CPU and bytes a key, the ticks that were stored, and the CPU of idling."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    lists, our_lists, ours = [], [], []
    styles = str(Path(rows_view.__file__).with_name("ortool.tcss"))
    for _ in range(runs):
        lists.append(listed(LIST))
        our_lists.append(listed(OUR_LIST.replace("STYLES", repr(styles))))
        ours.append(carried_out())
    base, base_moves = (least(list(costs)) for costs in zip(*lists, strict=True))
    list_ticks, list_moves = (least(list(costs)) for costs in zip(*our_lists, strict=True))
    ticks, moves, rest = (least([run[part] for run in ours]) for part in range(3))
    print(f"the least of {runs} runs, each the median of 20 keys at {PACE * 1000:.0f} ms")
    print(base.line("SelectionList, 40 items: toggle", base))
    print(base_moves.line("SelectionList: cursor move", base_moves))
    print(list_ticks.line("ortool's list, 40 items: tick", base))
    print(list_moves.line("ortool's list: cursor move", base_moves))
    print(ticks.line("ortool, 40 items: tick, stored", base))
    print(moves.line("ortool: cursor move", base_moves))
    print(rest.line("  of which goes on without a key"))
    print("targets: 5 ms, 1 kB, ratio 0.5")
    print(
        "each run, tick against toggle:",
        ", ".join(f"{o[0].cpu:.2f}/{t[0].cpu:.2f}" for o, t in zip(ours, lists, strict=True)),
    )
    print(f"ticks in the journal: {', '.join(str(run[3]) for run in ours)} of 20")
    print(f"idle with 8 clocks: {rest.cpu / PACE / 10:.2f} % of a core   target: 1.5 %")


if __name__ == "__main__":
    main()
