"""A faulty checklist is refused with the file, the line, the column and the mend; nothing else ever comes out."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ortool.checklist.definition import Checklist
from ortool.checklist.document import MAX_BYTES, FaultyDocument, read_document
from ortool.checklist.loading import content_hash, parse_checklist

SMALL = """\
id: small
version: "1"
title: Small
procedures: [any]
counts:
  - {id: first, title: First, evidence: [S6]}
count_categories:
  - {id: sponges, title: Sponges, evidence: [S7]}
stamps:
  - {id: IN, title: In, meaning: In the room, by: circulating_nurse, evidence: [S92]}
  - {id: OUT, title: Out, meaning: Out of the room, by: circulating_nurse, evidence: [S92]}
durations:
  - {id: stay, title: Stay, from: IN, to: OUT, one_level: [8, 15], two_levels: [8, 15], evidence: [EST]}
phases:
  - id: whole
    title: Whole
    starts: IN
    ends: OUT
    durations: [stay]
    steps:
      - record:
          id: ABX
          prompt: Antibiotic
          response: Drug said
          type: choice
          choices: [cefazolin, "none"]
          responders: [anaesthetist]
          evidence: [S24]
      - stamp: IN
      - pause: A
      - stamp: OUT
pauses:
  - id: A
    title: Pause
    gates: [OUT]
    reader: circulating_nurse
    target_seconds: 60
    items:
      - id: A.1
        prompt: Abdomen
        response: Hangs free
        responders: [surgeon]
        hard_stop: true
        evidence: [S11, "GK: AORN Positioning guideline"]
      - id: A.2
        prompt: Antibiotic
        response: In its window
        type: auto
        auto: {rule: dose_in_window, of: ABX, minutes: {cefazolin: 60}}
        responders: [anaesthetist]
        when: {neuromonitoring: "yes"}
        evidence: [S24]
      - id: A.3
        prompt: Count
        response: Correct
        type: count
        moment: first
        responders: [scrub]
        evidence: [S6]
