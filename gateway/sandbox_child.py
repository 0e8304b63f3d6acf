"""The child's side of the sandbox: takes jobs from its standard input, answers on its standard output, ends with either."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from gateway import confine, sandbox


def main() -> None:
    """Shut ourselves in where asked, then answer one job after the other."""
    limits, confined = json.loads(sys.argv[1]), sys.argv[2] == "1"
    # What a library prints must not end up between our answers.
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    if confined:
        confine.limit(limits["memory_mb"], limits["cpu_seconds"], limits["file_mb"], limits["open_files"])
        confine.shut_in()
    from gateway import jobs

    while True:
        try:
            message = sandbox.receive(incoming)
        except EOFError:
            return
        sandbox.send(outgoing, _answer(jobs, message))


def _answer(jobs: Any, message: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"answer": jobs.JOBS[message["job"]](**message["arguments"])}
    except jobs.Refuses as refusal:
        return {"refused": {"code": refusal.code, "says": refusal.says}}
    except MemoryError:
        return {"refused": {"code": "too_big", "says": "It needed more memory than allowed to open it."}}
    except Exception as error:
        # the kind of error only: its text may quote the file, and so a patient (P8)
        return {"failed": type(error).__name__}


if __name__ == "__main__":
    main()
