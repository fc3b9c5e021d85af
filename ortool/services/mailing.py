"""Where mail goes: into a folder, or to the SMTP server of the settings."""

from __future__ import annotations

import ipaddress
import os
import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

from ortool.errors import BadInput, Refused
from ortool.settings import Settings

SECONDS = 20.0
_TLS_FROM_THE_START = 465


class Post(Protocol):
    """Takes mail, one by one. `place` says where to, without a password."""

    place: str

    def take(self, name: str, message: EmailMessage) -> None:
        """Take a message; `name` is a name for a file of it. Raises Refused or BadInput."""

    def close(self) -> None:
        """End it."""


class Folder:
    """A folder of `.eml` files, each written completely or not at all and readable by its owner alone."""

    def __init__(self, path: Path) -> None:
        if not path.is_dir():
            raise BadInput(f"There is no folder {path}.", "Make it, or name another one.")
        self.path = path
        self.place = "folder"

    def take(self, name: str, message: EmailMessage) -> None:
        """Write a message into a file. Raises BadInput."""
        target, half = self.path / f"{name}.eml", self.path / f".{name}.half"
        try:
            with suppress(FileNotFoundError):
                half.unlink()
            handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(message.as_bytes())
            half.replace(target)
        except OSError as error:
            raise BadInput(f"{target} cannot be written: {error.strerror}.") from None

    def close(self) -> None:
        """Nothing stands open."""


class Server:
    """The SMTP server of the settings. A password goes there encrypted, or not at all."""

    def __init__(self, settings: Settings, password: str = "", trusted: ssl.SSLContext | None = None) -> None:
        self.place = settings.smtp_host
        if not settings.smtp_host:
            raise BadInput("No mail server is set.", "Set smtp_host and mail_from, or write files with --out.")
        encrypted = settings.smtp_starttls or settings.smtp_port == _TLS_FROM_THE_START
        if settings.smtp_user and not encrypted and not _is_here(settings.smtp_host):
            raise BadInput("The password of the mail server would go there unencrypted.", "Set smtp_starttls.")
        context = trusted or ssl.create_default_context()
        try:
            if settings.smtp_port == _TLS_FROM_THE_START:
                self._smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                    settings.smtp_host, settings.smtp_port, timeout=SECONDS, context=context
                )
            else:
                self._smtp = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=SECONDS)
                if settings.smtp_starttls:
                    self._smtp.starttls(context=context)
            if settings.smtp_user:
                self._smtp.login(settings.smtp_user, password)
        except (OSError, smtplib.SMTPException) as error:
            raise self._refusal(error) from None

    def take(self, name: str, message: EmailMessage) -> None:
        """Send a message. Raises Refused where the server does not take it."""
        del name
        try:
            self._smtp.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            raise self._refusal(error) from None

    def close(self) -> None:
        """Take leave of the server."""
        with suppress(OSError, smtplib.SMTPException):
            self._smtp.quit()

    def _refusal(self, error: Exception) -> Refused:
        # The server's own words may repeat an address or a name; its number and the kind of the error do not.
        code = f" {error.smtp_code}" if isinstance(error, smtplib.SMTPResponseException) else ""
        why = (
            "does not let this user in" if isinstance(error, smtplib.SMTPAuthenticationError) else "does not take mail"
        )
        return Refused(f"{self.place} {why} ({type(error).__name__}{code}).", "Nothing more was sent.")


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
