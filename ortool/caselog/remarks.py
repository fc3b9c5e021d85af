"""The words, the signatures and the checklist of a dossier as lines."""

from ortool.caselog.dossier import Dossier
from ortool.caselog.findings import ChecklistLine, RemarkLine, SignatureLine
from ortool.caselog.history import History
from ortool.caselog.marks import Marker
from ortool.checklist.run import Run

SHORT_HASH = 12
_REMARKS = {
    "note.added": "note",
    "case.amended": "addendum",
    "slot.cancelled": "cancellation",
    "slot.released": "slot given back",
    "case.cancelled": "cancellation without a slot",
    "case.restored": "cancellation taken back",
    "case.opened": "opened by somebody outside the team",
}
_CLAIM = "claim"


def checklist_line(dossier: Dossier, run: Run) -> ChecklistLine:
    """Return the checklist to which a run is pinned."""
    checklist = run.plan.checklist
    return ChecklistLine(
        checklist.id,
        checklist.version,
        checklist.title,
        dossier.sha256[:SHORT_HASH],
        checklist.approved_by,
        checklist.approved_on,
        checklist.based_on,
        dossier.started,
    )


def remark_lines(history: History, marker: Marker) -> tuple[RemarkLine, ...]:
    """Return notes, cancellations, addenda, why the case was opened, and what was claimed, in order."""
    lines = [
        RemarkLine(
            _REMARKS.get(one.kind, one.kind),
            one.text,
            marker.mark(one),
            (one.ref, one.seq) if one.ref else (one.seq,),
            one.before,
            one.after,
        )
        for one in (*history.remarks, *history.opened)
    ]
    for claim in history.claims:
        words = f"{len(claim.seqs)} of the entries that nobody known had made"
        lines.append(RemarkLine(_CLAIM, words, marker.mark(claim), (*claim.seqs, claim.seq)))
    return tuple(sorted(lines, key=lambda line: line.mark.seq))


def signature_lines(history: History, marker: Marker) -> tuple[SignatureLine, ...]:
    """Return the signatures in order."""
    return tuple(
        SignatureLine(
            one.statement,
            one.digest,
            one.entries,
            marker.mark(one),
            (one.seq,),
            one.signer,
            one.schema,
            one.sha256,
            one.head_seq,
            one.head,
        )
        for one in history.signatures
    )
