"""The settings: `gateway.toml` or environment, environment wins; a wrong one stops the start with one line that names it.

The environment name of a setting is `GATEWAY_` and its path with two underscores: `GATEWAY_SMTP__PORT`. The file is
`gateway.toml` in the present folder, or the one that `GATEWAY_SETTINGS` names.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from gateway.errors import WrongInput


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SmtpSettings(_Section):
    """The door for fax-to-email and mail."""

    host: str = Field("127.0.0.1", description="address to listen on; 0.0.0.0 for all")
    port: int = Field(2525, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    domains: list[str] = Field(["localhost"], min_length=1, description="recipient domains that are ours (JSON list)")
    max_mb: int = Field(50, ge=1, le=500, description="largest message, in megabytes")
    tls: Literal["off", "offer", "require"] = Field("off", description="STARTTLS")
    certificate: Path | None = Field(None, description="certificate file for STARTTLS")
    key: Path | None = Field(None, description="key file for STARTTLS")
    networks: list[str] = Field([], description="networks that may connect, as 10.0.0.0/8; empty: any")
    fax_servers: list[str] = Field([], description="names of our fax servers whose Received time is the arrival (P5)")
    connections: int = Field(100, ge=1, description="connections at a time")

    @field_validator("domains")
    @classmethod
    def _plain_domains(cls, domains: list[str]) -> list[str]:
        for domain in domains:
            if not domain or "@" in domain or " " in domain:
                raise ValueError(f"'{domain}' is not a domain; write it like faxes.trust.example, without @")
        return [d.lower() for d in domains]


class FolderSettings(_Section):
    """The watched folder (scan to folder)."""

    path: Path | None = Field(None, description="folder to watch; none when empty")
    every_seconds: float = Field(2.0, gt=0, description="pause between two looks")


class MailboxSettings(_Section):
    """The mailbox in which a fax number ends (IMAP)."""

    host: str | None = Field(None, description="IMAP server; no mailbox when empty")
    port: int = Field(993, ge=1, le=65535, description="its port")
    user: str = Field("", description="user, often the mailbox's address")
    password: SecretStr | None = Field(None, description="password, where it is not OAuth2")
    security: Literal["tls", "starttls", "none"] = Field("tls", description="none only for a server on this machine")
    ca_file: Path | None = Field(None, description="certificate authority, where it is not the system's")
    folder: str = Field("INBOX", description="folder to read")
    done: str = Field("Taken by gateway", description="folder for messages that are kept here")
    kept: str = Field("Kept for a person", description="folder for messages that only a person can take")
    poll_seconds: float = Field(
        60.0, gt=0, description="pause between two looks, where the server does not tell by itself"
    )
    token_url: str | None = Field(None, description="where OAuth2 access tokens come from (client credentials)")
    client_id: str | None = Field(None, description="our application's id there")
    client_secret: SecretStr | None = Field(None, description="its secret")
    scope: str = Field("https://outlook.office365.com/.default", description="scope of the token")


class WebSettings(_Section):
    """The review desk."""

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8080, ge=0, le=65535, description="port of the review desk")
    address: str | None = Field(
        None, description="as https://referrals.trust.example: how people reach the desk; for sign-ins that come back"
    )
    certificate: Path | None = Field(None, description="certificate file for https; plain http when empty")
    key: Path | None = Field(None, description="key file of that certificate")
    idle_minutes: float = Field(30.0, gt=0, description="a sign-in ends after so many minutes without a click")
    shift_hours: float = Field(12.0, gt=0, description="a sign-in ends after so many hours in any case")
    claim_minutes: float = Field(15.0, gt=0, description="how long a referral stays with the person who opened it")
    backlog_hours: float = Field(48.0, gt=0, description="age of the oldest waiting item that raises an alarm")
    silence_hours: float = Field(2.0, gt=0, description="hours without a fax on a working day that raise an alarm")


class DeskSettings(_Section):
    """Log-in to the review desk by the trust's identity service (OpenID Connect), beside the passwords."""

    oidc_issuer: str | None = Field(
        None, description="as https://login.trust.example/realm: the identity service; passwords only when empty"
    )
    oidc_client_id: str | None = Field(None, description="under which the desk is registered there")
    oidc_secret_file: Path | None = Field(None, description="file with the client secret; none for a public client")
    oidc_claim: str = Field(
        "preferred_username", description="the claim that holds the name which the person has at the desk"
    )
    oidc_scope: str = Field("openid profile", description="scopes that are asked for")


