"""Sessions end by themselves, tokens are kept nowhere, and a ticket proves one person once."""

import asyncio
import json
import os
import sys
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from ortool.cli.main import main
from ortool.errors import BadInput, OrtoolError, Refused
from ortool.people.person import Actor
from ortool.services import people
from ortool.services.identity import hand_over, identify, set_pin, take_over
from ortool.services.theatre import open_theatre
from ortool.settings import load_settings
from ortool.web.gate import origins_of
from ortool.web.server import Place, Server, listen, warnings_of
from ortool.web.sessions import IDLE_SECONDS, LONGEST_SECONDS, MOST_SESSIONS, Sessions
from tests.services.suite import Suite
from tests.web.conftest import ADMIN_PIN, NURSE_PIN, Served, make_site


class Watch:
    """A clock that goes only when it is told to."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def pinned(suite: Suite, tmp_path: Path) -> Suite:
    """A suite where the nurse has a PIN."""
    object.__setattr__(suite.theatre.settings, "pepper_file", str(tmp_path / "pepper.key"))
    people.grant(suite.theatre, suite.nurse, "n1", ["admin"])
    set_pin(suite.theatre, suite.nurse, "n1", NURSE_PIN)
    return suite


def test_a_session_ends_when_nobody_is_there_or_at_the_end_of_the_day(watch: Watch, suite: Suite) -> None:
    sessions = Sessions(watch)
    idle, busy = sessions.begin(suite.nurse), sessions.begin(suite.surgeon)
    for _ in range(int(LONGEST_SECONDS // IDLE_SECONDS)):
        watch.now += IDLE_SECONDS - 1
        assert sessions.find(busy)
    assert sessions.find(idle) is None
    watch.now += LONGEST_SECONDS - (IDLE_SECONDS - 1) * (LONGEST_SECONDS // IDLE_SECONDS) + 1
    assert sessions.find(busy) is None
    assert len(sessions.ended()) == 2
    assert sessions.ended() == []


def test_a_token_is_kept_nowhere_and_nothing_near_it_opens(watch: Watch, suite: Suite) -> None:
    sessions = Sessions(watch)
    token = sessions.begin(suite.nurse)
    assert token not in repr(vars(sessions))
    for wrong in ("", token[:-1], f"{token} ", token.swapcase(), "\ud800"):
        assert sessions.find(wrong) is None
    more = [sessions.begin(suite.nurse) for _ in range(MOST_SESSIONS)]
    assert len({token, *more}) == MOST_SESSIONS + 1
    assert sessions.find(token) is None
    assert all(sessions.find(one) for one in more)


def test_a_ticket_proves_its_person_once_and_for_a_minute(pinned: Suite) -> None:
    theatre = pinned.theatre
    nurse = identify(theatre, "n1", NURSE_PIN)
    ticket = hand_over(theatre, nurse)
    assert NURSE_PIN.encode() not in ticket
    taken = take_over(theatre, ticket)
    assert (taken.person.id, taken.auth, taken.now) == ("n1", "pin", False)
    with pytest.raises(Refused):
        take_over(theatre, ticket)
    late = hand_over(theatre, nurse)
    pinned.clock.now += timedelta(seconds=61)
    with pytest.raises(Refused):
        take_over(theatre, late)


@pytest.mark.parametrize("forge", ["person", "seal", "nothing", "list", "deep", "bytes"])
def test_a_forged_ticket_proves_nobody(pinned: Suite, forge: str) -> None:
    ticket = hand_over(pinned.theatre, identify(pinned.theatre, "n1", NURSE_PIN))
    text, seal = json.loads(ticket)
    forged = {
        "person": json.dumps([text.replace("n1", "s1"), seal]).encode(),
        "seal": json.dumps([text, "0" * 64]).encode(),
        "nothing": b"",
        "list": b'[["n1"], ["x"]]',
        "deep": b"[" * 100_000,
        "bytes": b"\xff\xfe",
    }
    with pytest.raises(Refused):
        take_over(pinned.theatre, forged[forge])


def test_a_ticket_from_the_environment_alone_opens_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_site(tmp_path)
    said = tmp_path / "forged"
    said.write_text(json.dumps([json.dumps(["n1", "pin", "2099-01-01T00:00:00+00:00", "x"]), "0" * 64]))
    monkeypatch.setenv("ORTOOL_HANDED", str(os.open(said, os.O_RDONLY)))
    assert main(["--settings", str(tmp_path / "settings.toml"), "--database", str(tmp_path / "ortool.db")]) == 1
    assert "proves nobody" in capsys.readouterr().err


def test_without_a_pin_there_is_no_server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = make_site(tmp_path, with_pins=False)
    assert main([*options, "serve", "--port", "0"]) == 1
    assert "`ortool person pin` comes first" in capsys.readouterr().err


def test_other_computers_are_reached_on_purpose_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = make_site(tmp_path, with_pins=False)
    assert main([*options, "serve", "--host", "0.0.0.0", "--port", "0"]) == 1
    assert "--beyond-this-computer" in capsys.readouterr().err
    insisting = [*options, "serve", "--host", "0.0.0.0", "--port", "0", "--beyond-this-computer"]
    assert main(insisting) == 2
    assert "--public-url" in capsys.readouterr().err
    main([*insisting, "--public-url", "http://or.example:9000"])
    assert "put a TLS proxy in front" in capsys.readouterr().err
    assert warnings_of(Place()) == []


def test_behind_tls_there_is_one_origin_and_a_cookie_of_this_host_only() -> None:
    assert origins_of("127.0.0.1", 80, "https://OR.example/") == {"https://or.example"}
    for wrong in ("ftp://x", "or.example", "https://or.example/path", "javascript:1"):
        with pytest.raises(BadInput):
            origins_of("127.0.0.1", 80, wrong)

    def never() -> None:
        raise OrtoolError("not opened here")

    server = Server(never, [], Place(public_url="https://or.example"))  # type: ignore[arg-type]
    assert (server.gate.is_secure, server._cookie) == (True, "__Host-ortool")


def test_a_session_whose_time_is_over_loses_its_terminal(tmp_path: Path, watch: Watch) -> None:
    options = make_site(tmp_path)
    settings = load_settings({"database_url": f"sqlite:///{tmp_path / 'ortool.db'}"}, tmp_path / "settings.toml")
    sessions, port = Sessions(watch), _free_port()
    command = [sys.executable, "-m", "ortool", *options]
    server = Server(lambda: open_theatre(settings), command, Place(port=port), sessions)

    async def whole() -> None:
        until, ready = asyncio.Event(), asyncio.Event()
        serving = asyncio.create_task(listen(server, lambda _: ready.set(), until))
        await ready.wait()
        served = Served(None, port, tmp_path, tmp_path)  # type: ignore[arg-type]
        client = served.client()
        assert (await asyncio.to_thread(served.login, client, "n2", ADMIN_PIN)).status_code == 303
        headers = {"Cookie": f"ortool={client.cookies['ortool']}"}
        async with connect(  # type: ignore[arg-type]
            f"ws://127.0.0.1:{port}/ws", additional_headers=headers, origin=served.origin, proxy=None
        ) as socket:
            await socket.recv()
            watch.now += IDLE_SECONDS + 1
            async with asyncio.timeout(15):
                with pytest.raises(ConnectionClosed):
                    while True:
                        await socket.recv()
        answer: httpx.Response = await asyncio.to_thread(client.get, "/")
        assert answer.headers["location"] == "/login"
        client.close()
        until.set()
        await serving

    asyncio.run(whole())


def _free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def test_whoever_is_retired_takes_nothing_over(pinned: Suite) -> None:
    nurse: Actor = identify(pinned.theatre, "n1", NURSE_PIN, now=True)
    people.grant(pinned.theatre, nurse, "s1", ["admin"])
    set_pin(pinned.theatre, nurse, "s1", ADMIN_PIN)
    ticket = hand_over(pinned.theatre, nurse)
    people.retire_person(pinned.theatre, identify(pinned.theatre, "s1", ADMIN_PIN, now=True), "n1")
    with pytest.raises(Refused):
        take_over(pinned.theatre, ticket)
