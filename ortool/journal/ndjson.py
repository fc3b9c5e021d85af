"""A journal as a file that verifies anywhere, with nothing but SHA-256 and JSON (and Ed25519 for the checkpoints).

The file is UTF-8, one JSON object on each line, each line ended by `\\n`.

The first line is the head of the file:
    {"format": "ortool-journal", "version": 1, "site": SITE, "first": SEQ, "last": SEQ, "head": HEX,
     "link": HEX, "keys": {KEY_ID: BASE64}, "texts": true|false}
`link` is what the first entry continues: for `first` 1 it is SHA-256(SITE), later on the hash of the entry before,
which the reader must know from elsewhere or take on trust. `head` is the hash of the last entry. `keys` are
the public keys that the exporting terminal trusts: their word is as good as the file's, compare their ids.

Every other line is an entry, in order of `seq`, without gaps:
    {"seq": 7, "stream": "case:…", "version": 2, "command_id": "…", "kind": "item.answered", "schema": 1,
     "occurred_us": …, "recorded_us": …, "mono_ns": …, "boot": "…", "clock": 0, "actor": "…", "auth": "…",
     "device": "…", "body": "{…}", "prev": HEX, "hash": HEX, "texts": {ID: [SALT_HEX, TEXT]}}
The first fourteen members are the header, in the order in which it is hashed. `body` is a JSON text, to be hashed as it
stands (`body64`, base64, where its bytes are no UTF-8). `texts` is there only where texts were asked for.

To verify an entry: `prev` equals the hash of the line before, and
    hash = SHA-256(0x00 ‖ prev ‖ H ‖ 0x00 ‖ body)
where H is the header's fourteen values as a JSON list without spaces, non-ASCII characters unescaped. `version` counts
from 1 within each stream. A body names a text that may be forgotten as {"$secret": ID, "sha256": HEX}: the text is the
one that was sealed when SHA-256(salt ‖ text) is that. A checkpoint is an entry of stream `system` and kind
`journal.checkpoint` whose body holds `seq` and `head` (base64) of the entry before it, `key_id` and `signature`
(base64): Ed25519 over `ortool/SITE\\n<seq>\\n<head>\\n`.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TextIO

from ortool.journal.check import Chain, Verification
from ortool.journal.entry import Header
from ortool.journal.secrets import SecretText
from ortool.journal.signing import from_text, to_text

FORMAT, VERSION = "ortool-journal", 1
LONGEST_LINE = 16 * 1024 * 1024
_TEXT_FIELDS = {"stream", "command_id", "kind", "boot", "actor", "auth", "device"}


class FaultyFile(Exception):
    """The file cannot be read as an exported journal."""


@dataclass(frozen=True, slots=True)
class FileHead:
    """The first line of an exported journal."""

    site_id: str
    first: int
    last: int
    head: bytes
    link: bytes
    keys: Mapping[str, bytes]
    texts: bool = False


def head_line(head: FileHead) -> str:
    """Return the first line of a file."""
    value = {
        "format": FORMAT,
        "version": VERSION,
        "site": head.site_id,
        "first": head.first,
        "last": head.last,
        "head": head.head.hex(),
        "link": head.link.hex(),
        "keys": {name: to_text(public) for name, public in sorted(head.keys.items())},
        "texts": head.texts,
    }
    return json.dumps(value, ensure_ascii=False) + "\n"


def entry_line(header: Header, body: bytes, prev: bytes, link: bytes, texts: Iterable[SecretText] = ()) -> str:
    """Return the line of one entry."""
    value: dict[str, Any] = {name: getattr(header, name) for name in Header.__slots__}
    try:
        value["body"] = body.decode()
    except UnicodeDecodeError:
        value["body64"] = to_text(body)
    value |= {"prev": prev.hex(), "hash": link.hex()}
    if beside := {text.id: [text.salt.hex(), text.text] for text in texts}:
        value["texts"] = beside
    # A name that is no UTF-8 in the database (somebody wrote it there) still goes out, escaped.
    return json.dumps(value, ensure_ascii=not _is_clean(value)) + "\n"


def _is_clean(value: Mapping[str, Any]) -> bool:
    try:
        "".join(str(value[name]) for name in _TEXT_FIELDS).encode()
    except UnicodeEncodeError:
        return False
    return True


def read_head(line: str) -> FileHead:
    """Return the head of a file. Raises FaultyFile."""
    try:
        value = json.loads(line)
        if value["format"] != FORMAT or value["version"] != VERSION:
            raise FaultyFile("It is no exported journal, or one of a newer ortool.")
        keys = {str(name): from_text(public) for name, public in value["keys"].items()}
        head, link = bytes.fromhex(value["head"]), bytes.fromhex(value["link"])
        return FileHead(str(value["site"]), int(value["first"]), int(value["last"]), head, link, keys)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        raise FaultyFile("Its first line is not that of an exported journal.") from None


def verify_file(
    file: TextIO,
    head: FileHead,
    chain: Callable[[FileHead], Chain],
    progress: Callable[[int], None] | None = None,
) -> Verification:
    """Check the entries of an opened file whose first line has been read. Raises FaultyFile at a line that is none."""
    checked = chain(head)
    for number, line in enumerate(_lines(file), 2):
        header, body, prev, link, texts = _entry_of(line, number)
        checked.take(header, body, prev, link)
        for text in texts:
            checked.take_text(text.id, header.seq, text.salt, text.text)
        if progress is not None and number % 10_000 == 0:
            progress(header.seq)
    result = checked.finish()
    if (result.head_seq, checked.link) != (head.last, head.head):
        result.faults.append(f"entry {head.last}: the file does not end where its first line says")
    return result


def _lines(file: TextIO) -> Iterator[str]:
    while line := file.readline(LONGEST_LINE):
        yield line


def _entry_of(line: str, number: int) -> tuple[Header, bytes, bytes, bytes, list[SecretText]]:
    try:
        value = json.loads(line)
        fields = [value[name] for name in Header.__slots__]
        kinds = [str if name in _TEXT_FIELDS else int for name in Header.__slots__]
        if any(type(field) is not kind for field, kind in zip(fields, kinds, strict=True)):
            raise FaultyFile(f"Line {number} is no entry.")
        body = value["body"].encode("utf-8", "surrogatepass") if "body" in value else from_text(value["body64"])
        texts = [
            SecretText(str(name), bytes.fromhex(salt), str(text))
            for name, (salt, text) in value.get("texts", {}).items()
        ]
        return Header(*fields), body, bytes.fromhex(value["prev"]), bytes.fromhex(value["hash"]), texts
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        raise FaultyFile(f"Line {number} is no entry.") from None
