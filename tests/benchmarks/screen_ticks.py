"""What a tick costs on the screen: CPU and bytes a key, against Textual's own SelectionList of the same 40 items.

Run by hand: python -m tests.benchmarks.screen_ticks
Both programs run in a pseudo-terminal of 80x24 and get the same keys at the same pace. Then 20 ticks at 150 ms a key,
all looked up in the journal, and the CPU of ten idle seconds with eight running clocks. A tick's CPU is told apart by
thread: the screen's, and the one that talks to the database. Bytes are the mean of 20 keys, pages turned among them.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import sys
import tempfile
import termios
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ortool.checklist.commands import StampMilestone
from ortool.people.person import Actor
from ortool.services import boards, people, running
from ortool.services.sample import fill_sample
from ortool.services.theatre import Theatre, open_theatre
from ortool.settings import Settings

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
    """What a key costs: CPU milliseconds of the screen's thread and of the others, and bytes to the terminal."""

    screen: float
    others: float
    bytes: float

    @property
    def cpu(self) -> float:
        """CPU milliseconds in all."""
        return self.screen + self.others

    def line(self, name: str, base: Cost, target: str = "") -> str:
        """Return it in words, with its ratio to Textual's own list of the same run."""
        return (
            f"{name:<32} {self.cpu:6.2f} ms CPU (screen {self.screen:5.2f}, database and others {self.others:5.2f})"
            f"   {self.bytes / 1000:5.2f} kB   to SelectionList: CPU {self.cpu / base.cpu:4.2f},"
            f" screen {self.screen / base.screen:4.2f}, bytes {self.bytes / base.bytes:4.2f}{target}"
        )


class Program:
    """A program in a terminal: its CPU seconds, and the bytes that it writes."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.environ.update(environment)
            os.execvp(command[0], command)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.bytes, self.seen = 0, b""
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

    def measured(self, keys: str | list[str]) -> Cost:
        """Return what a key costs."""
        time.sleep(2)
        before, written = self.threads, self.bytes
        self.press(keys)
        time.sleep(1)
        after, screen = self.threads, str(self.child)
        spent = {name: (seconds - before.get(name, 0)) * 1000 / len(keys) for name, seconds in after.items()}
        return Cost(spent[screen], sum(spent.values()) - spent[screen], (self.bytes - written) / len(keys))

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


def main() -> None:
    """Print CPU and bytes a key, the ticks that were stored, and the CPU of idling."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        theatre, case_id = prepared(folder)
        environment = {
            "TERM": "xterm-256color", "ORTOOL_TIME_ZONE": "UTC", "ORTOOL_PERSON": "cn1",
            "ORTOOL_DATABASE_URL": f"sqlite:///{folder / 'day.db'}", "ORTOOL_CHECKLISTS": str(folder / "lists"),
        }  # fmt: skip
        listed = Program([sys.executable, "-c", LIST], environment)
        listed.until(b"Item number 3")
        base = listed.measured(" " * 20)
        listed_moves = listed.measured(["\x1b[B"] * 20)
        listed.end()
        ortool = Program([sys.executable, "-m", "ortool"], environment)
        ortool.until(b"THR")
        ortool.press("\r")
        ortool.until(b"Pause 1")
        ticks = ortool.measured(" " * 20)
        stored = running.refold(theatre, case_id)
        assert stored is not None
        moves = ortool.measured("k" * 10 + "j" * 10)
        cpu = ortool.cpu
        time.sleep(10)
        idle = (ortool.cpu - cpu) * 10
        ortool.end()
        target = "   target: 5 ms, 1 kB, ratio 0.5"
        print(base.line("SelectionList, 40 items: toggle", base))
        print(listed_moves.line("SelectionList: cursor move", listed_moves))
        print(ticks.line("ortool, 40 items: tick, stored", base, target))
        print(moves.line("ortool: cursor move", listed_moves, target))
        print(f"20 keys at {PACE * 1000:.0f} ms: {len(stored.answers)} ticks in the journal")
        print(f"idle with 8 clocks: {idle:.2f} % of a core   target: 1.5 %")
        theatre.close()


if __name__ == "__main__":
    main()
