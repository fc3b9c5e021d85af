"""Checklists put together from parts that are written once: every `include:` resolved, every place kept.

How a nurse lead writes it, in any list of a checklist:

- `- include: shared/spine-sign-in.yaml#P1` takes the entry `P1` of that file's list of the same name. `items:` beside
  it change the items with the same ids, and add new ones at the end; `without: [P1.9]` leaves items or steps out (an
  item that is left out and written again is replaced); any other key beside it takes the place of the part's own. With
  another `id:` the items follow: V.1 becomes V6W.1.
- `- include: shared/spine-stamps.yaml` takes that whole list, in its order; `without:` leaves entries out.
- `record: {include: shared/spine-records.yaml#ABX}` takes one entry of that file's `records:`.

Files are named from the checklists' folder. What comes out needs no other file.
"""

import difflib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from ortool.checklist.document import MAX_BYTES, MAX_PARTS, Document, Fault, FaultyDocument, Path, read_document, shown
from ortool.checklist.tree import Node, changed, entry_id, tree_of

MAX_NESTED = 4
MAX_FILES = 40
_REFERENCE = re.compile(r"((?:[A-Za-z0-9_-]{1,60}/){0,3}[A-Za-z0-9_-]{1,60}\.yaml)(?:#([A-Za-z][A-Za-z0-9_.-]{0,39}))?")
_EXAMPLE = "write a file of the checklists' folder and an entry of it, for example shared/spine-sign-in.yaml#P1"

Read = Callable[[str], str]
"""Returns the text of a file named from the checklists' folder. Raises OSError or UnicodeError where there is none."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A checklist without any `include:` left: its canonical text, and where each part of it stands."""

    text: str
    document: Document


class _Refused(Exception):
    """One include cannot be followed; the sentence says why."""


def compose(text: str, file: str, read: Read) -> Composed:
    """Return the checklist in `text` with every part that it includes. Raises FaultyDocument with each fault's place.

    The same content gives the same canonical text, however it is spread over files, ordered by key or commented.
    """
    composer = _Composer(read)
    root = composer.resolved(tree_of(read_document(text, file)), "", ())
    if composer.faults:
        raise FaultyDocument(tuple(dict.fromkeys(composer.faults)))
    document = _document(root, file)
    canonical = canonical_text(document.value)
    if len(canonical.encode()) > MAX_BYTES:
        sentence = f"with all its parts the checklist is larger than {MAX_BYTES // 1024} KiB; leave some out"
        raise FaultyDocument((Fault(file, 1, 1, sentence),))
    return Composed(canonical, document)


