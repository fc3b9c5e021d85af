"""Settings: one TOML file, then `ORTOOL_*`, then the command line, in rising order."""

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ortool.errors import BadInput
from ortool.reading import KEY_BYTES, TOML_BYTES, read_plain_text, read_toml
from ortool.text import clean

FILE_NAME = "settings.toml"
TIME_OF_DAY = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


class Settings(BaseModel):
    """What a site may set. Every field can be given as `ORTOOL_<FIELD>` too."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    site: str = Field(
        default="This site", max_length=80, description="The site's name, as prints and calendars show it."
    )
    time_zone: str = Field(default="UTC", description="The theatre's IANA time zone.")
    database_url: str = Field(
        default="",
        repr=False,  # it may hold a password
        description="sqlite:///PATH or postgresql://USER@HOST/DATABASE; empty means a file in the user's data folder.",
    )
    allow_plain_database: bool = Field(
        default=False, description="Reach a PostgreSQL on another machine without its certificate being verified."
    )
    key_file: str = Field(default="", description="File with the database key in hex; empty means not encrypted.")
    signing_key_file: str = Field(
        default="",
        description="File with the key that seals the journal; empty means the user's data folder, one for each site.",
    )
    pepper_file: str = Field(
        default="",
        description="File with the key that PINs and badges are hashed with; empty means beside the settings.",
    )
    idle_minutes: int = Field(
        default=5, ge=1, le=60, description="Minutes without a key after which a terminal shows no patients any more."
    )
    badge_prefix: str = Field(
        default="",
        pattern=r"^$|^[^A-Za-z0-9\s]$|^f\d{1,2}$|^ctrl\+[a-z]$",
        description="What the badge reader sends before each badge, like `scanner_prefix`; empty means no reader.",
    )
    backup_folder: str = Field(
        default="", description="Where automatic backups go, on another disk if there is one; empty means beside it."
    )
    backup_minutes: int = Field(
        default=15, ge=0, le=1440, description="Minutes between automatic backups; 0 takes none."
    )
    checklists: str = Field(
        default="", description="Folder of the site's own checklists; empty means the shipped ones."
    )
    late_minutes: int = Field(default=5, ge=0, le=120, description="Lag above which an entry is marked late.")
    verify_paper: bool = Field(
        default=False, description="Whether a second person must compare what is entered from a paper form with it."
    )
    downtime_folder: str = Field(
        default="",
        description="Folder in which the day's forms are kept ready for a dead screen; empty means none are kept.",
    )
    smtp_host: str = Field(default="", max_length=253, description="The server that invitations are mailed by.")
    smtp_port: int = Field(default=587, ge=1, le=65535, description="Its port; 465 is encrypted from the first byte.")
    smtp_user: str = Field(
        default="", max_length=254, description="The user there; the password is read from ORTOOL_SMTP_PASSWORD."
    )
    smtp_starttls: bool = Field(
        default=True, description="Whether mail goes only where it is encrypted; without, no password is ever sent."
    )
    mail_from: str = Field(default="", max_length=254, description="The address that invitations come from.")
    private_calendars: bool = Field(
        default=False, description="Whether calendars may be fetched from addresses inside the hospital's own network."
    )
    turnover_minutes: int = Field(default=0, ge=0, le=60, description="Kept free in a room after each slot.")
    rooms_per_surgeon: int = Field(default=1, ge=1, le=9, description="Rooms that one surgeon may cover at a time.")
    rooms_per_anaesthetist: int = Field(default=1, ge=1, le=9, description="Rooms that one anaesthetist may cover.")
    freeze_hours: int = Field(
        default=0,
        ge=0,
        le=720,
        description="Hours before a booked slot in which it moves only with a reason; 0: never.",
    )
    outside_block: Literal["refuse", "warn", "allow"] = Field(
        default="warn", description="What happens to a slot in another owner's block: refuse, warn or allow."
    )
    in_closure: Literal["refuse", "warn", "allow"] = Field(
        default="refuse", description="The same for a slot in a closure of its room or of the theatre."
    )
    on_leave: Literal["refuse", "warn", "allow"] = Field(
        default="refuse", description="The same for a slot whose surgeon or anaesthetist is away."
    )
    outside_hours: Literal["refuse", "warn", "allow"] = Field(
        default="warn", description="The same for a slot outside its room's opening hours."
    )
    plan_priority_points: str = Field(
        default="400,200,100,50,25",
        description="Minutes of empty theatre that placing a patient of priority 1 to 5 this week is worth.",
    )
    plan_doubling_days: int = Field(
        default=28, ge=1, le=3650, description="Days of waiting after which a patient counts twice as much."
    )
    plan_overdue_points: int = Field(default=200, ge=0, le=99999, description="Points more for one past the due date.")
    plan_overdue_day_points: int = Field(default=10, ge=0, le=9999, description="Points more for each day past it.")
    plan_idle_weight: float = Field(
        default=1.0,
        ge=0,
        le=100,
        allow_inf_nan=False,
        description="Points that an open, empty minute of a block costs.",
    )
    plan_overtime_weight: float = Field(
        default=1.75, ge=0, le=100, allow_inf_nan=False, description="Points that a minute after a block's end costs."
    )
    plan_room_change_points: int = Field(
        default=15, ge=0, le=9999, description="Points that each further room of a surgeon on a day costs."
    )
    plan_late_percent: int = Field(
        default=25, ge=1, le=99, description="The agreed chance, per block, that its last case ends late."
    )
    scanner_prefix: str = Field(
        default="",
        pattern=r"^$|^[^A-Za-z0-9\s]$|^f\d{1,2}$|^ctrl\+[a-z]$",
        description="What the barcode scanner sends before each scan: one sign that is no letter or digit, or a key.",
    )
    site_values: dict[str, int | str] = Field(
        default_factory=dict,
        description="What only this site can fix: a name, and a number or a text.",
    )
    list_final: str = Field(
        default="15:00",
        pattern=TIME_OF_DAY,
        description="When the list is final, on the day before; a later cancellation counts as one of the day.",
    )
    day_starts: str = Field(default="07:00", pattern=TIME_OF_DAY, description="First hour that the board shows.")
    day_ends: str = Field(default="18:00", pattern=TIME_OF_DAY, description="Last hour that the board shows.")

    @field_validator("site_values", mode="before")
    @classmethod
    def _written_in_a_line(cls, value: object) -> object:
        """Read `prep-dry=200 s, brace=no`, as an environment variable must write it."""
        if not isinstance(value, str):
            return value
        pairs = [part.partition("=") for part in value.split(",") if part.strip()]
        if any(not name.strip() or not sign for name, sign, _ in pairs):
            raise ValueError("write name=value, with a comma between two")
        return {name.strip(): text.strip() for name, _, text in pairs}

    @field_validator("plan_priority_points")
    @classmethod
    def _one_for_each_priority(cls, value: str) -> str:
        parts = [part.strip() for part in value.split(",")]
        if len(parts) != 5 or not all(re.fullmatch(r"[0-9]{1,5}", part) for part in parts):
            raise ValueError("write five whole numbers for priority 1 to 5, such as 400,200,100,50,25")
        points = [int(part) for part in parts]
        if points != sorted(points, reverse=True):
            raise ValueError("a later priority cannot be worth more than one before it")
        return ",".join(str(one) for one in points)

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{value!r} is no IANA time zone; write for example Europe/Amsterdam") from None
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The theatre's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def on_server(self) -> bool:
        """Whether the database is on a PostgreSQL server."""
        return self.database_url.startswith(("postgresql://", "postgres://"))

    @property
    def database_path(self) -> Path:
        """Where the SQLite file is. Raises BadInput for a URL of another kind."""
        if not self.database_url:
            return Path(platformdirs.user_data_dir("ortool")) / "ortool.db"
        if self.on_server:
            hint = "A server has tools of its own for this, such as pg_basebackup."
            raise BadInput("This is done to a database file; the database here is on a PostgreSQL server.", hint)
        scheme, _, rest = self.database_url.partition("://")
        if scheme != "sqlite" or not rest.startswith("/") or rest == "/":
            named = f"{scheme[:20]}://…" if rest and scheme.isalnum() else "that is set"
            hint = "Write sqlite:///PATH or postgresql://USER@HOST/DATABASE."
            raise BadInput(f"The database URL {named} is not supported.", hint)
        return Path(rest[1:]).expanduser()

    def key_for(self, path: Path) -> bytes | None:
        """Return the key of a database file: none for one that is not encrypted, whatever the settings name."""
        from ortool.storage.copies import is_plain

        return None if self.key_file and is_plain(path) else self.key

    def backups_of(self, path: Path) -> Path:
        """Where the backups of a database go: the folder of the settings, else one beside the database."""
        return Path(self.backup_folder).expanduser() if self.backup_folder else path.with_name(f"{path.name}.backups")

    @property
    def pepper_path(self) -> Path:
        """Where the key is that PINs and badges are hashed with: never in the database."""
        return Path(self.pepper_file).expanduser() if self.pepper_file else settings_path().with_name("pepper.key")

    @property
    def key(self) -> bytes | None:
        """The database key, or None where the database is not encrypted."""
        if not self.key_file:
            return None
        try:
            key = bytes.fromhex(read_plain_text(Path(self.key_file).expanduser(), KEY_BYTES, "ascii").strip())
        except (OSError, ValueError):
            raise BadInput(f"The key file {self.key_file} cannot be read.", "It holds 64 hexadecimal digits.") from None
        if len(key) != 32:
            raise BadInput(f"The key in {self.key_file} has {len(key)} bytes.", "It must have 32.")
        return key


def settings_path() -> Path:
    """Return where the settings file is: `ORTOOL_SETTINGS`, or the user's configuration folder."""
    named = os.environ.get("ORTOOL_SETTINGS", "")
    return Path(named).expanduser() if named else Path(platformdirs.user_config_dir("ortool")) / FILE_NAME


