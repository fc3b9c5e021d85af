"""`ortool downtime`: forms printed ahead, and a drill led by Enter or given in numbers."""

import io
import json

import pytest

GIVEN = ("--first-line", "3.5", "--back-entry", "12", "--lines", "20")


def findings(ortool):
    return {one["what"]: one for one in json.loads(ortool("doctor", "--json").out)}


def test_the_forms_of_a_day_are_printed_without_names(ortool, tmp_path):
    told = ortool("downtime", "print", "--day", "today", "--to", tmp_path / "forms", "--blank", "2")
    assert told.code == 0, told.err
    assert "2 lists, 2 sheets of cases and 4 blank forms, without names." in told.out + told.err
    (spool,) = (tmp_path / "forms").iterdir()
    assert str(spool) in told.out
    assert "Patient" not in (spool / "OR1-list-2026-11-23.txt").read_text()
    named = ortool("downtime", "print", "--room", "OR1", "--to", tmp_path / "named", "--named")
    assert named.code == 0, named.err
    (spool,) = (tmp_path / "named").iterdir()
    assert "One, Patient" in (spool / "OR1-list-2026-11-23.txt").read_text()


@pytest.mark.parametrize(
    ("args", "words"), [(("--room", "OR9"), "There is no room"), (("--blank", "99"), "are not printed")]
)
def test_what_cannot_be_printed_is_one_sentence(ortool, tmp_path, args, words):
    told = ortool("downtime", "print", "--to", tmp_path / "forms", *args)
    assert (told.code, words in told.err) == (2, True)


def test_a_drill_in_numbers_is_written_down_once_and_doctor_tells_of_it(ortool, head):
    assert findings(ortool)["downtime drill"]["seen"] == "none was ever held"
    told = ortool("--by", "cn1", "downtime", "drill", *GIVEN, "--command-id", "drill-1")
    assert told.code == 0, told.err
    words = "first line on paper after 3 min 30 s, within 5 min; 20 lines entered in 12 min"
    assert words in told.out + told.err
    stands = head()
    assert ortool("--by", "cn1", "downtime", "drill", *GIVEN, "--command-id", "drill-1").code == 0
    assert head() == stands
    assert findings(ortool)["downtime drill"]["seen"] == f"the last one was on 2026-11-23: {words}"


def test_a_drill_is_led_by_enter(ortool, monkeypatch):
    class Keys(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr("sys.stdin", Keys("\n\n\n\n21\n"))
    told = ortool("--by", "cn1", "downtime", "drill")
    assert told.code == 0, told.err
    assert "first line on paper after 1 s, within 5 min" in told.out + told.err
    assert "21 lines entered" in told.out + told.err
    monkeypatch.setattr("sys.stdin", Keys("\n\n"))
    assert ortool("--by", "cn1", "downtime", "drill").code == 2
    monkeypatch.setattr("sys.stdin", Keys("\n\n\n\nmany\n"))
    assert ortool("--by", "cn1", "downtime", "drill").code == 2


def test_half_a_drill_and_one_that_nobody_leads_are_refused(ortool, head):
    stands = head()
    assert ortool("--by", "cn1", "downtime", "drill", "--lines", "3").code == 2
    assert ortool("--by", "cn1", "downtime", "drill").code == 2
    assert head() == stands


def test_doctor_says_when_the_newest_forms_are_old(ortool, site, tmp_path, monkeypatch):
    assert findings(ortool)["downtime forms"]["seen"] == "not kept ready"
    folder = tmp_path / "spool"
    monkeypatch.setenv("ORTOOL_DOWNTIME_FOLDER", str(folder))
    assert not findings(ortool)["downtime forms"]["well"]
    from datetime import UTC, datetime, timedelta

    for hours, well in ((26, False), (1, True)):
        (folder / f"{datetime.now(UTC) - timedelta(hours=hours):ortool-forms-%Y%m%dT%H%M%SZ}").mkdir(parents=True)
        assert findings(ortool)["downtime forms"]["well"] is well
