"""From text to a checked checklist; every fault with its place and its mend."""

import difflib
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ortool.checklist.compose import Composed
from ortool.checklist.definition import FACTS, Checklist, Item
from ortool.checklist.document import Document, Fault, FaultyDocument, Path, read_document, shown
from ortool.checklist.loading_confirms import misplaced_confirms
from ortool.checklist.loading_timers import timer_references, unasked_drugs

MAX_FAULTS = 100
_WHOLE_PARTS = {"items", "record", "auto", "durations", "steps", "timers", "implants", "readings"}


def parse_checklist(text: str, file: str) -> Checklist:
    """Return the checklist written out in `text`, which includes nothing. Raises FaultyDocument with every fault."""
    return _checked(read_document(text, file))


def parse_composed(composed: Composed) -> Checklist:
    """Return the checklist that was put together. Raises FaultyDocument with every fault, in the file it stands in."""
    return _checked(composed.document)


def _checked(document: Document) -> Checklist:
    try:
        checklist = Checklist.model_validate(document.value)
    except ValidationError as error:
        raise FaultyDocument(tuple(_faults_of(error, document))) from None
    faults = tuple(islice(_cross_faults(checklist, document), MAX_FAULTS))
    if faults:
        raise FaultyDocument(tuple(dict.fromkeys(faults)))
    return checklist


def content_hash(text: str) -> str:
    """Return the SHA-256 of a checklist's exact text: the identity to which a run is pinned."""
    return hashlib.sha256(text.encode()).hexdigest()


def _faults_of(error: ValidationError, document: Document) -> list[Fault]:
    found = []
    for fault in error.errors()[:MAX_FAULTS]:
        path = tuple(part for part in fault["loc"] if part != "[key]")
        if not _is_echo(fault):
            found.append(document.fault(path, _sentence_of(fault, path)))
    return sorted(dict.fromkeys(found), key=lambda fault: (fault.file, fault.line, fault.column))


def _is_echo(fault: ErrorDetails) -> bool:
    """Whether a list is called too short only because entries in it are faulty, which is told of each already."""
    entries = fault["input"]
    return fault["type"] == "too_short" and isinstance(entries, list) and len(entries) >= fault["ctx"]["min_length"]


def _sentence_of(fault: ErrorDetails, path: Path) -> str:
    """Return the sentence for one fault that the schema found at `path`: what is wrong and what to write."""
    kind, context = fault["type"], fault.get("ctx", {})
    name = shown(next((part for part in reversed(path) if isinstance(part, str)), "the file"))
    entry = path[-1] if path and isinstance(path[-1], int) else None
    if fault.get("input") is None and kind != "missing":
        return f"`{name}` is empty here; write a value, or remove the line"
    if kind == "missing":
        return _missing(name, entry)
    if kind == "extra_forbidden":
        return f"`{name}:` is not known here{_meant(name, _keys_at(path[:-1]), ':') or '; remove it'}"
    if kind in {"enum", "literal_error"}:
        known = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        text = str(fault["input"])
        return (
            f"`{name}` cannot be `{text[:40]}`{_meant(text, known, cutoff=0.75)}; it must be one of {', '.join(known)}"
        )
    if kind == "value_error":
        told = fault["msg"].removeprefix("Value error, ")
        plain = {"items", "record", "auto", "durations", "steps", "timers", "implants", "readings"}
        return told if name in plain else f"`{name}`: {told}"
    if kind in _SENTENCES:
        return f"`{name}` " + _SENTENCES[kind](context)
    return f"`{name}` cannot be read: {fault['msg']}"


def _meant(name: str, known: Iterable[str], mark: str = "", cutoff: float = 0.6) -> str:
    """Return "; did you mean …?" with the nearest of `known`, or nothing if none is near."""
    words = {word.casefold(): word for word in known}
    near = difflib.get_close_matches(name[:80].casefold(), words, n=1, cutoff=cutoff)
    return f"; did you mean `{words[near[0]]}{mark}`?" if near else ""


