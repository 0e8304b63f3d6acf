"""A desk in a process of its own, so that a test can kill it: `python desk_process.py FOLDER PORT`."""

from __future__ import annotations

import datetime as dt
import sys
import threading
from pathlib import Path

from gateway.settings import Settings
from gateway.store import open_store
from gateway.web_server import WebDoor


def main() -> None:
    settings = Settings(data=Path(sys.argv[1]), web={"port": int(sys.argv[2])}, office={"ods": "RXX"})
    door = WebDoor(open_store(settings.url), settings, None, None, lambda: dt.datetime.now(dt.UTC))
    door.start()
    print(door.port, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
