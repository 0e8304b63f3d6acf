"""From message to documents: every row of inbound-mail.md sections 1 and 2 that a mail alone can show."""

from __future__ import annotations

import base64
import binascii
import io
import time
import zipfile

import mails
import pytest
from mails import mail, part, pdf, picture, plain, text, tiff, tnef

from inbox.mime import unpack
from inbox.unpacked import Unpacked, UnpackLimits
from inbox.wrappers import join_divided


def open_mail(data: bytes, limits: UnpackLimits | None = None) -> Unpacked:
    return unpack(data, route="smtp", name=None, limits=limits)


def shape(found: Unpacked) -> list[list[str]]:
    return [[file.name for file in document.files] for document in found.documents]


def hints(found: Unpacked, field: str) -> list[tuple[str, str]]:
    return [(hint.value, hint.source) for hint in found.hints if hint.field == field]


# -- 1: senders ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sender", "subject", "body", "wanted"),
    [
        (
            "HylaFAX Agent <FaxMaster>",
            'Fax received from "0191 498 0000"',
            "recvq/fax1.tif:\n   Sender: 0191 498 0000\n    Pages: 2\n Received: 2026:11:20 09:14:55\n  CallID1: 01914980001\n"
            "  CallID2: DR EXAMPLE\n Received On: ttyS0\n  Error Correct: Yes\n  CommID: 000000012 (ftp://x:4559/log/c1)\n",
            {
                "csid": "0191 498 0000",
                "claimed_pages": "2",
                "caller": "01914980001",
                "caller_name": "DR EXAMPLE",
                "call_id": "000000012",
                "device": "ttyS0",
                "received_time": "2026:11:20 09:14:55",
                "errors": None,
            },
        ),
        ("HylaFAX Agent <FaxMaster>", 'Fax received from ""', "Sender: <UNSPECIFIED>\nPages: 1\n",
         {"csid": None, "claimed_pages": "1"}),
        ("HylaFAX Empfang <f@x.example>", "Fax empfangen von PRAXIS", "Seiten: 2\nAnrufe ID 1: 0191\n",
         {"csid": "PRAXIS", "claimed_pages": "2", "caller": "0191"}),
        ("HylaFAX <f@x.example>", 'Télécopie reçue de "CABINET"', "Pages: 2\nReçu le: 2026:11:20\n",
         {"csid": "CABINET", "claimed_pages": "2", "received_time": "2026:11:20"}),
        ("fax@freepbx.pbx", 'New fax from: "DR EXAMPLE" <01914980001>',
         "On: 20/11/2026\nVia: 01912220000\nFor User: desk\n",
         {"caller_name": "DR EXAMPLE",
         "caller": "01914980001", "called_number": "01912220000", "csid": None}),
        ("FusionPBX FAX <f@x.example>", "Fax Received: x", "Name: desk\nExtension: 201\n", {"called_number": "201"}),
        ("root@pbx", "Incoming Fax from 01914980001 (3 pages)", "", {"caller": "01914980001", "claimed_pages": "3"}),
        ("rf@x.example",
         "A fax has arrived from remote ID '0191 498'.",
         "Inbound user ID: DESK, Routing code: 4471\nResult: (0/339;0/0) Successful Send\nPage record: 1 - 4\n",
         {"csid": "0191 498", "claimed_pages": "4"}),
        ("eFax <message@inbound.efax.com>", 'eFax message from "DR EXAMPLE" - 2 page(s), Caller-ID: 44-191-498-0001',
         "",
         {"caller_name": "DR EXAMPLE",
         "claimed_pages": "2", "caller": "44-191-498-0001"}),
        ("eFax <message@inbound.efax.com>", 'eFax message from "unknown" - 2 page(s)', "",
         {"caller_name": None, "claimed_pages": "2"}),
        ("RingCentral <notify@ringcentral.com>",
         "New Fax Message from (212) 555-0100 on 11/20/2026 9:14 AM",
         "Pages: 3\nTo: (212) 555-0111\n",
         {"caller": "(212) 555-0100", "received_time": "11/20/2026 9:14 AM", "claimed_pages": "3",
         "called_number": "(212) 555-0111"}),
        ("Concord <n@concordfax.example>", "New 5 page fax message from DR EXAMPLE, 0191498", "",
         {"claimed_pages": "5", "caller_name": "DR EXAMPLE", "csid": "0191498"}),
        ("mfp@x.example", "From 0191498 (Fax Message No. 0042)", "", {"csid": "0191498", "call_id": "0042"}),
    ],
)  # fmt: skip
def test_facts_of_the_known_senders(sender: str, subject: str, body: str, wanted: dict[str, str | None]) -> None:
    found = open_mail(mail(text(body), part(tiff(2), "image/tiff", "fax000000001.tif"), sender=sender, subject=subject))
    assert shape(found) == [["fax000000001.tif"]]
    assert found.flags == ()
    for field, value in wanted.items():
        values = {hint.value for hint in found.hints if hint.field == field}
        assert values == ({value} if value else set()), field


