"""One FHIR call from its request line to its answer: faults, pace, access, media, operation, refusal. Knows no sockets."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Mapping

from gateway.rehearsal.ers_access import (
    Headers,
    Operation,
    bearer,
    check_media,
    find_operation,
    session_by_token,
    session_in_sandbox,
)
from gateway.rehearsal.ers_business import Session
from gateway.rehearsal.ers_faults import STATUSES, Fault, Faults
from gateway.rehearsal.ers_operations import Answer, Call, Operations
from gateway.rehearsal.ers_refusal import Refusal, outcome_body
from gateway.rehearsal.ers_state import Store
from gateway.rehearsal.ers_tokens import Tokens
from gateway.rehearsal.ers_views import instant_text

_CODES = {
    "401": "NO_ACCESS",
    "403": "FORBIDDEN",
    "502": "PAS_RESPONDED_WITH_ERROR",
    "503": "SYSTEM_UNAVAILABLE",
    "504": "PAS_NOT_RESPONDING",
}


class Engine:
    """Answers FHIR calls. `base` gives the FHIR base URL once the port is known."""

    def __init__(
        self,
        store: Store,
        tokens: Tokens,
        faults: Faults,
        base: Callable[[], str],
        *,
        open_sandbox: bool,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.store, self.tokens, self.faults = store, tokens, faults
        self.open_sandbox = open_sandbox
        self._operations = Operations(store, base, sleep)
        self._sleep = sleep
        self._recent: deque[float] = deque()
        self._pace = threading.Lock()

    def answer(self, method: str, path: str, query: Mapping[str, str], headers: Headers, body: bytes) -> Answer | None:
        """The answer to one call below the FHIR base; None means the connection is cut without an answer."""
        number, correlation = "unknown", headers.get("X-Correlation-ID")
        try:
            operation, parts = find_operation(method, path)
            number = operation.id
            self.store.called(number)
            struck = self.faults.take(number)
            self._before(struck)
            if "lost_before" in struck:
                self.store.count(number, "lost before", correlation)
                return None
            session = self._session(operation, headers, struck)
            check_media(headers, operation)
            if operation.takes is None and body and method == "POST":
                raise Refusal(400, None, "this operation takes no body")
            self._pas(number, struck)
            call = Call(session, parts, query, headers, body, moved="version_moved" in struck)
            answer = self._operations.run(number, call)
            if "lost_after" in struck:
                self.store.count(number, "lost after", correlation)
                return None
            if "error_after" in struck:
                raise Refusal(struck["error_after"].status or 500, struck["error_after"].code)
        except Refusal as refusal:
            status, kind, content = outcome_body(
                refusal, number, r4=path.startswith("/R4"), at=instant_text(self.store.clock())
            )
            answer = Answer(status, content, kind, dict(refusal.headers))
        except Exception:
            # A fault of the rehearsal itself: seen on its console and in the counts, and a 500 for the client.
            traceback.print_exc(file=sys.stderr)
            self.store.count(number, "defect")
            answer = Answer(500)
        self.store.count(number, answer.status, correlation)
        return answer

    def _before(self, struck: dict[str, Fault]) -> None:
        if down := struck.get("down"):
            raise Refusal(503, "SYSTEM_UNAVAILABLE", "e-RS is not available", headers=_retry(down))
        # the proxy counts a call when it arrives, however long the service behind it then takes
        self._keep_pace()
        if slow := struck.get("slow"):
            self._sleep(self.faults.delay(slow))
        for kind in STATUSES:
            if fault := struck.get(kind):
                raise Refusal(int(kind), fault.code or _CODES.get(kind), headers=_retry(fault))
        if refuse := struck.get("refuse"):
            raise Refusal(refuse.status or 422, refuse.code, "refused by the drill", headers=_retry(refuse))

    def _keep_pace(self) -> None:
        rate = self.store.settings.rate_per_second
        if rate is None:
            return
        with self._pace:
            now = self.store.clock().timestamp()
            window = 1.0 / self.store.scale
            while self._recent and self._recent[0] <= now - window:
                self._recent.popleft()
            if len(self._recent) >= rate:
                raise Refusal(429)
            self._recent.append(now)

    def _session(self, operation: Operation, headers: Headers, struck: dict[str, Fault]) -> Session:
        if "token_expired" in struck:
            if not self.open_sandbox:
                self.tokens.expire(bearer(headers))
            raise Refusal(401, "NO_ACCESS", "Access Token expired")
        if self.open_sandbox:
            return session_in_sandbox(headers, operation, self.store.directory, self.tokens.sign_in_user)
        return session_by_token(headers, self.tokens.grant_of(bearer(headers)), operation, self.store.directory)

    def _pas(self, number: str, struck: dict[str, Fault]) -> None:
        if number not in ("A016", "A036"):
            return
        if "pas_error" in struck:
            raise Refusal(502, "PAS_RESPONDED_WITH_ERROR", "PAS Request Status: ERROR")
        if "pas_silent" in struck:
            raise Refusal(504, "PAS_NOT_RESPONDING", "PAS Request Status: TIMED_OUT")


def _retry(fault: Fault) -> dict[str, str]:
    return {"Retry-After": str(fault.retry_after)} if fault.retry_after is not None else {}
