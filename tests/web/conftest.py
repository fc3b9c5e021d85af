"""The real server in a process of its own, on a theatre where people have PINs."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from ortool.people.person import Actor
from ortool.services import people
from ortool.services.identity import identify, set_pin
from tests.services.suite import CHECKLISTS, Clock, Suite, furnish
from tests.services.suite import settings as usual

NURSE_PIN, ADMIN_PIN = "730518", "902734"


@dataclass
class Served:
    """A running server and what it said."""

    process: subprocess.Popen[bytes]
    port: int
    folder: Path
    said: Path
    clients: list[httpx.Client] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self) -> httpx.Client:
        """Return a browser without any cookie."""
        self.clients.append(httpx.Client(base_url=self.origin, timeout=20, trust_env=False))
        return self.clients[-1]

    def login(self, client: httpx.Client, person: str = "n1", pin: str = NURSE_PIN, **headers: str) -> httpx.Response:
        """Fill the login form in, as a browser does."""
        page = client.get("/login").text
        proof = re.search(r'name="proof" value="([^"]+)"', page)
        assert proof
        fields = {"person": person, "pin": pin, "proof": proof[1]}
        return client.post("/login", data=fields, headers={"Origin": self.origin} | headers)

    def logged_in(self) -> httpx.Client:
        """Return the browser of the nurse, logged in."""
        client = self.client()
        assert self.login(client).status_code == 303
        return client


def make_site(folder: Path, with_pins: bool = True) -> list[str]:
    """Furnish a theatre in `folder` and return the options that name it."""
    written = f'site = "Test site"\nchecklists = "{CHECKLISTS}"\npepper_file = "{folder / "pepper.key"}"\n'
    (folder / "settings.toml").write_text(written)
    clock = Clock(datetime.now().astimezone())
    theatre = furnish(folder / "ortool.db", usual(pepper_file=str(folder / "pepper.key")), clock)
    if with_pins:
        boss = Suite(theatre, clock).nurse
        people.grant(theatre, boss, "n2", ["admin"])
        set_pin(theatre, boss, "n2", ADMIN_PIN)
        proven: Actor = identify(theatre, "n2", ADMIN_PIN, now=True)
        set_pin(theatre, proven, "n1", NURSE_PIN)
    theatre.close()
    return ["--settings", str(folder / "settings.toml"), "--database", str(folder / "ortool.db")]


def start(folder: Path, *options: str) -> Served:
    """Start the server on a furnished theatre and wait until it listens."""
    said = folder / "said.txt"
    words = [sys.executable, "-m", "ortool", "--settings", str(folder / "settings.toml"), "--database"]
    words += [str(folder / "ortool.db"), "serve", "--port", "0", *options]
    environment = os.environ | {"ORTOOL_STATE": str(folder / "state")}
    with said.open("wb") as file:
        process = subprocess.Popen(
            words, stderr=file, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, env=environment
        )
    for _ in range(300):
        if found := re.search(r"127\.0\.0\.1:(\d+)", said.read_text()):
            return Served(process, int(found[1]), folder, said)
        if process.poll() is not None:
            break
        try:
            process.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
    process.kill()
    raise AssertionError(said.read_text())


def stop(served: Served) -> int:
    """End the server as Ctrl+C does, and return its exit code."""
    for client in served.clients:
        client.close()
    served.process.send_signal(signal.SIGINT)
    return served.process.wait(20)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A running server."""
    folder = tmp_path_factory.mktemp("served")
    make_site(folder)
    one = start(folder)
    yield one
    assert stop(one) == 0