def test_html_tables_of_fax_services_are_read_but_never_followed() -> None:
    table = (
        "<html><head><style>p{}</style></head><body><img src='cid:logo'><table><tr><td>From:</td><td>(212) 555-0100</td></tr>"
        "<tr><td><b>Pages</b></td><td>3</td></tr></table></body></html>"
    )
    found = open_mail(
        mail(
            text(table, "text/html; charset=utf-8"),
            part(picture(240, 60), "image/png", "logo.png", "inline", "Content-ID: <logo>\r\n"),
            part(pdf(3), "application/pdf", "fax.pdf"),
            sender="notify@ringcentral.com",
            subject="New Fax Message from (212) 555-0100 on 11/20/2026 9:14 AM",
        )
    )
    assert shape(found) == [["fax.pdf"]] and found.claimed_pages == 3
    assert [ignored.why for ignored in found.ignored] == ["a logo or signature picture"]


def test_fusionpbx_states_the_caller_in_the_file_name_only() -> None:
    found = open_mail(
        mail(part(pdf(), name="01914980001-2026-11-20-09-14-55.pdf"), sender="FusionPBX FAX <f@x.example>")
    )
    assert hints(found, "caller") == [("01914980001", "name")]


def test_hylafax_tags_in_the_tiff() -> None:
    data = tiff(1, software="HylaFAX (tm) Version 6.0.7", description="PRACTICE\n01914980001\nDR EXAMPLE")
    found = open_mail(mail(part(data, "image/tiff", "f.tif")))
    assert hints(found, "csid") == [("PRACTICE", "tiff tag")] and hints(found, "caller") == [
        ("01914980001", "tiff tag")
    ]


def test_internet_fax_without_any_text_part() -> None:
    data = b"From: mfp@x.example\r\nContent-Type: image/tiff; application=faxbw\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    found = open_mail(data + base64.encodebytes(tiff(2)))
    assert [(file.media_type, file.pages) for file in found.documents[0].files] == [("image/tiff", 2)]
    assert found.documents[0].files[0].declared_type == "image/tiff"


