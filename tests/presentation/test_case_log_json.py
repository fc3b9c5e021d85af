"""The case log as JSON: stable, without floats, and traceable."""

import json
import re
from dataclasses import replace

import pytest

from ortool.caselog.report import make_report
from ortool.presentation.case_log import case_log_json
from tests.caselog.a_case import NOW, case, dossier
from tests.presentation.shown import same_as_golden

REPORT = make_report(dossier(), NOW, 5)


def leaves(value, path=()):
    """Yield every leaf of a JSON value with the keys that lead to it."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from leaves(one, (*path, key))
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one, path)
    else:
        yield path, value


def test_the_eventful_case_is_as_approved():
    text = json.dumps(case_log_json(REPORT), indent=1, ensure_ascii=False) + "\n"
    assert same_as_golden("case_log.json", text)


def test_there_are_no_floats_and_every_time_is_utc():
    for path, value in leaves(case_log_json(REPORT)):
        assert value is None or type(value) in (str, int, bool)
        if path[-1].endswith("_at") or path[-1] in ("as_of", "start", "end", "started", "ended", "opened", "closed"):
            assert value is None or isinstance(value, bool) or re.fullmatch(r"\d{4}(-\d\d){2}T\d\d(:\d\d){2}Z", value)


def test_a_bare_case_has_the_same_keys():
    bare = make_report(replace(dossier([]), run=None, slot=None), NOW, 5)
    assert list(case_log_json(bare)) == list(case_log_json(REPORT))
    assert list(case_log_json(bare)["plan"]) == list(case_log_json(REPORT)["plan"])


def test_lengths_are_whole_minutes_and_seconds():
    by_id = {one["id"]: one["value"] for one in case_log_json(REPORT)["intervals"]}
    assert by_id["procedure_time"] == {"minutes": 134, "seconds": 8040}
    assert by_id["extubation"] == {"minutes": -3, "seconds": -180}
    assert by_id["pacu_hold"] is None


def test_every_line_names_its_entries():
    log = case_log_json(REPORT)
    for name in ("milestones", "phases", "intervals", "pauses", "gates", "exceptions", "counts", "values", "people"):
        assert all("entries" in line for line in log[name])
    assert log["signatures"][0]["covers"] == 28
    assert isinstance(log["signatures"][0]["entries"], list)


@pytest.mark.parametrize("named", [True, False])
def test_the_patient_is_named_only_where_asked(named):
    text = json.dumps(case_log_json(REPORT, named=named))
    assert ("Quackenbush" in text) is named
    assert ("HN-8830" in text) is named
    assert ("1951" in text) is named


def test_hostile_text_comes_back_as_it_was():
    nasty = "[bold]x[/] \x1b[31m \"'\\ </script>"
    report = make_report(dossier(one=case(allergies=nasty)), NOW, 5)
    assert json.loads(json.dumps(case_log_json(report)))["case"]["allergies"] == nasty
