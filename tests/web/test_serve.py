"""The screens in a browser: nobody without a login, nothing from another site, and the person who logged in."""

import asyncio
import json
import os
import signal
import time
from collections.abc import Iterator

import httpx
import psutil
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.web.conftest import ADMIN_PIN, NURSE_PIN, Served, make_site, start, stop

pytestmark = pytest.mark.xdist_group("served")


async def drawn(served: Served, client: httpx.Client, until: bytes, seconds: float = 30, **options: object) -> bytes:
    """Open a terminal and return what it drew until these words came."""
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items())}
    seen = b""
    address = f"ws://127.0.0.1:{served.port}/ws?width=100&height=30"
    origin = str(options.get("origin", served.origin))
    async with connect(address, additional_headers=headers, origin=origin, proxy=None) as socket:  # type: ignore[arg-type]
        await socket.send(json.dumps(["ping", "1"]))
        async with asyncio.timeout(seconds):
            async for message in socket:
                seen += message if isinstance(message, bytes) else message.encode()
                if until in seen:
                    break
        await socket.send(json.dumps(["stdin", "\x11"]))
    return seen


def test_without_a_session_there_is_the_login_and_nothing_else(served: Served) -> None:
    client = served.client()
    assert client.get("/").headers["location"] == "/login"
    for path in ("/ws", "/static/js/textual.js", "/static/", "/static/../../../etc/passwd", "/nothing", "/download/x"):
        assert client.get(path).status_code == 403, path
    assert client.post("/logout", headers={"Origin": served.origin}).status_code == 403
    assert client.get("/", headers={"Cookie": f"ortool={'x' * 43}"}).status_code == 303


def test_every_answer_carries_its_headers(served: Served) -> None:
    client = served.client()
    for path in ("/login", "/", "/ws", "/static/js/textual.js", "/no%7Fthing"):
        headers = client.get(path).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["server"] == "ortool"
    assert "unsafe" not in client.get("/login").headers["content-security-policy"]


def test_the_terminal_starts_as_the_person_who_logged_in(served: Served) -> None:
    client = served.logged_in()
    cookie = next(one for one in client.cookies.jar if one.name == "ortool")
    assert (cookie.has_nonstandard_attr("HttpOnly"), cookie.get_nonstandard_attr("SameSite")) == (True, "Strict")
    assert len(cookie.value or "") >= 43
    page = client.get("/")
    assert "textual.js" in page.text
    assert "script-src 'self';" in page.headers["content-security-policy"]
    assert "<script>" not in page.text
    assert client.get("/static/js/textual.js").status_code == 200
    seen = asyncio.run(drawn(served, client, b"NN"))
    assert b"NN" in seen  # the initials of who is here stand on the board


def test_what_the_child_is_told_stands_in_no_list_of_processes(served: Served) -> None:
    client = served.logged_in()

    async def looked() -> str:
        headers = {"Cookie": f"ortool={client.cookies['ortool']}"}
        address = f"ws://127.0.0.1:{served.port}/ws"
        async with connect(address, additional_headers=headers, origin=served.origin, proxy=None) as socket:  # type: ignore[arg-type]
            await socket.recv()
            children = psutil.Process(served.process.pid).children(recursive=True)
            assert children
            return " ".join(str(child.cmdline()) + str(child.environ()) for child in children)

    told = asyncio.run(looked())
    assert client.cookies["ortool"] not in told
    assert NURSE_PIN not in told
    assert "n1" not in told.split("ORTOOL_HANDED")[0].replace("ortool.db", "")
    for _ in range(100):
        if not psutil.Process(served.process.pid).children():
            return
        time.sleep(0.1)
    raise AssertionError("the terminal outlived its socket")


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", ""])
def test_another_site_opens_no_terminal_and_logs_nobody_in(served: Served, origin: str) -> None:
    client = served.logged_in()
    with pytest.raises(InvalidStatus) as refused:
        asyncio.run(drawn(served, client, b"never", origin=origin))
    assert refused.value.response.status_code == 403
    assert served.login(served.client(), Origin=origin).status_code == 403
    assert client.post("/logout", headers={"Origin": origin}).status_code == 403
    assert client.get("/").status_code == 200


def test_another_name_of_the_host_is_no_site_here(served: Served) -> None:
    assert served.client().get("/login", headers={"Host": "evil.example"}).status_code == 421


def test_a_form_of_another_site_is_not_taken(served: Served) -> None:
    client = served.client()
    fields = {"person": "n1", "pin": NURSE_PIN, "proof": "x" * 22}
    assert client.post("/login", data=fields, headers={"Origin": served.origin}).status_code == 403
    client.get("/login")
    assert client.post("/login", data=fields, headers={"Origin": served.origin}).status_code == 403
    assert "ortool" not in client.cookies


