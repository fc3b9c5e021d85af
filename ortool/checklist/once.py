"""A line of a paper form counts once, however often and wherever the form is entered.

A line is known by the form's number and by what stands on it: an item, a stamp, or a count, an addition or a reading
with its time. A line that was taken back may be entered again.
"""

from datetime import datetime

from ortool.checklist import count_path
from ortool.checklist.commands import AddToCount, AnswerItem, Command, RecordCount, StampMilestone, TakeReading, Voice
from ortool.checklist.earlier import has_changed
from ortool.checklist.paper import form_number_of
from ortool.checklist.records import Added, Answer, Count, Live, Stamp, State, TimerMark
from ortool.checklist.run import NEEDS_REASON, Run
from ortool.errors import Refused

Transcribed = AnswerItem | StampMilestone | RecordCount | AddToCount | TakeReading
OnPaper = Answer | Stamp | Count | Added | TimerMark


class EnteredBefore(Refused):
    """A line of a form stands in the run already: as `record`, from this form or from elsewhere.

    `says` is the time on the form (UTC), `same` whether the form says just what stands there: then nothing is amiss.
    """

    def __init__(self, line: str, form: str, record: OnPaper, says: datetime, same: bool) -> None:
        where = f"from form {form}" if record.transcribed == form else "otherwise"
        super().__init__(f"{line} was entered already {where}; nothing was changed.", "Undo it first to correct it.")
        self.line, self.form, self.record, self.says, self.same = line, form, record, says, same

    @property
    def is_repeat(self) -> bool:
        """Whether it is this very form that was entered before."""
        return self.record.transcribed == self.form


def line_of(one: Transcribed | OnPaper, at: datetime | None) -> str:
    """Return the line of a form that a command or a record is about, `at` the time that stands there (UTC).

    What may stand there several times, a count, an addition and a reading, is told apart by its minute.
    """
    minute = f"{at:%y%m%dT%H%M}" if at else ""
    match one:
        case AnswerItem() | Answer():
            return f"{one.item}>{one.defer_to}" if one.state is State.DEFERRED else one.item
        case StampMilestone() | Stamp():
            return one.stamp
        case RecordCount() | Count():
            return f"count.{one.moment}.{minute}"
        case AddToCount() | Added():
            return f"add.{one.category}.{minute}"
        case TakeReading() | TimerMark():
            return f"read.{one.timer}.{minute}"


def check(run: Run, command: Command, actor: Voice) -> None:
    """Raise EnteredBefore for a line of a form that stands in the run, and Refused for who verifies their own entry."""
    if not isinstance(command, Transcribed):
        return
    if command.verified_by and command.verified_by == actor.id:
        raise Refused("Whoever enters a form does not verify it too.", "Name another person.")
    if not command.paper or command.occurred_at is None:
        return
    form, line = form_number_of(command.paper), line_of(command, command.occurred_at)
    for record in _entered(run.live, form, line):
        if not (isinstance(record, Answer) and has_changed(run, record)):
            raise EnteredBefore(line, form, record, command.occurred_at, _says_the_same(command, record))
    standing = _standing(run, command)
    if standing and standing.transcribed != form:
        raise EnteredBefore(line, form, standing, command.occurred_at, _says_the_same(command, standing))


def times_entered(run: Run, form: str, line: str) -> int:
    """Return how often a line of a form was entered, counting what was taken back."""
    return len(_entered((*run.live, *run.taken_back), form, line))


def name_of(run: Run, command: Command) -> str:
    """Return the name of what is entered from a form, the same each time; empty for what is not from paper.

    A line that was taken back and is entered again has another name: `FORM-P5.2`, then `FORM-P5.2~2`.
    """
    if not isinstance(command, Transcribed) or not command.paper:
        return ""
    form, line = form_number_of(command.paper), line_of(command, command.occurred_at)
    before = times_entered(run, form, line)
    return f"{form}-{line}" + (f"~{before + 1}" if before else "")


def _entered(records: tuple[Live, ...], form: str, line: str) -> list[OnPaper]:
    return [
        record
        for record in reversed(records)
        if isinstance(record, OnPaper) and record.transcribed == form and line_of(record, record.occurred_at) == line
    ]


def _standing(run: Run, command: Transcribed) -> Answer | Stamp | None:
    """Return what stands where a form's line would go. A deferral gives way to the answer, and all to a correction."""
    match command:
        case AnswerItem():
            found = count_path.answer_now(run, command.item)
            if found is None or has_changed(run, found) or _corrects(command):
                return None
            gives_way = found.state is State.DEFERRED and command.state is not State.DEFERRED
            return None if gives_way else found
        case StampMilestone() if not _corrects(command):
            return run.stamps.get(command.stamp)
    return None


def _corrects(command: AnswerItem | StampMilestone) -> bool:
    """Whether a reason says why it is corrected; other reasons belong to the answer itself."""
    has_own_reason = isinstance(command, AnswerItem) and command.state in NEEDS_REASON
    return bool(command.reason.strip()) and not has_own_reason


def _says_the_same(command: Transcribed, record: OnPaper) -> bool:
    assert command.occurred_at is not None
    if f"{command.occurred_at:%y%m%d%H%M}" != f"{record.occurred_at:%y%m%d%H%M}":
        return False
    match command, record:
        case AnswerItem(), Answer():
            return (command.state, command.value, command.reason) == (record.state, record.value, record.reason)
        case RecordCount(), Count():
            return dict(command.found) == dict(record.found)
        case AddToCount(), Added():
            return command.number == record.number
        case TakeReading(), TimerMark():
            return command.value.strip() == record.value
    return True
