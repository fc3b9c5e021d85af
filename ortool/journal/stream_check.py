"""Whether the entries of one stream still are what was sealed: the quick check behind a signed log."""

from collections.abc import Iterable

from ortool.journal import log
from ortool.journal.canonical import decode
from ortool.journal.entry import chain_hash
from ortool.journal.secrets import MARK, SecretText


def stream_faults(cursor: log.Cursor, stream: str) -> list[str]:
    """Return a sentence for every entry of a stream that was altered, lost, renumbered or cut off the chain.

    And for every text beside them that was altered or forgotten. Entries are named by number, never by what they say.
    """
    faults: list[str] = []
    wanted: dict[str, tuple[int, str]] = {}
    before = log.links_before(cursor, stream)
    for number, (header, body, prev, link) in enumerate(log.stream_rows(cursor, stream), 1):
        if header.version != number:
            faults.append(f"entry {header.seq}: an entry before it is gone")
            break
        if chain_hash(prev, header, body) != link:
            faults.append(f"entry {header.seq} was altered after it was written")
        # The very first entry follows none, only the journal's name.
        if header.seq > 1 and before[header.seq] != prev:
            faults.append(f"entry {header.seq} does not follow the entry before it any more")
        wanted |= {name: (header.seq, commitment) for name, commitment in _commitments(body)}
    texts = log.stream_texts(cursor, stream)
    for name, (seq, commitment) in wanted.items():
        text = texts.get(name)
        if text is None:
            faults.append(f"entry {seq}: a text of it was forgotten")
        elif SecretText(name, *text).commitment != commitment:
            faults.append(f"entry {seq}: a text of it was altered after it was written")
    return faults


def _commitments(body: bytes) -> Iterable[tuple[str, str]]:
    for value in decode(body).values():
        if isinstance(value, dict) and MARK in value:
            yield value[MARK], value.get("sha256", "")
