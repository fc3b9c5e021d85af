"""ortool: the operating theatre's day from a terminal."""

__version__ = "0.1.0"
