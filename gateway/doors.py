"""The settings of the doors as the doors want them, and the sign-in of the mailbox."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx

from gateway.settings import MailboxSettings, Settings
from inbox.folder import FolderSettings
from inbox.mailbox import MailboxSettings as MailboxLimits
from inbox.smtp_limits import MEGABYTE, RoomLimits, SmtpSettings

_EARLY = 60.0  # seconds before its end at which a token counts as old


def smtp_limits(settings: Settings) -> SmtpSettings:
    """One SMTP listener."""
    smtp = settings.smtp
    return SmtpSettings(
        domains=tuple(smtp.domains),
        host=smtp.host,
        port=smtp.port,
        networks=tuple(smtp.networks),
        starttls=smtp.tls,
        certificate_file=smtp.certificate,
        key_file=smtp.key,
        fax_hosts=tuple(smtp.fax_servers),
        max_bytes=smtp.max_mb * MEGABYTE,
    )


def room_limits(settings: Settings) -> RoomLimits:
    """What all listeners together may use."""
    return RoomLimits(connections=settings.smtp.connections)


def folder_limits(settings: Settings) -> FolderSettings:
    """The watched folder."""
    return FolderSettings(max_bytes=settings.smtp.max_mb * MEGABYTE, look_seconds=settings.folder.every_seconds)


def mailbox_limits(settings: Settings) -> MailboxLimits:
    """The mailbox; with OAuth2 its token is fetched anew when the old one is about to end."""
    box = settings.mailbox
    return MailboxLimits(
        host=box.host or "",
        user=box.user,
        port=box.port,
        password=box.password.get_secret_value() if box.password else None,
        token=_tokens(box) if box.token_url else None,
        security=box.security,
        authority_file=box.ca_file,
        folder=box.folder,
        done=box.done,
        kept=box.kept,
        max_bytes=settings.smtp.max_mb * MEGABYTE,
        poll_seconds=box.poll_seconds,
    )


def _tokens(box: MailboxSettings) -> Callable[[], str]:
    """Access tokens by client credentials (RFC 6749 section 4.4), kept in memory only."""
    held: dict[str, str] = {}
    until = 0.0

    def token() -> str:
        nonlocal until
        if "token" not in held or time.monotonic() > until - _EARLY:
            asked = {
                "grant_type": "client_credentials",
                "client_id": box.client_id or "",
                "client_secret": box.client_secret.get_secret_value() if box.client_secret else "",
                "scope": box.scope,
            }
            answer = httpx.post(box.token_url or "", data=asked, timeout=30).raise_for_status().json()
            held["token"], until = str(answer["access_token"]), time.monotonic() + float(answer.get("expires_in", 300))
        return held["token"]

    return token
