"""What every part of a checklist is made of: frozen, nothing unknown in it, and the words that it may hold."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,39}")
_EVIDENCE = re.compile(r"S\d{1,3}[a-d]?|SEED|EST|SITE|DEMO|GK: .{3,200}", re.DOTALL)


def _identifier(value: str) -> str:
    if not _IDENTIFIER.fullmatch(value):
        raise ValueError("an id begins with a letter and holds letters, digits, '_', '.' and '-' (40 at most)")
    return value


def _evidence(value: str) -> str:
    if not _EVIDENCE.fullmatch(value):
        shown = f"`{value[:30]}` is no evidence label"
        raise ValueError(f"{shown}; write S<number>, 'GK: <publication to check>', EST, SEED, SITE or DEMO")
    return value


Identifier = Annotated[str, AfterValidator(_identifier)]
Evidence = Annotated[str, AfterValidator(_evidence)]
Words = Annotated[str, Field(min_length=1, max_length=200)]


class Part(BaseModel):
    """A part of a checklist. It cannot be changed, and a key that is not known is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
