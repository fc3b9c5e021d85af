"""How soon the board is painted, and its data on screen, against an empty Textual app in the same run.

Run by hand: python -m tests.benchmarks.first_paint [rounds, 7 by default]
Each program runs in a pseudo-terminal of 80x24; the clock starts before the process does.
"""

import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from pathlib import Path

from ortool.services.sample import fill_sample
from ortool.services.theatre import open_theatre
from ortool.settings import Settings

EMPTY = """
from textual.app import App
from textual.widgets import Static
class Empty(App):
    def compose(self):
        yield Static("PAINTED")
Empty().run()
"""
PATIENCE = 20.0


def seconds_until(command: list[str], words: list[bytes], environment: dict[str, str]) -> list[float]:
    """Start a program in a terminal and return when each of the words was on it."""
    began = time.perf_counter()
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(environment)
        os.execvp(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    seen, found = b"", [0.0] * len(words)
    while not all(found) and time.perf_counter() - began < PATIENCE:
        if select.select([terminal], [], [], 0.05)[0]:
            seen += os.read(terminal, 65536)
            for index, word in enumerate(words):
                if not found[index] and word in seen:
                    found[index] = time.perf_counter() - began
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(terminal)
    return found


def main() -> None:
    """Print the medians and their ratios to the empty app."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "day.db"
        theatre = open_theatre(Settings(time_zone="Europe/Amsterdam"), path)
        fill_sample(theatre, theatre.now().astimezone(theatre.settings.zone).date())
        theatre.close()
        terminal = {
            "TERM": "xterm-256color", "ORTOOL_TIME_ZONE": "Europe/Amsterdam", "ORTOOL_DATABASE_URL": f"sqlite:///{path}"
        }  # fmt: skip
        program = [sys.executable, "-m", "ortool"]
        empty, painted, filled = [], [], []
        for _ in range(rounds):
            empty += seconds_until([sys.executable, "-c", EMPTY], [b"PAINTED"], terminal)
            first, data = seconds_until(program, [b"opening", b"THR right"], terminal)
            painted.append(first)
            filled.append(data)
        base = statistics.median(empty)
        print(f"empty Textual app painted   {base * 1000:6.0f} ms")
        for name, times in (("board painted", painted), ("board with its data", filled)):
            middle = statistics.median(times)
            print(f"{name:<27} {middle * 1000:6.0f} ms   ratio {middle / base:.2f}")


if __name__ == "__main__":
    main()