class ErsSettings(_Section):
    """Where e-RS is and how we sign in."""

    base_url: str | None = Field(None, description="as https://api.service.nhs.uk/referrals/FHIR; none when empty")
    code_system_base: str | None = Field(
        None, description="base of the specialty code system, where it is not base_url"
    )
    role: str = Field("REFERRING_CLINICIAN", description="business function of the operators who release")
    rate_per_second: float = Field(10.0, gt=0, le=10, description="most calls a second, all processes together")
    timeout_seconds: float = Field(190.0, ge=1, description="patience with one call; the national proxy waits 180")
    probe_seconds: float = Field(60.0, gt=0, description="pause between two looks whether e-RS is up")
    up_after: int = Field(2, ge=1, description="good looks in a row before e-RS counts as up")
    down_after: int = Field(2, ge=1, description="bad looks in a row before e-RS counts as down")
    look_again_minutes: list[float] = Field([1, 5, 15], min_length=1, description="when an unsure create is looked for")
    scan_minutes: float = Field(5.0, gt=0, description="pause between two looks at the scan of a letter")
    in_flight: int = Field(
        32, ge=1, le=40, description="referrals on their way at a time; slow answers need more for 10/s"
    )
    away_minutes: float = Field(10.0, gt=0, description="how long a release waits for e-RS before it pauses")
    token_url: str | None = Field(None, description="where tokens come from; none for an open sandbox")
    authorize_url: str | None = Field(None, description="where a person signs in (OpenID Connect)")
    scope: str = Field("openid profile", description="what is asked for when a person signs in")
    redirect_port: int = Field(0, ge=0, le=65535, description="loopback port of the sign-in; 0 takes a free one")
    client_id: str | None = Field(None, description="our application's id there")
    client_key: Path | None = Field(None, description="file with the private key for the signed JWT")
    key_id: str | None = Field(None, description="`kid` of that key")
    ca_file: Path | None = Field(None, description="certificate authority, where it is not the system's")

    @field_validator("base_url", "token_url", "authorize_url")
    @classmethod
    def _https_but_for_loopback(cls, url: str | None) -> str | None:
        if url is None:
            return None
        from urllib.parse import urlsplit

        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("write it like https://api.service.nhs.uk/referrals/FHIR")
        if parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
            raise ValueError("patient data needs https:// (http:// only for this machine)")
        return url.rstrip("/")


class MailSettings(_Section):
    """The relay through which letters leave."""

    host: str | None = Field(None, description="SMTP relay; letters are only kept when empty")
    port: int = Field(587, ge=1, le=65535, description="its port")
    from_: str = Field("referrals@localhost", alias="from", description="our sender address")
    tls: Literal["starttls", "implicit", "off"] = Field("starttls", description="off only for a relay on this machine")
    ca_file: Path | None = Field(None, description="certificate authority, where it is not the system's")
    user: str | None = Field(None, description="user at the relay")
    password: SecretStr | None = Field(None, description="password at the relay")
    domains: list[str] = Field(["nhs.net"], description="domains that letters may be sent to")

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class OfficeSettings(_Section):
    """Who we are, as printed on letters."""

    name: str = Field("Referral Office", description="as printed on letters")
    phone: str = Field("", description="whom to ring")
    ods: str = Field("", description="the trust's ODS code")
    policy: Literal["we_enter", "you_enter"] = Field("we_enter", description="who enters referrals in e-RS afterwards")


