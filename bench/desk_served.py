"""The desk in a process of its own for `bench.desk`: `python -m bench.desk_served FOLDER` prints its address and serves."""

from __future__ import annotations

import datetime as dt
import sys
import threading
from pathlib import Path

from gateway.settings import Settings
from gateway.store import open_store
from gateway.web_server import WebDoor


def main() -> None:
    """Serve until the process is ended."""
    settings = Settings(data=Path(sys.argv[1]), web={"port": 0}, office={"ods": "RXX"})
    door = WebDoor(open_store(settings.url), settings, None, None, lambda: dt.datetime.now(dt.UTC))
    door.start()
    print(door.address.rstrip("/"), flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
