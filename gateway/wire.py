"""The wire between a process and its children: one JSON frame with the bytes beside it, and never a pickle.

A child that held hostile bytes may have been taken over; what it answers is data that is checked against the expected type.
"""

from __future__ import annotations

import dataclasses
import json
import struct
from typing import IO, Any


def send(pipe: IO[bytes], message: Any) -> None:
    """Write one message: dataclasses become objects, bytes are numbered and follow the JSON."""
    blobs: list[bytes] = []
    text = json.dumps(_pack(message, blobs), ensure_ascii=False, allow_nan=False).encode("utf-8", "surrogatepass")
    pipe.write(struct.pack(">QQ", len(text), len(blobs)) + text)
    for blob in blobs:
        pipe.write(struct.pack(">Q", len(blob)))
        pipe.write(blob)
    pipe.flush()


def receive(pipe: IO[bytes], most: int = 2 << 30) -> Any:
    """Read one message. EOFError when the other side is gone."""
    length, count = struct.unpack(">QQ", _exactly(pipe, 16))
    if length > most or count > 1_000_000:
        raise EOFError("the other side does not speak our language")
    tree = json.loads(_exactly(pipe, length).decode("utf-8", "surrogatepass"))
    blobs = []
    for _ in range(count):
        (size,) = struct.unpack(">Q", _exactly(pipe, 8))
        if size > most:
            raise EOFError("the other side does not speak our language")
        blobs.append(_exactly(pipe, size))
    return _unpack(tree, blobs)


def _exactly(pipe: IO[bytes], count: int) -> bytes:
    data = pipe.read(count)
    if data is None or len(data) < count:
        raise EOFError("the other side is gone")
    return data


def _pack(thing: Any, blobs: list[bytes]) -> Any:
    if isinstance(thing, (bytes, bytearray, memoryview)):
        blobs.append(bytes(thing))
        return {"$bytes": len(blobs) - 1}
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        return {f.name: _pack(getattr(thing, f.name), blobs) for f in dataclasses.fields(thing)}
    if isinstance(thing, dict):
        return {str(k): _pack(v, blobs) for k, v in thing.items()}
    if isinstance(thing, (list, tuple, set, frozenset)):
        return [_pack(v, blobs) for v in thing]
    if hasattr(thing, "isoformat"):
        return thing.isoformat()
    if thing is None or isinstance(thing, (str, int, float, bool)):
        return thing
    if hasattr(thing, "item"):  # a number of numpy's
        return thing.item()
    raise TypeError(f"a {type(thing).__name__} cannot be sent")


def _unpack(tree: Any, blobs: list[bytes]) -> Any:
    if isinstance(tree, dict):
        if len(tree) == 1 and "$bytes" in tree:
            return blobs[tree["$bytes"]]
        return {k: _unpack(v, blobs) for k, v in tree.items()}
    if isinstance(tree, list):
        return [_unpack(v, blobs) for v in tree]
    return tree
