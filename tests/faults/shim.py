"""A layer between the shipped driver's SQLite and the system: it sees each write and sync, and may refuse one.

It stands in the driver's own table of file operations, so what is tested is the library that is shipped, on any
machine, without privileges. `strace` shows the same from outside; the two check one another.
"""

import ctypes as c
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2

IOERR_READ, IOERR_WRITE, IOERR_FSYNC, IOERR_TRUNCATE, FULL = 266, 778, 1034, 1546, 13
_OBJECT_HEAD = 16


@dataclass(frozen=True, slots=True)
class Call:
    """One call on a file. `data` is what is written; `size` is what a truncation leaves."""

    kind: str  # write · sync · truncate · unlink · read
    path: str
    offset: int = 0
    data: bytes = b""
    size: int = 0


Watcher = Callable[[Call], int | None]  # returns an SQLite error code in place of the call, or None to let it pass


class _Vfs(c.Structure):
    _fields_ = (
        ("iVersion", c.c_int), ("szOsFile", c.c_int), ("mxPathname", c.c_int), ("pNext", c.c_void_p),
        ("zName", c.c_char_p), ("pAppData", c.c_void_p), ("xOpen", c.c_void_p), ("xDelete", c.c_void_p),
    )  # fmt: skip


class _Methods(c.Structure):
    _fields_ = (
        ("iVersion", c.c_int), ("xClose", c.c_void_p), ("xRead", c.c_void_p), ("xWrite", c.c_void_p),
        ("xTruncate", c.c_void_p), ("xSync", c.c_void_p), ("others", c.c_void_p * 13),
    )  # fmt: skip


class _File(c.Structure):
    _fields_ = (("methods", c.POINTER(_Methods)),)


_OPEN = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_void_p, c.c_void_p, c.c_int, c.c_void_p)
_DELETE = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_void_p, c.c_int)
_MOVE = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_void_p, c.c_int, c.c_int64)
_TRUNCATE = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_int64)
_SYNC = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_int)
_kept_for_ever: list[Any] = []  # files that outlive the layer still point here


def _find_vfs() -> Any:
    with closing(dbapi2.connect(":memory:")) as base:
        handle = c.c_void_p.from_address(id(base) + _OBJECT_HEAD).value
        assert handle is not None
        address = c.c_void_p.from_address(handle).value
        assert address is not None
    vfs = _Vfs.from_address(address)
    assert vfs.zName == b"unix", "the driver is laid out differently here"
    return vfs


class _Layer:
    def __init__(self, watcher: Watcher, vfs: Any) -> None:
        self.watcher, self.vfs, self.is_on = watcher, vfs, True
        self.paths: dict[int, str] = {}
        self.tables: dict[int, _Methods] = {}
        self.old_open, self.old_delete = vfs.xOpen, vfs.xDelete
        self.real_open, self.real_delete = _OPEN(vfs.xOpen), _DELETE(vfs.xDelete)
        self.callbacks: list[Any] = [_OPEN(self.open), _DELETE(self.delete)]
        vfs.xOpen, vfs.xDelete = (c.cast(one, c.c_void_p).value for one in self.callbacks)
        _kept_for_ever.append(self)

    def asked(self, kind: str, path: str, offset: int = 0, data: bytes = b"", size: int = 0) -> int | None:
        return self.watcher(Call(kind, path, offset, data, size)) if self.is_on else None

    # SQLite keeps the name's address, and words after it: it is handed on as it came.
    def open(self, vfs: int, name: int | None, file: int, flags: int, out: int) -> int:
        result = int(self.real_open(vfs, name, file, flags, out))
        methods = _File.from_address(file).methods
        if result == 0 and name and methods:
            self.paths[file] = c.string_at(name).decode()
            _File.from_address(file).methods = c.pointer(self.table(methods))
        return result

    def delete(self, vfs: int, name: int, sync_folder: int) -> int:
        code = self.asked("unlink", c.string_at(name).decode())
        return code if code is not None else int(self.real_delete(vfs, name, sync_folder))

    def table(self, methods: Any) -> _Methods:
        address = c.addressof(methods.contents)
        if address not in self.tables:
            self.tables[address] = self.wrapped(methods.contents)
        return self.tables[address]

    def wrapped(self, real: _Methods) -> _Methods:
        copy = _Methods.from_buffer_copy(real)
        xread, xwrite, xtruncate, xsync = (
            _MOVE(real.xRead), _MOVE(real.xWrite), _TRUNCATE(real.xTruncate), _SYNC(real.xSync),
        )  # fmt: skip

        def read(file: int, data: int, amount: int, offset: int) -> int:
            code = self.asked("read", self.paths[file], offset)
            return code if code is not None else int(xread(file, data, amount, offset))

        def write(file: int, data: int, amount: int, offset: int) -> int:
            code = self.asked("write", self.paths[file], offset, c.string_at(data, amount))
            if code is not None and code < 0:  # a short write: a part arrives, then the disk is full
                xwrite(file, data, amount // 2, offset)
                return FULL
            return code if code is not None else int(xwrite(file, data, amount, offset))

        def truncate(file: int, size: int) -> int:
            code = self.asked("truncate", self.paths[file], size=size)
            return code if code is not None else int(xtruncate(file, size))

        def sync(file: int, flags: int) -> int:
            code = self.asked("sync", self.paths[file])
            return code if code is not None else int(xsync(file, flags))

        kept = [_MOVE(read), _MOVE(write), _TRUNCATE(truncate), _SYNC(sync)]
        self.callbacks += kept
        names = ("xRead", "xWrite", "xTruncate", "xSync")
        for name, callback in zip(names, kept, strict=True):
            setattr(copy, name, c.cast(callback, c.c_void_p).value)
        return copy


@contextmanager
def watched(watcher: Watcher) -> Iterator[None]:
    """Let `watcher` see every call on a database file that is opened inside the `with` block."""
    layer = _Layer(watcher, _find_vfs())
    try:
        yield
    finally:
        layer.is_on = False
        layer.vfs.xOpen, layer.vfs.xDelete = layer.old_open, layer.old_delete


def is_of(path: str, database: Path) -> bool:
    """Whether a file is the database, or its write-ahead log or rollback journal."""
    return path in {str(database), f"{database}-wal", f"{database}-journal"}