"""


def refused(text: str) -> list[str]:
    with pytest.raises(FaultyDocument) as refusal:
        parse_checklist(text, "small.yaml")
    return [str(fault) for fault in refusal.value.faults]


def changed(old: str, new: str) -> str:
    assert SMALL.count(old) >= 1
    return SMALL.replace(old, new, 1)


def test_the_small_checklist_is_read():
    checklist = parse_checklist(SMALL, "small.yaml")
    assert [item.id for item in checklist.pauses[0].items] == ["A.1", "A.2", "A.3"]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        pytest.param(
            "id: OUT,", "id: IN,", "11:6: the id `IN` is used twice (first on line 10); rename one", id="duplicate id"
        ),
        pytest.param(
            "      - id: A.3",
            "      - id: ABX",
            "53:9: the id `ABX` is used twice (first on line 22); rename one",
            id="record and item share an id",
        ),
        pytest.param(
            "{id: sponges, title: Sponges, evidence: [S7]}\n",
            "{id: sponges, title: Sponges, evidence: [S7]}\n  - {id: sponges, title: Laps, evidence: [S7]}\n",
            "9:6: the id `sponges` is used twice (first on line 8); rename one",
            id="duplicate category",
        ),
        pytest.param("title: Small", "title: Small\ntitle: Big", "4:1: `title` stands twice here; keep one", id="key"),
        pytest.param(
            "[any]", "&a [any]", "4:13: anchors (&) and aliases (*) are not read; write the text out", id="anchor"
        ),
        pytest.param(
            "[any]", "*a", "4:13: anchors (&) and aliases (*) are not read; write the text out", id="undefined alias"
        ),
        pytest.param("[any]", "!!python/name:os.system x", "4:13: tags (!) are not read; remove it", id="tag"),
        pytest.param("title: Small", "<<: {title: Small}", "3:1: a key is one plain word", id="merge key"),
        pytest.param("title: Small", "? [a, b]\n: c", "3:3: a key is one plain word", id="list as key"),
        pytest.param(
            "Small", '"Sm\\e[31mall"', "3:8: a character that cannot be seen stands in this text", id="escape"
        ),
        pytest.param("Small", "Sm\u202eall", "3:8: a character that cannot be seen stands in this text", id="bidi"),
        pytest.param(
            "prompt: Abdomen",
            "promt: Abdomen",
            "40:9: `promt:` is not known here; did you mean `prompt:`?",
            id="unknown",
        ),
        pytest.param("prompt: Abdomen", "promt: Abdomen", "39:9: `prompt:` is missing here; add it", id="missing key"),
        pytest.param(
            "prompt: Abdomen",
            "prompt: Abdomen\n        gates: [OUT]",
            "41:9: `gates:` is not known here; remove it",
            id="a key of another part is not suggested",
        ),
        pytest.param("id: small\n", "", "1:1: `id:` is missing here; add it", id="missing at the top"),
        pytest.param(
            "starts: IN", "starts: INN", "17:5: the stamp `INN` is not defined; did you mean `IN`?", id="stamp"
        ),
        pytest.param(
            "gates: [OUT]",
            "gates: [OTU]",
            "35:5: the stamp or pause `OTU` is not defined; did you mean `OUT`?",
            id="gate",
        ),
        pytest.param(
            "durations: [stay]",
            "durations: [xyz]",
            "19:5: the duration `xyz` is not defined; define it or remove it",
            id="duration",
        ),
        pytest.param(
            "moment: first",
            "moment: frist",
            "57:9: the count moment `frist` is not defined; did you mean `first`?",
            id="moment",
        ),
        pytest.param(
            "of: ABX",
            "of: ABC",
            "49:38: in `of`, `ABC` is not defined; did you mean `ABX`?",
            id="auto names nothing",
        ),
        pytest.param(
            "{cefazolin: 60}",
            "{cefazolim: 60}",
            "49:57: `cefazolim` is no choice of `ABX`; did you mean `cefazolin`?",
            id="a drug that nobody can choose",
        ),
        pytest.param(
            "{neuromonitoring:",
            "{neuromonitring:",
            "51:16: no case knows `neuromonitring`; did you mean `neuromonitoring`?; known are",
            id="a fact that no case knows",
        ),
        pytest.param(
            '"yes"}', "maybe}", "51:16: `neuromonitoring` is yes or no, never `maybe`", id="a fact that is never so"
        ),
        pytest.param(
            "      - pause: A\n",
            "",
            "32:5: the pause `A` stands nowhere among the phases' steps; it must stand there once",
            id="pause not walked",
        ),
        pytest.param(
            "      - pause: A\n",
            "      - pause: A\n      - pause: A\n",
            "34:5: the pause `A` stands 2 times among the phases' steps; it must stand there once",
            id="pause walked twice",
        ),
        pytest.param(
            "responders: [surgeon]",
            "responders: surgeon",
            "42:9: `responders` must be a list: write [one, two], or one line for each that begins with a dash",
            id="text where a list belongs",
        ),
        pytest.param(
            "title: Pause",
            "title: [Pause]",
            "34:5: `title` must be text: write it on the same line",
            id="list for text",
        ),
        pytest.param(
            "      - stamp: IN\n",
            "      - IN\n",
            "29:9: `steps` must hold keys and values: write lines of `key: value` beneath it",
            id="text for a step",
        ),
        pytest.param("title: Pause", "title:", "34:5: `title` is empty here; write a value, or remove", id="nothing"),
        pytest.param(
            "Abdomen", '""', "40:9: `prompt` is empty here; write a value, or remove the line", id="empty text"
        ),
        pytest.param(
            "target_seconds: 60",
            "target_seconds: one",
            "37:5: `target_seconds` must be a whole number, for example 45",
            id="word for a number",
        ),
        pytest.param(
            "target_seconds: 60", "target_seconds: 0", "37:5: `target_seconds` must be more than 0", id="zero"
        ),
        pytest.param("hard_stop: true", "hard_stop: maybe", "43:9: `hard_stop` must be true or false", id="truth"),
        pytest.param(
            "[8, 15]", "[8]", "`one_level` needs two numbers, [P50, P90]; number 2 is missing", id="one minute"
        ),
        pytest.param("[8, 15]", "[8, 15, 20]", "`one_level` has 3 entries and may have 2", id="three minutes"),
        pytest.param(
            "[8, 15]", "[15, 8]", "13:5: minutes are [P50, P90] with 0 < P50 < P90", id="minutes turned round"
        ),
        pytest.param("[8, 15]", "[8, inf]", "`one_level` must be a number, for example 8 or 8.5", id="endless minutes"),
        pytest.param(
            "responders: [surgeon]",
            "responders: [nurse]",
            "42:22: `responders` cannot be `nurse`; it must be one of surgeon,",
            id="role",
        ),
        pytest.param(
            "rule: dose_in_window",
            "rule: dose_window",
            "`rule` cannot be `dose_window`; did you mean `dose_in_window`?; it must be one of dose_in_window,",
            id="rule",
        ),
        pytest.param(
            "prompt: Abdomen",
            "prompt: " + "a" * 41,
            "40:9: `prompt` is too long; at most 40 characters",
            id="prompt too long",
        ),
        pytest.param(
            "evidence: [S11,",
            "evidence: [S1e,",
            "44:20: `evidence`: `S1e` is no evidence label; write S<number>, 'GK: <publication to check>', EST, SEED,",
            id="evidence malformed",
        ),
        pytest.param(
            'evidence: [S11, "GK: AORN Positioning guideline"]',
            "evidence: []",
            "44:9: `evidence` needs at least 1 entry; add what is missing",
            id="no evidence",
        ),
        pytest.param("id: A.1", "id: A 1", "39:9: `id`: an id begins with a letter and holds letters", id="id"),
        pytest.param(
            "        hard_stop: true",
            "        choices: [a]",
            "39:9: an item of type choice needs `choices:`, and no other type may have them",
            id="choices without type",
        ),
        pytest.param(
            "        hard_stop: true",
            "        min: 9\n        max: 2",
            "39:9: `min:` must be below `max:`",
            id="min above max",
        ),
        pytest.param(
            "gates: [OUT]",
            "gates: [IN]",
            "35:5: `IN` does not come after `A` among the phases' steps",
            id="gate passed",
        ),
        pytest.param(
            "from: IN, to: OUT",
            "from: OUT, to: IN",
            "13:40: `IN` does not come after `OUT` among",
            id="duration backwards",
        ),
        pytest.param(
            "    ends: OUT", "    ends: IN", "18:5: `IN` does not come after `IN` among", id="phase of no length"
        ),
        pytest.param('version: "1"', 'version: ""', "2:1: `version` is empty here; write a value", id="no version"),
        pytest.param("title: Small", "title: [Small", "YAML cannot be read here:", id="syntax"),
        pytest.param("title: Small", "title: Small\n\tx: 1", "YAML cannot be read here:", id="tab"),
    ],
)
def test_each_fault_names_its_place_and_its_mend(old, new, fault):
    found = refused(changed(old, new))
    assert all(line.startswith("small.yaml:") for line in found)
    assert any(fault in line for line in found), found


def test_every_fault_is_told_at_once():
    text = changed("prompt: Abdomen", "promt: Abdomen").replace("target_seconds: 60", "target_seconds: x")
    assert [line.split(":")[1] for line in refused(text)] == ["37", "39", "40"]


def test_no_pydantic_word_reaches_the_nurse():
    words = ("Input should", "tuple", "Tuple", "String should", "dictionary", "Value error", "valid ", "instance")
    for text in (*map("procedures: {}".format, ("x", "[[]]", "{}", "~")), "[]", "x", "5", "{stamps: x, pauses: [1]}"):
        assert not [line for line in refused(text) for word in words if word in line]


def test_aliases_cannot_multiply():
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"{n}: &{n} [{', '.join(['*' + m] * 9)}]\n" for m, n in zip("abcdefgh", "bcdefghi", strict=True))
    assert refused(bomb) == ["small.yaml:1:4: anchors (&) and aliases (*) are not read; write the text out"]


def test_depth_is_bounded():
    assert "nested more than 12 deep" in refused("[" * 20_000)[0]
    assert "nested more than 12 deep" in refused("- " * 20_000 + "x")[0]


def test_size_is_bounded():
    assert refused("# " + "x" * 300 * 1024) == ["small.yaml:1:1: the file is larger than 256 KiB; split it"]
    assert refused("é" * (MAX_BYTES // 2 + 1))[0].endswith("larger than 256 KiB; split it")


def test_many_parts_are_refused_quickly():
    start = time.process_time()
    found = refused("pauses:\n" + "- {a: b}\n" * 28_000)
    assert "more than 20,000 parts" in found[0]
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    "text",
    [
        "pauses:\n" + "- {a: b}\n" * 4_000,
        "stamps:\n" + "- {id: A, title: a, meaning: b, by: nurse, evidence: [S]}\n" * 1_300,
        "procedures: [" + "é," * 8_000 + "]",
        "x" * 200_000 + ": 1",
        "id: " + "x" * 200_000,
        SMALL.replace("neuromonitoring", "n" * 200),
        SMALL.replace("      - stamp: IN\n", "      - stamp: IN\n" * 5_000),
    ],
    ids=["unknown keys", "stamps", "names", "long key", "long value", "long fact", "steps"],
)
def test_the_largest_faulty_files_are_told_of_in_a_second(text):
    outcome(text)
    assert all(len(line) < 500 for line in refused(text))


def test_scalars_stay_what_was_written():
    document = read_document("[no, 1:30, 010, yes, 1e3, 2026-11-22, 0x1F, off, .inf, '~']", "x.yaml")
    assert document.value == ["no", "1:30", "010", "yes", "1e3", "2026-11-22", "0x1F", "off", ".inf", "~"]


def test_codes_keep_their_noughts_and_answers_their_words():
    text = changed('version: "1"', "version: 010").replace('[cefazolin, "none"]', "[cefazolin, no, 1:30]")
    checklist = parse_checklist(text, "small.yaml")
    assert checklist.version == "010"
    assert checklist.phases[0].steps[0].record.choices == ("cefazolin", "no", "1:30")


def test_the_hash_is_of_the_exact_text():
    assert content_hash(SMALL) != content_hash(SMALL + "\n")
    assert len(content_hash(SMALL)) == 64


def test_each_shipped_file_survives_each_broken_line():
    """A line of the largest shipped file removed or spoilt gives a checklist or faults, in time."""
    lines = (Path(__file__).parents[2] / "checklists/dynamic-lumbar-stabilisation.yaml").read_text().splitlines()
    spoil: tuple[Callable[[str], str], ...] = (lambda _: "", lambda line: line + " x: [", lambda line: "  " + line)
    for number in range(0, len(lines), 60):
        for change in spoil:
            outcome("\n".join([*lines[:number], change(lines[number]), *lines[number + 1 :]]))


def outcome(text: str) -> None:
    """Read `text` and fail unless a checklist or faults with places come out within a second."""
    start = time.process_time()
    checklist, faults = None, ()
    try:
        checklist = parse_checklist(text, "any.yaml")
    except FaultyDocument as refusal:
        faults = refusal.faults
    assert time.process_time() - start < 5
    assert faults or isinstance(checklist, Checklist)
    assert all(
        fault.file == "any.yaml" and fault.line >= 1 and fault.column >= 1 and fault.sentence for fault in faults
    )


LINES = SMALL.splitlines()
YAML_MARKS = st.text(alphabet="{}[]:,-?!&*#|>'\"% \n\t~<abc019.@`\\", max_size=200)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(), st.text(alphabet=st.characters()), YAML_MARKS))
def test_any_text_gives_a_checklist_or_faults(text):
    outcome(text)


@settings(max_examples=400, deadline=None)
@given(st.integers(0, len(LINES) - 1), st.one_of(st.text(max_size=40), YAML_MARKS), st.booleans())
def test_any_line_may_be_spoilt(number, text, keep):
    line = LINES[number]
    outcome("\n".join([*LINES[:number], line.split(":")[0] + ": " + text if keep else text, *LINES[number + 1 :]]))


@pytest.mark.parametrize(
    "text", ["", "\n", "#", "---", "--- a\n--- b", "\ud800", "a: \x00", "\ufeff", "%YAML 9.9\n---\n"]
)
def test_odd_beginnings_are_refused(text):
    assert refused(text)