def test_logging_out_closes_the_terminal_and_the_session(served: Served) -> None:
    client = served.logged_in()
    stolen = client.cookies["ortool"]

    async def closed() -> None:
        address, headers = f"ws://127.0.0.1:{served.port}/ws", {"Cookie": f"ortool={stolen}"}
        async with connect(address, additional_headers=headers, origin=served.origin, proxy=None) as socket:  # type: ignore[arg-type]
            await socket.recv()
            answer = await asyncio.to_thread(client.post, "/logout", headers={"Origin": served.origin})
            assert answer.status_code == 303
            async with asyncio.timeout(15):
                with pytest.raises(ConnectionClosed):
                    while True:
                        await socket.recv()

    asyncio.run(closed())
    assert served.client().get("/", headers={"Cookie": f"ortool={stolen}"}).status_code == 303


MALFORMED = {
    "half": "[", "deep": "[" * 60_000, "no list": '"stdin"', "number": '["stdin",7]', "wide": '["resize",{"width":1e99}]',
    "no size": '["resize",3]', "huge": "x" * 70_000,
}  # fmt: skip


@pytest.mark.parametrize("message", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_message_ends_at_most_its_own_terminal(served: Served, message: str) -> None:
    client = served.logged_in()

    async def sent() -> None:
        address, headers = f"ws://127.0.0.1:{served.port}/ws", {"Cookie": f"ortool={client.cookies['ortool']}"}
        async with connect(address, additional_headers=headers, origin=served.origin, proxy=None) as socket:  # type: ignore[arg-type]
            await socket.send(message)
            await socket.send(json.dumps(["ping", "2"]))

    asyncio.run(sent())
    assert client.get("/").status_code == 200


def test_what_is_too_large_is_refused(served: Served) -> None:
    client = served.client()
    assert client.get("/login", headers={"X-Long": "x" * 20_000}).status_code == 400
    answer = client.post("/login", content=b"x" * 100_000, headers={"Origin": served.origin})
    assert answer.status_code in (400, 403, 413)
    assert served.client().get("/login").status_code == 200


def test_the_log_of_what_was_asked_holds_no_secret(served: Served) -> None:
    client = served.logged_in()
    client.get(f"/static/{ADMIN_PIN}?pin={NURSE_PIN}")
    said = served.said.read_text()
    assert "POST /login 303" in said
    for secret in (NURSE_PIN, ADMIN_PIN, client.cookies["ortool"], "Nora"):
        assert secret not in said


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of one's own, to be locked or killed."""
    folder = tmp_path_factory.mktemp("own")
    make_site(folder)
    one = start(folder)
    yield one
    if one.process.poll() is None:
        stop(one)


def test_wrong_pins_lock_as_everywhere_and_say_as_little_as_possible(own: Served) -> None:
    client = own.client()
    unknown, wrong = own.login(client, "nobody", "000000"), own.login(client, "n1", "000000")
    assert (unknown.status_code, wrong.status_code) == (403, 403)
    alarm = '<p class="alarm" role="alert">That id and PIN are not right together.</p>'
    assert alarm in unknown.text
    assert alarm in wrong.text
    for _ in range(4):
        own.login(client, "n1", "000000")
    locked = own.login(client, "n1", NURSE_PIN)
    assert "Too many wrong PINs" in locked.text
    assert "ortool" not in client.cookies
    assert own.login(client, "n2", ADMIN_PIN).status_code == 303


def test_logins_are_limited_in_all(own: Served) -> None:
    client = own.client()
    answers = [own.login(client, f"x{number}", "000000").status_code for number in range(62)]
    assert answers[:60] == [403] * 60
    assert answers[60:] == [429, 429]


def test_a_terminal_does_not_outlive_a_server_that_was_killed(own: Served) -> None:
    client = own.logged_in()

    async def killed() -> list[psutil.Process]:
        headers = {"Cookie": f"ortool={client.cookies['ortool']}"}
        address = f"ws://127.0.0.1:{own.port}/ws"
        async with connect(address, additional_headers=headers, origin=own.origin, proxy=None) as socket:  # type: ignore[arg-type]
            await socket.recv()
            children = psutil.Process(own.process.pid).children(recursive=True)
            os.kill(own.process.pid, signal.SIGKILL)
            own.process.wait(10)
            return children

    children = asyncio.run(killed())
    assert children
    assert psutil.wait_procs(children, timeout=20)[1] == []
