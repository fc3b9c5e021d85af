"""Parts of checklists as trees whose every node knows its file and place, and what becomes of one that is changed."""

from collections.abc import Mapping
from dataclasses import dataclass

from ortool.checklist.document import Document, Fault, Path, shown

JOINED = "items"
THINNED = ("items", "steps")


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a file and where it stands: a word, a list of nodes, or nodes by key."""

    value: "str | list[Node] | dict[str, Node] | None"
    file: str
    place: tuple[int, int]

    def holding(self, value: "list[Node] | dict[str, Node]") -> "Node":
        """Return a node at the same place with another value."""
        return Node(value, self.file, self.place)

    def fault(self, sentence: str) -> Fault:
        """Return a fault at this place."""
        return Fault(self.file, *self.place, sentence)


def tree_of(document: Document) -> Node:
    """Return a document as a tree of nodes."""
    return _node(document.value, (), document)


def _node(value: object, path: Path, document: Document) -> Node:
    place = document.places[path]
    if isinstance(value, list):
        children = [_node(child, (*path, index), document) for index, child in enumerate(value)]
        return Node(children, document.file, place)
    if isinstance(value, Mapping):
        named = {key: _node(child, (*path, key), document) for key, child in value.items()}
        return Node(named, document.file, place)
    return Node(None if value is None else str(value), document.file, place)


def entry_id(entry: Node) -> str:
    """Return by which id an entry of a list is known: its own, or that of the pause, stamp or record of a step."""
    if not isinstance(entry.value, dict):
        return ""
    for key in ("id", "pause", "stamp"):
        found = entry.value.get(key)
        if found is not None and isinstance(found.value, str):
            return found.value
    record = entry.value.get("record")
    return entry_id(record) if record is not None else ""


def changed(base: Node, beside: Mapping[str, Node], without: tuple[str, ...], refusal: type[Exception]) -> Node:
    """Return an included part with what is written beside its include. Raises `refusal` for an id it does not have."""
    if not isinstance(base.value, dict):
        raise refusal("this part is no entry with keys")
    parts = dict(base.value)
    if "id" in beside:
        parts |= _renamed(parts, beside["id"])
    known = {entry_id(entry) for key in THINNED for entry in _entries(parts.get(key))}
    if strangers := [name for name in without if name not in known]:
        raise refusal(f"`without`: this part has no `{shown(strangers[0])}`")
    written = _entries(beside.get(JOINED)) if JOINED in parts else []
    rewritten = {entry_id(entry) for entry in written}
    for key in THINNED:
        if key in parts and (without or key == JOINED):
            kept = [one for one in _entries(parts[key]) if entry_id(one) not in without or entry_id(one) in rewritten]
            parts[key] = parts[key].holding(kept)
    for key, node in beside.items():
        parts[key] = _joined(parts[key], node, without) if key == JOINED and key in parts else node
    return base.holding(parts)


def _joined(base: Node, change: Node, without: tuple[str, ...]) -> Node:
    """Return the entries of `base`, each changed by the entry of `change` with its id; new ones follow at the end."""
    if not isinstance(change.value, list):
        return change
    changes = {entry_id(entry): entry for entry in change.value}
    if len(changes) < len(change.value) or "" in changes:
        # Entries without an id, or two of one: left as they stand, so that the checks tell their faults.
        return base.holding([*_entries(base), *change.value])
    kept = [_amended(entry, changes.pop(entry_id(entry), None), without) for entry in _entries(base)]
    return base.holding([*kept, *changes.values()])


def _amended(base: Node, change: Node | None, without: tuple[str, ...]) -> Node:
    if change is None:
        return base
    if entry_id(base) in without or not isinstance(base.value, dict) or not isinstance(change.value, dict):
        return change
    return base.holding({**base.value, **change.value})


def _renamed(parts: Mapping[str, Node], to: Node) -> dict[str, Node]:
    """Return the items under the new id of their pause: V.1 becomes V6W.1."""
    old = parts.get("id")
    if old is None or not isinstance(old.value, str) or not isinstance(to.value, str) or JOINED not in parts:
        return {}
    items = [_under(item, f"{old.value}.", f"{to.value}.") for item in _entries(parts[JOINED])]
    return {JOINED: parts[JOINED].holding(items)}


def _under(item: Node, old: str, new: str) -> Node:
    name = item.value.get("id") if isinstance(item.value, dict) else None
    if name is None or not isinstance(name.value, str) or not name.value.startswith(old):
        return item
    assert isinstance(item.value, dict)
    renamed = Node(new + name.value.removeprefix(old), name.file, name.place)
    return item.holding({**item.value, "id": renamed})


def _entries(node: Node | None) -> list[Node]:
    return node.value if node is not None and isinstance(node.value, list) else []
