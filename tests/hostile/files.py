"""Files made to hurt, each with the command that reads it. Made by a rule, so that none of them is kept."""

from collections.abc import Iterator
from pathlib import Path

SMALL = (Path(__file__).parents[1] / "checklist" / "small.yaml").read_text("utf-8")
HEADER = "date,room,start,minutes,hospital number,name,procedure,surgeon\n"
ROW = "2026-12-01,OR1,08:00,60,H-9,Nine,small,s1\n"
MIB = 1024 * 1024

BOMB = "\n".join(
    ['a: &a ["x","x","x","x","x","x","x","x","x"]']
    + [f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)]
)


def in_small(old: str, new: str) -> str:
    """Return the small checklist with one thing changed."""
    assert old in SMALL
    return SMALL.replace(old, new, 1)


YAML: dict[str, str | bytes] = {
    "alias bomb": BOMB,
    "brackets without end": "[" * 20_000,
    "braces without end": "{" * 20_000,
    "dashes without end": "- " * 20_000,
    "keys without end": "? " * 20_000,
    "deep mapping": "\n".join("  " * n + "a:" for n in range(400)),
    "list of a megabyte": "items:\n" + "- {id: a, b: c}\n" * 60_000,
    "scalar of a megabyte": "a: " + "x" * MIB,
    "just under the cap": "a: " + "x" * (255 * 1024),
    "a hundred thousand keys": "\n".join(f"k{n}: v" for n in range(25_000)),
    "no is no word": in_small('title: A small operation', "title: no"),
    "time of day": in_small('version: "1"', "version: 1:30"),
    "octal": in_small('version: "1"', "version: 010"),
    "exponent": in_small("one_level: [20, 40]", "one_level: [2e1, 40]"),
    "infinity": in_small("one_level: [20, 40]", "one_level: [.inf, 40]"),
    "not a number": in_small("max: 300", "max: .nan"),
    "digits without end": in_small("max: 300", "max: " + "9" * 5_000),
    "duplicate key": SMALL + "\nid: other\n",
    "anchor": in_small("id: small", "id: &x small"),
    "merge key": SMALL + "\n<<: {id: x}\n",
    "python tag": in_small("title: A small operation", "title: !!python/object/apply:os.system [id]"),
    "binary tag": in_small("title: A small operation", "title: !!binary aGk="),
    "set tag": in_small("title: A small operation", "title: !!set {a}"),
    "own tag": "!evil\n" + SMALL,
    "tag directive": "%TAG ! tag:evil,2000:\n---\n" + SMALL,
    "two documents": SMALL + "\n---\n" + SMALL,
    "escape": in_small("A small operation", '"\\e[2J"'),
    "bidi": in_small("A small operation", "\u202eevil"),
    "nul": in_small("A small operation", '"a\\0b"'),
    "raw nul": SMALL.encode() + b"\x00",
    "surrogate escape": in_small("A small operation", '"\\ud800"'),
    "latin": SMALL.encode() + "\nx: é".encode("latin-1"),
    "utf-16": SMALL.encode("utf-16"),
    "only a comment": "# nothing",
    "nothing": "",
    "a list": "- a\n- b\n",
    "a number": "42",
    "tabs": SMALL.replace("  ", "\t"),
    "complex key": SMALL + "\n? [a, b]\n: c\n",
    "empty key": SMALL + "\n: x\n",
    "includes itself": SMALL.replace("  - id: SI\n", "  - include: bad.yaml#SI\n  - id: SI\n", 1),
    "includes upwards": SMALL.replace("  - id: SI\n", "  - include: ../../etc/passwd#SI\n  - id: SI\n", 1),
    "a pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj<</Length 9>>stream\n" + bytes(range(256)) * 40,
    "a program": b"\x7fELF\x02\x01\x01" + b"\x00" * 5_000,
    "a zip": b"PK\x03\x04" + bytes(range(256)) * 20,
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
}  # fmt: skip
CSV: dict[str, str | bytes] = {
    "good": HEADER + ROW,
    "nul": HEADER + ROW.replace("Nine", "Ni\0ne"),
    "a field of a megabyte": HEADER + ROW.replace("Nine", "x" * MIB),
    "over the cap": HEADER + ROW * (6 * MIB // len(ROW)),
    "far over the cap": HEADER + ROW * (9 * MIB // len(ROW)),
    "only line ends": "\n" * (5 * MIB - 1),
    "only delimiters": "," * (5 * MIB - 1),
    "only quotes": '"' * (5 * MIB - 1),
    "a quote without end": HEADER + '"' + "x\n" * 500_000,
    "utf-16": (HEADER + ROW).encode("utf-16"),
    "utf-32": (HEADER + ROW).encode("utf-32"),
    "latin": (HEADER + ROW.replace("Nine", "Né")).encode("latin-1"),
    "two marks": b"\xef\xbb\xbf\xef\xbb\xbf" + (HEADER + ROW).encode(),
    "half a character": (HEADER + ROW).encode() + b"\xc3",
    "formulas": HEADER + ROW.replace("Nine", "\"=cmd|'/c calc'!A0\""),
    "formula in the header": "=1+1," + HEADER + "x," + ROW,
    "markup": HEADER + ROW.replace("Nine", "[/red][@click=app.quit]x"),
    "escape": HEADER + ROW.replace("Nine", "\x1b]52;c;eA==\x07"),
    "two hundred columns and more": ",".join(f"c{n}" for n in range(5_000)) + "\n",
    "ten thousand rows": HEADER + ROW * 10_000,
    "year zero": HEADER + ROW.replace("2026-12-01", "0000-00-00"),
    "year without end": HEADER + ROW.replace("2026", "9" * 5_000),
    "minutes without end": HEADER + ROW.replace("60", "9" * 5_000),
    "arabic digits": HEADER + ROW.replace("60", "٦٠"),
    "a pdf": b"%PDF-1.7\n" + bytes(range(256)) * 200,
    "nothing": "",
}
TOML: dict[str, str | bytes] = {
    "brackets without end": "a = " + "[" * 50_000,
    "tables without end": "a = " + "{a=" * 20_000,
    "dotted without end": ".".join("a" * 20_000) + " = 1",
    "many dotted": "\n".join(f"a.b{n}.c = 1" for n in range(20_000)),
    "digits without end": "a = " + "9" * 100_000,
    "duplicate": "site = 'a'\nsite = 'b'",
    "half a megabyte and more": "# " + "x" * MIB,
    "nul": "site = 'a\0'",
    "escape": 'site = "\\u001b[2J"',
    "surrogate": 'site = "\\ud800"',
    "latin": "site = 'é'".encode("latin-1"),
    "a number for a word": "site = 7",
    "unknown": "sight = 'x'",
    "a program": b"\x7fELF" + bytes(range(256)) * 100,
    "date": "site = 2026-13-45",
    "huge word": "site = '" + "x" * 100_000 + "'",
    "nothing": "",
}
KEYS: dict[str, str | bytes] = {"short": "abcd", "words": "not hex", "binary": bytes(range(256)), "huge": "ab" * MIB}


def everything(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Write each file and yield its name with the command that reads it; `{}` stands for the theatre's options."""
    kinds = (
        ("yaml", YAML, "bad.yaml", ["{}", "checklist", "check", "@"]),
        ("csv", CSV, "list.csv", ["{}", "--by", "n1", "case", "import", "@", "--yes"]),
        ("theatre", TOML, "theatre.toml", ["{}", "init", "--theatre", "@"]),
        ("settings", TOML, "settings.toml", ["--settings", "@", "doctor"]),
        ("key", KEYS, "db.key", ["{key}", "doctor"]),
        ("journal", {"pdf": YAML["a pdf"], "deep": "[" * 100_000, "long": "x" * 9 * MIB}, "j.ndjson",
         ["{}", "journal", "verify", "--file", "@"]),
    )  # fmt: skip
    for kind, files, name, command in kinds:
        for number, (title, content) in enumerate(files.items()):
            path = folder / f"{kind}-{number}" / name
            path.parent.mkdir()
            path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
            yield f"{kind}: {title}", [str(path) if word == "@" else word for word in command]
