"""The `ortool` command."""


def run() -> None:
    """Start the program."""