def load_settings(
    options: Mapping[str, Any] | None = None, path: Path | None = None, typed_as: Mapping[str, str] | None = None
) -> Settings:
    """Return the settings in force. Raises BadInput that names the file, the key and the nearest known key.

    `typed_as` says where an option's value was given, where that is not an option of its own name.
    """
    path = path or settings_path()
    values = _from_file(path) if path.exists() else {}
    origin = dict.fromkeys(values, str(path))
    for name in Settings.model_fields:
        variable = f"ORTOOL_{name.upper()}"
        if variable in os.environ:
            values[name], origin[name] = os.environ[variable], variable
    for name, value in (options or {}).items():
        if value is not None:
            option = f"--{name.replace('_', '-')}"
            values[name], origin[name] = value, (typed_as or {}).get(name, option)
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise BadInput("; ".join(_sentence(fault, origin, path) for fault in error.errors())) from None


def _from_file(path: Path) -> dict[str, Any]:
    try:
        return read_toml(read_plain_text(path, TOML_BYTES))
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise BadInput(f"{path} cannot be read: {clean(str(error))}.") from None


def _sentence(fault: Any, origin: Mapping[str, str], path: Path) -> str:
    name = str(fault["loc"][0])
    if fault["type"] == "extra_forbidden":
        near = difflib.get_close_matches(name, Settings.model_fields, n=1)
        return f"{origin.get(name, path)}: {name!r} is no setting" + (f"; did you mean {near[0]!r}?" if near else ".")
    place = origin.get(name, str(path))
    where = place if place.startswith("--") else f"{place}: {name}"
    return f"{where}: {fault['msg'].removeprefix('Value error, ')}."