def _keys_at(path: Path) -> list[str]:
    """Return the keys that may stand at `path` of a checklist."""
    model: type[BaseModel] | None = Checklist
    for part in path:
        if isinstance(part, str) and model is not None:
            fields = {info.alias or name: info.annotation for name, info in model.model_fields.items()}
            model = next(_models(fields.get(part)), None)
    return [info.alias or name for name, info in model.model_fields.items()] if model else []


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from _models(part)


def _missing(name: str, entry: str | int | None) -> str:
    if entry is not None:
        return f"`{name}` needs two numbers, [P50, P90]; number {int(entry) + 1} is missing"
    return f"`{name}:` is missing here; add it"


def _too_short(context: Mapping[str, object]) -> str:
    least = context["min_length"]
    return f"needs at least {least} {'entry' if least == 1 else 'entries'}; add what is missing"


def _too_long(context: Mapping[str, object]) -> str:
    return f"has {context['actual_length']} entries and may have {context['max_length']}; move some elsewhere"


def _list(_context: Mapping[str, object]) -> str:
    return "must be a list: write [one, two], or one line for each that begins with a dash"


def _pairs(_context: Mapping[str, object]) -> str:
    return "must hold keys and values: write lines of `key: value` beneath it"


def _whole(_context: Mapping[str, object]) -> str:
    return "must be a whole number, for example 45"


def _number(_context: Mapping[str, object]) -> str:
    return "must be a number, for example 8 or 8.5"


def _truth(_context: Mapping[str, object]) -> str:
    return "must be true or false"


_SENTENCES: dict[str, Callable[[Mapping[str, object]], str]] = {
    "string_type": lambda _: "must be text: write it on the same line, in quotes if it holds : or #",
    "string_too_long": lambda context: f"is too long; at most {context['max_length']} characters",
    "string_too_short": lambda _: "is empty here; write a value, or remove the line",
    "too_short": _too_short,
    "too_long": _too_long,
    "tuple_type": _list,
    "model_type": _pairs,
    "dict_type": _pairs,
    "model_attributes_type": _pairs,
    "int_parsing": _whole,
    "int_type": _whole,
    "int_from_float": _whole,
    "int_parsing_size": _whole,
    "float_parsing": _number,
    "float_type": _number,
    "finite_number": _number,
    "bool_parsing": _truth,
    "bool_type": _truth,
    "greater_than": lambda context: f"must be more than {context['gt']}",
    "greater_than_equal": lambda context: f"must be {context['ge']} or more",
}


def _cross_faults(checklist: Checklist, document: Document) -> Iterator[Fault]:
    """Yield what only shows when the parts are held against each other."""
    yield from _duplicates(checklist, document)
    yield from _dangling(checklist, document)
    yield from _unasked(checklist, document)
    yield from misplaced_confirms(checklist, list(items_with_paths(checklist)), document)
    yield from unasked_drugs(checklist, choices_of(checklist), document)
    yield from _unused(checklist, document)
    yield from _backwards(checklist, document)


def _duplicates(checklist: Checklist, document: Document) -> Iterator[Fault]:
    items = [(path, item.id) for path, item in items_with_paths(checklist)]
    for declared in (
        [*_of_groups(checklist, "stamps", "pauses", "phases", "events", "counts"), *items],
        _of_groups(checklist, "durations"),
        _of_groups(checklist, "count_categories"),
        _of_groups(checklist, "timers"),
        _of_groups(checklist, "implants"),
        *_readings(checklist),
    ):
        seen: dict[str, Path] = {}
        for path, identifier in declared:
            first = seen.setdefault(identifier, path)
            if first != path:
                again, earlier = document.fault((*path, "id"), ""), document.fault((*first, "id"), "")
                where = "on" if earlier.file == again.file else f"in {earlier.file} on"
                sentence = f"the id `{identifier}` is used twice (first {where} line {earlier.line}); rename one"
                yield document.fault((*path, "id"), sentence)


def _readings(checklist: Checklist) -> Iterator[list[tuple[Path, str]]]:
    for p, part in enumerate(checklist.implants):
        yield [(("implants", p, "readings", r), reading.id) for r, reading in enumerate(part.readings)]


def _of_groups(checklist: Checklist, *groups: str) -> list[tuple[Path, str]]:
    return [((group, index), part.id) for group in groups for index, part in enumerate(getattr(checklist, group))]


