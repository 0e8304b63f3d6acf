"""The SMTP door on a real port: what is promised to a sender (P1), and every trap of inbound-mail.md sections 4 and 6."""

from __future__ import annotations

import datetime as dt
import logging
import smtplib
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from smtp_talk import NOW, Raw, Recorder

from inbox.delivery import TryLater
from inbox.smtp import SmtpDoor
from inbox.smtp_limits import RoomLimits, SmtpDoorError, SmtpSettings

MAIL = b"From: a@sender.example\r\nSubject: fax\r\n\r\nbody\r\n"
Open = Callable[..., SmtpDoor]
Connect = Callable[[int], Raw]


def send(door: SmtpDoor, data: bytes = MAIL, sender: str = "fax@sender.example", to: str = "desk@fax.example") -> bytes:
    with smtplib.SMTP("127.0.0.1", door.port, timeout=20) as client:
        client.ehlo("client")
        client.mail(sender)
        client.rcpt(to)
        code, text = client.data(data)
        return str(code).encode() + b" " + text


def wait_for(condition: Callable[[], Any], seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_a_mail_is_kept_and_its_reference_is_in_the_reply(open_door: Open, accept: Recorder) -> None:
    door = open_door()
    assert send(door) == b"250 2.6.0 Kept as D-0001"
    (kept,) = accept.kept
    assert kept.data == MAIL and kept.route == "smtp" and kept.peer == "127.0.0.1"
    assert (
        kept.sender == "fax@sender.example"
        and kept.recipients == ("desk@fax.example",)
        and kept.desk == "desk@fax.example"
    )
    assert kept.received_at == kept.arrived_at == NOW and kept.arrival_source == "end of DATA"


def test_a_null_sender_is_taken(open_door: Open, accept: Recorder, raw: Connect) -> None:
    client = raw(open_door().port)
    client.ask(b"EHLO client")
    assert client.ask(b"MAIL FROM:<>").startswith(b"250")
    client.ask(b"RCPT TO:<desk@fax.example>")
    client.ask(b"DATA")
    assert client.ask(MAIL + b".").startswith(b"250")
    assert accept.kept[0].sender == ""


@pytest.mark.parametrize(
    "sender", [b"<FaxMaster>", "<josé@sender.example>".encode(), b"<jos\xe9@sender.example>", b"a@b.example"]
)
def test_odd_senders_are_taken(sender: bytes, open_door: Open, accept: Recorder, raw: Connect) -> None:
    client = raw(open_door().port)
    client.ask(b"EHLO client")
    assert client.ask(b"MAIL FROM:" + sender + b" BODY=8BITMIME").startswith(b"250")
    client.ask(b"RCPT TO:<desk@fax.example>")
    client.ask(b"DATA")
    assert client.ask(MAIL + b".").startswith(b"250")
    accept.kept[0].sender.encode("utf-8")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("recipient", "code"),
    [
        (b"<someone@elsewhere.example>", b"550 5.7.1"),
        (b"<someone%elsewhere.example@fax.example>", b"550 5.7.1"),
        (b"<elsewhere.example!someone@fax.example>", b"550 5.7.1"),
        (b"<@fax.example:someone@elsewhere.example>", b"550 5.7.1"),
        (b"<@fax.example:desk@fax.example>", b"550 5.7.1"),
        (b'<"someone@elsewhere.example"@fax.example>', b"550 5.7.1"),
        (b"<desk>", b"550 5.7.1"),
        (b"<other@fax.example>", b"550 5.1.1"),
        (b"<DESK@FAX.example>", b"250"),
    ],
)
def test_it_is_never_a_relay(recipient: bytes, code: bytes, open_door: Open, raw: Connect) -> None:
    client = raw(open_door(desks=("desk",)).port)
    client.ask(b"EHLO client")
    client.ask(b"MAIL FROM:<a@b.example>")
    assert client.ask(b"RCPT TO:" + recipient).startswith(code)


