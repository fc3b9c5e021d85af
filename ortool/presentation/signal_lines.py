"""What the record says of itself, as lines for the team."""

from collections.abc import Sequence

HEADING = "For the team to talk about, not to blame anybody:"


def signal_lines(sentences: Sequence[str]) -> list[str]:
    """Return the signals as lines below their heading; nothing where there is nothing to say."""
    return [HEADING, *(f"- {sentence}" for sentence in sentences)] if sentences else []
