"""The day's list of one room as it is printed for a dead screen: without names, unless they are asked for."""

from zoneinfo import ZoneInfo

from ortool.caselog.board import BoardCase
from ortool.caselog.day_list import DayList, ListedCase
from ortool.presentation.words import clock
from ortool.text import clean


def day_list(
    room: str, of_day: str, cases: tuple[BoardCase, ...], zone: ZoneInfo, about: tuple[str, str, str]
) -> DayList:
    """Return the list of a room; `about` is the site, the time of printing and the journal's head, in words."""
    site, printed_at, witness = about
    return DayList(clean(room), of_day, clean(site), printed_at, witness, tuple(_listed(one, zone) for one in cases))


def _listed(one: BoardCase, zone: ZoneInfo) -> ListedCase:
    case, slot = one.case, one.slot
    what = " ".join(part for part in (case.procedure, case.levels, case.side) if part)
    born = f"born {case.born.isoformat()}" if case.born else "born: not known"
    whose = f"{case.patient_name}, {born}, hospital number {case.hospital_number}" if case.patient_name else ""
    return ListedCase(
        f"{clock(slot.start, zone)}-{clock(slot.end, zone)}",
        str(case.number),
        clean(what, 400),
        clean(", ".join(part for part in (case.surgeon, case.anaesthetist) if part), 400),
        clean(f"{case.state.value}{f', {one.phase}' if one.phase else ''}", 200),
        clean(case.allergies or "not recorded", 400),
        clean(whose, 400),
    )
