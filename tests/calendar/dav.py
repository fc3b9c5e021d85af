"""A real Radicale in a thread of the tests, with one user and an empty calendar, and a look into it."""

import socket
import threading
import time
from pathlib import Path

import httpx
from radicale import config, server

USER, PASSWORD = "su1", "a-password-of-the-tests"
_MADE = '<?xml version="1.0"?><mkcalendar xmlns="urn:ietf:params:xml:ns:caldav"/>'


class Radicale:
    """The server. `get`, `put` and `delete` are somebody else's client."""

    def __init__(self, folder: Path) -> None:
        (folder / "users").write_text(f"{USER}:{PASSWORD}\n")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        found = config.load()
        found.update({
            "server": {"hosts": f"127.0.0.1:{self.port}"},
            "auth": {"type": "htpasswd", "htpasswd_filename": str(folder / "users"), "htpasswd_encryption": "plain",
                     "delay": "0"},
            "storage": {"filesystem_folder": str(folder / "collections"), "_filesystem_fsync": "False"},
            "logging": {"level": "critical"},
        }, "tests", privileged=True)  # fmt: skip
        self._stop, stopped = socket.socketpair()
        self._thread = threading.Thread(target=server.serve, args=(found, stopped), daemon=True)
        self._thread.start()
        self._client = httpx.Client(auth=(USER, PASSWORD), timeout=10, trust_env=False)
        self._collections = 0

    def close(self) -> None:
        self._client.close()
        self._stop.close()
        self._thread.join(10)

    def calendar(self) -> str:
        """Make a calendar and return its address."""
        self._collections += 1
        address = f"http://127.0.0.1:{self.port}/{USER}/c{self._collections}/"
        until = time.monotonic() + 20
        while True:
            try:
                answer = self._client.request("MKCALENDAR", address, content=_MADE)
                break
            except httpx.TransportError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.02)
        assert answer.status_code == 201, answer.text
        return address

    def ask(self, method: str, address: str, **more) -> httpx.Response:
        """Ask as another client of the same user."""
        return self._client.request(method, address, **more)

    def events(self, address: str) -> dict[str, str]:
        """Return what stands in a calendar by resource name."""
        body = '<?xml version="1.0"?><propfind xmlns="DAV:"><prop><getetag/></prop></propfind>'
        listed = self._client.request("PROPFIND", address, content=body, headers={"Depth": "1"}).text
        names = [part.partition("</href>")[0].rpartition("/")[2] for part in listed.split("<href>")[1:]]
        return {name: self._client.get(address + name).text for name in names if name}
