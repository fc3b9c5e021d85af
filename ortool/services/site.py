"""What a database says of its own site: name, time zone, and whether all in it is invented."""

from collections.abc import Mapping

from pydantic import ValidationError

from ortool.errors import StorageFault
from ortool.settings import Settings
from ortool.text import clean

KEPT = ("site", "time_zone")


def facts_of(settings: Settings, demo: bool = False) -> dict[str, str]:
    """Return what a new database keeps: the values that somebody gave, never a default that nobody chose."""
    given = {name: str(getattr(settings, name)) for name in KEPT if name in settings.model_fields_set}
    return given | ({"demo": "yes"} if demo else {})


def with_site(settings: Settings, kept: Mapping[str, str]) -> Settings:
    """Return the settings with the database's own site and zone where nobody set them. Raises StorageFault."""
    own = {name: clean(kept[name], 80) for name in KEPT if name in kept and name not in settings.model_fields_set}
    if not own:
        return settings
    try:
        Settings.model_validate(own)
    except ValidationError as error:
        wrong = str(error.errors()[0]["loc"][0])
        raise StorageFault(
            f"The {wrong.replace('_', ' ')} of this database, {own[wrong]!r}, cannot be used here.",
            f"Give {wrong} in the settings, or set ORTOOL_{wrong.upper()}.",
        ) from None
    return settings.model_copy(update=own)


def zone_notice(settings: Settings, kept: Mapping[str, str]) -> list[str]:
    """Return a sentence where the settings show another time zone than the database was made for."""
    own = clean(kept.get("time_zone", ""), 80)
    if not own or "time_zone" not in settings.model_fields_set or settings.time_zone == own:
        return []
    return [f"This database was made for {own}; the settings here show times in {settings.time_zone}."]


def is_demo(kept: Mapping[str, str]) -> bool:
    """Whether the database says that everything in it is invented."""
    return kept.get("demo") == "yes"
