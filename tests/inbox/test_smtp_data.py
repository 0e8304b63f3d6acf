"""The DATA collector against a plain reading of RFC 5321 4.5.2, however the bytes are cut into pieces."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inbox.smtp_data import DataCollector


class Memory:
    def __init__(self) -> None:
        self.held = 0

    def take(self, count: int) -> bool:
        self.held += count
        return True

    def give_back(self, count: int) -> None:
        self.held -= count


def by_the_book(stream: bytes) -> tuple[bytes, bytes] | None:
    """Lines end with CR LF; a lone dot ends the message; a leading dot is removed."""
    out, rest = b"", stream
    while True:
        line, end, rest = rest.partition(b"\r\n")
        if not end:
            return None
        if line == b".":
            return out, rest
        out += line.removeprefix(b".") + end


@given(
    st.lists(st.sampled_from([b".", b"\r\n", b"\n", b"\r", b"a", b"..", b"bc\r\n"]), max_size=30),
    st.lists(st.integers(1, 5)),
)
def test_same_as_by_the_book(words: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(words)
    wanted = by_the_book(stream)
    memory = Memory()
    collector = DataCollector(10_000, memory.take, memory.give_back)
    at, rest = 0, b""
    for size in [*cuts, len(stream)]:
        piece, at = stream[at : at + size], at + size
        if collector.done:
            rest += piece
        elif piece:
            rest += collector.feed(piece)
    assert collector.done == (wanted is not None)
    if wanted:
        data, held = collector.hand_over()
        memory.give_back(held)
        assert (data, rest) == wanted
    else:
        collector.release()
    assert memory.held == 0


@given(st.integers(0, 300), st.integers(1, 50))
def test_the_size_limit_is_exact(size: int, step: int) -> None:
    memory = Memory()
    collector = DataCollector(100, memory.take, memory.give_back)
    stream = b"x" * max(0, size - 2) + b"\r\n" * (size >= 2)
    stream = (stream if size >= 2 else b"") + b".\r\n"
    for at in range(0, len(stream), step):
        if not collector.done:
            collector.feed(stream[at : at + step])
    assert collector.done
    assert collector.state == ("too_big" if size > 100 else "open")
    assert memory.held <= 100 + step + 5