def items_with_paths(checklist: Checklist) -> Iterator[tuple[Path, Item]]:
    """Yield each item with its place in the document, phase records first."""
    for p, phase in enumerate(checklist.phases):
        for s, step in enumerate(phase.steps):
            if step.record is not None:
                yield ("phases", p, "steps", s, "record"), step.record
    for p, pause in enumerate(checklist.pauses):
        for i, item in enumerate(pause.items):
            yield ("pauses", p, "items", i), item
    for i, item in enumerate(checklist.count_path.items if checklist.count_path else ()):
        yield ("count_path", "items", i), item
    for e, event in enumerate(checklist.events):
        for i, item in enumerate(event.items):
            yield ("events", e, "items", i), item


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
            yield document.fault(
                path, f"{what} `{name}` is not defined{_meant(name, pool) or '; define it or remove it'}"
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
    yield from timer_references(checklist)
    yield from _item_references(checklist)


def _item_references(checklist: Checklist) -> Iterator[tuple[Path, str, tuple[str, ...], str]]:
    kinds = {"dose_in_window": ("item",), "answered": ("item",), "count_correct": ("count",)}
    for path, item in items_with_paths(checklist):
        if item.defer_to:
            yield (*path, "defer_to"), item.defer_to, ("pause",), "the pause"
        if item.confirms:
            yield (*path, "confirms"), item.confirms, ("item",), "in `confirms`,"
        if item.moment:
            yield (*path, "moment"), item.moment, ("count",), "the count moment"
        if item.auto:
            yield (*path, "auto", "of"), item.auto.of, kinds.get(item.auto.rule, ("stamp",)), "in `of`,"


def _unasked(checklist: Checklist, document: Document) -> Iterator[Fault]:
    """Yield each `when:` that no case can fulfil and each drug that nobody can choose: they would hide in silence."""
    choices = choices_of(checklist)
    for path, item in items_with_paths(checklist):
        for fact, value in item.when.items():
            if fact not in FACTS:
                known = ", ".join(f"`{name}`" for name in FACTS)
                yield document.fault(
                    (*path, "when", fact), f"no case knows `{shown(fact)}`{_meant(fact, FACTS)}; known are {known}"
                )
            elif FACTS[fact] and value not in FACTS[fact]:
                yield document.fault(
                    (*path, "when", fact), f"`{fact}` is {' or '.join(FACTS[fact])}, never `{shown(value)}`"
                )
        if item.auto and item.auto.of in choices:
            for drug in item.auto.minutes:
                if drug not in choices[item.auto.of]:
                    sentence = f"`{shown(drug)}` is no choice of `{item.auto.of}`{_meant(drug, choices[item.auto.of])}"
                    yield document.fault((*path, "auto", "minutes", drug), sentence)


def choices_of(checklist: Checklist) -> dict[str, tuple[str, ...]]:
    """Return the choices of each item."""
    return {item.id: item.choices for _, item in items_with_paths(checklist)}


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
            found = "nowhere" if not times else f"{times} times"
            sentence = f"the {what} `{identifier}` stands {found} among the phases' steps; it must stand there once"
            yield document.fault((group, index, "id"), sentence)


def _backwards(checklist: Checklist, document: Document) -> Iterator[Fault]:
    """Yield each gate, phase and duration that runs against the order of the steps."""
    steps = [step.stamp or step.pause or "" for phase in checklist.phases for step in phase.steps]
    order = {identifier: position for position, identifier in reversed(list(enumerate(steps)))}
    runs: list[tuple[Path, str, str]] = []
    for index, pause in enumerate(checklist.pauses):
        runs.extend((("pauses", index, "gates"), pause.id, gate) for gate in pause.gates)
    runs.extend((("phases", index, "ends"), phase.starts, phase.ends) for index, phase in enumerate(checklist.phases))
    runs.extend((("durations", i, "to"), row.from_stamp, row.to_stamp) for i, row in enumerate(checklist.durations))
    for path, first, then in runs:
        if first in order and then in order and order[first] >= order[then]:
            yield document.fault(
                path, f"`{then}` does not come after `{first}` among the phases' steps; turn them round"
            )
