"""Every file made to hurt is answered within a second and 300 MB, or refused with a sentence. Pipes and devices too."""

import json
import os
import subprocess
import sys
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ortool.checklist.document import FaultyDocument, read_document
from ortool.errors import BadInput
from ortool.services.setup import read_theatre_file
from ortool.settings import load_settings
from tests.hostile.corpus import steering
from tests.hostile.files import CSV, SMALL, TOML, YAML, everything
from tests.web.conftest import make_site

LONG = os.environ.get("ORTOOL_LONG") == "1"
SECONDS, MIB = 1.0, 300
# The machine of a test run is shared: the processor's time is held to the second, and no less than half of it is noise.
NOISE = 1.5


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What each file led to."""
    folder = tmp_path_factory.mktemp("files")
    options = make_site(folder, with_pins=False)
    lines = []
    for title, words in everything(folder):
        whole = [part for word in words for part in _meant(word, words, options, folder)]
        lines.append(json.dumps([title, *whole]))
    environment = os.environ | {"ORTOOL_STATE": str(folder / "state")}
    ran = subprocess.run(
        [sys.executable, "-m", "tests.hostile.reader", str(folder)], input="\n".join(lines), text=True,
        capture_output=True, check=True, env=environment, timeout=600,
    )  # fmt: skip
    return [json.loads(line) for line in ran.stdout.splitlines()]


_keys = count()


def _meant(word: str, words: list[str], options: list[str], folder: Path) -> list[str]:
    if word == "{}":
        return options
    if word != "{key}":
        return [word]
    key = folder / f"key-{next(_keys)}" / "db.key"
    (key.parent / "settings.toml").write_text(f'key_file = "{key}"\n')
    return ["--settings", str(key.parent / "settings.toml"), "--database", options[-1]]


def test_there_are_enough_of_them(results: list[dict[str, Any]]) -> None:
    assert len(results) >= 60
    assert len(YAML) + len(CSV) + len(TOML) >= 60


def test_each_is_answered_within_a_second_and_300_mb(results: list[dict[str, Any]]) -> None:
    slow = {one["title"]: one["cpu"] for one in results if one["cpu"] > SECONDS * NOISE}
    large = {one["title"]: one["mib"] for one in results if one["mib"] > MIB}
    assert (slow, large) == ({}, {})


def test_each_is_answered_with_a_sentence_and_never_with_a_crash(results: list[dict[str, Any]]) -> None:
    for one in results:
        assert one["code"] in (0, 1, 2, 3), one
        assert "fault of its own" not in one["said"], one
        assert "Traceback" not in one["said"], one
        assert steering(one["said"]) == set(), one
        assert one["said"].strip(), one
        assert one["length"] < 100_000, one["title"]


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/random", "pipe", "folder", "missing"])
@pytest.mark.parametrize("how", ["theatre", "list", "checklist", "settings"])
def test_what_is_no_plain_file_is_refused(
    tmp_path: Path, device: str, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from ortool.cli.main import main

    options = make_site(tmp_path, with_pins=False)
    path = Path(device)
    if not path.is_absolute():
        path = tmp_path / device
    if device == "pipe":
        os.mkfifo(path)
    if device == "folder":
        path.mkdir()
    words = {
        "theatre": [*options, "init", "--theatre", str(path)],
        "list": [*options, "--by", "n1", "case", "import", str(path), "--yes"],
        "checklist": [*options, "checklist", "check", str(path)],
        "settings": ["--settings", str(path), "doctor"],
    }
    assert main(words[how]) in (1, 2)
    told = capsys.readouterr()
    assert device.rpartition("/")[2] in told.err
    assert "fault of its own" not in told.err


@pytest.mark.parametrize("name", ["no is no word", "time of day", "octal"])
def test_words_that_yaml_would_turn_stay_words(name: str) -> None:
    value = read_document(str(YAML[name]), "x").value
    assert isinstance(value, dict)
    assert {"no is no word": value["title"] == "no", "time of day": value["version"] == "1:30",
            "octal": value["version"] == "010"}[name]  # fmt: skip


PIECES = st.sampled_from(
    ["[", "{", "- ", ": ", "&a ", "*a", "!!python/object:x ", "<<: ", "\n", "\n  ", '"', "'", "|\n", ">\n", "? ", "%YAML 1.1\n", "---\n",
     "\x1b", "\u202e", "\ud800", "\0", "no", "1:30", "010", "=", "a", "id", "[[rooms]]\n", "a.", "#", ",", "]", "}", "1e999", "\\u001b"]
)  # fmt: skip
FUZZ = st.lists(PIECES | st.text(max_size=8), max_size=60).map("".join)
EXAMPLES = 20_000 if LONG else 150


@settings(max_examples=EXAMPLES, deadline=None)
@given(FUZZ, st.integers(0, len(SMALL)))
def test_any_yaml_is_read_or_refused_with_its_place(text: str, place: int) -> None:
    faults: list[Any] = []
    for whole in (text, SMALL[:place] + text + SMALL[place:]):
        try:
            read_document(whole, "x.yaml")
        except FaultyDocument as refused:
            faults += refused.faults or (None,)
    assert all(fault and fault.line >= 1 and steering(fault.sentence) == set() for fault in faults)


@settings(max_examples=EXAMPLES, deadline=None)
@given(FUZZ)
def test_any_toml_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzzed.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    told: list[str] = []
    for read in (lambda: read_theatre_file(text, "x.toml"), lambda: load_settings({}, path)):
        try:
            read()
        except BadInput as refused:
            told.append(str(refused))
    assert all(told)
