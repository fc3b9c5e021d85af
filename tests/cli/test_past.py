"""Cases of the past on the command line: in, found, counted, out."""

import csv
import io
import json
import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests import reference


@pytest.fixture
def past(ortool, site, tmp_path):
    """The site, with a list of the past imported."""
    path = tmp_path / "past.csv"
    path.write_text(reference.utilisation(days=4) + "99,1/3/22,1,ENT,60,nonsense,1/3/22 7:05,,,1/3/22 9:17\n")
    return ortool, path


def test_in_counted_and_out(past, tmp_path):
    ortool, path = past
    told = ortool("--by", "co1", "log", "import", str(path), "--map", "or-utilization", "--dry-run", "--json")
    asked = json.loads(told.out)
    assert (told.code, asked["written"], len(asked["faults"])) == (0, False, 1)
    assert "nonsense is no date and time" in asked["faults"][0]["sentence"]
    told = ortool("--by", "co1", "log", "import", str(path), "--map", "or-utilization")
    assert told.code == 0, told.err
    assert f"{asked['new']} cases came in" in told.out
    assert f"line {asked['faults'][0]['line']}" in told.err
    assert "0 cases came in" in ortool("--by", "co1", "log", "import", str(path), "--map", "or-utilization").out
    found = json.loads(ortool("log", "list", "--room", "2", "--json").out)
    assert {one["room"] for one in found} == {"past-2"}
    counted = json.loads(ortool("log", "stats", "--json").out)
    figures = {one["id"]: one for chapter in counted["chapters"] for one in chapter["figures"]}
    assert counted["schema"] == "ortool-statistics/1"
    assert figures["bias"]["n"] == asked["new"] == len(figures["bias"]["cases"])
    assert all(one["definition"]["words"] and one["definition"]["source"] for one in figures.values())
    text = ortool("log", "stats", "--day", "2022-01-03").out
    assert "Turnover, median" in text
    assert "Definitions" in text
    out = tmp_path / "out.csv"
    assert ortool("log", "export", str(out)).code == 0
    assert len(list(csv.DictReader(io.StringIO(out.read_text("utf-8"))))) == asked["new"]
    assert out.stat().st_mode & 0o077 == 0
    assert ortool("log", "export", str(out)).code == 2


def test_the_log_of_a_case_from_a_list_shows_what_the_list_said(past):
    ortool, path = past
    assert ortool("--by", "co1", "log", "import", str(path), "--map", "or-utilization").code == 0
    number = str(json.loads(ortool("log", "list", "--json").out)[0]["case"])
    shown = json.loads(ortool("log", "show", number, "--json").out)
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))
    row = next(row for row in rows if row["Encounter ID"] == shown["case"]["patient"]["hospital_number"])
    came, cut, done, left = (
        datetime.strptime(row[name], "%m/%d/%y %H:%M").replace(tzinfo=ZoneInfo("Europe/Amsterdam"))
        for name in ("Wheels In", "Start Time", "End Time", "Wheels Out")
    )
    occurred = {line["id"]: line["mark"]["occurred_at"] for line in shown["milestones"]}
    assert {name: datetime.fromisoformat(at) for name, at in occurred.items()} == {
        "PIR": came, "PST": cut, "PF": done, "POR": left,
    }  # fmt: skip
    lengths = {one["id"]: one["value"]["minutes"] for one in shown["intervals"]}
    assert lengths["room_occupancy"] == (left - came).total_seconds() / 60
    assert lengths["procedure_time"] == (done - cut).total_seconds() / 60
    assert shown["plan"]["start_delay"]["value"] is not None
    assert (shown["missing"], shown["unfinished"][0][:28]) == ([], "This case came from a list o")
    assert shown["from_list"]["line"] == rows.index(row) + 2
    text = ortool("log", "show", number).out
    assert "FROM A LIST OF THE PAST" in text
    assert "LATE" not in text
    assert "NOT SIGNED" not in text
    assert "There was no checklist" in " ".join(text.split())


def test_the_page_needs_nothing_else_and_takes_no_word_for_markup(past, tmp_path):
    ortool, path = past
    path.write_text(reference.utilisation(days=4).replace("Podiatry", "<script>alert(1)</script>"))
    assert ortool("--by", "co1", "log", "import", str(path), "--map", "or-utilization").code == 0
    page = tmp_path / "page.html"
    assert ortool("log", "stats", "--html", str(page)).code == 0
    page.write_text("mine", "utf-8")
    refused = ortool("log", "stats", "--html", str(page))
    assert refused.code
    assert "there already" in refused.err
    assert page.read_text("utf-8") == "mine"
    assert ortool("log", "stats", "--html", str(page), "--force").code == 0
    text = page.read_text("utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert not any(word in text for word in ("http://", "https://", "src=", "@import", "url("))
    assert text.count("<svg") >= 2
    # Every figure with cases leads to their numbers.
    figures = [
        one for chapter in json.loads(ortool("log", "stats", "--json").out)["chapters"] for one in chapter["figures"]
    ]
    anchors = re.findall(r'<td><a href="#([a-z0-9-]+)">([0-9]+)</a></td>', text)
    assert [int(n) for _, n in anchors] == [one["n"] for one in figures if one["cases"]]
    for (anchor, _), figure in zip(anchors, (one for one in figures if one["cases"]), strict=True):
        (line,) = re.findall(rf'<p id="{anchor}"><b>{anchor}</b>, [0-9]+: ([0-9, ]+)', text)
        assert [int(number) for number in line.split(",")] == figure["cases"]


def test_a_map_that_does_not_fit_and_a_logbook_of_nobody_are_refused(past):
    ortool, path = past
    told = ortool("--by", "co1", "log", "import", str(path), "--map", "vista")
    assert told.code == 2
    assert "no column is headed" in told.err
    assert ortool("--by", "co1", "log", "import", str(path), "--map", "nothing").code == 2
    assert ortool("log", "export", "x.csv", "--format", "logbook").code == 2