def test_uuencoded_mail_of_a_script() -> None:
    raw = tiff()
    lines = [binascii.b2a_uu(raw[at : at + 45]).decode() for at in range(0, len(raw), 45)]
    body = "A fax came in.\n\nbegin 644 fax.tif\n" + "".join(lines) + "`\nend\n"
    found = open_mail(plain(body, sender="root@pbx", subject="Incoming Fax from 0191 (1 pages)"))
    assert shape(found) == [["fax.tif"]] and found.documents[0].files[0].data == raw
    cut = open_mail(plain(body[: len(body) // 2], sender="root@pbx"))
    assert "damaged" in cut.flags and cut.outcome == "documents"


# -- 2: what goes wrong --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sentence",
    [
        "Errors were received:",
        "Das ganze Dokument wurde nicht empfangen weil:",
        "Au fost recepţionate erori:",
        "Result: Partial receive",
    ],
)
def test_a_partial_fax_is_flagged_though_it_looks_like_a_good_one(sentence: str) -> None:
    found = open_mail(
        mail(text(f"Pages: 1\n\n{sentence}\nNov 20 log"), part(tiff(), name="f.tif"), sender="HylaFAX <f@x.example>")
    )
    assert found.flags == ("partial_fax",) and found.outcome == "documents"


def test_a_fax_of_which_nothing_was_received_needs_a_person() -> None:
    found = open_mail(plain("Fax not received.\n\n\tNo answer\n", sender="HylaFAX <f@x.example>"))
    assert found.outcome == "no_document" and "no page was received" in str(found.says)


def test_claimed_pages_are_none_when_two_numbers_are_stated() -> None:
    found = open_mail(mail(text("Pages: 3"), part(tiff(), name="f.tif"), subject="Fax - 2 page(s)"))
    assert found.claimed_pages is None and len(hints(found, "claimed_pages")) == 2


HTML = text('<html><body>x<img src="cid:pic"></body></html>', "text/html")


@pytest.mark.parametrize(
    ("size", "kept"),
    [
        ((1, 1), False),
        ((240, 60), False),
        ((800, 200), False),
        ((600, 600), False),
        ((1200, 1600), True),
        ((600, 800), True),
        ((2400, 3200), True),
    ],
)
def test_inline_logo_is_no_document_and_inline_page_is(size: tuple[int, int], kept: bool) -> None:
    picture_part = part(picture(*size), "image/png", "image001.png", "inline", "Content-ID: <pic>\r\n")
    found = open_mail(mail(HTML, picture_part))
    assert (found.outcome == "documents") is kept
    assert len(found.ignored) == (not kept)


def test_small_attached_picture_that_nothing_points_at_is_kept() -> None:
    assert open_mail(mail(part(picture(400, 300), "image/png", "slip.png"))).outcome == "documents"


@pytest.mark.parametrize(
    ("declared", "name", "data", "media_type"),
    [
        ("application/octet-stream", "", tiff(), "image/tiff"),
        ("image/x-tiff", "a.pdf", tiff(), "image/tiff"),
        ("application/pdf", "a.pdf", tiff(), "image/tiff"),
        ("image/tiff", "a.tif", pdf(), "application/pdf"),
        ("text/plain", "a.txt", pdf(), "application/pdf"),
        ("image/png", "a.png", picture(900, 1200, "JPEG"), "image/jpeg"),
        ("application/pdf", "a.pdf", b"\r\n\r\n" + pdf(), "application/pdf"),
        ("nonsense", "x", picture(900, 1200, "GIF"), "image/gif"),
        ("image/bmp", "x", picture(900, 1200, "BMP"), "image/bmp"),
    ],
)  # fmt: skip
def test_type_by_content(declared: str, name: str, data: bytes, media_type: str) -> None:
    file = open_mail(mail(part(data, declared, name))).documents[0].files[0]
    assert file.media_type == media_type and file.unsupported is None and file.data == data


def office(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "word", "flag"),
    [
        (office("[Content_Types].xml", "word/document.xml"), "Word", "unsupported_type"),
        (office("letter.pdf"), "ZIP", "unsupported_type"),
        (b"PK\x03\x04broken", "ZIP", "unsupported_type"),
        (b"{\\rtf1 Dear", "RTF", "unsupported_type"),
        (b"%!PS-Adobe-3.0\n", "PostScript", "unsupported_type"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "Word", "unsupported_type"),
        (b"\x30\x82\x10\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03" + bytes(50), "S/MIME", "encrypted"),
        (b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02" + bytes(50), "S/MIME", "encrypted"),
        (b"-----BEGIN PGP MESSAGE-----\n", "PGP", "encrypted"),
        (b"\0\0\0\x18ftypheic" + bytes(50), "HEIC", "unsupported_type"),
        (b"", "empty", "empty_attachment"),
        (b"\1\2\3\0\5" * 50, "cannot be read here", "unsupported_type"),
        (b"Dear colleague, please see this patient", "text file", "unsupported_type"),
        (b"MZ\x90\0", "program", "phishing_suspect"),
        (b"<html><script>location='http://x.example'</script>", "web page", "phishing_suspect"),
        (mails.locked_pdf(), "password", "encrypted"),
    ],
)  # fmt: skip
def test_what_no_machine_reads_is_a_visible_item_with_a_sentence(data: bytes, word: str, flag: str) -> None:
    found = open_mail(mail(text("see attached"), part(data, "application/octet-stream", "letter.bin")))
    assert found.outcome == "documents" and flag in found.flags
    assert word in str(found.documents[0].unsupported) and found.says == found.documents[0].unsupported


def test_a_bad_attachment_does_not_hide_a_good_one() -> None:
    found = open_mail(mail(part(b"", name="a.tif"), part(tiff(), name="b.tif"), part(office("x"), name="c.zip")))
    assert shape(found) == [["a.tif"], ["b.tif"], ["c.zip"]]
    assert set(found.flags) == {"empty_attachment", "unsupported_type"}


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ('Content-Disposition: attachment; filename="a.tif"', "a.tif"),
        ("Content-Disposition: attachment; filename*=utf-8''%C3%9Cberweisung.tif", "Überweisung.tif"),
        ("Content-Disposition: attachment;\r\n filename*0*=iso-8859-1''%DCber;\r\n filename*1=weisung.tif", "Überweisung.tif"),
        ("Content-Disposition: attachment; filename*=no-such-charset''%C3%9C.tif", "Ü.tif"),
        ('Content-Disposition: attachment; filename="=?utf-8?B?w5xiZXIudGlm?="', "Über.tif"),
        ('Content-Disposition: attachment; filename="=?utf-8?Q?=C3=9Cber?= =?utf-8?Q?weisung.tif?="', "Überweisung.tif"),
        ('Content-Disposition: attachment; filename="\xdcber.tif"', "Über.tif"),
        ('Content-Disposition: attachment; filename="C:\\\\Users\\\\x\\\\fax.tif"', "fax.tif"),
        ('Content-Disposition: attachment; filename="../../etc/passwd"', "passwd"),
        ('Content-Type: image/tiff; name="only.tif"', "only.tif"),
        ('Content-Disposition: attachment; filename="fax\u202egpj.tif"', "fax\\u202egpj.tif"),
        ('Content-Disposition: attachment; filename="a\x07\x1b[2Jb.tif"', "a\\u0007\\u001b[2Jb.tif"),
        ('Content-Disposition: attachment; filename="' + "x" * 400 + '.tif"', "x" * 149 + "…"),
        ("Content-Disposition: attachment; filename=", ""),
        ("Content-Disposition: attachment", ""),
    ],
)  # fmt: skip
def test_names(headers: str, name: str) -> None:
    charset = "latin-1" if "\xdc" in headers else "utf-8"
    piece = headers.encode(charset) + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(tiff())
    assert shape(open_mail(mail(piece))) == [[name]]


