"""Rules that hold for every command: the second person, and the time that something happened."""

from datetime import datetime, timedelta

from ortool.checklist.commands import Voice
from ortool.errors import Refused

AHEAD = timedelta(minutes=1)
BEHIND = timedelta(days=30)


class NeedsReason(Refused):
    """The same command would be taken with a reason."""


class OutsideWanted(NeedsReason):
    """A value is outside what is wanted; it would be taken with a reason."""


def second_of(actor: Voice, second: Voice | None, roles: tuple[str, ...], what: str) -> None:
    """Refuse unless `second` is another person, and one of the two has one of `roles` (where any are asked for)."""
    if second is None:
        raise Refused(f"{what} needs a second person.")
    if second.id == actor.id:
        raise Refused(f"{what} needs a second person, and {actor.name} is the first.", "Choose somebody else.")
    if roles and not (actor.roles | second.roles) & set(roles):
        names = " or ".join(role.replace("_", " ") for role in roles)
        article = "an" if names[0] in "aeiou" else "a"
        raise Refused(f"{what} needs {article} {names} as one of the two people.")


def when(occurred_at: datetime | None, now: datetime) -> datetime:
    """Return when something happened (UTC): `now` where nothing was said. Refuses the future and the far past."""
    if occurred_at is None:
        return now
    if occurred_at > now + AHEAD:
        raise Refused("That time has not come yet.", "Check the clock and the day.")
    if occurred_at < now - BEHIND:
        raise Refused("That time is more than 30 days ago.", "Check the date.")
    return occurred_at
