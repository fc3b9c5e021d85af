"""The checklists beside the first one: their steps, minutes and kinds, and the facts that no edit may lose."""

import csv
from pathlib import Path

import pytest

from ortool.checklist.definition import Checklist, Item, Kind
from ortool.checklist.loading import items_with_paths
from ortool.checklist.timing import joint
from ortool.services import checklists
from ortool.services.checklists import for_procedure, read_file
from ortool.settings import Settings

SHIPPED = Path(__file__).parents[2] / "checklists"
FACTS = Path(__file__).parent / "committed" / "lists-facts.csv"
ITEMS = {
    "interlaminar-device": "IR7 P0-9 P1-9 P2-7 P3-9 P4-6 P5-9 P6-5 P7-6 P9-C7 P10-4 P11-7 P12-9 P13-6 P14-9 P15-6",
    "lumbar-decompression": "IR7 P0-8 P1-9 P2-7 P3-9 P4-6 P5-9 P6-5 P7-6 P11-7 P12-8 P13-6 P14-9 P15-6",
    "lumbar-fusion": "IR7 P0-9 P1-9 P2-7 P3-9 P4-6 P5-9 P6-5 P7-6 P8-5 P9-F8 P10-8 P11-7 P12-9 P13-6 P14-9 P15-6",
    "candidate-review": "CR1-7 CR2-7 CR3-8 CR4-9",
    "recovery-plan": "P16-0-9 P16-1-8 P16-2-8 P16-D9 V2W6 V6W9 V3M9 V6M9 V12M9 V24M9",
}
BEFORE = ["sign_in", "induction", "turn_prone", "skin_level", "prep_drape", "time_out"]
AFTER = ["sign_out", "turn_supine", "wake_leave"]
CUT = {
    "interlaminar-device": ["expose", "bone_level", "decompress", "device", "device_images", "final_images", "close"],
    "lumbar-fusion": [
        *("expose", "bone_level", "decompress", "screws", "disc_cage", "screw_images", "rods", "final_images", "close"),
    ],
}
TOTALS = [
    pytest.param("interlaminar-device", "one_level", (83, 121), (168, 236), id="device, one level"),
    pytest.param("interlaminar-device", "two_levels", (114, 163), (199, 277), id="device, two levels"),
    pytest.param("lumbar-fusion", "one_level", (211, 295), (305, 420), id="fusion, one level"),
    pytest.param("lumbar-fusion", "two_levels", (296, 410), (390, 535), id="fusion, two levels"),
]


def load(name: str) -> Checklist:
    return read_file(SHIPPED / f"{name}.yaml").checklist


def items_of(checklist: Checklist) -> dict[str, Item]:
    return {item.id: item for _, item in items_with_paths(checklist)}


def facts() -> list[dict[str, str]]:
    with FACTS.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("name", ITEMS)
def test_pauses_hold_their_items(name):
    def named(pause):
        return f"{pause.id}{'-' if pause.id[-1].isdigit() else ''}{len(pause.items)}"

    assert " ".join(named(pause) for pause in load(name).pauses) == ITEMS[name]


@pytest.mark.parametrize("row", facts(), ids=lambda row: f"{row['item']}-{row['section']}")
def test_no_fact_is_lost(row):
    item = items_of(load(row["checklist"]))[row["item"]]
    text = " ".join((item.prompt, item.response, item.detail, item.unit, *item.choices)).casefold()
    assert [fact for fact in row["facts"].split(";") if fact.casefold() not in text] == []


@pytest.mark.parametrize(("name", "levels", "skin", "room"), TOTALS)
def test_simulated_totals_are_those_of_the_fact_base(name, levels, skin, room):
    rows = {row.id: getattr(row, levels) for row in load(name).durations}
    assert joint(tuple(rows[part] for part in CUT[name])) == pytest.approx(skin, rel=0.02)
    assert joint(tuple(rows[part] for part in (*BEFORE, *CUT[name], *AFTER))) == pytest.approx(room, rel=0.02)


@pytest.mark.parametrize(
    ("name", "gates"),
    [
        ("interlaminar-device", {"P7": ("TRIAL",), "P9-C": ("P10",), "P10": ("PCB",)}),
        ("lumbar-decompression", {"P7": ("PCB",), "P11": ("PCB",)}),
        ("lumbar-fusion", {"P7": ("FIRST_SCREW",), "P8": ("P9-F",), "P9-F": ("P10",)}),
        ("candidate-review", {"CR1": ("REVIEWED",), "CR4": ("REVIEWED",)}),
        ("recovery-plan", {"P16-0": (), "P16-D": (), "V2W": ("W2",), "V24M": ("M24",)}),
    ],
)
def test_pauses_gate_what_follows_them(name, gates):
    found = {pause.id: pause.gates for pause in load(name).pauses}
    assert {pause: found[pause] for pause in gates} == gates


def test_hard_stops_of_shared_pauses_are_the_same_everywhere():
    first = items_of(load("dynamic-lumbar-stabilisation"))
    for name in ("interlaminar-device", "lumbar-decompression", "lumbar-fusion"):
        for identifier, item in items_of(load(name)).items():
            if identifier in first:
                assert item.hard_stop == first[identifier].hard_stop
                assert item.override_by == first[identifier].override_by


def test_a_review_asks_and_never_advises():
    asked = items_of(load("candidate-review")).values()
    questions = [item for item in asked if item.prompt.endswith("?") or item.id == "CR4.9"]
    assert questions == list(asked)
    for item in asked:
        words = f"{item.prompt} {item.response} {item.detail}".casefold().split()
        assert not {"should", "recommend", "recommended", "choose", "avoid", "must not"} & set(words)
        assert not item.hard_stop


def test_only_operations_are_picked_for_a_procedure():
    kinds = {name: load(name).kind for name in ITEMS}
    assert (kinds["candidate-review"], kinds["recovery-plan"]) == (Kind.REVIEW, Kind.FOLLOW_UP)
    settings = Settings()
    for procedure, wanted in (
        ("dynamic-stabilisation", "dynamic-lumbar-stabilisation"),
        ("interlaminar-device", "interlaminar-device"),
        ("lumbar-decompression", "lumbar-decompression"),
        ("microdiscectomy", "lumbar-decompression"),
        ("tlif", "lumbar-fusion"),
        ("something-else", "any-operation"),
    ):
        assert for_procedure(settings, procedure).checklist.id == wanted
    assert for_procedure(settings, "tlif", "candidate-review").checklist.id == "lumbar-fusion"


def test_the_sample_theatre_names_checklists_that_are_there():
    import tomllib

    theatre = tomllib.loads((SHIPPED.parent / "data" / "theatre.toml").read_text("utf-8"))
    named = {row["id"]: row["checklist"] for row in theatre["procedures"] if "checklist" in row}
    known = checklists.on_file(Settings())
    assert set(named.values()) <= set(known)
    assert all(known[checklist].checklist.kind is Kind.OPERATION for checklist in named.values())
    assert {"interlaminar-device", "lumbar-decompression", "microdiscectomy", "tlif"} <= set(named)
