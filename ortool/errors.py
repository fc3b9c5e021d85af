"""The root of every error that is meant for a person."""


class OrtoolError(Exception):
    """A failure told as a sentence: `message` says what is wrong, `hint` what would mend it."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class Refused(OrtoolError):
    """A rule said no. Nothing was written."""


class NotPermitted(Refused):
    """The table of permissions says no, and no reason or proof would change that."""


class NeedsIdentity(Refused):
    """Nobody is proven at this terminal, and this is done by a person who is."""


class NeedsPin(Refused):
    """The person may do this, once they give their PIN again."""


class NeedsGlass(Refused):
    """The person may do this, once they have joined the team of the case or opened it with a reason."""


class BadInput(OrtoolError):
    """What was typed or read cannot be understood. Nothing was written."""

    exit_code = 2


class StorageFault(OrtoolError):
    """The database could not keep its promise. What was acknowledged before is still there."""

    exit_code = 3


class GuardsMissing(StorageFault):
    """A guard that the database keeps over what is stored is gone, or is another one."""


class Unanswered(StorageFault):
    """The database gave up in the middle, and nothing was recorded: the same command may be sent again."""


class Away(Unanswered):
    """The database does not answer at all."""

    def __init__(self, message: str = "", hint: str = "") -> None:
        super().__init__(
            message or "The database does not answer.",
            hint or "Ticks and notes are saved at this terminal until it does; bookings and all else have to wait.",
        )


class Unknown(StorageFault):
    """The database went away at the very moment of saving, and has not said since whether it did."""
