"""T7: where the contract cannot be kept, the database is refused in a sentence, or kept safe in a slower way.

That a guard is gone or is another one is tested in tests/storage/test_store.py.
"""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ortool.errors import StorageFault
from ortool.storage import contract
from ortool.storage.store import Store

MOUNTS = """22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:40 / /mnt rw - tmpfs none rw
31 22 0:41 / {point} rw,relatime shared:9 - {kind} server:/theatre rw
"""


@pytest.fixture
def mounted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that pretends a file system of some kind, and returns a folder on it."""

    def mount(kind: str) -> Path:
        folder = tmp_path / "a share"
        folder.mkdir()
        table = tmp_path / "mountinfo"
        table.write_text(MOUNTS.format(kind=kind, point=str(folder).replace(" ", "\\040")))
        monkeypatch.setattr(contract, "MOUNTS", table)
        return folder

    return mount


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "fuse", "vboxsf"])
def test_a_network_disk_is_refused_and_nothing_is_made_there(mounted: Any, kind: str) -> None:
    folder = mounted(kind)
    with pytest.raises(StorageFault, match=f"of kind {kind}, .*Keep it on a local disk"):
        Store(folder / "or" / "ortool.db").open()
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("kind", ["ext4", "tmpfs", "xfs", "btrfs", "zfs", "overlay", "apfs", "fuseblk"])
def test_a_local_disk_is_taken(mounted: Any, kind: str) -> None:
    folder = mounted(kind)
    assert contract.file_system_of(folder / "x.db") == kind
    Store(folder / "ortool.db").open().close()


def test_the_nearest_and_latest_mount_counts(mounted: Any) -> None:
    folder = mounted("nfs")
    assert contract.file_system_of(folder.parent / "ortool.db") == "ext4"
    with contract.MOUNTS.open("a") as table:
        table.write(f"40 22 0:50 / {str(folder).replace(' ', chr(92) + '040')} rw - ext4 /dev/vdb rw\n")
    assert contract.file_system_of(folder / "ortool.db") == "ext4"


def test_where_the_system_does_not_tell_the_place_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(contract, "MOUNTS", tmp_path / "nowhere")
    Store(tmp_path / "ortool.db").open().close()


class Deaf:
    """A connection on which a setting is asked for in vain."""

    def __init__(self, connection: Any, setting: str) -> None:
        self.connection, self.setting = connection, setting

    def cursor(self) -> Any:
        """Return a cursor that leaves the setting out."""
        return DeafCursor(self.connection.cursor(), self.setting)


class DeafCursor:
    """A cursor that leaves a setting out."""

    def __init__(self, cursor: Any, setting: str) -> None:
        self.cursor, self.setting = cursor, setting

    def execute(self, sql: str) -> Any:
        """Do what is asked, but the setting."""
        if sql.startswith(f"PRAGMA {self.setting} ="):
            return self.cursor.execute("PRAGMA synchronous = NORMAL" if "sync" in sql else "PRAGMA journal_mode")
        return self.cursor.execute(sql)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.cursor, name)


@pytest.mark.parametrize("setting", ["synchronous", "journal_mode"])
def test_a_setting_that_does_not_hold_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    prepare = contract.prepare
    monkeypatch.setattr(contract, "prepare", lambda base, key: prepare(Deaf(base, setting), key))
    with pytest.raises(StorageFault, match="cannot be opened safely"):
        Store(tmp_path / "ortool.db").open()


def test_an_old_library_is_slower_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(Store(tmp_path / "ortool.db").open()) as store:
        assert store.notices == []
    monkeypatch.setattr(contract, "has_wal_reset_fix", lambda version: False)
    with closing(Store(tmp_path / "ortool.db").open()) as store, store.reading() as session:
        assert session.connection().exec_driver_sql("PRAGMA journal_mode").scalar() == "delete"
        assert session.connection().exec_driver_sql("PRAGMA synchronous").scalar() == 3
        assert store.notices == [contract.SLOWER]
