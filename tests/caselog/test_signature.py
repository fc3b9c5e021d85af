"""What was signed, to the byte; and a signed case that somebody altered in the database, as every report tells it."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from ortool.caselog.report import CaseReport, make_report
from ortool.errors import Refused
from ortool.exchange.log_html import log_html
from ortool.exchange.log_markdown import log_markdown
from ortool.exchange.log_pdf import log_pdf
from ortool.journal.canonical import encode
from ortool.presentation.case_log import case_log_json, case_log_lines
from ortool.presentation.case_page import case_page
from ortool.services.journals import verify_journal
from ortool.services.running import add_note, open_log
from ortool.services.theatre import open_theatre
from ortool.storage import copies
from tests.caselog.a_case import NOW, dossier
from tests.caselog.conftest import EVENING, Played
from tests.caselog.recomputed import Recomputed

FORM_OF_THE_EVENTFUL_CASE = "e03514d826a40b66ad2ad550d61f70be8d76d08d273168029c6b45066c9edd1f"
"""When this changes, `signatures.SCHEMA` gets a new number: logs that were signed before would read as altered."""


def test_the_signed_form_keeps_its_bytes() -> None:
    plain = replace(dossier(), names={})
    log = case_log_json(make_report(plain, NOW, 5))
    kept = {
        name: value
        for name, value in log.items()
        if name not in ("compared_with_signed", "altered", "signed", "signatures", "lists", "from_list")
    }
    assert hashlib.sha256(encode(kept)).hexdigest() == FORM_OF_THE_EVENTFUL_CASE


def test_the_hash_is_that_of_the_json_as_documented(played: Played) -> None:
    """Made anew with json alone, from the report of the entries under the signature."""
    from ortool.services.signatures import signed_form

    other = Recomputed(played.exported, 1004, played.path)
    entry = other.of("case.signed")[0]
    body = entry["body"]
    found = open_log(played.theatre, played.case_id)
    from ortool.services.journals import case_entries

    entries = case_entries(played.theatre, played.case_id)[: body["entries"]]
    said = {
        "statement": body["statement"],
        "signer": entry["actor"],
        "name": body["signer"],
        "as_of": "2026-11-23T16:30:00Z",
        "head": {"seq": body["head_seq"], "link": body["head"]},
    }
    form = signed_form(found, entries, said, 5, EVENING)
    value = json.loads(form)
    assert value["schema"] == "ortool.signed-log/2"
    assert {name: value[name] for name in said} == said
    assert [one["event"] for one in value["log"]["complications"]] == ["intra.dural-tear"], "not what came later"
    again = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    assert hashlib.sha256(again).hexdigest() == body["sha256"]


ALTERED: dict[str, tuple[str, ...]] = {
    "an entry": ("UPDATE entry SET occurred_us = occurred_us + 60000000 WHERE seq = {incision}",),
    "a reason": ("UPDATE secret_text SET txt = 'all well' WHERE seq = {no}",),
    "the patient": ("UPDATE op_case SET levels = 'L4-5' WHERE number = 1004",),
    "the slot": ("UPDATE slot SET start_at = start_at + 600000000 WHERE case_id = '{case}'",),
    "an entry taken out": ("DELETE FROM entry WHERE seq = {no}",),
}


@pytest.mark.parametrize("statements", ALTERED.values(), ids=ALTERED)
def test_what_was_altered_is_told_by_verify_and_by_every_report(played, tmp_path, statements) -> None:
    other = Recomputed(played.exported, 1004, played.path)
    said_no = next(one for one in other.of("item.answered") if one["body"]["state"] == "no")
    names = {"incision": other.stamps["PST"]["seq"], "no": said_no["seq"], "case": played.case_id}
    path = tmp_path / "copy.db"
    copies.copy(played.path, None, path)
    alter(path, [statement.format(**names) for statement in statements])
    theatre = open_theatre(played.theatre.settings, path, lambda: EVENING)
    try:
        report = make_report(open_log(theatre, played.case_id), EVENING, 5)
        assert report.altered
        assert verify_journal(theatre).faults
    finally:
        theatre.close()
    # To draw a PDF takes a second: one alteration is shown on all faces.
    faces = FACES if "incision" in statements[0] else {"text": FACES["text"]}
    for face, words in faces.items():
        assert "ALTERED" in words(report).upper(), face


def alter(path: Path, statements: list[str]) -> None:
    """Change a database behind the program's back: its guards are taken down and put up again."""
    base = dbapi2.connect(str(path))
    guards = base.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in guards:
        base.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        assert base.execute(statement).rowcount > 0
    for _, sql in guards:
        base.execute(sql)
    base.commit()
    base.close()


def _text(report: CaseReport) -> str:
    from zoneinfo import ZoneInfo

    return "\n".join(line.plain for line in case_log_lines(report, ZoneInfo("Europe/Amsterdam"), 100))


def _page(report: CaseReport):
    from zoneinfo import ZoneInfo

    return case_page(report, ZoneInfo("Europe/Amsterdam"))


def _pdf(report: CaseReport) -> str:
    import io

    from pypdf import PdfReader

    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(log_pdf(_page(report)))).pages)


FACES: dict[str, Callable[[CaseReport], str]] = {
    "text": _text,
    "html": lambda report: log_html(_page(report)),
    "markdown": lambda report: log_markdown(_page(report)),
    "pdf": _pdf,
    "json": lambda report: json.dumps(case_log_json(report)),
}


@pytest.mark.parametrize("face", FACES)
def test_every_face_carries_the_signature_and_what_came_after_it(played: Played, face: str) -> None:
    words = FACES[face](played.report)
    signature = played.report.signatures[0]
    flat = "".join(words.split()).replace("\\", "")
    for wanted in (signature.sha256, signature.statement, "Clock on the wall", "09:40", "Room 2 over-ran", "F01"):
        assert "".join(wanted.split()) in flat, wanted
    assert "haematoma" in flat
    assert "ALTERED" not in words.upper().replace('"ALTERED": []', "")


def test_an_addendum_names_an_entry_that_stands_and_what_is_right(played: Played) -> None:
    for about, after in ((5, "words"), (0, "words"), (10**6, "words"), (9, "")):
        with pytest.raises(Refused):
            add_note(played.theatre, played.surgeon, played.case_id, "Words", about=about, after=after)
