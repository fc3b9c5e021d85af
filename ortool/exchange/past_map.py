"""A map (TOML) says how a file of past cases is read: which header stands for what, and how its times are written."""

from importlib import resources
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ortool.errors import BadInput
from ortool.reading import TOML_BYTES, read_toml
from ortool.text import clean

BUILT_IN = ("vista", "vitaldb", "or-utilization")

Field_ = Literal[
    "key", "hospital_number", "name", "room", "procedure", "specialty", "surgeon", "urgency", "levels", "side",
    "start", "end", "minutes", "notes", "cancelled", "cancel_reason",
]  # fmt: skip


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Add(_Part):
    """What may be added where the file names something that is not known here. Rooms and people come in as retired."""

    rooms: bool = False
    procedures: bool = False
    surgeons: bool = False


class PastMap(_Part):
    """How a file of past cases is read.

    `written` is a `strptime` form of the theatre's wall clock, or `iso`, `fileman` (VistA's own form), or `seconds`
    from `base`; with `seconds` each row's base is `days_apart` days after that of the row before. `times` maps
    milestone ids to headers, `values` what a column says to what ortool says.
    """

    name: str = Field(min_length=1, max_length=40)
    written: str = Field(default="iso", max_length=40)
    base: str = ""
    days_apart: int = Field(default=0, ge=0, le=7)
    columns: dict[Field_, str] = Field(min_length=1)
    times: dict[str, str] = Field(default_factory=dict)
    values: dict[Field_, dict[str, str]] = Field(default_factory=dict)
    add: Add = Add()


def read_map(text: str, file: str) -> PastMap:
    """Return the map written in TOML. Raises BadInput that names the file and the place."""
    if len(text.encode(errors="replace")) > TOML_BYTES:
        raise BadInput(f"{file} is larger than {TOML_BYTES // 1024} KiB.", "Is it the right file?")
    try:
        found = PastMap.model_validate(read_toml(text))
    except ValidationError as error:
        fault: Any = error.errors()[0]
        place = " ".join(clean(str(part), 40) for part in fault["loc"])
        raise BadInput(
            f"{file}: {place}: {clean(fault['msg'])}.", "`ortool log import --help` has an example."
        ) from None
    except ValueError as error:
        raise BadInput(f"{file}: {clean(str(error))}.") from None
    if found.written == "seconds" and not found.base:
        raise BadInput(f"{file}: seconds need a base.", 'Write base = "2016-08-01 08:00".')
    return found


def built_in(name: str) -> PastMap:
    """Return a map that comes with ortool. Raises BadInput for a name that none has."""
    if name not in BUILT_IN:
        raise BadInput(f"There is no map {name[:40]!r}.", f"Known: {', '.join(BUILT_IN)}; or name a TOML file.")
    return read_map(resources.files("ortool.exchange").joinpath("maps", f"{name}.toml").read_text("utf-8"), name)
