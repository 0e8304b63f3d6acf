"""The relay through which letters leave: SMTP with a verified certificate, to one address a letter, subjects without patient data.

Trouble of the relay or the network is Later; a recipient that the relay refuses for good is RecipientRefused, and a person looks.
"""

from __future__ import annotations

import datetime as dt
import email.policy
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime
from types import TracebackType
from typing import Protocol

from gateway.errors import Later, Refused, WrongInput
from gateway.settings import MailSettings, Settings

SECONDS = 30.0
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class RecipientRefused(Refused):
    """The relay will never take a letter for this address."""


class Transport(Protocol):
    """Something that mails can be handed to while it is open."""

    def __enter__(self) -> Transport:
        """Connect; Later when that cannot be done now."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect."""
        ...

    def send(self, message: EmailMessage, address: str) -> None:
        """Hand over one mail for one address; Later or RecipientRefused otherwise."""
        ...


class Relay:
    """The site's mail relay, open for one round of letters."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Relay:
        """Connect, verify the relay's certificate, sign in where a user is set."""
        host = self._settings.host or ""
        if self._settings.tls == "off" and host not in LOOPBACK:
            raise WrongInput(
                "mail",
                "Letters may not leave this machine without TLS.",
                "Set GATEWAY_MAIL__TLS to starttls or implicit.",
            )
        try:
            self._smtp = self._connected(host)
        except ssl.SSLCertVerificationError as error:
            says = f"The certificate of the mail relay cannot be trusted ({error.verify_message})."
            raise Later("mail", says, "Set GATEWAY_MAIL__CA_FILE to the authority that signed it.") from None
        except smtplib.SMTPAuthenticationError:
            raise Later(
                "mail", "The mail relay refused our sign-in.", "Check GATEWAY_MAIL__USER and its password."
            ) from None
        except (smtplib.SMTPException, OSError) as error:
            says = f"The mail relay cannot be used now ({type(error).__name__})."
            raise Later("mail", says, "It is tried again; check GATEWAY_MAIL__HOST when it lasts.") from None
        return self

    def _connected(self, host: str) -> smtplib.SMTP:
        settings = self._settings
        context = ssl.create_default_context(cafile=str(settings.ca_file) if settings.ca_file else None)
        name = settings.from_.rsplit("@", 1)[-1]
        if settings.tls == "implicit":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(host, settings.port, name, timeout=SECONDS, context=context)
        else:
            smtp = smtplib.SMTP(host, settings.port, name, timeout=SECONDS)
        try:
            if settings.tls == "starttls":
                smtp.starttls(context=context)
            if settings.user:
                smtp.login(settings.user, settings.password.get_secret_value() if settings.password else "")
        except BaseException:
            smtp.close()
            raise
        return smtp

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say goodbye; what was accepted stays accepted whatever the relay answers now."""
        if self._smtp is not None:
            try:
                self._smtp.quit()
            except (smtplib.SMTPException, OSError):
                self._smtp.close()
            self._smtp = None

    def send(self, message: EmailMessage, address: str) -> None:
        """Hand over one mail; a 5xx for the address is final, everything else may pass."""
        if self._smtp is None:
            raise Later("mail", "The mail relay is not connected.", "It is tried again.")
        try:
            self._smtp.send_message(message, self._settings.from_, [address])
        except smtplib.SMTPRecipientsRefused as refused:
            code = next(iter(refused.recipients.values()))[0]
            if 500 <= code < 600:
                says = f"The mail relay refused the practice's address ({code})."
                raise RecipientRefused("mail", says, "Correct the contacts file, or ring the practice.") from None
            raise Later("mail", f"The mail relay asks to come back ({code}).", "It is tried again.") from None
        except smtplib.SMTPResponseException as error:
            raise Later(
                "mail", f"The mail relay did not take the letter ({error.smtp_code}).", "It is tried again."
            ) from None
        except (smtplib.SMTPException, OSError) as error:
            raise Later("mail", f"The mail relay was lost ({type(error).__name__}).", "It is tried again.") from None


def letter_message(
    kind: str, code: str, about: str, pdf: bytes, address: str, settings: Settings, now: dt.datetime, *, rehearsal: bool
) -> EmailMessage:
    """The mail that carries a letter. Subject, text and file name hold our references only (P8); no answer machine replies."""
    from templates.letter import mail_words  # draws in the PDF library, for which no other command should wait

    subject, text = mail_words(kind, about, rehearsal=rehearsal)
    message = EmailMessage(policy=email.policy.SMTP)
    message["Subject"] = subject
    message["From"] = settings.mail.from_
    message["To"] = address
    message["Date"] = format_datetime(now)
    # the same letter has the same id, so that a second copy after a crash can be told
    message["Message-ID"] = f"<{code}@{settings.mail.from_.rsplit('@', 1)[-1]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(
        "\n".join(line for line in (text, "", settings.office.name, settings.office.phone)).strip() + "\n"
    )
    message.add_attachment(pdf, maintype="application", subtype="pdf", filename=f"{code}.pdf")
    return message
