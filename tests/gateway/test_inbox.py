"""`gateway inbox` on a running gateway: the contract's form for every outcome, handing files in, reading again, undoing."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from running import Gateway
from sample_papers import fax_mail, fax_tiff, faxed, letter

pytestmark = pytest.mark.slow
KEYS = ["delivery", "sha256", "route", "received_at", "outcome", "documents", "duplicate_of", "flags"]
PAPER = faxed(letter("999 000 0018"), seed=1)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A running gateway that has received one of everything."""
    folder = tmp_path_factory.mktemp("office")
    scans = folder / "scans"
    (scans / "cardiology").mkdir(parents=True)
    gateway = Gateway(
        folder / "data", GATEWAY_FOLDER__PATH=str(scans), GATEWAY_FOLDER__EVERY_SECONDS="0.3", GATEWAY_SMTP__MAX_MB="1"
    )
    gateway.start()
    codes = {}
    for name, mail in {
        "fax": fax_mail(PAPER, subject="Fax received, 2 pages"),
        "resend": fax_mail(PAPER, subject="another subject"),
        "again": fax_mail(faxed(letter("999 000 0018"), seed=2)),
        "words": fax_mail(subject="please call"),
        "docx": fax_mail(b"PK\x03\x04 letter", kind="x"),
    }.items():
        status, words = gateway.send(mail)
        assert status == 250, words
        codes[name] = words.split()[-1]
        gateway.wait_until_read()
    (scans / "cardiology" / "scan.tif").write_bytes(fax_tiff(1, "a scan"))
    (scans / "huge.pdf").write_bytes(b"%PDF-1.4" + bytes(2 << 20))
    (scans / "empty.tif").touch()
    end = time.monotonic() + 60
    while len(list(scans.rglob("*.why.txt"))) < 2 or not (scans / "taken/cardiology/scan.tif").exists():
        assert time.monotonic() < end
        time.sleep(0.2)
    gateway.codes = codes  # type: ignore[attr-defined]
    gateway.rows = {row["delivery"]: row for row in gateway.wait_until_read()}  # type: ignore[attr-defined]
    yield gateway
    assert gateway.stop() == 0


def row(office: Any, name: str) -> dict[str, Any]:
    return dict(office.rows[office.codes[name]])


def test_every_line_has_the_form_of_the_contract(office: Any) -> None:
    for line in office.rows.values():
        assert list(line) == KEYS
        assert re.fullmatch(r"D-[0-9A-Z]{4,}", line["delivery"]) and re.fullmatch(r"[0-9a-f]{64}", line["sha256"])
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", line["received_at"])
        assert line["outcome"] in ("documents", "no_document", "duplicate", "rejected")
        assert all(set(document) == {"pages", "state"} for document in line["documents"])


def test_the_outcomes(office: Any) -> None:
    assert row(office, "fax")["documents"] == [{"pages": 1, "state": "SORTED"}]
    assert row(office, "fax")["flags"] == ["page_count_mismatch"]
    assert (row(office, "resend")["outcome"], row(office, "resend")["duplicate_of"]) == (
        "duplicate",
        office.codes["fax"],
    )
    assert (row(office, "again")["outcome"], row(office, "again")["duplicate_of"]) == ("duplicate", office.codes["fax"])
    assert (row(office, "words")["outcome"], row(office, "words")["documents"]) == ("no_document", [])
    assert row(office, "docx")["documents"] == [{"pages": 1, "state": "STUCK"}]
    assert row(office, "docx")["flags"] == ["unsupported_type"]


def test_the_folder_takes_and_refuses_visibly(office: Any) -> None:
    of_folder = {tuple(line["flags"]): line for line in office.rows.values() if line["route"] == "folder"}
    assert of_folder[("too_large",)]["outcome"] == of_folder[("empty_file",)]["outcome"] == "rejected"
    assert of_folder[()]["outcome"] == "documents"
    shown = office.objects("inbox", "show", of_folder[()]["delivery"])[0]
    assert shown["arrival_source"] == "file modification time"


def test_the_sum_holds(office: Any) -> None:
    done = office.command("balance", "--json")
    assert done.returncode == 0 and json.loads(done.stdout)["difference"] == 0
    assert json.loads(done.stdout)["deliveries"]["rejected"] == 2


