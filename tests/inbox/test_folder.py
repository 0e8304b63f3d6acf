"""The watched folder with real files: settled, moved after the commit, refused with a reason, a share that goes and comes."""

from __future__ import annotations

import datetime as dt
import logging
import os
import threading
from pathlib import Path

import pytest
from smtp_talk import NOW, Recorder

from inbox.delivery import TryLater
from inbox.folder import FolderDoor, FolderSettings


def put(path: Path, data: bytes = b"%PDF-1.4 fax", at: dt.datetime = NOW - dt.timedelta(minutes=5)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


@pytest.fixture
def door(tmp_path: Path, accept: Recorder) -> FolderDoor:
    folder = tmp_path / "scans"
    folder.mkdir()
    return FolderDoor(folder, accept, lambda: NOW, logging.getLogger("test.folder"), FolderSettings(max_bytes=1000))


def test_a_settled_file_is_kept_then_moved(door: FolderDoor, accept: Recorder) -> None:
    file = put(door.path / "fax 1.pdf")
    assert door.look_once().waiting == 1 and not accept.kept
    assert door.look_once().taken == ("D-0001",)
    (kept,) = accept.kept
    assert kept.route == "folder" and kept.name == "fax 1.pdf" and kept.desk is None
    assert kept.arrived_at == NOW - dt.timedelta(minutes=5) and kept.received_at == NOW
    assert not file.exists() and (door.path / "taken" / "fax 1.pdf").read_bytes() == kept.data
    assert door.look_once().taken == ()


def test_a_growing_file_waits(door: FolderDoor, accept: Recorder) -> None:
    for size in range(1, 5):
        put(door.path / "a.tif", b"x" * size)
        door.look_once()
    assert not accept.kept
    door.look_once()
    assert len(accept.kept[0].data) == 4


def test_sub_folder_is_the_desk_and_names_do_not_collide(door: FolderDoor, accept: Recorder) -> None:
    for round_ in range(2):
        put(door.path / "cardiology" / "scan.pdf", b"%PDF-" + bytes([65 + round_]))
        door.look_once()
        door.look_once()
    assert [kept.desk for kept in accept.kept] == ["cardiology", "cardiology"]
    assert sorted(path.name for path in (door.path / "taken" / "cardiology").iterdir()) == ["scan.1.pdf", "scan.pdf"]


def test_links_hidden_and_temporary_files_are_left(door: FolderDoor, accept: Recorder, tmp_path: Path) -> None:
    secret = put(tmp_path / "elsewhere" / "secret.pdf")
    (door.path / "link.pdf").symlink_to(secret)
    (door.path / "folder").symlink_to(secret.parent)
    os.mkfifo(door.path / "pipe.pdf")
    put(door.path / ".hidden.pdf")
    put(door.path / "half.pdf.part")
    for _ in range(3):
        assert door.look_once().trouble is None
    assert not accept.kept and secret.exists()


@pytest.mark.parametrize(("data", "why"), [(b"", "empty"), (b"x" * 1001, "larger than")])
def test_a_refused_file_says_why(data: bytes, why: str, door: FolderDoor, accept: Recorder) -> None:
    put(door.path / "desk" / "bad.pdf", data)
    door.look_once()
    assert door.look_once().refused == 1
    assert why in (door.path / "refused" / "desk" / "bad.pdf.why.txt").read_text()
    assert (door.path / "refused" / "desk" / "bad.pdf").read_bytes() == data and not accept.kept


def test_trouble_of_the_store_leaves_the_file(
    door: FolderDoor, accept: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    file = put(door.path / "Mrs Example.pdf")
    for trouble in (TryLater("The disk is full."), ValueError("Mrs Example")):
        accept.trouble = trouble
        door.look_once()
        assert door.look_once().trouble is not None
        assert file.exists()
    accept.trouble = None
    assert door.look_once().taken == ("D-0001",)
    assert "Mrs Example" not in caplog.text


def test_a_crash_between_commit_and_move_comes_again(
    door: FolderDoor, accept: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = put(door.path / "fax.pdf")

    def crash(self: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", crash)
        door.look_once()
        with pytest.raises(KeyboardInterrupt):
            door.look_once()
    assert file.exists() and len(accept.kept) == 1
    again = FolderDoor(door.path, accept, lambda: NOW)
    again.look_once()
    again.look_once()
    assert [kept.data for kept in accept.kept] == [b"%PDF-1.4 fax"] * 2 and not file.exists()


def test_a_failed_move_is_tried_again_without_a_second_copy(
    door: FolderDoor, accept: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = put(door.path / "fax.pdf")

    def fail(self: Path, target: Path) -> Path:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", fail)
        for _ in range(4):
            look = door.look_once()
        assert look.trouble is not None and "permission" in look.trouble
    for _ in range(3):
        door.look_once()
    assert len(accept.kept) == 1 and not file.exists()


def test_a_share_that_vanishes_and_comes_back(
    door: FolderDoor, accept: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    put(door.path / "fax.pdf")
    away = door.path.with_name("away")
    door.look_once()
    door.path.rename(away)
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            assert "check the share" in str(door.look_once().trouble)
        away.rename(door.path)
        for _ in range(2):
            door.look_once()
    assert len(accept.kept) == 1
    assert caplog.text.count("cannot be read") == 1 and caplog.text.count("works again") == 1


def test_the_clock_of_the_file_never_lies_ahead(door: FolderDoor, accept: Recorder) -> None:
    put(door.path / "fax.pdf", at=NOW + dt.timedelta(days=1))
    door.look_once()
    door.look_once()
    assert accept.kept[0].arrived_at == NOW


def test_run_stops(door: FolderDoor) -> None:
    stop = threading.Event()
    watch = threading.Thread(target=door.run, args=(stop,))
    watch.start()
    stop.set()
    watch.join(5)
    assert not watch.is_alive()
