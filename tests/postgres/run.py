"""The one PostgreSQL of a test run: named when the run begins, made by the first test that needs it, stopped at the end."""

import os
import tempfile
import uuid
from pathlib import Path

FOLDER = "ORTOOL_TEST_CLUSTER"


def begin() -> None:
    """Name the cluster's folder. The name is short: a socket lies in it, and a socket's path may not be long."""
    os.environ.setdefault(FOLDER, str(Path(tempfile.gettempdir()) / f"ortool-{uuid.uuid4().hex[:8]}"))


def end() -> None:
    """Stop the cluster of this test run, where one was made."""
    folder = os.environ.pop(FOLDER, "")
    if folder and (Path(folder) / "data").is_dir():
        from tests.postgres.cluster import made

        made(Path(folder)).stop()
