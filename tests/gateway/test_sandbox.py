"""The confined child: its limits hold, its answers are data, and what breaks it is told in a sentence."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from sample_papers import fax_tiff

from gateway import confine
from gateway.sandbox import ChildFailed, JobFailed, Limits, ReadingProcess, run_job, sweep
from gateway.wire import receive, send
from ocr.page import Page, RawPage
from ocr.sheet import Raster


def confined(code: str) -> subprocess.CompletedProcess[str]:
    program = "from gateway import confine\nassert confine.shut_in()\n" + textwrap.dedent(code)
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)


def test_a_document_is_drawn_in_the_child(tmp_path: Path) -> None:
    raster = run_job("rasterise", Raster, tmp_path, data=fax_tiff(2))
    assert [page.number for page in raster.pages] == [1, 2]
    assert all(page.picture.startswith(b"\x89PNG") for page in raster.pages)
    assert not list(tmp_path.iterdir()), "the child's folder is gone with it (P8)"


def test_a_refusal_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(JobFailed) as refused:
        run_job("rasterise", Raster, tmp_path, data=b"")
    assert refused.value.code == "empty"


@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.socket()",
        "import socket; socket.socket(socket.AF_UNIX)",
        "import subprocess; subprocess.run(['/bin/true'])",
        "import os; os.execv('/bin/true', ['true'])",
    ],
)
def test_the_child_has_no_network_and_starts_no_program(code: str) -> None:
    done = confined(code)
    assert done.returncode != 0
    assert "PermissionError" in done.stderr


def test_the_limits_are_set() -> None:
    code = "confine.limit(512, 5, 1, 32)\ntry:\n    bytearray(2 << 30)\nexcept MemoryError:\n    print('held')"
    assert confined(code).stdout.strip() == "held"


def test_this_machine_says_how_files_are_confined() -> None:
    assert "child" in confine.how_confined()


def test_a_child_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(ChildFailed) as late:
        run_job("rasterise", Raster, tmp_path, Limits(wall_seconds=0.0), data=fax_tiff(1))
    assert late.value.code == "too_long"


def test_a_child_that_needs_too_much_is_ended_and_the_next_call_works(tmp_path: Path) -> None:
    tight = ReadingProcess(tmp_path, memory_mb=5)
    with pytest.raises(ChildFailed) as big:
        tight.call("read_page", RawPage, 60, raw=RawPage(1, b"", 204))
    assert big.value.code == "too_big"
    tight.close()


def test_a_relative_folder_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    reading = ReadingProcess(Path("scratch"), memory_mb=900)
    [raw] = run_job("rasterise", Raster, Path("scratch"), data=fax_tiff(1, "Referral for an outpatient")).pages
    page = reading.call("read_page", Page, 60, raw=raw)
    reading.close()
    assert "Referral" in " ".join(line.text for line in page.lines)


def test_an_answer_of_another_shape_is_not_taken(tmp_path: Path) -> None:
    with pytest.raises(ValueError):
        run_job("rasterise", RawPage, tmp_path, data=fax_tiff(1))


def test_what_killed_children_left_is_swept(tmp_path: Path) -> None:
    (tmp_path / "child-abc").mkdir()
    (tmp_path / "child-abc" / "page.png").write_bytes(b"a page")
    sweep(tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_wire_carries_bytes_and_refuses_nonsense(tmp_path: Path) -> None:
    with (tmp_path / "wire").open("w+b") as pipe:
        send(pipe, {"a": b"\x00\xff", "b": [1, "é", None, {"c": (b"x",)}]})
        pipe.seek(0)
        assert receive(pipe) == {"a": b"\x00\xff", "b": [1, "é", None, {"c": [b"x"]}]}
        pipe.seek(0)
        pipe.truncate()
        pipe.write(b"\xff" * 64)
        pipe.seek(0)
        with pytest.raises(EOFError):
            receive(pipe)
