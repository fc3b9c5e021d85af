"""`ortool run show --paper FORM`: a paper form against the screen, line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ortool.caselog.paper_lines import FormLine, form_lines
from ortool.cli.output import say, show_json, show_list
from ortool.cli.shapes import stamp
from ortool.presentation.listing import column
from ortool.presentation.words import clock_on, minutes

if TYPE_CHECKING:
    from ortool.caselog.dossier import Dossier
    from ortool.services.theatre import Theatre


def show_paper(theatre: Theatre, dossier: Dossier, form: str, as_json: bool) -> None:
    """Show which lines of a form are entered, stand from elsewhere or are missing, with the lag of each."""
    now, zone, names = theatre.now(), theatre.settings.zone, dossier.names
    lines = form_lines(dossier, form, now)
    if as_json:
        show_json({"case": dossier.case.number, "form": form.strip().upper(), "lines": [_json(one) for one in lines]})
        return

    def who(person: str) -> str:
        return names.get(person, person)

    records = [one.record for one in lines]
    columns = [
        column("", [one.standing for one in lines]),
        column("line", [one.id for one in lines]),
        column("what", [one.title for one in lines], least=12),
        column("happened", [clock_on(one.occurred_at, zone, now) if one else "" for one in records]),
        column("typed", [clock_on(one.recorded_at, zone, now) if one else "" for one in records]),
        column("lag", [minutes(one.recorded_at - one.occurred_at) if one else "" for one in records]),
        column("by", [who(one.actor) if one else "" for one in records], rank=1, least=6),
        column("compared by", [who(one.verified_by) if one else "" for one in records], rank=0, may_go=True),
    ]
    show_list(columns, "Nothing stands on that form.")
    tally = {name: sum(one.standing == name for one in lines) for name in ("entered", "elsewhere", "missing")}
    say(f"{tally['entered']} entered from this form, {tally['elsewhere']} from elsewhere, {tally['missing']} missing.")


def _json(line: FormLine) -> dict[str, Any]:
    record = line.record
    shape: dict[str, Any] = {"line": line.id, "title": line.title, "standing": line.standing}
    if record is None:
        return shape | {"seq": None}
    return shape | {
        "seq": record.seq,
        "form": record.transcribed,
        "occurred_at": stamp(record.occurred_at),
        "recorded_at": stamp(record.recorded_at),
        "lag_seconds": round((record.recorded_at - record.occurred_at).total_seconds()),
        "by": record.actor,
        "written_by": record.written_by,
        "verified_by": record.verified_by,
    }
