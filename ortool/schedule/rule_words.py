"""Rules in people's words: "every Monday and Wednesday", and the short forms in which people type them."""

from calendar import day_name, month_name
from datetime import date

from ortool.errors import BadInput
from ortool.schedule.rules import MOST_INTERVAL, Rule, read_rule
from ortool.text import clean

_WEEKDAYS = range(5)
_NAMED = {"day": "FREQ=DAILY", "weekday": "FREQ=WEEKLY", "month": "FREQ=MONTHLY", "year": "FREQ=YEARLY"}


def words_of(rule: str, first_day: date) -> str:
    """Return a rule as a person says it, empty as "once"; one that has no short words as it is written."""
    if not rule:
        return "once"
    read = read_rule(rule)
    said = _often(read, first_day)
    if said is None:
        return rule
    if read.count:
        said += ", once" if read.count == 1 else f", {read.count} times"
    return f"{said} until {_day(read.until)}" if read.until else said


def rule_of(every: str, weeks: int = 1, until: date | None = None) -> str:
    """Return the rule of `mon,wed` every so many weeks, or of `day`, `weekday`, `month`, `year`. Raises BadInput."""
    shown = clean(every, 60).lower().replace(" ", "")
    if not 1 <= weeks <= MOST_INTERVAL:
        raise BadInput(f"Every {weeks} weeks is no interval.", "Say 1 for every week, 2 for every second.")
    if shown in _NAMED and shown != "weekday":
        if weeks != 1:
            raise BadInput(f"Weeks are counted for days of the week, not for every {shown}.", "Leave --weeks out.")
        return str(_until(read_rule(_NAMED[shown]), until))
    days = tuple(_WEEKDAYS) if shown == "weekday" else tuple(_of_week(one) for one in shown.split(","))
    return str(Rule("WEEKLY", weeks, by_day=tuple((0, day) for day in sorted(set(days))), until=until))


def _until(rule: Rule, until: date | None) -> Rule:
    return Rule(rule.freq, until=until)


def _of_week(said: str) -> int:
    found = [number for number, name in enumerate(day_name) if len(said) >= 2 and name.lower().startswith(said)]
    if len(found) != 1:
        raise BadInput(f"{said!r} is not a day of the week.", "Write mon,wed or day, weekday, month, year.")
    return found[0]


def _often(rule: Rule, first_day: date) -> str | None:
    if rule.by_set_pos or rule.week_start:
        return None
    plain = not rule.by_month and not rule.by_month_day
    if rule.freq == "DAILY":
        return f"every {_nth(rule.interval)}day" if plain and not rule.by_day else None
    if rule.freq == "WEEKLY":
        days = [day for _, day in rule.by_day] or [first_day.weekday()]
        return _weekly(days, rule.interval) if plain else None
    return _monthly(rule, first_day)


def _weekly(days: list[int], interval: int) -> str:
    named = _list([day_name[day] for day in days])
    if days == list(_WEEKDAYS):
        named = "weekday" if interval == 1 else "weekdays"
    return f"every {named}" if interval == 1 else f"every {_nth(interval)}week on {named}"


def _monthly(rule: Rule, first_day: date) -> str | None:
    if rule.by_day and (rule.by_month_day or not all(nth for nth, _ in rule.by_day)):
        return None
    if rule.freq == "YEARLY":
        months = rule.by_month or (first_day.month,)
        if rule.by_day and rule.by_month:
            on = f"{_places(rule)} of {_list([month_name[month] for month in months])}"
        elif rule.by_day or (rule.by_month_day and not rule.by_month):
            return None
        else:
            days = rule.by_month_day or (first_day.day,)
            if min(days) < 0:
                return None
            on = _list([f"{day} {month_name[month]}" for month in months for day in days])
        return f"every {_nth(rule.interval)}year on {on}"
    if rule.by_month or (rule.by_month_day and min(rule.by_month_day) < -1):
        return None
    days = rule.by_month_day or (first_day.day,)
    by_number = _list(["the last day" if day == -1 else f"day {day}" for day in days])
    return f"every {_nth(rule.interval)}month on {_places(rule) if rule.by_day else by_number}"


def _places(rule: Rule) -> str:
    return _list([f"the {_place(nth)} {day_name[day]}" for nth, day in rule.by_day])


def _place(nth: int) -> str:
    named = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last"}
    return named.get(nth, f"{_nth(abs(nth)).strip()} last" if nth < 0 else _nth(nth).strip())


def _nth(number: int) -> str:
    if number == 1:
        return ""
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending} "


def _list(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _day(day: date) -> str:
    return f"{day.day} {month_name[day.month]} {day.year}"
