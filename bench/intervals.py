"""Exact intervals for shares: Clopper-Pearson, from the binomial distribution alone."""

from __future__ import annotations

import math
from collections.abc import Callable


def _tail(least: int, n: int, p: float) -> float:
    """The chance of `least` or more hits among n at a chance of p each."""
    if least <= 0:
        return 1.0
    if p <= 0.0:
        return 0.0
    if p >= 1.0:
        return 1.0
    logs = [
        math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) + k * math.log(p) + (n - k) * math.log1p(-p)
        for k in range(least, n + 1)
    ]
    top = max(logs)
    return min(1.0, math.exp(top) * math.fsum(math.exp(one - top) for one in logs))


def _where(rises: Callable[[float], float], level: float) -> float:
    """Where a rising function of a share reaches the level."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rises(middle) < level else (low, middle)
    return (low + high) / 2


def upper_bound(hits: int, n: int, risk: float = 0.05) -> float:
    """The one-sided upper bound of a share (95 % by default); 0 hits give 1 - risk ** (1 / n), near 3 / n."""
    if n == 0 or hits >= n:
        return 1.0
    if hits == 0:
        return float(1 - risk ** (1 / n))
    return _where(lambda p: _tail(hits + 1, n, p), 1 - risk)


def interval(hits: int, n: int, risk: float = 0.05) -> tuple[float, float]:
    """The two-sided interval of a share (95 % by default), lower and upper end."""
    if n == 0:
        return 0.0, 1.0
    low = 0.0 if hits == 0 else _where(lambda p: _tail(hits, n, p), risk / 2)
    return low, upper_bound(hits, n, risk / 2)
