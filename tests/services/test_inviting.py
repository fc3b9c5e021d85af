"""Invitations: by file and by a real mail server, read back by other programs; never a patient, and the newest wins."""

import datetime as dt
import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import icalendar
import pytest
import vobject
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ortool.calendar import Audience
from ortool.errors import BadInput, Refused
from ortool.people.address import checked_address
from ortool.services import booking, people, setup
from ortool.services.inviting import invite
from ortool.services.journals import recent_entries, verify_journal
from ortool.services.mailing import Folder, Server
from tests.services.suite import MORNING, SUITE, Suite

PATIENT = {"name": "Wilhelmina Quackenbush", "hospital_number": "HN-88302217", "notes": "spondylodiscitis",
           "allergies": "chlorhexidine", "side": "left"}  # fmt: skip
SECRET = ("Wilhelmina", "Quackenbush", "88302217", "spondylo", "chlorhex", "L4-5", "small op", "left")
PASSWORD = "a-password-of-the-tests"


@pytest.fixture
def suite(make_file_suite: Callable[..., Suite]) -> Suite:
    one = make_file_suite(mail_from="theatre@hospital.example", time_zone="Europe/Amsterdam")
    for person in ("s1", "a1"):
        people.set_email(one.theatre, one.nurse, person, f"{person}@hospital.example")
    return one


def booked(suite: Suite, hours: int = 2, **words: str):
    case = suite.case(**PATIENT | {"anaesthetist": "a1"} | words)
    return case, booking.book(suite.theatre, suite.nurse, case.id, "OR1", MORNING + timedelta(hours=hours), 60)


class Box(Folder):
    """A folder whose mails are read back, as bytes off the disk."""

    def opened(self) -> dict[str, EmailMessage]:
        paths = list(self.path.glob("*.eml"))
        found = {path.stem: message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths}
        for path in paths:
            path.unlink()
        return dict(sorted(found.items()))


@pytest.fixture
def box(tmp_path) -> Box:
    (tmp_path / "mails").mkdir()
    return Box(tmp_path / "mails")


def calendar_of(message: EmailMessage) -> tuple[str, icalendar.Calendar]:
    """Return the METHOD of the MIME type and the calendar, which two other programs read as well."""
    (part,) = [one for one in message.walk() if one.get_content_type() == "text/calendar"]
    assert part.get_content_charset() == "utf-8"
    data = part.get_payload(decode=True)
    found = icalendar.Calendar.from_ical(data)
    other = vobject.readOne(data.decode())
    (event,) = found.events
    assert other.method.value == str(found["METHOD"])
    assert other.vevent.uid.value == str(event["UID"])
    assert other.vevent.dtstart.value == event["DTSTART"].dt
    assert len(found.walk("VEVENT")) == 1
    return part.get_param("method"), found


