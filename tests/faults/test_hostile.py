"""Whatever strangers send: each is a visible work item, nobody else waits for it, and memory stays in bounds (P7).

All of it goes through the real program on its real port; the memory of the receiving process and of its children is watched all
the time, and innocent faxes are sent at the same moments.
"""

from __future__ import annotations

import io
import struct
import threading
import time
import zipfile
import zlib
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from running import Gateway
from sample_papers import fax_mail, fax_tiff

pytestmark = pytest.mark.slow
RTL = "\u202e"


def attached(data: bytes, name: str = "fax.tif", subject: str = "Fax", sender: str = "fax@pbx.localhost") -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "faxes@localhost", subject
    mail.set_content("A fax.")
    mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes(policy=SMTP)


def zip_bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(10):
            archive.writestr(f"{number}.tif", bytes(20 << 20))
    return out.getvalue()


def png_bomb(side: int = 60_000) -> bytes:
    """A picture of so many pixels each way, all white, in some hundred kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    pack = zlib.compressobj(9)
    row = b"\0" + b"\xff" * (side // 8)
    data = b"".join(pack.compress(row * 100) for _ in range(side // 100)) + pack.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def looping_tiff() -> bytes:
    data = bytearray(fax_tiff(2))
    (first,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, first)
    struct.pack_into("<I", data, first + 2 + 12 * count, first)
    return bytes(data)


def pdf(objects: list[bytes]) -> bytes:
    out = io.BytesIO(b"")
    out.write(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start))
    return out.getvalue()


def many_pages(count: int = 10_000) -> bytes:
    kids = b" ".join(b"%d 0 R" % (n + 3) for n in range(count))
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"
    return pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Count %d /Kids [%s] >>" % (count, kids),
            *[page] * count,
        ]
    )


def giant_box() -> bytes:
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9999999 9999999] >>"
    return pdf([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>", page])


def form_in_itself() -> bytes:
    """Ten forms that each draw the next one ten times: ten thousand million strokes."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
               b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /XObject << /F 5 0 R >> >> >>",
               b"<< /Length 5 >>\nstream\n/F Do\nendstream"]  # fmt: skip
    for number in range(5, 15):
        body = b"/F Do " * 10
        objects.append(
            b"<< /Type /XObject /Subtype /Form /BBox [0 0 595 842] /Length %d /Resources << /XObject << /F %d 0 R >> >> >>"
            b"\nstream\n%s\nendstream" % (len(body), number + 1 if number < 14 else 5, body)
        )
    return pdf(objects)


def many_parts(count: int = 2_000) -> bytes:
    part = b"--b\r\nContent-Type: image/tiff; name=x.tif\r\nContent-Transfer-Encoding: base64\r\n\r\nSUkqAAg=\r\n"
    return (
        b"From: a@b.example\r\nSubject: parts\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        + part * count
        + b"--b--\r\n"
    )


def deep(levels: int = 500) -> bytes:
    head = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(levels))
    return (
        b"From: a@b.example\r\nSubject: deep\r\nMIME-Version: 1.0\r\n" + head + b"Content-Type: text/plain\r\n\r\nx\r\n"
    )


def headers() -> bytes:
    many = b"".join(b"X-%d: %s\r\n" % (n, b"a" * 500) for n in range(20_000))
    return b"From: a@b.example\r\nSubject: " + b"=?utf-8?b?" * 5_000 + b"\r\n" + many + b"\r\nx\r\n"


INJECTIONS = [
    "<script>alert(1)</script>", "=HYPERLINK(\"http://x\")", "'; DROP TABLE gw_delivery; --", "x\n2026-01-01 [error] forged line",
    "../../../etc/passwd",
    "C:\\Windows\\system32\\evil.tif", f"fax{RTL}fit.exe", "\x1b[2Jgone", "%s%n{0}{{7*7}}", "CON", "a" * 3000,
]  # fmt: skip

