"""Who may do what: one table, asked in one place. What is not in it is denied.

A *grant* is a permission role; a case role (surgeon, scrub …) brings its grant along, others are given by name.
Nothing here keeps anybody from documenting a case that is running: see `Verb.ACT` and `UNIDENTIFIED`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Grant(StrEnum):
    """What a person may be trusted with. `CHARGE` is the charge nurse; `ADMIN` has no clinical right at all."""

    NURSE = "nurse"
    ANAESTHESIA = "anaesthesia"
    SURGEON = "surgeon"
    SCHEDULER = "scheduler"
    CHARGE = "charge"
    AUDITOR = "auditor"
    ADMIN = "admin"


# Each case role brings one grant; a representative and the patient bring none.
OF_ROLE: Mapping[str, Grant] = {
    "surgeon": Grant.SURGEON,
    "anaesthetist": Grant.ANAESTHESIA,
    "coordinator": Grant.SCHEDULER,
} | dict.fromkeys(
    (
        "assistant", "circulating_nurse", "scrub", "radiographer", "neurophysiologist", "positioning_helper",
        "pacu_nurse", "ward_nurse", "physiotherapist",
    ),
    Grant.NURSE,
)  # fmt: skip


class Verb(StrEnum):
    """Everything that can be done. Each has a row in `TABLE`."""

    ACT = "enter in a checklist"
    OVERRIDE = "override"
    JOIN = "join the team of a case"
    NOTE = "write a note"
    CLAIM = "claim entries of nobody known"
    BREAK_GLASS = "open a case with a reason"
    SIGN = "sign a case log"
    AMEND = "amend a signed case log"
    READ_CASE = "read a case"
    READ_LIST = "read the day's list"
    NAME_PATIENTS = "export patients' names"
    PRINT = "print a checklist"
    DRILL = "record a downtime drill"
    SCHEDULE = "book, move and cancel"
    SHARE = "share a calendar feed"
    LEAVE = "enter leave"
    SET_THEATRE = "set up rooms and procedures"
    SET_PEOPLE = "add, grant and retire people"
    SET_PIN = "set a PIN or a badge"
    UNLOCK = "unlock a PIN"
    READ_JOURNAL = "read the journal"
    EXPORT_JOURNAL = "export the journal"
    BACK_UP = "back up"
    RESTORE = "restore, encrypt and upgrade"
    KEEP = "keep the house"


class Bond(StrEnum):
    """How somebody stands to what a verb is about: their own case or own person, somebody else's, or neither."""

    OWN = "own"
    OTHER = "other"
    OPENED = "opened with a reason"
    NONE = "none"


class Ruling(StrEnum):
    """What the table says. `WITH_REASON`: after the case was opened with a reason. `PROVE`: after the PIN, now."""

    ALLOWED = "allowed"
    WITH_REASON = "with a reason"
    PROVE = "prove"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Row:
    """Who may: on their own, on others', on others' with a reason. `now` asks for the PIN at that very moment."""

    own: frozenset[Grant]
    other: frozenset[Grant] = frozenset()
    with_reason: frozenset[Grant] = frozenset()
    now: bool = False
    about: bool = True

    def __post_init__(self) -> None:
        assert self.about or not (self.other or self.with_reason)


def _set(*grants: Grant) -> frozenset[Grant]:
    return frozenset(grants)


_TEAM = _set(Grant.NURSE, Grant.ANAESTHESIA, Grant.SURGEON)
_CLINICAL = _TEAM | {Grant.CHARGE}
_CHARGE = _set(Grant.CHARGE)
_EVERYBODY = frozenset(Grant)


def _about(
    own: frozenset[Grant],
    other: frozenset[Grant] = frozenset(),
    with_reason: frozenset[Grant] = frozenset(),
    now: bool = False,
) -> Row:
    return Row(own, other, with_reason, now)