def test_the_list_can_be_narrowed(office: Any) -> None:
    assert {line["outcome"] for line in office.objects("inbox", "list", "--outcome", "rejected")} == {"rejected"}
    (only,) = office.objects("inbox", "list", "--flag", "page_count_mismatch")
    assert only["delivery"] == office.codes["fax"]
    newest = office.objects("inbox", "list", "--limit", "1")
    assert [line["delivery"] for line in newest] == [list(office.rows)[-1]]
    assert office.codes["fax"] in office.command("inbox", "list").stdout


def test_one_delivery_is_shown_with_all_that_is_known(office: Any) -> None:
    shown = office.objects("inbox", "show", office.codes["fax"])[0]
    assert shown["sender"] == "fax@pbx.localhost" and shown["recipients"] == ["faxes@localhost"]
    assert len(shown["referrals"]) == 1
    assert any(hint.startswith("claimed_pages: 2 (") for hint in shown["hints"])
    again = office.objects("inbox", "show", office.codes["again"].removeprefix("D-").lower())[0]
    assert again["duplicate_why"] == "the same pages arrived before" and again["referrals"] == []
    assert "no document attached" in office.objects("inbox", "show", office.codes["words"])[0]["says"]
    unknown = office.command("inbox", "show", "D-0000")
    assert unknown.returncode == 6 and "There is no delivery" in unknown.stderr


def test_files_are_handed_in_and_bad_ones_stop_no_others(office: Any, tmp_path: Path) -> None:
    (tmp_path / "good.tif").write_bytes(fax_tiff(1, "handed in"))
    (tmp_path / "large.pdf").write_bytes(bytes(2 << 20))
    (tmp_path / "empty.pdf").touch()
    odd = tmp_path / "a\x1b[31m\u202efdp.tif"
    odd.write_bytes(fax_tiff(1, "odd name"))
    done = office.command("inbox", "add", *(str(tmp_path / n) for n in ("none.pdf", "large.pdf", "empty.pdf")), str(tmp_path),
                          str(tmp_path / "good.tif"), str(odd), "--by", "ann")  # fmt: skip
    assert done.returncode == 2 and "Traceback" not in done.stderr
    for sentence in ("No such file", "larger than 1 MB", "is empty", "This is a folder"):
        assert sentence in done.stderr
    assert "\x1b" not in done.stdout + done.stderr and "\u202e" not in done.stdout + done.stderr
    kept = [line.split()[0] for line in done.stdout.splitlines()]
    lines = {line["delivery"]: line for line in office.objects("inbox", "list")}
    assert [lines[code]["route"] for code in kept] == ["upload", "upload"]
    noted = re.findall(r"noted as (D-\w+)", done.stderr)
    assert [lines[code]["outcome"] for code in noted] == ["rejected", "rejected"]
    office.wait_until_read()
    assert office.command("balance", "--json").returncode == 0


def test_a_duplicate_can_be_taken_back_and_stuck_papers_read_again(office: Any) -> None:
    code = office.codes["again"]
    done = office.command("inbox", "reread", code, "--not-duplicate", "--by", "ann")
    assert (done.returncode, done.stdout.strip()) == (0, "1 documents will be read again.")
    line = next(r for r in office.wait_until_read() if r["delivery"] == code)
    assert (line["outcome"], line["duplicate_of"], line["documents"]) == (
        "documents",
        None,
        [{"pages": 1, "state": "SORTED"}],
    )
    assert len(office.objects("inbox", "show", code)[0]["referrals"]) == 1
    refused = office.command("inbox", "reread", code, "--not-duplicate", "--by", "ann")
    assert refused.returncode == 6 and "not held for a duplicate" in refused.stderr
    assert "nothing" in office.command("inbox", "reread", code, "--by", "ann").stdout
    assert "1 documents" in office.command("inbox", "reread", office.codes["docx"], "--by", "ann").stdout
    line = next(r for r in office.wait_until_read() if r["delivery"] == office.codes["docx"])
    assert line["documents"] == [{"pages": 1, "state": "STUCK"}], (
        "it still cannot be read, and waits for a person again"
    )
    assert office.command("balance", "--json").returncode == 0


def test_no_page_stays_in_the_scratch_folder(office: Any) -> None:
    """Only the reading process keeps a folder; what libraries leave in it holds no picture and no words (P8)."""
    for path in (office.data / "scratch").rglob("*"):
        if path.is_file():
            left = path.read_bytes()
            assert not left.startswith((b"II*", b"%PDF", b"\x89PNG")) and b"ASHDOWN" not in left.upper(), path.name
