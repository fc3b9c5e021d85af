"""Rules by which days return: the part of RFC 5545's RRULE that a theatre's week needs, read strictly.

A rule speaks of local days only; the clock times stand beside it, so it says nothing of hours.
"""

import re
from calendar import isleap, monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from ortool.errors import BadInput
from ortool.text import clean

LONGEST_RULE = 200
MOST_TIMES = 1000
MOST_INTERVAL = 99
FIRST_WITHIN = timedelta(days=3660)
"""A rule whose first day lies further away than this is taken for one that never occurs."""
FURTHEST = 36_600
DAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_KEYS = ("FREQ", "INTERVAL", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "WKST", "COUNT", "UNTIL")
_BYDAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_NUMBER = re.compile(r"[+-]?[0-9]{1,4}")
_UNTIL = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:T[0-9]{6}Z?)?")
_HINT = "Write for example FREQ=WEEKLY;BYDAY=MO,WE."


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that was read. `by_day` holds (ordinal or 0, day of the week from Monday = 0)."""

    freq: str
    interval: int = 1
    by_month: tuple[int, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_day: tuple[tuple[int, int], ...] = ()
    by_set_pos: tuple[int, ...] = ()
    week_start: int = 0
    count: int | None = None
    until: date | None = None

    def __str__(self) -> str:
        """Return the rule as RRULE writes it, always in the same order."""
        days = (f"{nth or ''}{DAY_CODES[day]}" for nth, day in self.by_day)
        said = {
            "FREQ": self.freq,
            "INTERVAL": str(self.interval) if self.interval != 1 else "",
            "BYMONTH": _joined(self.by_month),
            "BYMONTHDAY": _joined(self.by_month_day),
            "BYDAY": ",".join(days),
            "BYSETPOS": _joined(self.by_set_pos),
            "WKST": DAY_CODES[self.week_start] if self.week_start else "",
            "COUNT": str(self.count or ""),
            "UNTIL": f"{self.until:%Y%m%d}" if self.until else "",
        }
        return ";".join(f"{key}={said[key]}" for key in _KEYS if said[key])


def check_rule(text: str, first_day: date) -> str:
    """Return an RRULE in its normal form. Raises BadInput for a rule that is no rule or never occurs.

    An UNTIL is taken as a local day, whatever time it adds. Hours, minutes and seconds are refused, and so are parts
    of RRULE that no theatre's week needs (BYWEEKNO, BYYEARDAY).
    """
    rule = read_rule(text)
    if rule.until is not None and rule.until < first_day:
        raise BadInput(f"The rule ends on {rule.until}, before it begins on {first_day}.", "Check the two days.")
    if next(iter(days_of(rule, first_day, first_day, first_day + FIRST_WITHIN)), None) is None:
        raise BadInput("The rule names no day within ten years of its beginning.", "Check its days and months.")
    return str(rule)


@lru_cache(maxsize=4096)
def read_rule(text: str) -> Rule:
    """Return the rule that an RRULE value says. Raises BadInput in one sentence."""
    if len(text) > LONGEST_RULE:
        raise BadInput(f"A rule of {len(text)} characters is too long.", _HINT)
    shown = clean(text, LONGEST_RULE).upper().replace(" ", "").removeprefix("RRULE:").rstrip(";")
    parts: dict[str, str] = {}
    for part in shown.split(";"):
        key, _, value = part.partition("=")
        if key not in _KEYS:
            raise BadInput(f"A rule here cannot say {key[:20]!r}.", _HINT)
        if key in parts or not value:
            raise BadInput(f"The rule says {key} twice, or says nothing of it.", _HINT)
        parts[key] = value
    rule = _read_parts(parts)
    _check_sense(rule)
    return rule


def days_of(rule: Rule | None, first_day: date, since: date, until: date) -> Iterator[date]:
    """Yield, in order, the days from `since` to `until` on which something that begins on `first_day` returns.

    None is once. Each day is asked in turn, so that the work is bounded by the days asked for even where a rule never
    occurs; a rule that counts is asked from its first day on.
    """
    if rule is None:
        if since <= first_day <= until:
            yield first_day
        return
    last = min(
        until, rule.until or until, date.fromordinal(min(first_day.toordinal() + FURTHEST, date.max.toordinal()))
    )
    begin = first_day if rule.count else max(first_day, since)
    times = 0
    for ordinal in range(begin.toordinal(), last.toordinal() + 1):
        day = date.fromordinal(ordinal)
        if not _names(rule, first_day, day):
            continue
        times += 1
        if rule.count and times > rule.count:
            return
        if day >= since:
            yield day


def last_day_of(rule: Rule | None, first_day: date) -> date | None:
    """Return a day after which nothing of the rule begins; None where it has no end that can be told."""
    if rule is None:
        return first_day
    if rule.count is None:
        return rule.until
    days = list(days_of(rule, first_day, first_day, first_day + FIRST_WITHIN * 3))
    return days[-1] if len(days) == rule.count else None


def _names(rule: Rule, first_day: date, day: date) -> bool:
    if not _in_set(rule, first_day, day):
        return False
    if not rule.by_set_pos:
        return True
    days = _set_around(rule, first_day, day.year, day.month if rule.freq == "MONTHLY" else 0)
    place = days.index(day)
    return place + 1 in rule.by_set_pos or place - len(days) in rule.by_set_pos


@lru_cache(maxsize=1024)
def _set_around(rule: Rule, first_day: date, year: int, month: int) -> tuple[date, ...]:
    first, final = date(year, month or 1, 1), date(year, month or 12, monthrange(year, month or 12)[1])
    days = (date.fromordinal(number) for number in range(first.toordinal(), final.toordinal() + 1))
    return tuple(day for day in days if _in_set(rule, first_day, day))


def _in_set(rule: Rule, first_day: date, day: date) -> bool:
    if rule.by_month and day.month not in rule.by_month:
        return False
    month_days = monthrange(day.year, day.month)[1]
    if rule.by_month_day and not {day.day, day.day - month_days - 1} & set(rule.by_month_day):
        return False
    if rule.by_day and not any(day.weekday() == of_week and _is_nth(rule, day, nth) for nth, of_week in rule.by_day):
        return False
    return _in_interval(rule, first_day, day) and _as_first(rule, first_day, day)


def _in_interval(rule: Rule, first_day: date, day: date) -> bool:
    if rule.freq == "DAILY":
        gone = (day - first_day).days
    elif rule.freq == "WEEKLY":
        gone = (day.toordinal() - _week_of(rule, first_day)) // 7
    elif rule.freq == "MONTHLY":
        gone = (day.year - first_day.year) * 12 + day.month - first_day.month
    else:
        gone = day.year - first_day.year
    return gone % rule.interval == 0


def _week_of(rule: Rule, day: date) -> int:
    return day.toordinal() - (day.weekday() - rule.week_start) % 7


def _as_first(rule: Rule, first_day: date, day: date) -> bool:
    """Whether what the rule leaves open is as on the first day."""
    if rule.by_day or rule.by_month_day or rule.freq == "DAILY":
        return True
    if rule.freq == "WEEKLY":
        return day.weekday() == first_day.weekday()
    same_month = rule.freq == "MONTHLY" or bool(rule.by_month) or day.month == first_day.month
    return same_month and day.day == first_day.day


def _is_nth(rule: Rule, day: date, nth: int) -> bool:
    """Whether a day is the nth of its weekday, from the end where negative: in the month, or in the whole year."""
    if nth == 0:
        return True
    if rule.freq == "MONTHLY" or rule.by_month:
        place, length = day.day, monthrange(day.year, day.month)[1]
    else:
        place = day.timetuple().tm_yday
        length = 366 if isleap(day.year) else 365
    return nth in ((place - 1) // 7 + 1, -((length - place) // 7 + 1))


def _read_parts(parts: Mapping[str, str]) -> Rule:
    freq = parts.get("FREQ", "")
    if freq in ("SECONDLY", "MINUTELY", "HOURLY"):
        raise BadInput(f"A rule that returns {freq} is refused: days return here, not hours.", _HINT)
    if freq not in _FREQUENCIES:
        raise BadInput("The rule says no FREQ of DAILY, WEEKLY, MONTHLY or YEARLY.", _HINT)
    return Rule(
        freq,
        _number(parts, "INTERVAL", 1, MOST_INTERVAL) or 1,
        _numbers(parts, "BYMONTH", 1, 12),
        _numbers(parts, "BYMONTHDAY", -31, 31),
        _days(parts.get("BYDAY", "")),
        _numbers(parts, "BYSETPOS", -31, 31),
        _week_start(parts.get("WKST", "MO")),
        _number(parts, "COUNT", 1, MOST_TIMES),
        _until(parts.get("UNTIL", "")),
    )


def _check_sense(rule: Rule) -> None:
    if rule.count and rule.until:
        raise BadInput("The rule says both COUNT and UNTIL.", "Say one of them.")
    if rule.by_set_pos and (rule.freq in ("DAILY", "WEEKLY") or not rule.by_day):
        raise BadInput("BYSETPOS picks among the BYDAY of a month or a year.", "FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1.")
    most = {"MONTHLY": 5, "YEARLY": 53}.get(rule.freq, 0)
    if any(abs(nth) > most for nth, _ in rule.by_day):
        raise BadInput(f"A {rule.freq} rule cannot count its days so far.", "FREQ=MONTHLY;BYDAY=1MO is a first Monday.")
    if rule.by_month_day and rule.freq == "WEEKLY":
        raise BadInput("A weekly rule has no days of the month.", "Say FREQ=MONTHLY, or leave BYMONTHDAY out.")


def _number(parts: Mapping[str, str], key: str, least: int, most: int) -> int | None:
    found = _numbers(parts, key, least, most)
    if len(found) > 1:
        raise BadInput(f"The rule says more than one {key}.", _HINT)
    return found[0] if found else None


def _numbers(parts: Mapping[str, str], key: str, least: int, most: int) -> tuple[int, ...]:
    if key not in parts:
        return ()
    said = parts[key].split(",")
    if not all(_NUMBER.fullmatch(one) for one in said):
        raise BadInput(f"{key} of the rule is not a number.", _HINT)
    found = tuple(sorted({int(one) for one in said}))
    if any(not least <= one <= most or one == 0 for one in found):
        raise BadInput(f"{key} of the rule lies outside {least} to {most}, or is 0.", _HINT)
    return found


def _days(said: str) -> tuple[tuple[int, int], ...]:
    found = [_BYDAY.fullmatch(one) for one in said.split(",")] if said else []
    days: set[tuple[int, int]] = set()
    for match in found:
        if match is None or (match[1] and int(match[1]) == 0):
            raise BadInput("BYDAY of the rule is not a list of days.", "Write MO, TU, WE, TH, FR, SA, SU.")
        days.add((int(match[1] or 0), DAY_CODES.index(match[2])))
    return tuple(sorted(days))


def _week_start(said: str) -> int:
    if said not in DAY_CODES:
        raise BadInput("WKST of the rule is not a day.", "Write MO, TU, WE, TH, FR, SA or SU.")
    return DAY_CODES.index(said)


def _until(said: str) -> date | None:
    if not said:
        return None
    match = _UNTIL.fullmatch(said)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else _no_day()
    except ValueError:
        return _no_day()


def _no_day() -> date:
    raise BadInput("UNTIL of the rule is not a day.", "Write UNTIL=20271231.")


def _joined(numbers: tuple[int, ...]) -> str:
    return ",".join(str(number) for number in numbers)
