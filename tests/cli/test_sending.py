"""`ortool calendar push` and `invite` as somebody types them."""

import json

import pytest

from tests.calendar.dav import PASSWORD, USER, Radicale


@pytest.fixture(scope="module")
def radicale(tmp_path_factory):
    one = Radicale(tmp_path_factory.mktemp("radicale"))
    yield one
    one.close()


def test_push_sends_says_what_it_did_and_leaves_what_others_changed(ortool, radicale, monkeypatch):
    address = radicale.calendar()
    words = ("--by", "co1", "calendar", "push", address, "--user", USER, "--room", "OR1")
    assert ortool(*words).code == 2, "no password and nobody to ask"
    monkeypatch.setenv("ORTOOL_CALDAV_PASSWORD", PASSWORD)
    assert "2 slots would be sent" in ortool(*words, "--dry-run").out
    assert radicale.events(address) == {}
    assert "2 slots sent, 0 taken out, 0 unchanged." in ortool(*words).out
    name = next(iter(radicale.events(address)))
    radicale.ask("DELETE", address + name)
    told = ortool(*words, "--json", "--audience", "slot")
    found = json.loads(told.out)
    assert (told.code, found["sent"], len(found["conflicts"]), found["cut"]) == (1, 1, 1, "")
    assert "OR1 2026-11-23" in found["conflicts"][0]
    assert ortool(*words, "--audience", "slot", "--force").out.startswith("1 slots sent")
    assert PASSWORD not in told.out + told.err
    assert ortool("--by", "co1", "calendar", "push", "http://h.example/c/", "--user", "u").code == 2


def test_invite_writes_mails_for_those_who_have_an_address(ortool, site):
    (site / "mails").mkdir()
    words = ("--by", "co1", "calendar", "invite", "1001")
    assert ortool(*words).code == 2
    with (site / "settings.toml").open("a") as file:
        file.write('mail_from = "theatre@hospital.example"\n')
    assert "Nobody of this case has an address" in ortool(*words, "--out", site / "mails").err
    assert ortool("--by", "co1", "person", "email", "su1", "a.surgeon@hospital.example").code == 0
    told = ortool(*words, "--out", site / "mails")
    assert (told.code, told.out) == (0, "Invited: Dr Ann Surgeon.\n")
    assert "Dr Bo Sleep" in told.err
    (mail,) = (site / "mails").iterdir()
    assert b"One, Patient" not in mail.read_bytes()
    assert "Taken back for: Dr Ann Surgeon." in ortool(*words, "--cancel", "--out", site / "mails").out
    assert "No mail server is set" in ortool(*words, "--send").err
    assert ortool("--by", "co1", "person", "email", "su1", "--none").code == 0
