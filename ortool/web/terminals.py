"""One terminal program for one socket: started as the person who logged in, and gone when the socket is."""

from __future__ import annotations

import asyncio
import os
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

from aiohttp import web
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

from ortool.web.gate import log

# Names the inherited pipe out of which the program reads whose it is.
HANDED = "ORTOOL_HANDED"
GOODBYE_SECONDS = 5.0
_BEGINS = b"__GANGLION__\n"
COLUMNS, ROWS = (20, 400), (8, 150)
# What this server may know and a terminal need not.
_KEPT_BACK = ("ORTOOL_PIN", "ORTOOL_NEW_PIN", "ORTOOL_SECOND_PIN", "ORTOOL_BADGE", "ORTOOL_PERSON")


def between(value: object, limits: tuple[int, int], otherwise: int) -> int:
    """Return a number out of foreign hands within limits."""
    try:
        return max(limits[0], min(limits[1], int(str(value)[:6])))
    except ValueError:
        return otherwise


class TerminalProgram(AppService):
    """The program behind one socket. It is started without a shell, and nothing secret stands on its command line."""

    def __init__(self, command: Sequence[str], ticket: bytes, socket: web.WebSocketResponse) -> None:
        super().__init__(
            "ortool",
            write_bytes=socket.send_bytes,
            write_str=socket.send_str,
            close=_closer(socket),
            download_manager=DownloadManager(),
        )
        self._words, self._ticket = list(command), ticket

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        inner, outer = os.pipe()
        try:
            os.write(outer, self._ticket)
            environment = _without_secrets(self._build_environment(width, height)) | {HANDED: str(inner)}
            self._process = await asyncio.create_subprocess_exec(
                *self._words, stdin=PIPE, stdout=PIPE, env=environment, pass_fds=(inner,)
            )
        finally:
            os.close(inner)
            os.close(outer)
        assert self._process.stdin is not None
        self._stdin = self._process.stdin
        return self._process

    async def run(self) -> None:
        """Pass on what the program draws, until it ends. What it says in words goes where the server's words go."""
        assert self._process is not None
        drawn = self._process.stdout
        assert drawn is not None
        with suppress(asyncio.IncompleteReadError, ConnectionResetError, ValueError):
            await drawn.readuntil(_BEGINS)
            while True:
                head = await drawn.readexactly(5)
                packet = await drawn.readexactly(int.from_bytes(head[1:], "big"))
                if head[:1] == b"D":
                    await self.on_data(packet)
                elif head[:1] == b"M":
                    await self.on_meta(packet)
        await self.remote_close()

    async def on_meta(self, data: bytes) -> None:
        """Take what the program says of itself. Only its end is heard: it opens no address and sends no file."""
        if b'"exit"' in data:
            await self.remote_close()

    async def stop(self) -> None:
        """Ask the program to end, and end it when it does not."""
        process, task = self._process, self._task
        if process is None or task is None:
            return
        self._task = None
        with suppress(OSError, TimeoutError):
            await asyncio.wait_for(self.send_meta({"type": "quit"}), GOODBYE_SECONDS)
        try:
            await asyncio.wait_for(process.wait(), GOODBYE_SECONDS)
        except TimeoutError:
            log("a terminal did not end and was stopped")
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _closer(socket: web.WebSocketResponse) -> Callable[[], Awaitable[None]]:
    async def close() -> None:
        await socket.close()

    return close


def _without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name not in _KEPT_BACK}