ATTACKS = {
    "zip bomb": (lambda: attached(zip_bomb(), "fax.zip"), "unsupported_type"),
    "picture bomb": (lambda: attached(png_bomb(), "fax.png"), None),
    "looping TIFF": (lambda: attached(looping_tiff()), None),
    "ten thousand pages": (lambda: attached(many_pages(), "fax.pdf"), "too_large"),
    "giant box": (lambda: attached(giant_box(), "fax.pdf"), None),
    "forms in forms": (lambda: attached(form_in_itself(), "fax.pdf"), None),
    "2,000 parts": (many_parts, "too_many_parts"),
    "deep nesting": (deep, "nested_too_deep"),
    "headers": (headers, None),
    "a program": (lambda: attached(b"MZ" + bytes(3000), "fax.pdf.exe"), "phishing_suspect"),
}


class Watch(threading.Thread):
    """Looks every 50 ms at the memory of the program and its children; the highest of each in megabytes."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.parent, self.child, self.over = pid, 0, 0, threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.05):
            self.parent = max(self.parent, resident(self.pid))
            for pid in children(self.pid):
                self.child = max(self.child, resident(pid))


def resident(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) // 1024
    except OSError:
        pass
    return 0


def children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in task.read_text().split()]
        except OSError:
            continue
    return found


def test_attacks_are_work_items_and_nobody_waits_for_them(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path / "data", GATEWAY_READING__SECONDS_PER_PAGE="20")
    gateway.start()
    assert gateway.process is not None
    watch = Watch(gateway.process.pid)
    watch.start()
    codes: dict[str, str] = {}
    slowest = 0.0
    for number, (name, (make, _flag)) in enumerate(ATTACKS.items()):
        mail = make()
        sent: list[tuple[int, str]] = []
        attack = threading.Thread(target=lambda m=mail, s=sent: s.append(gateway.send(m)))
        attack.start()
        began = time.monotonic()
        status, _words = gateway.send(fax_mail(b"innocent %d" % number, kind="x"))
        slowest = max(slowest, time.monotonic() - began)
        assert status == 250
        attack.join()
        assert sent[0][0] == 250, (name, sent)
        codes[name] = sent[0][1].split()[-1]
    for number, words in enumerate(INJECTIONS):
        mail = attached(b"no paper %d" % number, "placeholder.tif", "placeholder").decode("ascii")
        raw = "".join(
            c if c >= " " and c < "\x7f" else f"=?utf-8?q?={ord(c):02X}?=" if ord(c) < 128 else "?" for c in words
        )
        status, reply = gateway.send(mail.replace("placeholder.tif", raw).replace("placeholder", raw).encode("ascii"))
        assert status == 250
        codes[f"injection {number}"] = reply.split()[-1]
    rows = {row["delivery"]: row for row in gateway.wait_until_read(280)}
    watch.over.set()
    watch.join()
    balance = gateway.command("balance", "--json")
    listed = gateway.command("inbox", "list").stdout
    assert gateway.stop() == 0
    assert balance.returncode == 0, balance.stdout
    for name, (_make, flag) in ATTACKS.items():
        row = rows[codes[name]]
        assert row["outcome"] in ("documents", "no_document"), (name, row)
        assert flag is None or flag in row["flags"], (name, row)
    for name, code in codes.items():
        assert code in rows, f"{name} is a line in the list"
    assert slowest < 5, f"an innocent fax waited {slowest:.1f} s"
    assert watch.parent < 500, f"the receiving process had {watch.parent} MB"
    assert watch.child < 900, f"a child had {watch.child} MB"
    assert "\x1b" not in listed and RTL not in listed
    log = gateway.log()
    assert "Traceback" not in log and "forged line" not in log and "passwd" not in log and "DROP TABLE" not in log
    print(f"\nslowest innocent fax {slowest:.2f} s, receiving process {watch.parent} MB, children {watch.child} MB")
