"""The construct sheet: positions, rules, hard stops, and what is told about left, right, planned and implanted."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ortool.checklist.commands import (
    CheckImplant,
    Command,
    Device,
    ExplantImplant,
    PlaceImplant,
    PlanImplant,
    Shelf,
    Undo,
    Voice,
    WasteImplant,
)
from ortool.checklist.construct import CellState, Construct
from ortool.checklist.construct_findings import FindingKind, findings
from ortool.checklist.decide import decide, subject
from ortool.checklist.implant_rules import ImplantStop
from ortool.checklist.levels import parse_levels
from ortool.checklist.places import places, read_place
from ortool.checklist.plan import facts_of, make_plan
from ortool.checklist.records import Action
from ortool.checklist.run import Run, advance
from ortool.errors import BadInput, Refused
from ortool.services.checklists import read_file
from tests.caselog.a_case import Entry

FILE = Path(__file__).parents[2] / "checklists" / "dynamic-lumbar-stabilisation.yaml"
CHECKLIST = read_file(FILE).checklist
NOW = datetime(2026, 11, 24, 9, 10, tzinfo=UTC)
TODAY = NOW.date()
NURSE = Voice("n1", "Nora Berg", frozenset({"circulating_nurse"}))
SCRUB = Voice("n2", "Sam Osei", frozenset({"scrub"}))
SURGEON = Voice("s1", "Dr Ida Okafor", frozenset({"surgeon"}))
GOOD = "(01)51022222233336(17)280707(10)A213B1(21)"
SCREW: Mapping[str, str] = {"diameter": "6.4", "length": "45", "walls": "5", "purchase": "good", "emg": "14"}
CORD: Mapping[str, str] = {"spacer": "30", "tension": "to the stop", "final": "2/2", "torque": "as the IFU says"}


def new_run(levels: str = "L4-5", neuromonitoring: bool | None = True) -> Run:
    parsed = parse_levels(levels)
    return Run(make_plan(CHECKLIST, parsed, facts_of(parsed, "both", neuromonitoring)))


class Case:
    """A case that commands are carried out on, one after the other."""

    def __init__(self, levels: str = "L4-5", neuromonitoring: bool | None = True) -> None:
        self.run = new_run(levels, neuromonitoring)
        self.seq = 0

    def do(self, command: Command, actor: Voice = NURSE, now: datetime = NOW) -> int:
        decision = decide(self.run, command, actor, now)
        self.seq += 1
        at = decision.occurred_at or now
        self.run = advance(self.run, [Entry(self.seq, decision.kind, dict(decision.body), at, now, actor.id)])
        return self.seq

    def place(self, place: str, serial: str, part: str = "screw", **changes: object) -> int:
        values = SCREW if part == "screw" else CORD
        return self.do(replace(PlaceImplant(part, place, Device(GOOD + serial), values), **changes))  # type: ignore[arg-type]

    @property
    def told(self) -> list[str]:
        return [finding.sentence for finding in findings(Construct(self.run))]


def test_positions_are_vertebra_or_segment_times_side():
    case = Case("L3-5")
    assert [place.words for _, place in ((c.part, c.place) for c in Construct(case.run).cells.values())] == [
        *("L3 left", "L3 right", "L4 left", "L4 right", "L5 left", "L5 right"),
        *("L3-4 left", "L3-4 right", "L4-5 left", "L4-5 right"),
    ]
    middle = CHECKLIST.implants[1].model_copy(update={"per": "segment"})
    assert [place.tag for place in places(middle, parse_levels("L5-S1"))] == ["L5-S1"]


@pytest.mark.parametrize("text", ["L4 left", "l4 L", "L4-left", "L4left", " L4  Left "])
def test_a_place_is_understood_as_people_write_it(text):
    assert read_place(CHECKLIST.implants[0], text).tag == "L4-left"


@pytest.mark.parametrize("text", ["L4", "L4-5 left", "C7 left", "", "[red]", "L4 left right", "\x1b[A"])
def test_what_is_no_place_is_refused(text):
    with pytest.raises(BadInput, match="is no place"):
        read_place(CHECKLIST.implants[0], text)


def test_a_cell_goes_from_empty_to_planned_to_implanted_and_back():
    case = Case()
    cell = lambda: Construct(case.run).cells["screw", "L4-left"]  # noqa: E731
    assert cell().state is CellState.EMPTY
    case.do(PlanImplant("screw", "L4 left", {"diameter": "6,40", "length": "45.0"}))
    assert (cell().state, cell().planned_size) == (CellState.PLANNED, "6.4 × 45 mm")
    placed = case.place("L4 left", "S1")
    assert (cell().state, cell().size) == (CellState.IMPLANTED, "6.4 × 45 mm")
    assert (cell().implanted.lot, cell().implanted.serial, cell().implanted.expires) == (
        "A213B1", "S1", date(2028, 7, 7),
    )  # fmt: skip
    assert (cell().implanted.entry, cell().implanted.device_identifier) == ("scan", "51022222233336")
    case.do(ExplantImplant("screw", "L4 left", "stripped"))
    assert cell().state is CellState.PLANNED
    taken = Construct(case.run).of(Action.EXPLANTED)[0]
    assert (taken.ref, taken.serial, taken.reason) == (placed, "S1", "stripped")


def test_undo_takes_a_placing_back():
    case = Case()
    seq = case.place("L4 left", "S1")
    assert subject(case.run.live[-1]) == "screw L4-left placed"
    case.do(Undo(seq))
    assert Construct(case.run).cells["screw", "L4-left"].state is CellState.EMPTY
    case.place("L4 left", "S1")


def test_two_implants_do_not_go_into_one_place():
    case = Case()
    case.place("L4 left", "S1")
    with pytest.raises(Refused, match="recorded there already"):
        case.place("L4 left", "S2")


def test_an_expired_implant_is_a_hard_stop_overridden_by_two_with_a_reason():
    case = Case()
    old = Device("(01)51022222233336(17)261123(10)A213B1(21)S1")
    command = PlaceImplant("screw", "L4 left", old, SCREW)
    for attempt in (command, replace(command, reason="none other"), replace(command, second=SURGEON)):
        with pytest.raises(ImplantStop, match="expired on 2026-11-23"):
            case.do(attempt)
    with pytest.raises(Refused, match="needs a surgeon"):
        case.do(replace(command, reason="none other", second=SCRUB))
    with pytest.raises(Refused, match="is the first"):
        case.do(replace(command, reason="none other", second=SURGEON), actor=SURGEON)
    case.do(replace(command, reason="none other", second=SURGEON))
    assert "expired on 2026-11-23. Overridden: none other." in case.told[0]


def test_the_day_of_expiry_is_still_good_and_the_day_is_the_theatres_own():
    case = Case()
    device = Device("(01)51022222233336(17)261124(10)A(21)S1")
    case.do(PlaceImplant("screw", "L4 left", device, SCREW))
    late = PlaceImplant(
        "screw", "L4 right", replace(device, raw=device.raw + "2"), SCREW, shelf=Shelf(TODAY + timedelta(1))
    )
    with pytest.raises(ImplantStop, match="expired"):
        case.do(late)


def test_a_used_serial_is_a_hard_stop_in_this_case_and_in_others():
    case = Case()
    case.place("L4 left", "S1")
    with pytest.raises(ImplantStop, match="recorded in this case already"):
        case.place("L4 right", "S1")
    elsewhere = Shelf(TODAY, (("51022222233336", "S9", "case 1007 (screw L4-left)"),))
    with pytest.raises(ImplantStop, match="recorded already in case 1007"):
        case.place("L4 right", "S9", shelf=elsewhere)
    other_product = Shelf(TODAY, (("00000000000000", "S9", "case 1007"),))
    case.place("L4 right", "S9", shelf=other_product)


@pytest.mark.parametrize("way", ["wasted", "explanted"])
def test_what_was_wasted_or_taken_out_does_not_go_in_unasked(way):
    case = Case()
    if way == "wasted":
        case.do(WasteImplant("screw", Device(GOOD + "S1"), "dropped"))
    else:
        case.place("L4 left", "S1")
        case.do(ExplantImplant("screw", "L4 left", "too long"))
    with pytest.raises(ImplantStop, match=way):
        case.place("L4 right", "S1")


def test_what_is_typed_by_hand_needs_a_second_person():
    case = Case()
    typed = PlaceImplant("screw", "L4 left", Device(lot="A213B1"), SCREW)
    with pytest.raises(Refused, match="second person"):
        case.do(typed)
    with pytest.raises(Refused, match="is the first"):
        case.do(replace(typed, second=NURSE))
    case.do(replace(typed, second=SCRUB))
    record = Construct(case.run).cells["screw", "L4-left"].implanted
    assert (record.entry, record.second, record.expires) == ("manual", "n2", None)
    assert "Pedicle screw L4 left: typed by hand by two people, not scanned." in case.told


def test_a_barcode_without_lot_whose_lot_is_typed_counts_as_typed():
    case = Case()
    device = Device("(01)51022222233336", lot="A1")
    with pytest.raises(Refused, match="second person"):
        case.do(PlaceImplant("screw", "L4 left", device, SCREW))


def test_what_is_typed_never_contradicts_the_barcode():
    case = Case()
    with pytest.raises(Refused, match="the barcode says A213B1"):
        case.do(PlaceImplant("screw", "L4 left", Device(GOOD + "S1", lot="A213B2"), SCREW))


def test_a_broken_barcode_stops():
    case = Case()
    with pytest.raises(ImplantStop, match="check digit"):
        case.do(PlaceImplant("screw", "L4 left", Device("(01)51022222233337(10)A(21)S1"), SCREW))


def test_nothing_known_of_an_implant_is_refused():
    with pytest.raises(Refused, match="Neither lot, serial"):
        Case().do(PlaceImplant("screw", "L4 left", Device(), SCREW, second=SCRUB))


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"diameter": "6.4"}, "length is needed"),
        ({**SCREW, "diameter": "64"}, "outside 3 to 12 mm"),
        ({**SCREW, "diameter": "wide"}, "a number of mm"),
        ({**SCREW, "diameter": "٦"}, "a number of mm"),
        ({**SCREW, "diameter": "1e99999"}, "a number of mm"),
        ({**SCREW, "purchase": "so so"}, "one of good, poor"),
        ({**SCREW, "colour": "blue"}, "Nothing called 'colour'"),
    ],
)
def test_sizes_and_readings_are_checked(values, told):
    with pytest.raises(Refused, match=told):
        Case().do(PlaceImplant("screw", "L4 left", Device(GOOD + "S1"), values))


def test_final_tightening_is_n_of_n():
    case = Case()
    case.place("L4-5 left", "C1", "connector", values={"spacer": "30"})
    assert "Cord and spacer L4-5 left: final tightening is not recorded." in case.told
    with pytest.raises(Refused, match="how many of how many"):
        case.do(CheckImplant("connector", "L4-5 left", {"final": "3/2"}))
    case.do(CheckImplant("connector", "L4-5 left", {"final": "1 of 2"}))
    assert "Cord and spacer L4-5 left: set screws final 1/2: not every one is final." in case.told
    case.do(CheckImplant("connector", "L4-5 left", {"final": "2/2"}))
    assert not [sentence for sentence in case.told if "final" in sentence]


def test_the_sites_torque_is_asked_for_and_has_no_limit():
    case = Case()
    case.place("L4-5 left", "C1", "connector", values={"spacer": "30"})
    assert "Cord and spacer L4-5 left: set-screw torque used: site value missing." in case.told


def test_left_and_right_are_compared():
    case = Case()
    case.place("L4 left", "S1")
    case.place("L4 right", "S2", values={**SCREW, "length": "40"})
    assert case.told == ["Pedicle screw L4: left 6.4 × 45 mm, right 6.4 × 40 mm; the sides differ."]


def test_a_difference_that_was_planned_says_so():
    case = Case()
    case.do(PlanImplant("screw", "L4 left", {"diameter": "6.4", "length": "45"}))
    case.do(PlanImplant("screw", "L4 right", {"diameter": "6.4", "length": "40"}))
    case.place("L4 left", "S1")
    case.place("L4 right", "S2", values={**SCREW, "length": "40"})
    assert case.told == ["Pedicle screw L4: left 6.4 × 45 mm, right 6.4 × 40 mm, as planned."]


def test_planned_and_implanted_are_compared():
    case = Case()
    for place in ("L4 left", "L5 left"):
        case.do(PlanImplant("screw", place, {"diameter": "6.4", "length": "45"}))
    case.place("L4 left", "S1", values={**SCREW, "length": "40"})
    case.place("L4 right", "S2", values={**SCREW, "length": "40"})
    assert case.told == [
        "Pedicle screw L4 left: planned 6.4 × 45 mm, implanted 6.4 × 40 mm.",
        "Pedicle screw L4 right: implanted 6.4 × 40 mm without a planned size.",
        "Pedicle screw L5 left: planned 6.4 × 45 mm, none implanted.",
    ]


def test_readings_outside_what_is_wanted_are_told():
    case = Case()
    case.place("L4 left", "S1", values={**SCREW, "walls": "4", "purchase": "poor", "emg": "6"})
    assert case.told == [
        "Pedicle screw L4 left: walls intact 4 of 5, should be 5.",
        "Pedicle screw L4 left: purchase poor, should be good.",
        "Pedicle screw L4 left: triggered emg 6 mA, below 8.1.",
    ]


def test_without_neuromonitoring_no_emg_is_asked_for():
    bare = {"diameter": "6.4", "length": "45", "walls": "5", "purchase": "good"}
    for neuromonitoring, told in ((False, 0), (True, 1), (None, 1)):
        case = Case(neuromonitoring=neuromonitoring)
        case.place("L4 left", "S1", values=bare)
        assert len(case.told) == told


def test_an_implant_outside_the_planned_levels_is_taken_and_told():
    case = Case()
    case.place("L3 left", "S1")
    assert case.told == ["Pedicle screw L3 left: outside the planned levels."]


def test_wasted_and_explanted_are_listed_with_their_reasons():
    case = Case()
    case.do(WasteImplant("screw", Device(GOOD + "S1"), "dropped", "L4 left"))
    with pytest.raises(Refused, match="reason"):
        case.do(WasteImplant("screw", Device(GOOD + "S2"), " "))
    with pytest.raises(Refused, match="Describe the earlier implant"):
        case.do(ExplantImplant("screw", "L5 left", "loose"))
    case.do(ExplantImplant("screw", "L5 left", "loose", Device(description="titanium screw of 2019")))
    construct = Construct(case.run)
    assert construct.is_begun
    assert [(r.action, r.reason) for r in construct.records] == [
        (Action.WASTED, "dropped"), (Action.EXPLANTED, "loose"),
    ]  # fmt: skip


def test_hostile_text_is_made_harmless():
    case = Case()
    evil = Device(lot="A1", description="[bold]\x1b[2J\u202ename")
    case.do(PlaceImplant("screw", "L4 left", evil, SCREW, second=SCRUB, regulatory_context="\x07as labelled"))
    record = Construct(case.run).cells["screw", "L4-left"].implanted
    assert record.description.isprintable()
    assert record.regulatory_context.isprintable()
    with pytest.raises(BadInput):
        case.do(PlaceImplant("screw", "L5 left", Device(lot="A\x00"), SCREW, second=SCRUB))


def test_kinds_are_heaviest_first():
    case = Case()
    old = Device("(01)51022222233336(17)200101(10)A(21)S1")
    case.do(PlaceImplant("screw", "L4 left", old, {**SCREW, "walls": "3"}, "none other", SURGEON))
    case.do(PlanImplant("screw", "L5 left", {"length": "45"}))
    kinds = [finding.kind for finding in findings(Construct(case.run))]
    assert kinds == sorted(kinds, key=list(FindingKind).index)
    assert set(kinds) == set(FindingKind)
