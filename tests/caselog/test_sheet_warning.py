"""A paper sheet is held against the run that it is entered into: its number and what it says of its checklist."""

from datetime import timedelta

import pytest

from ortool.caselog.sheet import form_number, sheet_warning
from tests.caselog.a_case import CASE, NOW, dossier

RUN = dossier()
OTHER = "f" * 64


@pytest.mark.parametrize("subject", ["", str(CASE.number)])
def test_a_form_of_this_checklist_blank_or_of_this_case_is_taken(subject):
    assert sheet_warning(RUN, form_number(NOW - timedelta(days=3), RUN.sha256, subject).lower()) == ""


@pytest.mark.parametrize(("sha256", "subject"), [(OTHER, ""), (RUN.sha256, "1005"), (OTHER, str(CASE.number))])
def test_a_form_of_another_version_or_case_is_told(sha256, subject):
    form = form_number(NOW, sha256, subject)
    told = sheet_warning(RUN, form)
    assert told == (
        f"Form {form} was not printed for case 1004 from tiny, version 2, {RUN.sha256[:12]}: its lines may differ."
    )


def test_a_numbered_blank_form_is_known_by_its_own_digits():
    form = form_number(NOW, RUN.sha256, "", 7)
    assert sheet_warning(RUN, form) == ""
    assert "may differ" in sheet_warning(RUN, f"{form[:-2]}08")
    assert "may differ" in sheet_warning(RUN, form_number(NOW, OTHER, "", 7))


@pytest.mark.parametrize("form", ["", "NL-1204", "PAPER"])
def test_a_number_of_another_make_cannot_be_compared(form):
    assert sheet_warning(RUN, form) == ""


@pytest.mark.parametrize("said", ["", "2", "version 2", RUN.sha256[:12], f"tiny, version 2, {RUN.sha256[:12].upper()}"])
def test_this_version_is_known_however_it_is_written(said):
    assert sheet_warning(RUN, "", said) == ""


@pytest.mark.parametrize("said", ["1", "version 3", "ffffffffffff", RUN.sha256[:3], f"tiny, version 2, {OTHER[:12]}"])
def test_another_version_is_told(said):
    assert sheet_warning(RUN, "", said).startswith(f"The sheet says version {said!r}, this run is tiny, version 2")
