"""An exported journal verifies anywhere: by ortool without its database, and by thirty lines that know no ortool."""

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ortool.checklist.commands import StampMilestone
from ortool.errors import BadInput, Refused, StorageFault
from ortool.services import running
from ortool.services.journals import export_journal, recent_entries, verify_exported, verify_journal
from ortool.services.sealing import first_key
from ortool.services.setup import SYSTEM
from tests.services.suite import Suite, done


def independent(path: Path) -> int:
    """Verify an exported journal with nothing but the format's description; return the number of entries."""
    head, *lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert (head["format"], head["version"]) == ("ortool-journal", 1)
    fields = ["seq", "stream", "version", "command_id", "kind", "schema", "occurred_us", "recorded_us", "mono_ns"]
    fields += ["boot", "clock", "actor", "auth", "device"]
    link, versions = head["link"], {}
    if head["first"] == 1:
        assert link == hashlib.sha256(head["site"].encode()).hexdigest()
    for seq, entry in enumerate(lines, head["first"]):
        body = entry["body"].encode() if "body" in entry else base64.b64decode(entry["body64"])
        header = json.dumps([entry[name] for name in fields], separators=(",", ":"), ensure_ascii=False).encode()
        digest = hashlib.sha256(b"\0" + bytes.fromhex(entry["prev"]) + header + b"\0" + body).hexdigest()
        assert entry["seq"] == seq, f"entry {seq} is missing"
        assert entry["prev"] == link, f"entry {seq} does not continue the one before"
        assert entry["hash"] == digest, f"entry {seq} was altered"
        assert entry["version"] == versions.get(entry["stream"], entry["version"] - 1) + 1
        link, versions[entry["stream"]] = digest, entry["version"]
        for part in json.loads(body).values():
            if isinstance(part, dict) and part.get("$secret") in entry.get("texts", {}):
                salt, text = entry["texts"][part["$secret"]]
                assert hashlib.sha256(bytes.fromhex(salt) + text.encode()).hexdigest() == part["sha256"]
    assert (head["last"], head["head"]) == (len(lines) + head["first"] - 1, link)
    return len(lines)


@pytest.fixture
def written(make_suite: Callable[..., Suite], tmp_path: Path) -> Suite:
    """A suite that seals its journal, with a case in it."""
    suite = make_suite(signing_key_file=str(tmp_path / "key"))
    first_key(suite.theatre, SYSTEM)
    case = suite.case(notes="Latex allergy, quiet please")
    suite.act(case, StampMilestone("PIR"), done("SI.consent"), done("SI.weight", "81.5"))
    running.add_note(suite.theatre, suite.nurse, case.id, "Grüße 😀 \u2028 from room 4")
    return suite


@pytest.fixture
def whole(written: Suite, tmp_path: Path) -> Path:
    """The journal exported with its texts."""
    export_journal(written.theatre, written.nurse, tmp_path / "whole.ndjson", "asked for", with_texts=True)
    return tmp_path / "whole.ndjson"


def test_thirty_lines_and_ortool_agree(written: Suite, whole: Path) -> None:
    found = verify_exported(whole)
    assert found.faults == []
    assert found.entries == independent(whole) == recent_entries(written.theatre)[-1].seq
    assert found.secrets > 5
    assert found.checkpoints >= 1
    assert "Grüße 😀" in whole.read_text("utf-8")
    assert whole.stat().st_mode & 0o777 == 0o600


def test_without_being_asked_no_text_leaves(written: Suite, tmp_path: Path) -> None:
    target = tmp_path / "bare.ndjson"
    export_journal(written.theatre, written.nurse, target, "the auditor asked")
    words = target.read_text("utf-8")
    assert "Patient 1" not in words
    assert "Latex" not in words
    assert "auditor" not in words
    assert independent(target) > 10
    found = verify_exported(target)
    assert (found.faults, found.secrets) == ([], 0)
    assert found.redacted > 0


def test_a_part_continues_what_the_reader_knows(written: Suite, tmp_path: Path) -> None:
    target = tmp_path / "part.ndjson"
    head = export_journal(written.theatre, written.nurse, target, "the rest", since=9)
    assert independent(target) == head.last - 9
    found = verify_exported(target)
    assert found.faults == []
    assert any("up to 9" in words for words in found.unseen)


def test_an_export_is_an_entry_with_its_reason(written: Suite, whole: Path) -> None:
    (entry,) = [entry for entry in recent_entries(written.theatre, 0) if entry.kind == "journal.exported"]
    assert (entry.actor, entry.body["first"], entry.body["with_texts"]) == ("n1", 1, True)
    assert verify_journal(written.theatre).faults == []


def test_an_export_without_a_reason_or_over_a_file_is_refused(written: Suite, whole: Path) -> None:
    before = written.head()
    with pytest.raises(Refused):
        export_journal(written.theatre, written.nurse, whole.with_name("new"), "  ")
    with pytest.raises(Refused):
        export_journal(written.theatre, written.nurse, whole, "again")
    with pytest.raises(BadInput):
        export_journal(written.theatre, written.nurse, whole.with_name("new"), "later", since=10_000)
    assert written.head() == before


@pytest.mark.parametrize(
    "damage",
    [
        lambda lines: lines[:4] + lines[5:],
        lambda lines: [*lines[:4], lines[5], lines[4], *lines[6:]],
        lambda lines: lines[:-1],
        lambda lines: [*lines[:5], lines[5].replace('"actor": "', '"actor": "x'), *lines[6:]],
        lambda lines: [line.replace("Latex", "No latex") for line in lines],
        lambda lines: [*lines, lines[-1]],
    ],
    ids=["deleted", "swapped", "cut", "edited", "text", "repeated"],
)
def test_what_was_done_to_the_file_is_found_by_both(whole: Path, damage: Callable[[list[str]], list[str]]) -> None:
    whole.write_text("\n".join(damage(whole.read_text("utf-8").splitlines())) + "\n", "utf-8")
    assert verify_exported(whole).faults
    with pytest.raises(AssertionError):
        independent(whole)


@pytest.mark.parametrize("words", ["", "{}", "not json", '{"format": "ortool-journal"}', "[" * 100_000, "\x00"])
def test_another_file_is_no_journal(tmp_path: Path, words: str) -> None:
    target = tmp_path / "other"
    target.write_text(words)
    with pytest.raises(StorageFault):
        verify_exported(target)


@pytest.mark.parametrize("line", ["{}", "null", "[1]", '{"seq": 1}', '{"seq": "x", "texts": 3}', "[" * 100_000])
def test_a_line_that_is_no_entry_is_named(whole: Path, line: str) -> None:
    lines = whole.read_text("utf-8").splitlines()
    whole.write_text("\n".join([*lines[:4], line, *lines[5:]]), "utf-8")
    with pytest.raises(StorageFault, match="Line 5"):
        verify_exported(whole)


def test_a_head_from_elsewhere_finds_a_file_that_was_sealed_anew(written: Suite, whole: Path) -> None:
    seq, link = written.head()
    assert verify_exported(whole, (seq, bytes.fromhex(link))).faults == []
    assert verify_exported(whole, (seq, b"x" * 32)).faults
