"""Every table of the program, whichever module it stands in."""

import importlib
from pathlib import Path

from sqlmodel import SQLModel

import ortool.storage

for module in sorted(Path(ortool.storage.__path__[0]).glob("tables*.py")):
    importlib.import_module(f"ortool.storage.{module.stem}")

TABLES = {table.name: table for table in SQLModel.metadata.sorted_tables}
