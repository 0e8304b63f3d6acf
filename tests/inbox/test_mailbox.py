"""The mailbox door against a real Dovecot on loopback, started here."""

from __future__ import annotations

import datetime as dt
import getpass
import grp
import logging
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from imapclient import IMAPClient
from mails import mail, part, tiff
from smtp_talk import Recorder

from inbox.delivery import TryLater
from inbox.mailbox import MailboxDoor, MailboxDoorError, MailboxSettings

DOVECOT = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin")
pytestmark = pytest.mark.skipif(DOVECOT is None, reason="dovecot is not installed: apt-get install dovecot-imapd")
ARRIVED = dt.datetime(2026, 11, 20, 8, 30, tzinfo=dt.UTC)
CLOCK = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)

CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
first_valid_uid = 1
mail_location = maildir:{folder}/mail/%u
passdb {{
  driver = static
  args = password=secret
  mechanisms = plain login
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/oauth2.conf
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
auth_failure_delay = 0
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""


class Introspection(BaseHTTPRequestHandler):
    """Says whose token it is, as an OAuth2 server does."""

    def do_GET(self) -> None:
        good = "token=good-token&" in self.path + "&"
        self.send_response(200 if good else 401)
        self.end_headers()
        self.wfile.write(b'{"user": "fax", "active": true}' if good else b"{}")

    def log_message(self, format: str, *args: Any) -> None:
        return


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = Path(tmp_path_factory.mktemp("dovecot"))
    tokens = HTTPServer(("127.0.0.1", 0), Introspection)
    threading.Thread(target=tokens.serve_forever, daemon=True).start()
    me = pwd.getpwuid(os.getuid())
    owner = pwd.getpwnam("dovecot") if me.pw_uid == 0 else me
    login = "dovenull" if me.pw_uid == 0 else getpass.getuser()
    port = free_port()
    config = CONFIG.format(
        folder=folder,
        internal=owner.pw_name,
        group=grp.getgrgid(owner.pw_gid).gr_name,
        login=login,
        uid=owner.pw_uid,
        gid=owner.pw_gid,
        port=port,
    )
    (folder / "dovecot.conf").write_text(config)
    (folder / "oauth2.conf").write_text(
        f"introspection_mode = get\nintrospection_url = http://127.0.0.1:{tokens.server_port}/?token=\nusername_attribute = user\n"
        f"active_attribute = active\nactive_value = true\n"
    )
    for name in ("mail", "home", "state"):
        (folder / name).mkdir()
        os.chown(folder / name, owner.pw_uid, owner.pw_gid)
    # Dovecot's own user walks down to its folder, however many levels the run has put above it.
    for above in (
        folder,
        *(p for p in folder.parents if p.is_relative_to(tempfile.gettempdir()) and p.owner() == me.pw_name),
    ):
        if above != Path(tempfile.gettempdir()):
            above.chmod(above.stat().st_mode | 0o011)
    process = subprocess.Popen([str(DOVECOT), "-F", "-c", str(folder / "dovecot.conf")], stderr=subprocess.PIPE)
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            if process.poll() is not None:
                pytest.fail(f"dovecot did not start: {process.stderr.read()[:500]!r}")  # type: ignore[union-attr]
            time.sleep(0.1)
    yield port
    process.terminate()
    process.wait(10)
    tokens.shutdown()


@pytest.fixture
def user(server: int, request: pytest.FixtureRequest) -> str:
    return f"fax{abs(hash(request.node.name)) % 10**9}"


def client(port: int, user: str) -> IMAPClient:
    connected = IMAPClient("127.0.0.1", port=port, ssl=False, timeout=10)
    connected.login(user, "secret")
    return connected


def put(port: int, user: str, data: bytes, at: dt.datetime = ARRIVED) -> None:
    with client(port, user) as inside:
        inside.append("INBOX", data, msg_time=at)


def folders(port: int, user: str) -> dict[str, int]:
    with client(port, user) as inside:
        return {name: inside.folder_status(name, ["MESSAGES"])[b"MESSAGES"] for _, _, name in inside.list_folders()}


def door(port: int, user: str, accept: Recorder, **settings: Any) -> MailboxDoor:
    settings = {"password": "secret", **settings}
    return MailboxDoor(
        MailboxSettings("127.0.0.1", user, port=port, security="none", **settings),
        accept,
        lambda: CLOCK,
        logging.getLogger("test.box"),
    )


def test_a_message_is_kept_then_moved(server: int, user: str, accept: Recorder) -> None:
    data = mail(part(tiff(), "image/tiff", "f.tif"))
    put(server, user, data)
    box = door(server, user, accept)
    assert box.look_once().taken == ("D-0001",)
    (kept,) = accept.kept
    assert kept.data == data and kept.route == "mailbox" and kept.desk == user
    assert kept.arrived_at == ARRIVED and kept.arrival_source == "mailbox INTERNALDATE" and kept.received_at == CLOCK
    assert folders(server, user) == {"INBOX": 0, "Taken by gateway": 1}
    assert box.look_once().taken == ()
    box.close()


def test_trouble_leaves_the_message_unread_in_its_place(server: int, user: str, accept: Recorder) -> None:
    put(server, user, mail(part(tiff())))
    box = door(server, user, accept)
    for trouble in (TryLater("The disk is full."), ValueError("x")):
        accept.trouble = trouble
        look = box.look_once()
        assert look.trouble and look.waiting == 1
    with client(server, user) as inside:
        inside.select_folder("INBOX", readonly=True)
        assert inside.search(["UNSEEN"])
    accept.trouble = None
    assert len(box.look_once().taken) == 1
    box.close()


def test_a_poison_message_does_not_hold_the_others(server: int, user: str, accept: Recorder) -> None:
    for word in (b"poison", b"good"):
        put(server, user, b"Subject: " + word + b"\r\n\r\nx\r\n")

    def picky(delivery: Any) -> str:
        if b"poison" in delivery.data:
            raise ValueError
        return accept(delivery)

    box = door(server, user, accept)
    box.accept = picky
    look = box.look_once()
    assert look.taken == ("D-0001",) and look.waiting == 1 and look.trouble
    box.close()


def test_a_crash_between_commit_and_move_comes_again(
    server: int, user: str, accept: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(server, user, b"Subject: x\r\n\r\nfax\r\n")

    def crash(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(MailboxDoor, "_move", crash)
        with pytest.raises(KeyboardInterrupt):
            door(server, user, accept).look_once()
    assert len(door(server, user, accept).look_once().taken) == 1
    assert accept.kept[0].data == accept.kept[1].data and len(accept.kept) == 2


def test_a_too_big_message_goes_to_a_person(server: int, user: str, accept: Recorder) -> None:
    put(server, user, b"Subject: x\r\n\r\n" + b"x" * 3000 + b"\r\n")
    assert door(server, user, accept, max_bytes=1000).look_once().left == 1
    assert folders(server, user) == {"INBOX": 0, "Kept for a person": 1} and not accept.kept


def test_a_server_without_move(server: int, user: str, accept: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    put(server, user, b"Subject: x\r\n\r\nfax\r\n")
    has = IMAPClient.has_capability
    monkeypatch.setattr(IMAPClient, "has_capability", lambda self, name: name != "MOVE" and has(self, name))
    assert len(door(server, user, accept).look_once().taken) == 1
    assert folders(server, user) == {"INBOX": 0, "Taken by gateway": 1}


def test_oauth2(server: int, accept: Recorder) -> None:
    put(server, "fax", b"Subject: x\r\n\r\nfax\r\n")
    wrong = door(server, "fax", accept, password=None, token=lambda: "stolen")
    assert "sign-in" in str(wrong.look_once().trouble) or "reached" in str(wrong.look_once().trouble)
    assert len(door(server, "fax", accept, password=None, token=lambda: "good-token").look_once().taken) == 1


def test_wrong_password_and_dead_server_have_a_sentence(server: int, user: str, accept: Recorder) -> None:
    assert "refused the sign-in" in str(door(server, user, accept, password="wrong").look_once().trouble)
    assert "cannot be reached" in str(door(free_port(), user, accept).look_once().trouble)
    with pytest.raises(MailboxDoorError, match="tls or starttls"):
        MailboxDoor(MailboxSettings("imap.example", "u", password="x", security="none"), accept, lambda: CLOCK)
    with pytest.raises(MailboxDoorError, match="OAuth2"):
        MailboxDoor(MailboxSettings("imap.example", "u"), accept, lambda: CLOCK)


def test_a_waiting_door_hears_of_a_new_message_and_stops(server: int, user: str, accept: Recorder) -> None:
    box = door(server, user, accept, poll_seconds=8)
    stop = threading.Event()
    watch = threading.Thread(target=box.run, args=(stop,))
    watch.start()
    time.sleep(1)
    put(server, user, b"Subject: x\r\n\r\nfax\r\n")
    end = time.monotonic() + 25
    while not accept.kept and time.monotonic() < end:
        time.sleep(0.1)
    stop.set()
    watch.join(20)
    assert len(accept.kept) == 1 and not watch.is_alive()
