"""After an error of the disk: whether a connection may still be trusted, and whether the newest entries still hang
together."""

from typing import Any

from ortool.errors import StorageFault
from ortool.journal.entry import Header, chain_hash
from ortool.journal.log import COLUMNS
from ortool.storage.faults import cause_of

LINKS = 64
_HEADER = len(Header.__slots__)


def is_doubtful(error: Exception) -> bool:
    """Whether an error leaves in doubt what the connection still knows of the file: it is closed then."""
    return any(words in cause_of(error) for words in ("disk I/O error", "malformed", "not a database"))


def is_full(error: Exception) -> bool:
    """Whether an error says that the disk is full."""
    return "disk is full" in cause_of(error)


def check_tail(cursor: Any) -> None:
    """Check the newest links of the journal, each recomputed. Raises StorageFault where one does not hold."""
    cursor.execute(f"SELECT {COLUMNS} FROM entry ORDER BY seq DESC LIMIT ?", (LINKS,))
    newest = cursor.fetchall()[::-1]
    for number, row in enumerate(newest):
        header, (body, prev, link) = Header(*row[:_HEADER]), (bytes(part) for part in row[_HEADER:])
        before = newest[number - 1] if number else None
        follows = before is None or (header.seq == before[0] + 1 and prev == bytes(before[-1]))
        if not follows or chain_hash(prev, header, body) != link:
            raise StorageFault(
                f"The disk failed, and entry {header.seq} is no longer what was saved.",
                "Stop writing here; `ortool journal verify` says more. Keep the file, and restore the newest backup.",
            )