def _any(*grants: Grant) -> Row:
    return Row(frozenset(grants), about=False)


TABLE: Mapping[Verb, Row] = {
    Verb.ACT: _about(_CLINICAL, _CHARGE, _TEAM),
    Verb.OVERRIDE: _about(_CLINICAL, _CHARGE, _TEAM, now=True),
    Verb.JOIN: _about(_CLINICAL, _CLINICAL),
    Verb.NOTE: _about(_CLINICAL, _CHARGE, _TEAM),
    Verb.CLAIM: _about(_CLINICAL, _CLINICAL),
    Verb.BREAK_GLASS: _about(_CLINICAL, _CLINICAL),
    Verb.SIGN: _about(_set(Grant.SURGEON), now=True),
    Verb.AMEND: _about(_set(Grant.SURGEON), now=True),
    Verb.READ_CASE: _about(_CLINICAL | {Grant.AUDITOR}, _set(Grant.CHARGE, Grant.AUDITOR), _TEAM),
    Verb.READ_LIST: _any(*_CLINICAL, Grant.SCHEDULER, Grant.AUDITOR),
    Verb.NAME_PATIENTS: _any(Grant.SCHEDULER, Grant.CHARGE),
    Verb.PRINT: _any(*_CLINICAL, Grant.SCHEDULER),
    Verb.DRILL: _any(*_CLINICAL, Grant.SCHEDULER, Grant.ADMIN),
    Verb.SCHEDULE: _any(Grant.SCHEDULER, Grant.CHARGE),
    Verb.SHARE: _about(_CLINICAL | {Grant.SCHEDULER}, _set(Grant.SCHEDULER, Grant.CHARGE)),
    Verb.LEAVE: _about(_EVERYBODY, _set(Grant.SCHEDULER, Grant.CHARGE)),
    Verb.SET_THEATRE: _any(Grant.ADMIN),
    Verb.SET_PEOPLE: _any(Grant.ADMIN),
    Verb.SET_PIN: _about(_EVERYBODY, _set(Grant.ADMIN), now=True),
    Verb.UNLOCK: _any(Grant.CHARGE, Grant.ADMIN),
    Verb.READ_JOURNAL: _any(Grant.CHARGE, Grant.AUDITOR),
    Verb.EXPORT_JOURNAL: _any(Grant.AUDITOR),
    Verb.BACK_UP: _any(Grant.ADMIN),
    Verb.RESTORE: _any(Grant.ADMIN),
    Verb.KEEP: _any(),
}

# What somebody whom the terminal does not know may do while the patient is in the theatre's care, which is never
# stopped. What they read there names no patient.
UNIDENTIFIED = frozenset({Verb.ACT, Verb.READ_CASE})


def grants_of(roles: Iterable[str], given: Iterable[str] = ()) -> frozenset[Grant]:
    """Return the grants of a person: what the case roles bring, and what was given by name."""
    return frozenset(OF_ROLE[role] for role in roles if role in OF_ROLE) | {Grant(name) for name in given}


def rule(
    verb: Verb,
    grants: frozenset[Grant],
    bond: Bond = Bond.NONE,
    identified: bool = True,
    proven_now: bool = False,
    running: bool = False,
) -> Ruling:
    """Return what the table says of a verb. `running`: the patient of the case that it is about is in the room."""
    if not identified:
        return Ruling.ALLOWED if running and verb in UNIDENTIFIED else Ruling.DENIED
    row = TABLE[verb]
    if row.about and bond is Bond.NONE:
        return Ruling.DENIED
    held = row.own if not row.about or bond in (Bond.OWN, Bond.OPENED) else row.other
    if bond is Bond.OPENED:
        held = row.with_reason | row.other
    if grants & held:
        return Ruling.PROVE if row.now and not proven_now else Ruling.ALLOWED
    return Ruling.WITH_REASON if bond is Bond.OTHER and grants & row.with_reason else Ruling.DENIED
