"""Which keys do something on a line of a case, the most needed first."""

from functools import lru_cache

from ortool.checklist.definition import Item, ItemType
from ortool.presentation.run_rows import Row, RowKind
from ortool.tui.keys import Key


def keys_of(row: Row | None, item: Item | None, who: str, called: bool = False) -> tuple[Key, ...]:
    """Return the keys that work on a row; `who` is at the terminal, `called`: a clock is due or will be soon."""
    is_stamp = row is not None and row.kind is RowKind.STAMP
    if item is None:
        return _keys(is_stamp, None, False, False, who, called)
    return _keys(is_stamp, item.type, bool(item.not_applicable), bool(item.defer_to), who, called)


@lru_cache(64)
def _keys(
    is_stamp: bool, asked: ItemType | None, may_skip: bool, may_defer: bool, who: str, called: bool
) -> tuple[Key, ...]:
    keys = [Key("y", "clock done", "clock('done')"), Key("z", "later", "clock('later')")] if called else []
    keys += _item_keys(asked, may_skip, may_defer) if asked is not None else []
    if is_stamp:
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
    return tuple(key for number, key in enumerate(keys) if key.key not in {one.key for one in keys[:number]})


def _item_keys(asked: ItemType, may_skip: bool, may_defer: bool) -> list[Key]:
    keys: list[Key] = []
    if asked is ItemType.COUNT:
        keys.append(Key("Space", "count", "done"))
    elif asked is not ItemType.AUTO:
        keys += [Key("Space", "done", "done"), Key("n", "no", "answer('no')")]
    if may_skip:
        keys.append(Key("x", "n/a", "answer('not_applicable')"))
    keys.append(Key("o", "override", "answer('overridden')"))
    if may_defer:
        keys.append(Key("d", "defer", "defer"))
    return keys
