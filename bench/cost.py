"""What reading costs: processor seconds a page beside OCRmyPDF, two workers beside one, memory, the wait for the first result.

All of it is measured from outside, on whole programs: `gateway read` and `ocrmypdf` as a person starts them, start-up included,
user and system time with all their children (wait4).
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pypdf
from PIL import Image, ImageSequence

from bench.corpus import ROOT, Sample
from bench.tables import table

MISSING = (
    "OCRmyPDF is not installed and could not be: install it with 'apt-get install ocrmypdf' and run the benchmark again. "
    "The comparison with it is left out."
)


@dataclass(frozen=True)
class Run:
    """One program from start to end: processor seconds with all children, seconds of the clock, most memory of a reading child
    (MB), seconds until the first line of output."""

    cpu: float
    wall: float
    peak_mb: int
    first: float


def _environment(workers: int, data: Path) -> dict[str, str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("GATEWAY_")}
    return {**clean, "GATEWAY_READING__WORKERS": str(workers), "GATEWAY_DATA": str(data), "OMP_THREAD_LIMIT": "1"}


def _run(command: Sequence[str], environment: dict[str, str]) -> Run:
    begun = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    ended, peaks = threading.Event(), [0]
    watch = threading.Thread(target=_watch, args=(process.pid, ended, peaks), daemon=True)
    errors: list[bytes] = []
    assert process.stdout and process.stderr
    drain = threading.Thread(target=lambda pipe: errors.append(pipe.read()), args=(process.stderr,), daemon=True)
    watch.start()
    drain.start()
    process.stdout.readline()
    first = time.monotonic() - begun
    process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    wall = time.monotonic() - begun
    ended.set()
    watch.join()
    drain.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 3):
        raise SystemExit(
            f"{command[0]} ended with {process.returncode}: {b''.join(errors).decode(errors='replace')[-500:]}"
        )
    return Run(used.ru_utime + used.ru_stime, wall, peaks[0], first)


def _watch(pid: int, ended: threading.Event, peaks: list[int]) -> None:
    """Keep the highest peak of the processes that read pages, below the program that was started."""
    while not ended.wait(0.05):
        for child in _below(pid):
            with contextlib.suppress(OSError, IndexError, StopIteration):
                if b"gateway.sandbox_child" in Path(f"/proc/{child}/cmdline").read_bytes():
                    status = Path(f"/proc/{child}/status").read_text().splitlines()
                    peaks[0] = max(peaks[0], int(next(x for x in status if x.startswith("VmHWM")).split()[1]) // 1024)


def _below(pid: int) -> Iterator[int]:
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield int(child)
                yield from _below(int(child))


def gateway_read(files: Sequence[Path], workers: int = 1) -> Run:
    """`gateway read --json` over the files."""
    with tempfile.TemporaryDirectory(prefix="bench-") as data:
        command = [sys.executable, "-m", "gateway", "read", "--json", *map(str, files)]
        return _run(command, _environment(workers, Path(data)))


def without_text_layer(samples: Sequence[Sample], count: int) -> list[Sample]:
    """`count` files that are pictures of pages, spread evenly over the samples."""
    scans = [s for s in samples if s.truth["coding"] != "pdf-text"]
    return [scans[i * len(scans) // count] for i in range(min(count, len(scans)))]


def one_pdf(files: Sequence[Path], target: Path) -> int:
    """All pages in one PDF, with the fax pictures as they came; the number of pages. OCRmyPDF takes one file a call."""
    writer = pypdf.PdfWriter()
    for file in files:
        if file.suffix == ".pdf":
            writer.append(pypdf.PdfReader(file))
            continue
        with Image.open(file) as fax:
            for frame in ImageSequence.Iterator(fax):
                page = io.BytesIO()
                frame.copy().save(page, "PDF", dpi=tuple(float(d) for d in frame.info["dpi"]))
                writer.append(pypdf.PdfReader(page))
    writer.write(target)
    return len(writer.pages)


def ocrmypdf(files: Sequence[Path]) -> tuple[Run, int] | None:
    """OCRmyPDF with the same duties over the same pages in one call, and their number; None where it is not installed."""
    program = shutil.which("ocrmypdf")
    if program is None:
        return None
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        pages = one_pdf(files, Path(folder) / "in.pdf")
        command = [program, "--rotate-pages", "--deskew", "-O0", "--output-type", "pdf", "--jobs", "1"]
        environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
        return _run([*command, f"{folder}/in.pdf", f"{folder}/out.pdf"], environment), pages


def report(samples: Sequence[Sample], count: int) -> list[str]:
    """Measure, and tell it as table and sentences."""
    chosen = without_text_layer(samples, count)
    files = [s.path for s in chosen]
    pages = sum(s.truth["pages"] for s in chosen)
    one = gateway_read(files, 1)
    peer = ocrmypdf(files)
    if peer is not None and peer[1] != pages:
        raise SystemExit(f"OCRmyPDF got {peer[1]} pages, and {pages} were meant: the comparison would not be fair.")
    two = gateway_read(files, 2)
    single = next((s.path for s in chosen if s.truth["pages"] == 1), files[0])
    starts = [gateway_read([single]) for _ in range(3)]
    first = statistics.median(run.first for run in starts)
    rows = [["gateway read, one worker", f"{one.cpu / pages:.2f}", f"{one.wall / pages:.2f}", f"{one.peak_mb}"]]
    rows.append(["gateway read, two workers", f"{two.cpu / pages:.2f}", f"{two.wall / pages:.2f}", f"{two.peak_mb}"])
    said = [f"{len(files)} files, {pages} pages without a text layer, one thread each, start-up included.", ""]
    if peer is not None:
        rows.append(["ocrmypdf", f"{peer[0].cpu / pages:.2f}", f"{peer[0].wall / pages:.2f}", "-"])
    said += [table(["", "CPU s a page", "seconds a page", "peak MB of a child"], rows), ""]
    goals = []
    if peer is not None:
        ratio = one.cpu / peer[0].cpu
        goals.append(["CPU, times that of OCRmyPDF", f"{ratio:.2f}", "at most 0.9, aim 0.6", _met(ratio <= 0.9)])
    speed = one.wall / two.wall
    peak = max(one.peak_mb, two.peak_mb)
    goals.append(["throughput of two workers, times that of one", f"{speed:.2f}", "at least 1.8", _met(speed >= 1.8)])
    goals.append(["peak memory of a reading child, MB", str(peak), "at most 900", _met(peak <= 900)])
    goals.append(["first result from a cold start, s (median of 3)", f"{first:.1f}", "at most 5", _met(first <= 5)])
    spent = statistics.median(run.cpu for run in starts)
    goals.append(["processor seconds of that cold start, whole program", f"{spent:.1f}", "-", ""])
    said.append(table(["", "measured", "goal", ""], goals))
    if peer is None:
        said += ["", MISSING]
    busy = os.getloadavg()[0]
    said += [
        "",
        f"Load of the machine at the end: {busy:.1f} (seconds of the clock say little when others work on it too).",
    ]
    return said


def _met(yes: bool) -> str:
    return "met" if yes else "**not met**"