def test_base64_without_line_breaks_is_kept_as_it_came(open_door: Open, accept: Recorder) -> None:
    data = MAIL + b"QUJD" * 500_000 + b"\r\n"
    assert send(open_door(), data).startswith(b"250")
    assert accept.kept[0].data == data


def test_dots_at_line_starts_survive(open_door: Open, accept: Recorder) -> None:
    data = MAIL + b".\r\n..\r\n.hidden\r\na.\r\n"
    assert send(open_door(), data).startswith(b"250")
    assert accept.kept[0].data == data


def test_too_big_is_refused_when_announced_and_when_sent(open_door: Open, accept: Recorder, raw: Connect) -> None:
    door = open_door(max_bytes=1024 * 1024)
    client = raw(door.port)
    client.ask(b"EHLO client")
    assert client.ask(b"MAIL FROM:<a@b.example> SIZE=1048577").startswith(b"552 5.3.4")
    assert client.ask(b"MAIL FROM:<a@b.example> SIZE=1048576").startswith(b"250")
    client.ask(b"RCPT TO:<desk@fax.example>")
    client.ask(b"DATA")
    client.send(b"x" * 1_500_000 + b"\r\n")
    assert client.ask(b".").startswith(b"552 5.3.4")
    assert not accept.kept and door.room.held == 0
    assert send(door).startswith(b"250")


def test_endless_bytes_without_a_line_end_are_cut(open_door: Open, raw: Connect) -> None:
    door = open_door(max_bytes=1024 * 1024)
    client = raw(door.port)
    client.begin()
    with pytest.raises(OSError):
        for _ in range(100):
            client.send(b"x" * 1_000_000)
            assert door.room.held <= 1024 * 1024 + 300_000
    assert wait_for(lambda: door.room.held == 0 and door.room.taken == 0)


def test_endless_command_bytes_are_cut(open_door: Open, raw: Connect) -> None:
    door = open_door()
    client = raw(door.port)
    with pytest.raises(OSError):
        for _ in range(100):
            client.send(b"x" * 1_000_000)
    assert wait_for(lambda: door.room.taken == 0)