def canonical_text(value: object) -> str:
    """Return a document's value as text that is the same for the same content and reads back as the same value."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1)
    # YAML would take these two for line breaks.
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029") + "\n"


@dataclass
class _Composer:
    read: Read
    files: dict[str, Node] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    copied: int = 0

    def resolved(self, node: Node, group: str, within: tuple[str, ...]) -> Node:
        """Return `node` with its includes followed. `group` is the list it stands in, `within` the includes above."""
        self.copied += 1
        if self.copied > MAX_PARTS:
            # Nothing sensible can follow, so that this one stops at once.
            raise FaultyDocument((node.fault(f"the parts make more than {MAX_PARTS:,} entries; leave some out"),))
        if isinstance(node.value, list):
            return node.holding([one for entry in node.value for one in self._entries(entry, group, within)])
        if not isinstance(node.value, dict):
            return node
        if "include" in node.value:
            return next(iter(self._included(node, group, within, splice=False)), node.holding({}))
        return node.holding({key: self._child(key, child, within) for key, child in node.value.items()})

    def _child(self, key: str, child: Node, within: tuple[str, ...]) -> Node:
        # A list is looked up under its own name, a single part (`record:`) under the name of the list of such parts.
        return self.resolved(child, key if isinstance(child.value, list) else f"{key}s", within)

    def _entries(self, entry: Node, group: str, within: tuple[str, ...]) -> list[Node]:
        if isinstance(entry.value, dict) and "include" in entry.value:
            return self._included(entry, group, within, splice=True)
        return [self.resolved(entry, group, within)]

    def _included(self, node: Node, group: str, within: tuple[str, ...], splice: bool) -> list[Node]:
        assert isinstance(node.value, dict)
        place = node.value["include"]
        try:
            return list(self._followed(node, group, within, splice))
        except _Refused as refusal:
            self.faults.append(place.fault(str(refusal)))
            return []

    def _followed(self, node: Node, group: str, within: tuple[str, ...], splice: bool) -> Iterator[Node]:
        assert isinstance(node.value, dict)
        file, wanted = _reference(node.value["include"], group)
        here = f"{file}#{group}#{wanted}"
        if here in within:
            raise _Refused(f"`{file}` leads back to itself here; write one of the two out")
        if len(within) >= MAX_NESTED:
            raise _Refused(f"parts may include parts {MAX_NESTED} deep; write this one out")
        entries = self._list(file, group)
        left_out = _left_out(node)
        if wanted:
            base = self.resolved(_named(entries, wanted, file, group), group, (*within, here))
            yield changed(base, self._beside(node, within), left_out, _Refused)
            return
        if not splice or set(node.value) - {"include", "without"}:
            raise _Refused(f"name the entry that is meant: `{file}#<id>`; only a whole list goes without")
        for identifier in left_out:
            _named(entries, identifier, file, group)
        for entry in entries:
            if entry_id(entry) not in left_out:
                yield from self._entries(entry, group, (*within, here))

    def _beside(self, node: Node, within: tuple[str, ...]) -> dict[str, Node]:
        """Return the changes that stand beside an include, their own includes followed."""
        assert isinstance(node.value, dict)
        kept = {key: child for key, child in node.value.items() if key not in ("include", "without")}
        return {key: self._child(key, child, within) for key, child in kept.items()}

    def _list(self, file: str, group: str) -> list[Node]:
        if file not in self.files:
            if len(self.files) >= MAX_FILES:
                raise _Refused(f"more than {MAX_FILES} files are included; put some together")
            self.files[file] = self._file(file)
        root = self.files[file].value
        found = root.get(group) if isinstance(root, dict) else None
        if found is None or not isinstance(found.value, list):
            raise _Refused(f"`{file}` has no list `{group}:`")
        return found.value

    def _file(self, file: str) -> Node:
        try:
            return _part(self.read(file), file)
        except UnicodeError:
            raise _Refused(f"`{file}` is not UTF-8 text; save it as UTF-8") from None
        except (OSError, LookupError):
            raise _Refused(f"there is no `{file}` in the checklists' folder; check the name") from None
        except FaultyDocument as faulty:
            self.faults.extend(faulty.faults)
            raise _Refused(f"`{file}` cannot be read; mend it first") from None


@lru_cache(maxsize=128)
def _part(text: str, file: str) -> Node:
    """Return a part as a tree; several checklists include the same one, and no tree is ever altered."""
    return tree_of(read_document(text, file))


def _reference(place: Node, group: str) -> tuple[str, str]:
    match = _REFERENCE.fullmatch(place.value) if isinstance(place.value, str) else None
    if match is None:
        raise _Refused(f"`{shown(place.value if isinstance(place.value, str) else '…')}` is no part: {_EXAMPLE}")
    if not group:
        raise _Refused("`include:` stands at the head of an entry of a list, for example beneath `pauses:`")
    return match[1], match[2] or ""


def _left_out(node: Node) -> tuple[str, ...]:
    assert isinstance(node.value, dict)
    found = node.value.get("without")
    if found is None:
        return ()
    names = [one.value for one in found.value] if isinstance(found.value, list) else [None]
    if not all(isinstance(name, str) for name in names):
        raise _Refused("`without` must be a list of ids: write [P1.8, P1.9]")
    return tuple(str(name) for name in names)


def _named(entries: list[Node], wanted: str, file: str, group: str) -> Node:
    known = {entry_id(entry): entry for entry in reversed(entries)}
    if wanted not in known:
        near = difflib.get_close_matches(wanted[:80], [name for name in known if name], n=1)
        meant = f"; did you mean `{near[0]}`?" if near else ""
        raise _Refused(f"`{file}` has no `{shown(wanted)}` under `{group}:`{meant}")
    return known[wanted]


def _document(root: Node, file: str) -> Document:
    document = Document(file, None)
    document.value = _plain(root, (), document)
    return document


def _plain(node: Node, path: Path, document: Document) -> object:
    document.places[path] = node.place
    if node.file != document.file:
        document.files[path] = node.file
    value = node.value
    if isinstance(value, list):
        return [_plain(child, (*path, index), document) for index, child in enumerate(value)]
    if isinstance(value, Mapping):
        return {key: _plain(child, (*path, key), document) for key, child in value.items()}
    return value
