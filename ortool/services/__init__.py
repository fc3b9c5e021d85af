"""THE VERBS: each one transaction that loads, asks a pure room, appends and commits."""
