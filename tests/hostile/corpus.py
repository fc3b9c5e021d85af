"""Strings made to hurt. Each carries its number between brackets, so that a lost bracket is seen: `[n=17]`."""

import unicodedata

# What a terminal would do with these is told by numbers that nothing else prints.
MARKUP = [
    "[red]x[/red]", "[/]", "[/b] plan", "[IMPORTANT]", "[TODO] Q3", "[type=x, v={'a[0]'}]", "[link=http://evil.example]x[/link]",
    "[@click=app.quit]Press[/]", "[@click=app.action_leave]", "[bold", "bold]", "[[double]]", "\\[escaped]", "[b][i][u]", "[on red]",
    "[#ff0000]c[/]", "[dim italic]", "[/red][/bold]", "[$primary]v[/]", "[a='b' c=\"d\"]", "[not bold]", "[:smile:]", ":smile:",
    "[blink]x", "[reverse]y[/reverse]", "[spoiler]", "[b @ x]", "{x}", "{{x}}", "%s %d %n", "{0.__class__}", "${HOME}", "`id`", "$(id)",
    "<b>x</b>", "<script>alert(1)</script>", "</para>", "<para>", "<font color='red'>", "&lt;b&gt;", "&amp;", "&#27;[31m", "<img src=x/>",
    "<![CDATA[x]]>", "*bold* _it_", "# head", "| a | b |", "<!-- c -->", "{% raw %}", "[~~~]", "[]", "[ ]", "[=]", "[/=]", "[b=", "[\\]",
]  # fmt: skip
TERMINAL = [
    "\x1b[31337mred", "\x1b[2J", "\x1b]0;owned\x07", "\x1b]0;owned\x1b\\", "\x1b]52;c;b3duZWQ=\x07", "\x1b]8;;http://evil.example\x1b\\x",
    "\x1bP1$r31337\x1b\\", "\x1b[?1049l", "\x1b[?25h", "\x1b[6n", "\x1b[c", "\x1b[5n", "\x1bc", "\x1b#8", "\x1b(0", "\x1b[8;1;1t", "\x1b[20t",
    "\x1b_Gf=100\x1b\\", "\x1b]1337;File=:eA==\x07", "\x1b[200~x\x1b[201~", "\x1b^x\x1b\\", "\x1bX31337\x1b\\", "\x1b", "x\x1b", "\x1b[",
    "\x9b31337mred", "\x9d0;owned\x9c", "\x90x\x9c", "\x85next", "\x84", "\x8dup", "\x98x\x9c", "\x9e", "\x9f", "\x07bell", "\x08\x08\x08back",
    "\x7f", "\x0bvt", "\x0cff", "\x0eshift\x0f", "\x00nul", "a\x00b", "\x05enq", "\x11\x13", "\x18can", "\x1asub", "\x1cfs", "\x1fus",
]  # fmt: skip
LINES = [
    "a\rb", "a\r\nb", "a\nb", "\n\n\n", "\ttab\t", "a\u2028b", "a\u2029b", "  lead", "trail  ", "a\r\nATTENDEE:x", "x\nEND:VEVENT", "a\r\r\rb",
    " ", "a" + " " * 300 + "b", "a\u00a0b", "a\u3000b", "a\u2003b", "a\u1680b",
]  # fmt: skip
BIDI = [
    "\u202egnp.exe", "\u202da\u202c", "\u2066x\u2069", "\u2067x\u2069", "\u2068x", "\u200ea\u200f", "\u061ca", "a\u202ab\u202bc", "\u202e" * 50,
    "שלום עולם", "مرحبا بالعالم", "abc שלום 123", "العربية (نص)", "ܐܒܓ", "ދިވެހި", "١٢٣٤", "עברית\u202eabc",
]  # fmt: skip
UNSEEN = [
    "a\u200bb", "a\u200cb", "a\u200db", "\u2060x", "\ufeffbom", "so\u00adft", "a\u180eb", "\u034f", "a\u115fb", "\u3164", "\uffa0", "\u2800",
    "\U000e0041\U000e0042", "\U000e0001en", "a\ufe00b", "a\ufe0fb", "a\U000e0100b", "a\U000e01efb", "\u2061\u2062\u2063", "\ufff9a\ufffab\ufffb",
    "\u206a\u206f", "\U0001d173x\U0001d174", "\u200b" * 40, "a\u17b4b", "\U000e007f", "\u00ad",
]  # fmt: skip
MARKS = [
    "Z\u0301" + "\u0336" * 300, "e\u0301", "\u0301lead", "a\u20dd\u20e0", "Ÿ\u0323\u0307\u0302", "ก\u0e49\u0e49\u0e49\u0e49\u0e49\u0e49\u0e49", "a" + "\u0489" * 9,
    "क्षि", "\u1ab0\u1ab1\u1ab2\u1ab3\u1ab4\u1ab5", "o" + "\u0308" * 5, "n\u0303\u0303",
]  # fmt: skip
EMOJI = [
    "👩\u200d⚕\ufe0f", "👨\u200d👩\u200d👧\u200d👦", "🏳\ufe0f\u200d🌈", "👍🏽", "🇳🇱🇸🇰", "1\ufe0f\u20e3", "❤\ufe0f\u200d🔥", "🏴\U000e0067\U000e0062\U000e007f", "🩻🏥", "👩\u200d",
    "\u200d👩", "👁\ufe0f\u200d🗨\ufe0f", "🧑🏿\u200d🤝\u200d🧑🏻", "😀" * 60, "☠\ufe0e",
]  # fmt: skip
BROKEN = [
    "\ud800", "a\udfffb", "\udc80\udcff", "\ud83d", "\ude00\ud83d", "\uffff", "\U0010ffff", "\ufdd0", "\u0378", "\ue000private", "\U000f0000",
    "\ufffd", "\ufffe", "\U0001fffe",
]  # fmt: skip
FORMULAS = [
    "=1+1", "=cmd|'/c calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u00a0=1", "'=1", '"=1"', "=HYPERLINK(\"http://evil.example\")",
    "\x00=1", "%0A=1", "＝1", "\n=1", ";=1", "=" * 40,
]  # fmt: skip
QUOTES = [
    "O'Brien [NKA]", '"', "''", "\\", "\\\\n", "a,b;c:d", '","', "`", "“x”", "’", "a\\", "--option", "-x", "--", "../../etc/passwd", "/dev/null",
    "C:\\New\\next", "'; DROP TABLE entry; --", "' OR 1=1", "NULL", "None", "null", "true", "no", "1:30", "010", "0x1f", "1e999", "NaN", "~",
    "!!python/object:os.system", "&a *a", "<<: *a", "--- x", "%YAML 1.1", "? k", "- - -", "ﷺ", "ﬃ", "İı", "ß", "ŉ", "Ω", "K", "𝕳", "ａｂｃ",
    "中文字", "ｶﾞ", "한국어", "ᄀ" * 30, "ไทย",
]  # fmt: skip
HUGE = [
    "x" * 5_000,
    "m " * 3_000,
    "中" * 3_000,
    "é" * 3_000,
    "[" * 2_000,
    "\x1b" * 2_000,
    "https://" + "a" * 4_000,
    "\u202e" * 3_000,
]

RAW = MARKUP + TERMINAL + LINES + BIDI + UNSEEN + MARKS + EMOJI + BROKEN + FORMULAS + QUOTES + HUGE
# The number comes first: a string may be longer than its field, and is cut with an ellipsis there.
STRINGS = [f"[n={number}]{raw}" for number, raw in enumerate(RAW)]
STEERING = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def mark(text: str) -> str:
    """Return the bracket that must survive wherever a string is shown."""
    return text[: text.index("]") + 1]


def steering(shown: str) -> set[str]:
    """Return what in a shown text steers a terminal; line ends and what joins emoji are none."""
    found = {char for char in shown if char not in "\n\u200d" and unicodedata.category(char) in STEERING}
    return {f"U+{ord(char):04X}" for char in found}