class ReadingSettings(_Section):
    """How documents are read."""

    workers: int = Field(1, ge=1, le=16, description="documents read at a time, each in its own process")
    seconds_per_page: float = Field(60.0, gt=0, description="patience with one page before a person must look")
    memory_mb: int = Field(900, ge=300, description="most memory of one reading process")
    index_days: int = Field(7, ge=1, description="age of the patient index that raises an alarm")


class Settings(BaseSettings):
    """All settings; `gateway doctor` prints where each comes from."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_", env_nested_delimiter="__", extra="forbid")

    data: Path = Field(Path("data"), description="the one data folder")
    database_url: str | None = Field(None, description="PostgreSQL by URL; SQLite in the data folder when empty")
    slot: str = Field("1", description="stable name of this running gateway among several on one database")
    settings: Path | None = Field(None, description="the settings file")
    log: Literal["text", "json"] = Field("text", description="how log lines look")
    smtp: SmtpSettings = Field(default_factory=SmtpSettings)  # type: ignore[arg-type]
    folder: FolderSettings = Field(default_factory=FolderSettings)  # type: ignore[arg-type]
    mailbox: MailboxSettings = Field(default_factory=MailboxSettings)  # type: ignore[arg-type]
    web: WebSettings = Field(default_factory=WebSettings)  # type: ignore[arg-type]
    desk: DeskSettings = Field(default_factory=DeskSettings)  # type: ignore[arg-type]
    ers: ErsSettings = Field(default_factory=ErsSettings)  # type: ignore[arg-type]
    mail: MailSettings = Field(default_factory=MailSettings)  # type: ignore[arg-type]
    office: OfficeSettings = Field(default_factory=OfficeSettings)  # type: ignore[arg-type]
    reading: ReadingSettings = Field(default_factory=ReadingSettings)  # type: ignore[arg-type]

    @property
    def url(self) -> str:
        """The database, as SQLAlchemy wants it."""
        if self.database_url:
            return self.database_url.replace("postgresql://", "postgresql+psycopg://", 1)
        return f"sqlite:///{(self.data / 'gateway.sqlite3').absolute()}"

    @property
    def site_forms(self) -> Path:
        """Where the site keeps its own forms, once it has any; ours come with the program."""
        return self.data / "forms"

    @property
    def form_folders(self) -> list[Path]:
        """The same, as far as it is there."""
        return [self.site_forms] if self.site_forms.is_dir() else []

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then environment, then the file."""
        file = Path(os.environ.get("GATEWAY_SETTINGS", "gateway.toml"))
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=file)


def load_settings(**given: Any) -> Settings:
    """Read the settings; WrongInput names the first wrong one, what it holds that it should not, and the cure."""
    named = os.environ.get("GATEWAY_SETTINGS")
    if named and not Path(named).exists():
        raise WrongInput(
            "setting", f"GATEWAY_SETTINGS names {named}, and there is no such file.", "Name a file that exists."
        )
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        path = [str(p) for p in first["loc"]]
        name = "GATEWAY_" + "__".join(p.upper() for p in path)
        if first["type"] == "extra_forbidden":
            raise WrongInput(
                "setting", f"There is no setting {name}.", "See docs/administrator.md for their names."
            ) from None
        raise WrongInput("setting", f"The setting {name} is wrong: {_plain(first)}.", _cure(path)) from None
    except Exception as error:  # a TOML syntax error, or JSON expected in an environment variable
        raise WrongInput(
            "setting", f"The settings cannot be read: {error}.", "Correct gateway.toml or the GATEWAY_ variable."
        ) from None


def _plain(error: Any) -> str:
    message = str(error["msg"]).removeprefix("Value error, ").rstrip(".")
    return message[0].lower() + message[1:]


def _cure(path: list[str]) -> str:
    model: Any = Settings
    about = ""
    for part in path:
        fields = getattr(model, "model_fields", {})
        field = fields.get(part) or next((f for f in fields.values() if f.alias == part), None)
        if field is None:
            break
        about, model = field.description or "", field.annotation
    return f"It is: {about}. Correct it in gateway.toml or the environment." if about else "Correct it in gateway.toml."
