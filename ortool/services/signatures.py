"""What a surgeon signs, to the byte, and whether it still stands.

The signed form (`ortool.signed-log/2`) is the canonical JSON (`journal.canonical`: keys in order, no floats) of

    {"schema": "ortool.signed-log/2", "statement": …, "signer": PERSON_ID, "name": …, "as_of": ISO 8601,
     "head": {"seq": N, "link": HEX}, "log": …}

`log` is `case_log_json` of the case's own entries up to the signature, as of that moment, with ids in the place of the
names of people, rooms and procedures: a person who marries alters no signed log. `head` is the newest link of the whole
journal. The signature keeps the SHA-256 of these bytes, and beside it the digest over the links of the case's entries.
Whoever changes what `case_log_json` makes of the same entries gives the form a new number: a test holds it.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from ortool.caselog.dossier import Dossier
from ortool.caselog.history import Signature, read_history
from ortool.caselog.milestones import state_of
from ortool.caselog.report import make_report
from ortool.checklist.run import fold
from ortool.journal import log
from ortool.journal.canonical import encode
from ortool.journal.entry import Entry, to_micros
from ortool.journal.stream_check import stream_faults
from ortool.presentation.case_log_json import case_log_json, moment
from ortool.services.cases import stream_of
from ortool.services.theatre import Desk

SCHEMA = "ortool.signed-log/2"
STATEMENT = "I have reviewed this case log and it is a true record of the operation."
_OF_NOW = ("compared_with_signed", "altered", "signed", "signatures", "lists", "from_list")


def signature_body(desk: Desk, dossier: Dossier, entries: list[Entry]) -> dict[str, Any]:
    """Return the body of the entry by which the actor of `desk` signs a case with these entries."""
    signer, theatre = desk.actor.person, desk.theatre
    as_of, late = theatre.now(), theatre.settings.late_minutes
    seq, link = log.head(desk.cursor, theatre.store.site_id)
    body: dict[str, Any] = {
        "statement": STATEMENT,
        "digest": log.digest_of(entries),
        "entries": len(entries),
        "signer": signer.name,
        "schema": SCHEMA,
        "as_of_us": to_micros(as_of),
        "late_minutes": late,
        "head_seq": seq,
        "head": link.hex(),
    }
    said = _said(body, signer.id, as_of)
    return body | {"sha256": hashlib.sha256(signed_form(dossier, entries, said, late, as_of)).hexdigest()}


def _said(body: Mapping[str, Any], signer: str, as_of: datetime) -> dict[str, Any]:
    return {
        "statement": body["statement"],
        "signer": signer,
        "name": body["signer"],
        "as_of": moment(as_of),
        "head": {"seq": body["head_seq"], "link": body["head"]},
    }


def signed_form(
    dossier: Dossier, entries: Iterable[Entry], said: Mapping[str, Any], late_minutes: int, as_of: datetime
) -> bytes:
    """Return the bytes that a signature signs: what `said` names, and the log that these entries make."""
    entries = list(entries)
    case, slot = dossier.case, dossier.slot
    run = fold(dossier.run.base, entries) if dossier.run else None
    bare = replace(
        case,
        surgeon=case.surgeon_id,
        anaesthetist=case.anaesthetist_id,
        procedure=case.procedure_id,
        procedure_short="",
        specialty="",
        state=state_of(run.stamps if run else ()),
    )
    signed = replace(
        dossier,
        case=bare,
        slot=replace(slot, room=slot.room_id) if slot else None,
        run=run,
        history=read_history(entries),
        names={},
        beside=(),
        operation=None,
        altered=None,
    )
    report = case_log_json(make_report(signed, as_of, late_minutes))
    kept = {name: value for name, value in report.items() if name not in _OF_NOW}
    return encode({"schema": SCHEMA, **said, "log": kept})


def altered(cursor: log.Cursor, dossier: Dossier) -> tuple[str, ...] | None:
    """Return, of a signed case, what is not any more what was signed, as sentences; None where nothing is signed.

    Checked are the links and texts of the case's entries, the journal's head at the signature, and the signed form
    made anew from the entries and from the tables beside them.
    """
    if not dossier.history.signatures:
        return None
    signature = dossier.history.signatures[0]
    stream = stream_of(dossier.case.id)
    faults = [f"ALTERED: {fault}." for fault in stream_faults(cursor, stream)]
    entries = log.read_stream(cursor, stream)[: signature.entries]
    if log.digest_of(entries) != signature.digest:
        faults.append("ALTERED: the entries under the signature are not those that were signed.")
    if signature.schema:
        link = log.link_of(cursor, signature.head_seq)
        if link is None or link.hex() != signature.head:
            faults.append(f"ALTERED: entry {signature.head_seq} of the journal is not what it was at the signature.")
    if signature.schema == SCHEMA and not _reads_the_same(dossier, entries, signature):
        faults.append("ALTERED: this log does not read any more as it was signed.")
    return tuple(faults)


def _reads_the_same(dossier: Dossier, entries: list[Entry], signature: Signature) -> bool:
    assert signature.as_of is not None
    said = {
        "statement": signature.statement,
        "signer": signature.actor,
        "name": signature.signer,
        "as_of": moment(signature.as_of),
        "head": {"seq": signature.head_seq, "link": signature.head},
    }
    form = signed_form(dossier, entries, said, signature.late_minutes, signature.as_of)
    return hashlib.sha256(form).hexdigest() == signature.sha256
