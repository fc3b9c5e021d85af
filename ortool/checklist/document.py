"""YAML as a nurse lead writes it: read safely, every scalar a string, every place remembered."""

from dataclasses import dataclass, field

import yaml

from ortool.text import REPLACED, clean

MAX_BYTES = 256 * 1024
MAX_DEPTH = 12
MAX_PARTS = 20_000

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at one place of a file, and the sentence that mends it."""

    file: str
    line: int
    column: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.sentence}"


class FaultyDocument(Exception):
    """The text is no usable document; `faults` says where and why."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


def shown(word: object) -> str:
    """Return a word of the file as a sentence may quote it: on one line, and cut after 40 characters."""
    return clean(str(word), 40)


@dataclass(slots=True)
class Document:
    """A parsed file: plain dicts, lists and strings, and the place of each; `files` names those from other files."""

    file: str
    value: object
    places: dict[Path, tuple[int, int]] = field(default_factory=dict)
    files: dict[Path, str] = field(default_factory=dict)

    def fault(self, path: Path, sentence: str) -> Fault:
        """Return a fault at the nearest known place above `path`."""
        while path and path not in self.places:
            path = path[:-1]
        line, column = self.places.get(path, (1, 1))
        return Fault(self.files.get(path, self.file), line, column, sentence)


def read_document(text: str, file: str) -> Document:
    """Return the document in `text`.

    Raises FaultyDocument for anchors, tags, duplicate keys, invisible characters, depth or size.
    """
    if len(text) > MAX_BYTES or len(text.encode(errors="replace")) > MAX_BYTES:
        raise FaultyDocument((Fault(file, 1, 1, f"the file is larger than {MAX_BYTES // 1024} KiB; split it"),))
    try:
        text.encode()
        _refuse_tricks(text, file)
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        raise FaultyDocument((_syntax_fault(error, file),)) from None
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise FaultyDocument((Fault(file, line, 1, "half a character stands in this line; write it again"),)) from None
    except yaml.YAMLError as error:
        raise FaultyDocument((Fault(file, 1, 1, f"this is not readable text: {str(error).splitlines()[0]}"),)) from None
    if root is None:
        raise FaultyDocument((Fault(file, 1, 1, "the file is empty"),))
    document = Document(file, None)
    document.value = _plain(root, (), document)
    return document


def _refuse_tricks(text: str, file: str) -> None:
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=yaml.CSafeLoader)):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        sentence = _trick(event) or (f"nested more than {MAX_DEPTH} deep" if depth > MAX_DEPTH else "")
        if number > MAX_PARTS:
            sentence = f"more than {MAX_PARTS:,} parts in one file; split it"
        if sentence:
            mark = event.start_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            raise FaultyDocument((Fault(file, line, column, sentence),))


def _trick(event: yaml.Event) -> str:
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        return "anchors (&) and aliases (*) are not read; write the text out"
    if getattr(event, "tag", None):
        return "tags (!) are not read; remove it"
    value = str(getattr(event, "value", ""))
    if not (value.isascii() and value.isprintable()) and REPLACED in clean(value, len(value), multiline=True):
        return "a character that cannot be seen stands in this text; write it again without"
    return ""


def _plain(node: yaml.Node, path: Path, document: Document) -> object:
    document.places[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.ScalarNode):
        return None if node.tag.endswith(":null") else str(node.value)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(child, (*path, index), document) for index, child in enumerate(node.value)]
    assert isinstance(node, yaml.MappingNode)
    return _mapping(node, path, document)


def _mapping(node: yaml.MappingNode, path: Path, document: Document) -> dict[str, object]:
    found: dict[str, object] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        line, column = key_node.start_mark.line + 1, key_node.start_mark.column + 1
        if not isinstance(key_node, yaml.ScalarNode) or key == "<<":
            raise FaultyDocument((Fault(document.file, line, column, "a key is one plain word"),))
        if key in found:
            raise FaultyDocument((Fault(document.file, line, column, f"`{shown(key)}` stands twice here; keep one"),))
        found[key] = _plain(value_node, (*path, key), document)
        document.places[(*path, key)] = (line, column)
    return found


def _syntax_fault(error: yaml.MarkedYAMLError, file: str) -> Fault:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Fault(file, line, column, f"YAML cannot be read here: {error.problem or error.context}")