@pytest.mark.parametrize(
    ("files", "groups"),
    [
        ([("scan003.jpg", "j"), ("scan001.jpg", "j"), ("scan002.jpg", "j")], [["scan001.jpg", "scan002.jpg", "scan003.jpg"]]),
        ([("S1_0002.pdf", "p1"), ("S1_0001.pdf", "p1")], [["S1_0001.pdf", "S1_0002.pdf"]]),
        ([("doc77_1.tif", "t1"), ("doc77_2.tif", "t1"), ("doc77_10.tif", "t1")],
         [["doc77_1.tif"], ["doc77_2.tif"], ["doc77_10.tif"]]),
        ([("Scan.jpg", "j"), ("Scan.jpg", "j")], [["Scan.jpg", "Scan.jpg"]]),
        ([("smith.pdf", "p1"), ("jones.pdf", "p1")], [["smith.pdf"], ["jones.pdf"]]),
        ([("a1.pdf", "p2"), ("a2.pdf", "p2")], [["a1.pdf"], ["a2.pdf"]]),
        ([("fax1.pdf", "p2"), ("fax1.tif", "t2")], [["fax1.tif"]]),
        ([("x.pdf", "p2"), ("y.tif", "t2")], [["y.tif"]]),
        ([("x.pdf", "p1"), ("y.tif", "t2")], [["x.pdf"], ["y.tif"]]),
        ([("fax1.pdf", "p1"), ("fax1.tif", "t2")], [["fax1.pdf"], ["fax1.tif"]]),
        ([("f1.pdf", "p2"), ("f1.tif", "t2"), ("f2.pdf", "p2"), ("f2.tif", "t2")], [["f1.tif"], ["f2.tif"]]),
    ],
)  # fmt: skip
def test_grouping(files: list[tuple[str, str]], groups: list[list[str]]) -> None:
    make = {"j": lambda: picture(900, 1200, "JPEG"), "p1": pdf, "p2": lambda: pdf(2), "t1": tiff, "t2": lambda: tiff(2)}
    found = open_mail(mail(*(part(make[kind](), name=name) for name, kind in files)))
    assert shape(found) == groups
    everything = [file for document in found.documents for file in (*document.files, *document.also)]
    assert sorted(file.name for file in everything) == sorted(name for name, _ in files)


def test_a_gap_in_numbered_pages_is_flagged() -> None:
    found = open_mail(mail(*(part(picture(900, 1200), name=f"p00{number}.png") for number in (1, 2, 4))))
    assert len(found.documents) == 1 and "page_number_gap" in found.flags