@pytest.mark.parametrize(
    ("trouble", "reply"),
    [
        (
            TryLater("The disk is full; the administrator has been told."),
            b"451 4.3.0 The disk is full; the administrator has been told.",
        ),
        (OSError(28, "No space left", "/secret/name"), b"451 4.3.0 Cannot keep"),
        (ValueError("Mrs Example 9990000018"), b"451 4.3.0 Cannot keep"),
    ],
)
def test_trouble_of_ours_is_temporary_and_says_nothing_else(
    trouble: Exception, reply: bytes, open_door: Open, accept: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    door = open_door()
    accept.trouble = trouble
    with caplog.at_level(logging.DEBUG):
        answer = send(door)
    assert answer.startswith(reply)
    assert b"secret" not in answer and "9990000018" not in caplog.text and "secret" not in caplog.text
    accept.trouble = None
    assert send(door).startswith(b"250")


def test_after_trouble_the_same_connection_goes_on(open_door: Open, accept: Recorder, raw: Connect) -> None:
    client = raw(open_door().port)
    accept.trouble = OSError("x")
    client.begin()
    assert client.ask(MAIL + b".").startswith(b"451")
    accept.trouble = None
    for command in (b"MAIL FROM:<a@b.example>", b"RCPT TO:<desk@fax.example>", b"DATA", MAIL + b"."):
        reply = client.ask(command)
    assert reply.startswith(b"250 2.6.0")


def test_a_flood_of_refusals_does_not_flood_the_log(
    open_door: Open, raw: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    client = raw(open_door(max_commands=1000).port)
    client.ask(b"EHLO client")
    client.ask(b"MAIL FROM:<a@b.example>")
    with caplog.at_level(logging.WARNING):
        for _ in range(300):
            client.ask(b"RCPT TO:<x@elsewhere.example>")
    assert 0 < len(caplog.records) <= 50


def test_a_store_that_hangs_is_answered_with_451(open_door: Open, accept: Recorder) -> None:
    door = open_door(commit_seconds=0.3)
    accept.gate = threading.Event()
    assert send(door).startswith(b"451")
    accept.gate.set()
    assert wait_for(lambda: door.room.held == 0)


def test_a_hang_up_does_not_cancel_the_commit(
    open_door: Open, accept: Recorder, raw: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    door = open_door()
    accept.gate = threading.Event()
    client = raw(door.port)
    client.begin()
    client.send(MAIL + b".\r\n")
    assert accept.entered.wait(5)
    client.close()
    assert wait_for(lambda: door.room.taken == 0)
    assert door.room.held > 0
    with caplog.at_level(logging.WARNING):
        accept.gate.set()
        assert wait_for(lambda: len(accept.kept) == 1 and door.room.held == 0)
        assert wait_for(lambda: "did not hear it" in caplog.text)


def test_commands_pipelined_behind_the_data_are_served(open_door: Open, accept: Recorder, raw: Connect) -> None:
    client = raw(open_door().port)
    client.send(
        b"EHLO c\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<desk@fax.example>\r\nDATA\r\n"
        + MAIL
        + b".\r\nMAIL FROM:<>\r\nRCPT TO:<desk@fax.example>\r\nDATA\r\n.\r\nQUIT\r\n"
    )
    replies = [client.reply()[:3] for _ in range(9)]
    assert replies == [b"250", b"250", b"250", b"354", b"250", b"250", b"250", b"354", b"250"]
    assert [len(kept.data) for kept in accept.kept] == [len(MAIL), 0]


def test_bare_lf_sender_is_told_and_logged(open_door: Open, raw: Connect, caplog: pytest.LogCaptureFixture) -> None:
    door = open_door(bare_lf_seconds=0.3)
    client = raw(door.port)
    client.begin()
    with caplog.at_level(logging.WARNING):
        client.send(b"Subject: fax\n\nbody\n.\n")
        assert client.reply().startswith(b"451 4.6.0")
    assert "bare LF" in caplog.text


def test_smuggled_ends_are_not_ends(open_door: Open, accept: Recorder) -> None:
    data = MAIL + b"a\n.\r\nMAIL FROM:<x@y.example>\r\n\r\n.\nb\r\n"
    door = open_door()
    client = Raw(door.port)
    client.begin()
    assert client.ask(data + b".").startswith(b"250")
    client.close()
    assert accept.kept[0].data == data.replace(b"\r\n.\nb", b"\r\n\nb")


def test_slow_sender_is_cut_in_a_message(open_door: Open, raw: Connect) -> None:
    client = raw(open_door(idle_data_seconds=0.3).port)
    client.begin()
    client.send(b"Subject: ")
    assert client.reply().startswith(b"421 4.4.2")


def test_drip_sender_is_cut_by_the_overall_clock(open_door: Open, raw: Connect) -> None:
    client = raw(open_door(data_seconds=0.5).port)
    client.begin()
    client.socket.settimeout(0.05)
    for _ in range(60):
        client.send(b"x")
        try:
            if client.socket.recv(100).startswith(b"421"):
                break
        except TimeoutError:
            continue
    else:
        pytest.fail("the drip was never cut")


def test_idle_connection_is_told_why(open_door: Open, raw: Connect) -> None:
    client = raw(open_door(command_seconds=0.3).port)
    assert client.reply().startswith(b"421 4.4.2")


def test_slow_senders_cannot_hold_the_last_connection(open_door: Open, accept: Recorder, raw: Connect) -> None:
    door = open_door(room=RoomLimits(connections=5, connections_per_address=5, grace_seconds=0.2))
    for _ in range(5):
        client = raw(door.port)
        client.begin()
        client.send(b"S")
    time.sleep(0.3)
    started = time.monotonic()
    assert send(door).startswith(b"250")
    assert time.monotonic() - started < 10  # the five would hold it for minutes


def test_too_many_connections_of_one_address(open_door: Open, raw: Connect) -> None:
    door = open_door(room=RoomLimits(connections_per_address=3))
    banners = [raw(door.port).banner[:3] for _ in range(5)]
    assert banners == [b"220", b"220", b"220", b"421", b"421"]


def test_address_outside_the_allow_list(open_door: Open, raw: Connect) -> None:
    assert raw(open_door(networks=("10.0.0.0/8",)).port).banner.startswith(b"421 4.7.1")
    assert raw(open_door(networks=("127.0.0.0/8", "::1/128")).port).banner.startswith(b"220")


def test_too_many_recipients_and_commands(open_door: Open, raw: Connect) -> None:
    door = open_door(max_recipients=2, max_commands=10)
    client = raw(door.port)
    client.ask(b"EHLO client")
    client.ask(b"MAIL FROM:<a@b.example>")
    replies = [client.ask(b"RCPT TO:<desk@fax.example>")[:9] for _ in range(3)]
    assert replies == [b"250 2.1.5", b"250 2.1.5", b"452 4.5.3"]
    replies = [client.ask(b"NOOP")[:3] for _ in range(6)]
    assert replies[-1] == b"421"


def test_unknown_commands_are_few(open_door: Open, raw: Connect) -> None:
    client = raw(open_door().port)
    assert [client.ask(b"GET /")[:3] for _ in range(5)][-1] == b"502"
    assert client.line() == b""


def test_many_mails_on_one_connection(open_door: Open, accept: Recorder, raw: Connect) -> None:
    client = raw(open_door(max_commands=10).port)
    client.ask(b"EHLO client")
    for _ in range(40):
        client.ask(b"MAIL FROM:<a@b.example>")
        client.ask(b"RCPT TO:<desk@fax.example>")
        client.ask(b"DATA")
        assert client.ask(MAIL + b".").startswith(b"250")
    assert len(accept.kept) == 40


def test_a_mail_loop_is_stopped(open_door: Open, accept: Recorder) -> None:
    door = open_door()
    header = b"Received: from a by b; Fri, 20 Nov 2026 09:00:00 +0000\r\n"
    assert send(door, header * 101 + MAIL).startswith(b"554 5.4.6")
    assert send(door, header * 100 + MAIL).startswith(b"250")
    assert len(accept.kept) == 1 and door.room.held == 0


def test_memory_is_bounded_with_twenty_big_mails_at_once(open_door: Open, accept: Recorder) -> None:
    door = open_door(room=RoomLimits(bytes_held=8_000_000, elder_bytes=2_100_000, small_bytes=0))
    peak = 0
    replies: list[bytes] = []
    data = MAIL + b"x" * 2_000_000 + b"\r\n"
    senders = [threading.Thread(target=lambda: replies.append(send(door, data))) for _ in range(20)]
    for sender in senders:
        sender.start()
    while any(sender.is_alive() for sender in senders):
        peak = max(peak, door.room.held)
        time.sleep(0.005)
    assert peak <= 10_100_000
    assert sorted(reply[:3] for reply in replies) == [b"250"] * 20
    assert {len(kept.data) for kept in accept.kept} == {len(data)}


def test_parked_half_messages_cannot_hold_the_memory(open_door: Open, raw: Connect) -> None:
    door = open_door(
        room=RoomLimits(
            bytes_held=1_000_000, elder_bytes=0, small_bytes=0, grace_seconds=0.2, slow_bytes_per_second=10**9
        )
    )
    for _ in range(3):
        client = raw(door.port)
        client.begin()
        client.send(b"x" * 333_000)
    assert wait_for(lambda: door.room.held == 999_000)
    time.sleep(0.3)
    assert send(door, MAIL + b"x" * 2000 + b"\r\n").startswith(b"250")


def test_a_small_fax_does_not_wait_behind_big_scans(open_door: Open, accept: Recorder, raw: Connect) -> None:
    door = open_door(room=RoomLimits(bytes_held=1_000_000, elder_bytes=0, small_bytes=200_000))
    client = raw(door.port)
    client.begin()
    client.send(b"x" * 2_000_000)
    assert wait_for(lambda: door.room.held > 500_000)
    started = time.monotonic()
    assert send(door, MAIL + b"x" * 60_000 + b"\r\n").startswith(b"250")
    assert time.monotonic() - started < 10  # the big scan would hold it for minutes


def test_without_room_the_sender_is_asked_to_come_back(open_door: Open, accept: Recorder, raw: Connect) -> None:
    door = open_door(room=RoomLimits(bytes_held=1_000_000, elder_bytes=0, small_bytes=0), room_seconds=0.3)
    assert send(door, MAIL + b"x" * 1_500_000 + b"\r\n").startswith(b"452 4.3.1")
    client = raw(door.port)
    client.ask(b"EHLO client")
    assert client.ask(b"MAIL FROM:<a@b.example> SIZE=1000001").startswith(b"452 4.3.1")
    assert wait_for(lambda: door.room.held == 0)
    assert send(door).startswith(b"250")


def test_busy_port_and_wrong_settings_have_a_sentence(accept: Recorder, tmp_path: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SmtpDoorError, match=r"another program uses this port.*GATEWAY_SMTP__PORT"):
            SmtpDoor(SmtpSettings(domains=("a.example",), port=port), accept, lambda: NOW).start()
    with pytest.raises(SmtpDoorError, match="GATEWAY_SMTP__HOST"):
        SmtpDoor(SmtpSettings(domains=("a.example",), host="203.0.113.9", port=0), accept, lambda: NOW).start()
    with pytest.raises(SmtpDoorError, match="GATEWAY_SMTP__DOMAINS"):
        SmtpDoor(SmtpSettings(domains=()), accept, lambda: NOW)
    with pytest.raises(SmtpDoorError, match="certificate"):
        SmtpDoor(SmtpSettings(domains=("a.example",), starttls="require"), accept, lambda: NOW)
    with pytest.raises(SmtpDoorError, match="not there"):
        SmtpDoor(
            SmtpSettings(domains=("a.example",), starttls="offer", certificate_file=tmp_path / "none.pem"),
            accept,
            lambda: NOW,
        )
    with pytest.raises(SmtpDoorError, match=r"10\.1\.0\.0/16"):
        SmtpDoor(SmtpSettings(domains=("a.example",), networks=("ward 7",)), accept, lambda: NOW)


def test_stop_lets_a_running_commit_answer(open_door: Open, accept: Recorder, raw: Connect) -> None:
    door = open_door()
    accept.gate = threading.Event()
    client, idle = raw(door.port), raw(door.port)
    client.begin()
    client.send(MAIL + b".\r\n")
    assert accept.entered.wait(5)
    threading.Timer(0.3, accept.gate.set).start()
    door.stop()
    assert client.reply() == b"250 2.6.0 Kept as D-0001"
    assert idle.reply().startswith(b"421 4.3.2")
    with pytest.raises(ConnectionRefusedError):
        Raw(door.port)


def test_received_time_of_a_listed_fax_server_starts_the_clock(open_door: Open, accept: Recorder) -> None:
    door = open_door(fax_hosts=("fax1.site.example",), relay_hosts=("relay.site.example",))
    fax = b"Received: from modem by fax1.site.example (HylaFAX)\r\n\twith fax; Fri, 20 Nov 2026 08:00:00 +0000\r\n"
    relay = b"Received: from fax1 by relay.site.example; Fri, 20 Nov 2026 09:10:00 +0000\r\n"
    stranger = b"Received: from x by mx.stranger.example; Fri, 20 Nov 2026 09:10:00 +0000\r\n"
    for headers in (fax, relay + fax, stranger + fax, relay + stranger + fax, fax.replace(b"2026", b"2036"), b""):
        assert send(door, headers + MAIL).startswith(b"250")
    eight = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)
    assert [kept.arrived_at for kept in accept.kept] == [eight, eight, NOW, NOW, NOW, NOW]
    assert accept.kept[0].arrival_source == "Received header of fax1.site.example"
    assert accept.kept[4].notes["stated_arrival"].startswith("Fri, 20 Nov 2036")
