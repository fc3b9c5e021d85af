"""The face in a browser: the terminal program behind a login of its own. No rule lives here."""