def test_forwarded_mails_are_opened() -> None:
    inner = mail(part(tiff(), "image/tiff", "inner.tif"))
    nested = b"Content-Type: message/rfc822\r\n\r\n" + inner
    eml = part(inner, "application/octet-stream", "fax.eml")
    for outer in (nested, eml):
        found = open_mail(mail(text("FYI"), outer, subject="FW: fax"))
        assert shape(found) == [["inner.tif"]] and "forwarded" in found.flags


def test_an_uploaded_mail_is_a_mail_and_a_file_is_a_file() -> None:
    assert shape(unpack(mail(part(pdf(), name="a.pdf")), route="upload", name="x.eml", limits=None)) == [["a.pdf"]]
    found = unpack(tiff(3), route="folder", name="scan.tif", limits=None)
    assert shape(found) == [["scan.tif"]] and found.documents[0].files[0].pages == 3 and found.outcome == "documents"
    assert unpack(b"", route="folder", name="a.pdf").flags == ("empty_attachment",)


def test_winmail_dat() -> None:
    data = tnef(("letter.pdf", pdf()), ("fax.tif", tiff(2)))
    found = open_mail(mail(text("x"), part(data, "application/ms-tnef", "winmail.dat")))
    assert shape(found) == [["letter.pdf"], ["fax.tif"]] and found.flags == ()
    broken = open_mail(mail(part(data[:40] + b"\xff" * 9, "application/ms-tnef", "winmail.dat")))
    assert broken.outcome == "documents" and "winmail.dat" in str(broken.says)
    many = data[:6] + (b"\1\6\x90\x08\0\0\0\0\0\0\0" * 200_000)
    started = time.process_time()
    assert "unsupported_type" in open_mail(mail(part(many, name="winmail.dat"))).flags
    assert time.process_time() - started < 5


def test_a_divided_mail_is_a_work_item() -> None:
    data = b'From: a@b.example\r\nContent-Type: message/partial; id="x@y"; number=2; total=3\r\n\r\nQUJD\r\n'
    found = open_mail(data)
    assert found.outcome == "no_document" and found.flags == ("split_message",) and "2 of 3" in str(found.says)
    assert hints(found, "partial_id") == [("x@y", "header")]


