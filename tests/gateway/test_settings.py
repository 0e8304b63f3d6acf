"""A wrong setting stops the start with one line that names it and the cure; the environment wins over the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import WrongInput
from gateway.settings import load_settings


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("GATEWAY_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_defaults_need_nothing() -> None:
    settings = load_settings()
    assert settings.smtp.port == 2525 and settings.web.port == 8080 and settings.data == Path("data")
    assert settings.url.startswith("sqlite:///")


def test_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("gateway.toml").write_text('[smtp]\nport = 2600\ndomains = ["a.example"]\n[mail]\nfrom = "x@nhs.net"\n')
    monkeypatch.setenv("GATEWAY_SMTP__PORT", "2700")
    settings = load_settings()
    assert settings.smtp.port == 2700
    assert settings.smtp.domains == ["a.example"]
    assert settings.mail.from_ == "x@nhs.net"


def test_postgresql_by_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_DATABASE_URL", "postgresql://me@db/gateway")
    assert load_settings().url == "postgresql+psycopg://me@db/gateway"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("GATEWAY_SMTP__PORT", "seventy", "GATEWAY_SMTP__PORT"),
        ("GATEWAY_SMTP__PORT", "70000", "GATEWAY_SMTP__PORT"),
        ("GATEWAY_SMTP__DOMAINS", '["a@b.example"]', "without @"),
        ("GATEWAY_SMTP__DOMAINS", "a.example", "GATEWAY_"),
        ("GATEWAY_SMTP__DOMAINS", "[]", "GATEWAY_SMTP__DOMAINS"),
        ("GATEWAY_ERS__BASE_URL", "http://ers.example", "https://"),
        ("GATEWAY_ERS__RATE_PER_SECOND", "50", "GATEWAY_ERS__RATE_PER_SECOND"),
        ("GATEWAY_OFFICE__POLICY", "both", "GATEWAY_OFFICE__POLICY"),
        ("GATEWAY_SMTP__COLOUR", "red", "no setting GATEWAY_SMTP__COLOUR"),
        ("GATEWAY_SETTINGS", "nowhere.toml", "no such file"),
    ],
)
def test_a_wrong_one_is_named_with_its_cure(monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(WrongInput) as wrong:
        load_settings()
    assert says in str(wrong.value)
    assert "\n" not in wrong.value.says
    assert wrong.value.do


def test_a_broken_file_is_told() -> None:
    Path("gateway.toml").write_text("[smtp\n")
    with pytest.raises(WrongInput) as wrong:
        load_settings()
    assert "settings cannot be read" in wrong.value.says
