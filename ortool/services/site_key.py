"""The one secret of a site's database by which it makes pseudonyms and marks that nobody else can make or guess."""

import secrets

from ortool.services.theatre import Theatre
from ortool.storage.tables import Meta

NAME = "export_key"


def site_key(theatre: Theatre) -> bytes:
    """Return the key; it is made once and stays in the database, outside the journal."""
    with theatre.store.writing() as session:
        found = session.get(Meta, NAME)
        if found is None:
            found = Meta(name=NAME, value=secrets.token_hex(32))
            session.add(found)
        return bytes.fromhex(found.value)


def site_key_if_any(theatre: Theatre) -> bytes:
    """Return the key, or nothing where none was made yet."""
    with theatre.reading() as session:
        found = session.get(Meta, NAME)
        return bytes.fromhex(found.value) if found is not None else b""