def test_small_things_that_mail_programs_add_are_no_documents() -> None:
    found = open_mail(
        mail(
            part(tiff(), name="f.tif"),
            part(b"<html><body>-</body></html>", "text/html", "ATT00001.htm"),
            part(b"Sent from my phone", "text/plain", "ATT00002.txt"),
            part(b"BEGIN:VCARD\r\nFN:Dr Example\r\n", "application/octet-stream", "me.vcf"),
            part(b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02" + bytes(50), name="smime.p7s"),
        )
    )
    assert shape(found) == [["f.tif"]] and found.flags == () and len(found.ignored) == 4


def test_the_pieces_of_a_divided_mail_make_the_whole() -> None:
    whole = mail(part(tiff(2), "image/tiff", "f.tif"))
    head = 'From: a@b.example\r\nContent-Type: message/partial; id="x@y"; number={}; total=3\r\n\r\n'
    cuts = [whole[:100], whole[100:500], whole[500:]]
    pieces = [head.format(number).encode() + cut for number, cut in enumerate(cuts, 1)]
    assert join_divided([pieces[2], pieces[0], pieces[1], pieces[0]], UnpackLimits()) == whole
    assert shape(open_mail(whole)) == [["f.tif"]]
    assert join_divided(pieces[:2], UnpackLimits()) is None
    assert join_divided([*pieces[:2], pieces[2].replace(b"x@y", b"other")], UnpackLimits()) is None
    assert join_divided([b"Subject: x\r\n\r\n"], UnpackLimits()) is None


def test_nhsmail_secure_notice() -> None:
    notice = part(b"<html>open</html>", "text/html", "Encrypted_Message.htm")
    found = open_mail(
        mail(text("open the file Encrypted_Message.htm"), notice, sender="a@nhs.example", subject="[secure] Referral")
    )
    assert found.flags == ("encrypted",) and found.outcome == "no_document" and "[secure]" in str(found.says)
    clear = open_mail(mail(part(pdf(), name="a.pdf"), sender="a@nhs.example", subject="[secure] Referral"))
    assert clear.flags == () and clear.outcome == "documents"


REPORT = text("failed") + b"\r\n--=_b\r\nContent-Type: message/delivery-status\r\n\r\nStatus: 5.1.1\r\n"


@pytest.mark.parametrize(
    ("data", "flag"),
    [
        (mail(REPORT, kind="multipart/report; report-type=delivery-status"), "bounce"),
        (mail(text("read"), kind="multipart/report; report-type=disposition-notification"), "receipt"),
        (plain("I am away", subject="Automatic reply: Fax"), "auto_reply"),
        (plain("I am away", extra="Auto-Submitted: auto-replied\r\n"), "auto_reply"),
        (plain("offer", extra="List-Id: <news.example>\r\n"), "bulk_mail"),
        (plain("ok", subject="Your fax to 0191 498 was sent: fax sent successfully"), "sent_confirmation"),
        (plain("Replace", subject="Toner low on device 7"), "device_notice"),
        (plain("View your fax at https://fax.example/v?id=1", subject="New fax"), "link_only"),
        (plain("Verify your account to open https://x.example/login", subject="New fax"), "phishing_suspect"),
        (mail(text("see fax"), part(b"x", name="Fax_message.hta")), "phishing_suspect"),
        (plain("x", extra="Received: by a; Fri, 20 Nov 2026 09:00:00 +0000\r\n" * 101), "loop"),
    ],
)  # fmt: skip
def test_mails_that_are_no_fax_are_flagged_and_never_dropped(data: bytes, flag: str) -> None:
    found = open_mail(data)
    assert flag in found.flags and found.says


def test_a_fax_marked_auto_generated_is_still_a_fax() -> None:
    found = open_mail(mail(part(tiff(), name="f.tif"), extra="Auto-Submitted: auto-generated\r\n"))
    assert found.flags == () and found.outcome == "documents" and found.says is None


def test_odd_heads() -> None:
    for data in (b"", b"\r\n", b"\n\nbody", b"no headers at all", b":\r\n\r\n", b"From: a\r\nFrom: b\r\n\r\nhello"):
        found = open_mail(data)
        assert found.outcome == "no_document" and found.says


def test_a_mail_cut_on_its_way_keeps_what_came() -> None:
    whole = mail(text("x"), part(tiff(2), "image/tiff", "f.tif"))
    found = open_mail(whole[: int(len(whole) * 0.8)])
    assert "damaged" in found.flags and found.outcome == "documents" and found.says


# -- hostile -------------------------------------------------------------------------------------------------------


def test_two_thousand_parts_and_deep_nesting_end_soon() -> None:
    started = time.process_time()
    found = open_mail(mail(*(part(tiff(), name=f"{number} x.tif") for number in range(2000))))
    assert "too_many_parts" in found.flags and len(found.documents) == 300 and found.says
    deep = b"x"
    for level in range(3000):
        deep = b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level) + deep
    assert "nested_too_deep" in open_mail(deep).flags
    forwarded = b"Content-Type: message/rfc822\r\n\r\n" * 5000
    assert "nested_too_deep" in open_mail(forwarded).flags
    assert time.process_time() - started < 20


def test_header_bombs_end_soon() -> None:
    started = time.process_time()
    for data in (
        b"Subject: " + b"=?utf-8?B?" * 100_000 + b"\r\n\r\n",
        b"X: y\r\n" * 500_000 + b"\r\n",
        b"Content-Type: a/b" + b';"' * 1_000_000 + b"\r\n\r\n",
        b'Content-Disposition: attachment; filename="' + b'\\"' * 500_000 + b"\r\n\r\n",
        b"Content-Type: multipart/mixed; boundary=" + b"a" * 100_000 + b"\r\n\r\n" + b"--a" * 1_000_000,
        b"Content-Type: text/html\r\n\r\n" + b"<" * 3_000_000,
        b"Content-Type: text/html\r\n\r\n" + b"<style" * 500_000,
        b"Subject: fax\r\n\r\n" + b"view " * 500_000,
        b"Subject: fax\r\n\r\n" + (b" " * 290 + b"\n") * 20_000,
        b"Content-Type: text/plain; charset=punycode\r\n\r\n" + b"abcdefgh" * 16_000,
        b"Content-Type: text/plain; charset=idna\r\n\r\n" + b"abcdefgh." * 16_000,
        b"Subject: " + b"message from " * 600 + b"\r\nFrom: efax.com\r\n\r\n",
    ):
        assert open_mail(data).outcome
    assert time.process_time() - started < 15


def test_total_bytes_are_bounded() -> None:
    found = open_mail(
        mail(*(part(tiff(), name=f"{n}.tif") for n in "abcdef")), UnpackLimits(total_bytes=2 * len(tiff()))
    )
    assert "too_large" in found.flags and found.says and len(found.documents) >= 1
