"""From text to a checked checklist; every fault with its place and its mend."""

import difflib
import hashlib
from collections.abc import Iterable, Iterator

from pydantic import ValidationError

from ortool.checklist.definition import Checklist, Item
from ortool.checklist.document import Document, Fault, FaultyDocument, Path, read_document


def parse_checklist(text: str, file: str) -> Checklist:
    """Return the checklist written in `text`. Raises FaultyDocument with every fault that was found."""
    document = read_document(text, file)
    try:
        checklist = Checklist.model_validate(document.value)
    except ValidationError as error:
        raise FaultyDocument(tuple(_faults_of(error, document))) from None
    faults = tuple(_cross_faults(checklist, document))
    if faults:
        raise FaultyDocument(faults)
    return checklist


def content_hash(text: str) -> str:
    """Return the SHA-256 of a checklist's exact text: the identity to which a run is pinned."""
    return hashlib.sha256(text.encode()).hexdigest()


def _faults_of(error: ValidationError, document: Document) -> Iterator[Fault]:
    for fault in error.errors():
        path = tuple(part for part in fault["loc"] if part != "[key]")
        yield document.fault(path, _sentence(fault["type"], fault["msg"], path, fault.get("ctx", {})))


def _sentence(kind: str, message: str, path: Path, context: dict[str, object]) -> str:
    name = str(path[-1]) if path else "the file"
    if kind == "missing":
        return f"`{name}:` is missing here; add it"
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(name, _KNOWN_KEYS, n=1)
        return f"`{name}:` is not known here" + (f"; did you mean `{near[0]}:`?" if near else "; remove it")
    if kind == "enum":
        return f"`{name}` must be one of {context.get('expected', '')}"
    return f"`{name}`: {message.removeprefix('Value error, ')}"


def _keys() -> Iterator[str]:
    waiting: list[type] = [Checklist]
    seen: set[type] = set()
    while waiting:
        model = waiting.pop()
        if model in seen or not hasattr(model, "model_fields"):
            continue
        seen.add(model)
        for name, info in model.model_fields.items():
            yield info.alias or name
            waiting.extend(part for part in _inner(info.annotation) if isinstance(part, type))


def _inner(annotation: object) -> Iterator[object]:
    yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from _inner(part)


_KNOWN_KEYS = sorted(set(_keys()))


def _cross_faults(checklist: Checklist, document: Document) -> Iterator[Fault]:
    """Yield what only shows when the parts are held against each other."""
    yield from _duplicates(checklist, document)
    yield from _dangling(checklist, document)
    yield from _unused(checklist, document)


def _duplicates(checklist: Checklist, document: Document) -> Iterator[Fault]:
    seen: dict[str, Path] = {}
    for path, identifier in _declared(checklist):
        if identifier in seen:
            line = document.places.get((*seen[identifier], "id"), (0, 0))[0]
            yield document.fault(
                (*path, "id"), f"the id `{identifier}` is used twice (first on line {line}); rename one"
            )
        seen.setdefault(identifier, path)


def _declared(checklist: Checklist) -> Iterator[tuple[Path, str]]:
    for group in ("stamps", "pauses", "phases", "counts"):
        for index, part in enumerate(getattr(checklist, group)):
            yield (group, index), part.id
    for path, item in items_with_paths(checklist):
        yield path, item.id


def items_with_paths(checklist: Checklist) -> Iterator[tuple[Path, Item]]:
    """Yield each item with its place in the document, phase records first."""
    for p, phase in enumerate(checklist.phases):
        for s, step in enumerate(phase.steps):
            if step.record is not None:
                yield ("phases", p, "steps", s, "record"), step.record
    for p, pause in enumerate(checklist.pauses):
        for i, item in enumerate(pause.items):
            yield ("pauses", p, "items", i), item


def _dangling(checklist: Checklist, document: Document) -> Iterator[Fault]:
    stamps = {stamp.id for stamp in checklist.stamps}
    pauses = {pause.id for pause in checklist.pauses}
    items = {item.id for _, item in items_with_paths(checklist)}
    durations = {row.id for row in checklist.durations}
    moments = {moment.id for moment in checklist.counts}
    for path, name, known, what in _references(checklist):
        pools = {"stamp": stamps, "pause": pauses, "item": items, "duration": durations, "count": moments}
        pool: set[str] = set().union(*(pools[kind] for kind in known))
        if name not in pool:
            near = difflib.get_close_matches(name, pool, n=1)
            yield document.fault(
                path, f"{what} `{name}` is not defined" + (f"; did you mean `{near[0]}`?" if near else "")
            )


def _references(checklist: Checklist) -> Iterator[tuple[Path, str, tuple[str, ...], str]]:
    for index, row in enumerate(checklist.durations):
        yield ("durations", index, "from"), row.from_stamp, ("stamp",), "the stamp"
        yield ("durations", index, "to"), row.to_stamp, ("stamp",), "the stamp"
    for index, phase in enumerate(checklist.phases):
        path: Path = ("phases", index)
        yield (*path, "starts"), phase.starts, ("stamp",), "the stamp"
        yield (*path, "ends"), phase.ends, ("stamp",), "the stamp"
        for name in phase.durations:
            yield (*path, "durations"), name, ("duration",), "the duration"
        for position, step in enumerate(phase.steps):
            if step.stamp:
                yield (*path, "steps", position, "stamp"), step.stamp, ("stamp",), "the stamp"
            if step.pause:
                yield (*path, "steps", position, "pause"), step.pause, ("pause",), "the pause"
    for index, pause in enumerate(checklist.pauses):
        for name in pause.gates:
            yield ("pauses", index, "gates"), name, ("stamp", "pause"), "the stamp or pause"
    yield from _item_references(checklist)


def _item_references(checklist: Checklist) -> Iterator[tuple[Path, str, tuple[str, ...], str]]:
    kinds = {"dose_in_window": ("item",), "answered": ("item",), "count_correct": ("count",)}
    for path, item in items_with_paths(checklist):
        if item.defer_to:
            yield (*path, "defer_to"), item.defer_to, ("pause",), "the pause"
        if item.moment:
            yield (*path, "moment"), item.moment, ("count",), "the count moment"
        if item.auto:
            yield (*path, "auto", "of"), item.auto.of, kinds.get(item.auto.rule, ("stamp",)), "what `of` names,"


def _unused(checklist: Checklist, document: Document) -> Iterator[Fault]:
    steps = [step for phase in checklist.phases for step in phase.steps]
    yield from _walked_once(
        document, "stamps", [s.id for s in checklist.stamps], [s.stamp for s in steps if s.stamp], "stamp"
    )
    yield from _walked_once(
        document, "pauses", [p.id for p in checklist.pauses], [s.pause for s in steps if s.pause], "pause"
    )


def _walked_once(
    document: Document, group: str, declared: list[str], walked: Iterable[str], what: str
) -> Iterator[Fault]:
    walked = list(walked)
    for index, identifier in enumerate(declared):
        times = walked.count(identifier)
        if times != 1:
            yield document.fault(
                (group, index, "id"),
                f"the {what} `{identifier}` stands {times} times among the phases' steps; it must stand there once",
            )
