"""A network that can be cut: a small TCP proxy in front of the server's socket, which misbehaves on demand."""

import contextlib
import select
import socket
import threading
from collections.abc import Callable
from pathlib import Path

# The first byte of what the client sends, and words that stand in it: how a cut finds its moment.
COMMIT = b"COMMIT"


class Proxy:
    """Listens on loopback. `cut` is asked with every piece that a client sends, and says what becomes of it."""

    def __init__(self, upstream: Path) -> None:
        self.upstream = upstream
        self.cut: Callable[[bytes], str] = lambda _piece: "pass"
        self.is_dark = False
        self.refuses = False
        self.cuts = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._stopped = False
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while not self._stopped:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self.refuses:
                client.close()
                continue
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(str(self.upstream))
            except OSError:
                client.close()
                continue
            pair = client, server
            self._pairs.add(pair)
            threading.Thread(target=self._pump, args=pair, daemon=True).start()

    def _pump(self, client: socket.socket, server: socket.socket) -> None:
        self._carry(client, server)
        for end in (client, server):
            with contextlib.suppress(OSError):
                end.close()
        self._pairs.discard((client, server))

    def _carry(self, client: socket.socket, server: socket.socket) -> None:
        answers = True
        with contextlib.suppress(OSError, ValueError):
            while True:
                ready, _, _ = select.select([client, server], [], [], 0.5)
                for end in ready:
                    piece = end.recv(65_536)
                    if not piece:
                        return
                    if self.is_dark:
                        continue
                    if end is server:
                        if answers:
                            client.sendall(piece)
                        continue
                    match self.cut(piece):
                        case "pass":
                            server.sendall(piece)
                        case "before":  # the server never hears of it
                            self.cuts += 1
                            return
                        case "after":  # the server does it, and nobody hears the answer
                            self.cuts += 1
                            server.sendall(piece)
                            select.select([server], [], [], 2)
                            return
                        case "middle":  # half of it arrives
                            self.cuts += 1
                            server.sendall(piece[: len(piece) // 2])
                            return
                        case "silence":  # the server does it, the line stays open, and nothing comes back
                            self.cuts += 1
                            answers = False
                            server.sendall(piece)

    def drop(self) -> None:
        """Cut every line there is."""
        for pair in list(self._pairs):
            for end in pair:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        """Stop for good."""
        self._stopped = True
        self._listener.close()
        self.drop()
