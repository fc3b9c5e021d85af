"""The real program on a real terminal: not one byte of what data says to the terminal reaches it."""

import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from contextlib import suppress
from fcntl import ioctl
from pathlib import Path

from tests.hostile.corpus import STRINGS
from tests.hostile.hurt import Hurt, options_of

# What the program itself may say: colours, cursor, modes, questions about the terminal, and nothing with words in it.
OWN = re.compile(
    rb"\x1b\[[0-9;:?=<>$]*[A-Za-z@`pquh]"  # CSI
    rb"|\x1b\]22;[a-z-]*\x07"  # the shape of the mouse pointer
    rb"|\x1b\[[?>=0-9;]*\$p|\x1b[=>78]|\x1b\([B0]|\x1bP[+$=>|][^\x1b]*\x1b\\"
)
EVIL = [b"31337", b"owned", b"1337;File", b"evil.example\x1b", b"52;c"]


def on_a_terminal(words: list[str], keys: list[bytes], environment: dict[str, str], seconds: float = 25) -> bytes:
    """Run the program in a pty, press keys one after another, and return every byte that it wrote."""
    child, handle = pty.fork()
    if child == 0:
        os.environ.update(environment)
        os.execv(sys.executable, [sys.executable, "-m", "ortool", *words])
    ioctl(handle, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 160, 0, 0))
    wrote, until, waiting = b"", time.monotonic() + seconds, list(keys)
    quiet = time.monotonic() + 4
    try:
        while time.monotonic() < until:
            if select.select([handle], [], [], 0.1)[0]:
                try:
                    piece = os.read(handle, 65_536)
                except OSError:
                    break
                if not piece:
                    break
                wrote += piece
            elif waiting and time.monotonic() > quiet:
                os.write(handle, waiting.pop(0))
                quiet = time.monotonic() + 0.7
    finally:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(handle)
    return wrote


def foreign(wrote: bytes) -> list[bytes]:
    """Return what in the bytes steers a terminal and is not the program's own."""
    rest = OWN.sub(b"", wrote)
    found = re.findall(
        rb"\x1b.{0,12}|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae\x8e\x8f\x8b]|\xe2\x81[\xa6-\xa9]|[\x00-\x06\x0b\x0c\x0e-\x1a\x7f]",
        rest,
    )
    own = {match.group() for match in OWN.finditer(wrote)}
    return found + [one for one in own if any(evil in one for evil in EVIL)]


def test_the_check_can_tell() -> None:
    for evil in (b"\x1b]0;owned\x07", b"\x1b[31337m", "\x9b1m".encode(), "\u202e".encode(), b"\x1bc", b"\x1b_Gx"):
        assert foreign(b"\x1b[1;31mx" + evil), evil
    assert foreign(b"\x1b[1;31mx\x1b[?1049h\x1b[6n y\r\n") == []


def test_the_screens_send_nothing_that_data_says(unclean: Hurt, tmp_path: Path) -> None:
    environment = {"ORTOOL_STATE": str(tmp_path / "state"), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    # The day of the cases is not today: the board is moved there, the first case opened, its parts looked at.
    keys = [b"w", b"\x1b", b"\r", b"?", b"\x1b", b"/", b"\x1b", b"\x11"]
    wrote = on_a_terminal([*options_of(unclean, tmp_path), "--clock-ok"], keys, environment)
    assert b"[n=" in wrote
    assert foreign(wrote) == []


def test_the_command_line_sends_nothing_that_data_says(unclean: Hurt, tmp_path: Path) -> None:
    environment = {"ORTOOL_STATE": str(tmp_path / "state"), "TERM": "xterm-256color"}
    number = next(iter(unclean.cases.values()))
    for words in (["case", "list", "--named", "--day", "2026-11-23"], ["person", "list"], ["log", "show", number]):
        wrote = on_a_terminal([*options_of(unclean, tmp_path), "--clock-ok", *words], [], environment)
        assert wrote.count(b"[n=") > 2, wrote[-500:]
        assert foreign(wrote) == [], words
    assert len(STRINGS) >= 200
