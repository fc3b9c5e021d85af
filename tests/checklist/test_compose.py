"""Parts are put together without loss, faults name the file they stand in, and nothing leads out of the folder."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ortool.checklist.compose import MAX_NESTED, canonical_text, compose
from ortool.checklist.document import FaultyDocument, read_document
from ortool.checklist.loading import content_hash, parse_checklist, parse_composed
from ortool.errors import BadInput
from ortool.services import checklists
from ortool.settings import Settings
from ortool.text import REPLACED, clean

MAIN = """\
id: small
version: "1"
title: Small
procedures: [any]
stamps:
  - include: shared/stamps.yaml
durations:
  - {id: stay, title: Stay, from: IN, to: OUT, one_level: [8, 15], two_levels: [8, 15], evidence: [EST]}
phases:
  - id: whole
    title: Whole
    starts: IN
    ends: OUT
    durations: [stay]
    steps:
      - stamp: IN
      - record: {include: shared/pauses.yaml#ABX}
      - pause: A
      - pause: B
      - stamp: OUT
pauses:
  - include: shared/pauses.yaml#A
  - include: shared/pauses.yaml#A
    id: B
    gates: []
    without: [B.2]
    items:
      - id: B.1
        response: Hangs quite free
      - id: B.3
        prompt: New
        response: Said
        responders: [surgeon]
        evidence: [EST]
"""
STAMPS = """\
stamps:
  - {id: IN, title: In, meaning: In the room, by: circulating_nurse, evidence: [S92]}
  - {id: OUT, title: Out, meaning: Out of the room, by: circulating_nurse, evidence: [S92]}
"""
PAUSES = """\
records:
  - id: ABX
    prompt: Antibiotic
    response: Drug said
    responders: [anaesthetist]
    evidence: [S24]
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
        evidence: [S11]
      - id: A.2
        prompt: Chest
        response: On pads
        responders: [surgeon]
        evidence: [S11]
"""
FILES = {"shared/stamps.yaml": STAMPS, "shared/pauses.yaml": PAUSES}


def composed(main: str = MAIN, **files: str):
    given = {f"shared/{name}.yaml": text for name, text in files.items()}
    return compose(main, "small.yaml", (FILES | given).__getitem__)


def refused(main: str = MAIN, **files: str) -> list[str]:
    with pytest.raises(FaultyDocument) as refusal:
        parse_composed(composed(main, **files))
    return [str(fault) for fault in refusal.value.faults]


def test_parts_are_put_together():
    first, second = parse_composed(composed()).pauses
    assert [item.id for item in first.items] == ["A.1", "A.2"]
    assert [item.id for item in second.items] == ["B.1", "B.3"]
    assert (second.items[0].prompt, second.items[0].response) == ("Abdomen", "Hangs quite free")
    assert second.items[0].hard_stop
    assert (first.gates, second.gates) == (("OUT",), ())


def test_what_comes_out_needs_no_other_file():
    one = composed()
    assert parse_checklist(one.text, "flat") == parse_composed(one)
    assert compose(one.text, "flat", {}.__getitem__).text == one.text


def test_the_hash_covers_the_content_and_not_how_it_is_spread():
    written_out = parse_composed(composed()).model_dump_json()
    moved = MAIN.replace("  - include: shared/stamps.yaml\n", STAMPS.removeprefix("stamps:\n"))
    assert parse_composed(composed(moved)).model_dump_json() == written_out
    assert content_hash(composed(moved + "\n# a comment\n").text) == content_hash(composed().text)
    changed = PAUSES.replace("On pads", "On soft pads")
    assert content_hash(composed(pauses=changed).text) != content_hash(composed().text)


def test_an_item_that_is_left_out_and_written_again_is_replaced_in_its_place():
    new = "{id: B.1, prompt: Arms, response: Free, responders: [scrub], evidence: [EST]}"
    main = MAIN[: MAIN.index("without: [B.2]")] + f"without: [B.1]\n    items:\n      - {new}\n"
    item = parse_composed(composed(main)).pauses[1].items[0]
    assert (item.id, item.prompt, item.hard_stop) == ("B.1", "Arms", False)


def test_steps_and_whole_lists_may_leave_entries_out():
    more = STAMPS + "  - {id: EXTRA, title: Extra, meaning: Never walked, by: scrub, evidence: [EST]}\n"
    main = MAIN.replace("  - include: shared/stamps.yaml\n", "  - include: shared/stamps.yaml\n    without: [EXTRA]\n")
    assert [stamp.id for stamp in parse_composed(composed(main, stamps=more)).stamps] == ["IN", "OUT"]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        pytest.param("#A\n", "#a\n", "small.yaml:22:5: `shared/pauses.yaml` has no `a` under `pauses:`", id="entry"),
        pytest.param("pauses.yaml#A\n", "nowhere.yaml#A\n", "there is no `shared/nowhere.yaml`", id="file"),
        pytest.param("shared/pauses.yaml#A\n", "../secret.yaml#A\n", "`../secret.yaml#A` is no part", id="upwards"),
        pytest.param("shared/pauses.yaml#A\n", "/etc/x.yaml#A\n", "`/etc/x.yaml#A` is no part", id="absolute"),
        pytest.param("shared/pauses.yaml#A\n", "shared/pauses.txt#A\n", "is no part", id="not yaml"),
        pytest.param("shared/pauses.yaml#A\n", "[shared]\n", "small.yaml:22:5: `…` is no part", id="list"),
        pytest.param("[B.2]", "[B.9]", "`without`: this part has no `B.9`", id="nothing to leave out"),
        pytest.param("[B.2]", "B.2", "`without` must be a list of ids", id="no list"),
        pytest.param("stamps.yaml", "pauses.yaml", "`shared/pauses.yaml` has no list `stamps:`", id="list is missing"),
        pytest.param("pauses.yaml#ABX", "pauses.yaml", "name the entry that is meant", id="record without an entry"),
        pytest.param("id: small", "include: shared/x.yaml\nid: small", "stands at the head of an entry", id="top"),
    ],
)
def test_an_include_that_cannot_be_followed_is_told(old, new, fault):
    assert MAIN.count(old) >= 1
    assert fault in refused(MAIN.replace(old, new, 1))[0]


def test_a_fault_inside_a_part_names_the_part():
    faulty = PAUSES.replace("response: On pads", "respons: On pads")
    told = refused(pauses=faulty)
    assert told[0] == "shared/pauses.yaml:20:9: `response:` is missing here; add it"
    assert told[1] == "shared/pauses.yaml:22:9: `respons:` is not known here; did you mean `response:`?"


def test_a_part_that_cannot_be_read_is_told_once_with_its_own_place():
    told = refused(pauses=PAUSES.replace("  - id: A\n", "  - id: &x A\n"))
    assert "shared/pauses.yaml:8:9: anchors (&) and aliases (*) are not read; write the text out" in told
    assert len(told) == len(set(told))


def test_an_id_used_in_two_files_names_both():
    told = refused(MAIN.replace("id: B.3", "id: A.1"))
    assert told == ["small.yaml:30:9: the id `A.1` is used twice (first in shared/pauses.yaml on line 14); rename one"]


def test_a_circle_is_refused():
    first = "pauses:\n  - include: shared/b.yaml#A\n    id: A\n"
    second = "pauses:\n  - include: shared/a.yaml#A\n    id: A\n"
    main = MAIN.replace("shared/pauses.yaml#A\n", "shared/a.yaml#A\n", 1)
    assert "leads back to itself" in refused(main, a=first, b=second)[0]


def test_parts_within_parts_end_somewhere():
    chain = {f"c{n}": f"pauses:\n  - include: shared/c{n + 1}.yaml#A\n    id: A\n" for n in range(MAX_NESTED + 1)}
    main = MAIN.replace("shared/pauses.yaml#A\n", "shared/c0.yaml#A\n", 1)
    assert f"parts may include parts {MAX_NESTED} deep" in refused(main, **chain)[0]


def test_a_bomb_of_parts_is_refused_quickly():
    def many(target):
        return "pauses:\n" + f"  - include: shared/{target}.yaml\n" * 200

    bomb = {"b0": many("b1"), "b1": many("b2"), "b2": many("pauses")}
    main = MAIN.replace("shared/pauses.yaml#A\n", "shared/b0.yaml\n", 1)
    assert "entries; leave some out" in refused(main, **bomb)[0]


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Co", "Cn"]), max_size=20).filter(
    lambda word: word != "<<" and REPLACED not in clean(word)
)  # a merge key is refused, wherever it stands
values = st.recursive(words | st.none(), lambda v: st.lists(v, max_size=3) | st.dictionaries(words, v, max_size=3))


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(words, values, min_size=1, max_size=4))
def test_canonical_text_reads_back_as_what_it_was(value):
    assert read_document(canonical_text(value), "canonical").value == value
    assert json.loads(canonical_text(value)) == value


def folder(tmp_path: Path) -> Path:
    (tmp_path / "own" / "shared").mkdir(parents=True)
    (tmp_path / "own" / "small.yaml").write_text(MAIN)
    for name, text in FILES.items():
        (tmp_path / "own" / name).write_text(text)
    return tmp_path / "own"


def test_a_changed_part_is_read_again(tmp_path):
    own = folder(tmp_path)
    site = Settings(checklists=str(own))
    before = checklists.on_file(site)["small"]
    assert checklists.on_file(site)["small"] is before
    (own / "shared" / "pauses.yaml").write_text(PAUSES.replace("On pads", "On very soft pads"))
    after = checklists.on_file(site)["small"]
    assert after.checklist.pauses[0].items[1].response == "On very soft pads"
    assert after.sha256 != before.sha256


def test_a_link_out_of_the_folder_is_no_part(tmp_path):
    own = folder(tmp_path)
    (tmp_path / "secret.yaml").write_text(PAUSES)
    (own / "shared" / "pauses.yaml").unlink()
    (own / "shared" / "pauses.yaml").symlink_to(tmp_path / "secret.yaml")
    with pytest.raises(BadInput, match=r"there is no `shared/pauses\.yaml`"):
        checklists.on_file(Settings(checklists=str(own)))


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(BadInput, match="There is no checklist folder"):
        checklists.on_file(Settings(checklists=str(tmp_path / "none")))
