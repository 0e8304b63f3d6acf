"""Letters of word processors (DOCX, RTF, OpenDocument) become pages where LibreOffice is installed; the original stays beside them.

LibreOffice runs shut in: no network, limits on memory, processor time and files, a folder of its own and a fresh profile in which
macros, links to other files and active content are off. Where it is not installed, or cannot do it, a person is told what to do.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from gateway.jobs import OpenedDelivery, OpenedDocument, OpenedFile
from gateway.nursery import child_environment
from gateway.sandbox import own_folder

ENDINGS = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/rtf": "rtf",
    "application/vnd.oasis.opendocument.text": "odt",
}
FLAG = "converted"
_SECONDS = 120.0
_MEMORY_MB, _FILE_MB, _OPEN_FILES = 900, 64, 256
_MOST_LETTERS = 5  # of one delivery; the rest stays with a person (P7)
# Nothing in a stranger's letter may run, and nothing beside it may be drawn in, as a picture "file:///..." would be.
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableActiveContent" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""  # noqa: E501 - the layout of LibreOffice's own file


def program() -> str | None:
    """Where LibreOffice is, or None."""
    return shutil.which("soffice", path=os.environ.get("PATH", "/usr/bin:/bin"))


def with_pages(
    opened: OpenedDelivery, scratch: Path, open_file: Callable[[bytes, str], OpenedDelivery]
) -> OpenedDelivery:
    """The delivery with its letters turned into pages, as far as that can be done here.

    `open_file` opens a PDF with a name as a delivery of its own, in the confined child like any other stranger's file.
    """
    letters = [
        d for d in opened.documents if len(d.files) == 1 and d.files[0].media_type in ENDINGS and d.files[0].trouble
    ]
    if not letters or program() is None:
        return opened
    drawn = {id(d): page for d in letters[:_MOST_LETTERS] if (page := _drawn(d, scratch, open_file)) is not None}
    if not drawn:
        return opened
    documents = tuple(drawn.get(id(d), d) for d in opened.documents)
    left = [file.trouble for d in documents for file in d.files if file.trouble]
    flags = {*opened.flags, FLAG}
    if not any(code == "unsupported_type" for code, _ in left):
        flags.discard("unsupported_type")
    said = {file.trouble[1] for d in letters for file in d.files if file.trouble} - {says for _, says in left}
    return dataclasses.replace(
        opened,
        documents=documents,
        flags=tuple(sorted(flags)),
        says=(left[0][1] if left else None) if opened.says in said else opened.says,
    )


def _drawn(
    document: OpenedDocument, scratch: Path, open_file: Callable[[bytes, str], OpenedDelivery]
) -> OpenedDocument | None:
    letter = document.files[0]
    pdf = to_pdf(letter.data, ENDINGS[letter.media_type], scratch)
    if pdf is None:
        return None
    found = open_file(pdf, f"{Path(letter.name or 'letter').stem}.pdf")
    pages: list[OpenedFile] = [file for d in found.documents for file in d.files]
    if len(pages) != 1 or pages[0].trouble:
        return None
    kept = dataclasses.replace(letter, trouble=None)
    # every run makes other bytes of the same letter, so the letter itself tells whether it came before
    return OpenedDocument((dataclasses.replace(pages[0], drawn_from=letter.sha256),), (*document.also, kept))


def to_pdf(letter: bytes, ending: str, scratch: Path) -> bytes | None:
    """The letter as LibreOffice prints it; None where it cannot, breaks a limit or takes longer than two minutes."""
    office = program()
    if office is None:
        return None
    with own_folder(scratch) as home:
        source, made = home / f"letter.{ending}", home / "out" / "letter.pdf"
        source.write_bytes(letter)
        profile = home / "profile"
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")
        process = subprocess.Popen(
            [sys.executable, "-m", "gateway.word_letters", office, str(home), source.name],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=home,
            env={**child_environment(home), "SAL_USE_VCLPLUGIN": "svp"},
            start_new_session=True,
        )
        try:
            process.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            return None
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)  # it leaves a helper behind now and then
            process.wait()
        return made.read_bytes() if made.is_file() and not made.is_symlink() else None


def main() -> None:
    """The child's side: shut ourselves in, then become LibreOffice. PROGRAM HOME NAME."""
    from gateway import confine

    office, home, name = sys.argv[1:4]
    confine.limit(_MEMORY_MB, int(_SECONDS), _FILE_MB, _OPEN_FILES)
    confine.shut_in(programs=True)
    options = ["--headless", "--nologo", "--norestore", "--nolockcheck", "--nodefault"]
    profile = f"-env:UserInstallation=file://{home}/profile"
    order = ["--convert-to", "pdf:writer_pdf_Export", "--outdir", f"{home}/out", f"{home}/{name}"]
    os.execv(office, [office, *options, profile, *order])


if __name__ == "__main__":
    main()