def test_a_request_and_its_cancellation(suite, box):
    case, slot = booked(suite)
    done = invite(suite.theatre, suite.nurse, case.id, box)
    assert (done.asked, done.taken_back, done.without, done.cut) == (["Dr Stone", "Dr Ether"], [], [], "")
    mails = box.opened()
    assert list(mails) == ["case-1001-request-0-a1", "case-1001-request-0-s1"]
    for name, message in mails.items():
        method, calendar = calendar_of(message)
        (event,) = calendar.events
        assert method == calendar["METHOD"] == "REQUEST"
        assert (event["ORGANIZER"], event["ORGANIZER"].params) == ("mailto:theatre@hospital.example", {})
        assert event["ATTENDEE"] == f"mailto:{name[-2:]}@hospital.example"
        assert event["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"
        assert (event["DTSTART"].dt, event["SEQUENCE"], event["STATUS"]) == (slot.start, 0, "CONFIRMED")
        assert message["To"].addresses[0].addr_spec == f"{name[-2:]}@hospital.example"
        assert "OR1: spine, case 1001, 2026-11-23 11:00" in message["Subject"]
        assert "When: 2026-11-23 11:00 to 12:00 CET" in message.get_body(("plain",)).get_content()

    taken = invite(suite.theatre, suite.nurse, case.id, box, cancel=True)
    assert sorted(taken.taken_back) == ["Dr Ether", "Dr Stone"]
    for message in box.opened().values():
        method, calendar = calendar_of(message)
        (event,) = calendar.events
        assert method == calendar["METHOD"] == "CANCEL"
        assert (event["STATUS"], event["SEQUENCE"] > 0) == ("CANCELLED", True)
        assert str(event["SUMMARY"]).startswith("Cancelled: ")
    with pytest.raises(Refused, match="Nobody was invited"):
        invite(suite.theatre, suite.nurse, case.id, box, cancel=True)
    assert verify_journal(suite.theatre).faults == []


def test_each_message_outdoes_the_last_and_the_uid_stays(suite, box):
    case, _ = booked(suite)
    seen = []
    for hours in (3, 5):
        invite(suite.theatre, suite.nurse, case.id, box)
        booking.move(suite.theatre, suite.nurse, case.id, "OR2", MORNING + timedelta(hours=hours), 60)
        seen += [calendar_of(one)[1].events[0] for one in box.opened().values()][:1]
    invite(suite.theatre, suite.nurse, case.id, box)
    invite(suite.theatre, suite.nurse, case.id, box)
    seen += [calendar_of(one)[1].events[0] for name, one in box.opened().items() if "-s1" in name]
    assert len({event["UID"] for event in seen}) == 1
    sequences = [int(event["SEQUENCE"]) for event in seen]
    assert sequences == sorted(set(sequences))
    booking.cancel(suite.theatre, suite.nurse, case.id, "unwell")
    with pytest.raises(Refused, match="has no slot"):
        invite(suite.theatre, suite.nurse, case.id, box)
    invite(suite.theatre, suite.nurse, case.id, box, cancel=True)
    (event,) = calendar_of(box.opened().popitem()[1])[1].events
    assert int(event["SEQUENCE"]) > sequences[-1]


def test_who_is_not_of_the_case_any_more_is_told(suite, box):
    people.set_email(suite.theatre, suite.nurse, "s2", "s2@hospital.example")
    case, _ = booked(suite)
    invite(suite.theatre, suite.nurse, case.id, box)
    box.opened()
    with suite.theatre.store.writing() as session:
        from ortool.storage.tables import CaseRow

        row = session.get(CaseRow, case.id)
        row.surgeon_id = "s2"
        session.add(row)
    done = invite(suite.theatre, suite.nurse, case.id, box)
    assert (sorted(done.asked), done.taken_back) == (["Dr Brook", "Dr Ether"], ["Dr Stone"])
    methods = {name[-2:]: calendar_of(one)[0] for name, one in box.opened().items()}
    assert methods == {"s1": "CANCEL", "s2": "REQUEST", "a1": "REQUEST"}


@pytest.mark.parametrize("level", [Audience.SLOT, Audience.TEAM])
def test_no_level_names_the_patient_and_only_team_names_the_others(suite, box, level):
    case, _ = booked(suite)
    invite(suite.theatre, suite.nurse, case.id, box, level)
    mails = box.opened()
    for name, message in mails.items():
        _, calendar = calendar_of(message)
        text = "\n".join([message.as_string(), calendar.to_ical().decode(), message.get_body(("plain",)).get_content()])
        assert [word for word in SECRET if word.casefold() in text.casefold()] == []
        other = "Dr Ether" if name.endswith("s1") else "Dr Stone"
        assert (other in text) == (level is Audience.TEAM)
    for wrong in (Audience.NAMED, Audience.BUSY):
        with pytest.raises(BadInput):
            invite(suite.theatre, suite.nurse, case.id, box, wrong)
    said = repr([entry.body for entry in recent_entries(suite.theatre) if entry.kind == "invitation.sent"])
    assert "@" not in said
    assert box.opened() == {}


def test_who_has_no_address_is_named_and_hostile_names_stay_names(suite, box):
    sheet = SUITE.replace("Dr Stone", 'Dr \\"S\\\\u202e;x\\\\r\\\\nBcc: y@z\\" 🦴 Größe')
    setup.load_theatre(suite.theatre, suite.nurse, setup.read_theatre_file(sheet, "suite.toml"))
    people.set_email(suite.theatre, suite.nurse, "a1", "")
    case, _ = booked(suite)
    people.set_email(suite.theatre, suite.nurse, "s1", "s1+theatre@hospital.example")
    done = invite(suite.theatre, suite.nurse, case.id, box, Audience.TEAM)
    assert done.without == ["Dr Ether"]
    (message,) = box.opened().values()
    assert message["Bcc"] is None
    assert [one.addr_spec for one in message["To"].addresses] == ["s1+theatre@hospital.example"]
    _, calendar = calendar_of(message)
    assert calendar.events[0]["ATTENDEE"] == "mailto:s1+theatre@hospital.example"
    people.set_email(suite.theatre, suite.nurse, "s1", "")
    with pytest.raises(Refused, match="has an address"):
        invite(suite.theatre, suite.nurse, case.id, box)


@pytest.mark.parametrize("wrong", ["", "x", "a@b@c", "a b@c.example", "a@c.example\nBcc: x@y", "ä@c.example", "a@-c.example",
                                   "<a@c.example>", "a..b@c.example", "a%0a@c.example", "x" * 65 + "@c.example"])  # fmt: skip
def test_what_is_no_address(wrong):
    with pytest.raises(BadInput):
        checked_address(wrong)


class Inbox:
    """A mail server in a thread: it keeps what it takes, and refuses the third message where that is wanted."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.most = 100

    async def handle_DATA(self, _server, _session, envelope) -> str:
        if len(self.taken) >= self.most:
            return "452 The box is full"
        self.taken.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A certificate of 127.0.0.1: the server's context, and one of a client that trusts it."""
    import ipaddress

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(key.private_bytes(*plain) + made.public_bytes(serialization.Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cafile=str(path))


@pytest.fixture
def inbox(certificate) -> Iterator[tuple[Inbox, int]]:
    """A server that takes mail only encrypted, and only from somebody who says the password."""
    one = Inbox()

    def known(_server, _session, _envelope, _mechanism, data) -> AuthResult:
        good = (data.login, data.password) == (b"theatre", PASSWORD.encode())
        return AuthResult(success=good, handled=False)

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(
        one, hostname="127.0.0.1", port=port, tls_context=certificate[0], require_starttls=True, auth_required=True,
        authenticator=known,
    )  # fmt: skip
    controller.start()
    yield one, port
    controller.stop()


def server(suite: Suite, port: int, trusted: ssl.SSLContext | None, password: str = PASSWORD, **more) -> Server:
    words = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_user": "theatre"} | more
    return Server(suite.theatre.settings.model_copy(update=words), password, trusted)


def test_a_real_mail_server_takes_them_and_after_a_cut_the_rest_goes_out(suite, inbox, certificate):
    taken, port = inbox
    case, _ = booked(suite)
    taken.most = 1
    post = server(suite, port, certificate[1])
    done = invite(suite.theatre, suite.nurse, case.id, post)
    post.close()
    assert (len(done.asked), "452" in done.cut) == (1, True)
    taken.most = 100
    post = server(suite, port, certificate[1])
    done = invite(suite.theatre, suite.nurse, case.id, post)
    post.close()
    assert (len(done.asked), done.cut) == (2, "")
    assert [calendar_of(one)[0] for one in taken.taken] == ["REQUEST"] * 3
    assert [entry.body["to"] for entry in recent_entries(suite.theatre) if entry.kind == "invitation.sent"] == [
        "127.0.0.1"
    ] * 3


def test_a_server_that_is_not_trusted_or_does_not_know_us_gets_nothing(suite, inbox, certificate):
    taken, port = inbox
    with pytest.raises(Refused, match="SSLCertVerificationError"):
        server(suite, port, None)
    with pytest.raises(Refused, match="does not let this user in"):
        server(suite, port, certificate[1], password="wrong")
    with pytest.raises(Refused, match="does not take mail"):
        server(suite, 9, certificate[1])
    with pytest.raises(BadInput, match="unencrypted"):
        server(suite, port, None, smtp_host="mail.example", smtp_starttls=False)
    with pytest.raises(BadInput, match="No mail server"):
        server(suite, port, None, smtp_host="")
    assert taken.taken == []
