"""Which keys do something on a line of a case, the most needed first."""

from ortool.checklist.definition import Item, ItemType
from ortool.presentation.run_rows import Row, RowKind
from ortool.tui.keys import Key


def keys_of(row: Row | None, item: Item | None, who: str, called: bool = False) -> list[Key]:
    """Return the keys that work on a row; `who` is at the terminal, `called`: a clock is due or will be soon."""
    keys = [Key("y", "clock done", "clock('done')"), Key("z", "later", "clock('later')")] if called else []
    keys += _item_keys(item) if item is not None else []
    if row is not None and row.kind is RowKind.STAMP:
        keys.append(Key("Space", "stamp now", "done"))
    keys += [Key("u", "undo", "ask_undo"), Key("t", "other time", "at_time"), Key("c", "counts", "counts")]
    keys += [Key("w", f"[{who}]", "app.who"), Key("p", "pause", "pause"), Key("Esc", "back", "back")]
    keys += [
        Key("e", "event", "extra('happened')"),
        Key("a", "note", "note"),
        Key("l", "log", "log"),
        Key("i", "info", "info"),
        Key("v", "construct", "construct"),
        Key("m", "people", "extra('team')"),
        Key("r", "read again", "extra('read_again')"),
        Key("s", "start clock", "clock('start')"),
        Key("g", "from paper", "paper"),
    ]
    return [key for number, key in enumerate(keys) if key.key not in {one.key for one in keys[:number]}]


def _item_keys(item: Item) -> list[Key]:
    keys: list[Key] = []
    if item.type is ItemType.COUNT:
        keys.append(Key("Space", "count", "done"))
    elif item.type is not ItemType.AUTO:
        keys += [Key("Space", "done", "done"), Key("n", "no", "answer('no')")]
    if item.not_applicable:
        keys.append(Key("x", "n/a", "answer('not_applicable')"))
    keys.append(Key("o", "override", "answer('overridden')"))
    if item.defer_to:
        keys.append(Key("d", "defer", "defer"))
    return keys
