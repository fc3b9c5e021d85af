"""The verbs of `ortool log` on a signed and an unsigned case: reasons, complications, addenda, replay, files."""

import json

import pytest


@pytest.fixture
def late(ortool, site):
    """The site, and case 1001 begun with an entry or two."""
    assert ortool("run", "start", "1001", "--by", "cn1").code == 0
    return ortool


def test_codes_are_listed(ortool):
    told = json.loads(ortool("log", "codes", "--json").out)
    assert {one["id"] for one in told["codes"]} >= {"F01", "intra.dural-tear", "post.pulmonary-embolism"}
    assert "IIIb" in ortool("log", "codes").out


def test_a_reason_and_a_complication_stand_in_the_log(late):
    assert late("log", "delay", "1001", "start", "F01", "--minutes", "12", "--by", "cn1").code == 0
    assert late("log", "delay", "1001", "start", "F99", "--by", "cn1").code == 1
    told = late(
        "log", "complication", "1001", "intra.cardiac", "--grade", "II", "--text", "[b]brief[/b]", "--by", "su1"
    )
    assert told.code == 0
    shown = late("log", "show", "1001").out
    assert "Clavien-Dindo II: other drugs" in shown
    assert "[b]brief[/b]" in shown


def test_a_reason_is_counted_in_words_with_its_minutes(late):
    def delays() -> list[tuple[str, float, list[int]]]:
        told = json.loads(late("log", "stats", "--json").out)
        chapter = next(one for one in told["chapters"] if one["id"] == "delays")
        return [(one["label"], one["value"], one["cases"]) for one in chapter["figures"]]

    assert late("log", "delay", "1001", "start", "F01", "--minutes", "12", "--by", "cn1").code == 0
    assert delays() == [("F01 facility: case before over-ran", 12, [1001])]


def test_a_replay_lists_prints_and_refuses(late):
    listed = json.loads(late("log", "replay", "1001", "--json").out)
    assert [one["what"] for one in listed][:2] == ["case added", "slot booked"]
    last = listed[-1]["entry"]
    assert late("log", "replay", "1001", "--entry", str(last)).out.startswith("Case 1001")
    assert late("log", "replay", "1001", "--entry", "9999").code == 2
    assert late("log", "replay", "1001", "--at", "25:00").code == 2


def test_files_are_written_whole(late, tmp_path):
    files = [f"{tmp_path}/log.{kind}" for kind in ("html", "md", "pdf")]
    assert late("log", "show", "1001", "--html", files[0], "--md", files[1], "--pdf", files[2]).code == 0
    starts = [open(name, "rb").read(5) for name in files]  # noqa: SIM115
    assert starts == [b"<!doc", b"# Cas", b"%PDF-"]


def test_what_waits_is_listed_with_what_it_lacks(late):
    assert json.loads(late("log", "list", "--to-sign", "--json").out) == []
    assert "No case log waits" in late("log", "list", "--to-sign").err
