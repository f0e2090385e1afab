"""Writes figures in the text format that Prometheus reads (version 0.0.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import accumulate

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Sample = tuple[Mapping[str, str], float]


def family(name: str, kind: str, about: str, samples: Iterable[Sample]) -> str:
    """One family of samples: its name, whether it is a gauge or a counter, what it is, and its values by labels."""
    head = f"# HELP {name} {about}\n# TYPE {name} {kind}\n"
    return head + "".join(f"{name}{_labels(labels)} {_number(value)}\n" for labels, value in samples)


def histogram(name: str, about: str, bounds: Iterable[float], counts: Iterable[int], total: float) -> str:
    """One histogram: `counts` in each bucket, one more than `bounds`; `total` of all that was measured."""
    lines = [f"# HELP {name} {about}", f"# TYPE {name} histogram"]
    sums = list(accumulate(counts))
    for bound, count in zip((*(_number(one) for one in bounds), "+Inf"), sums, strict=True):
        lines.append(f'{name}_bucket{{le="{bound}"}} {count}')
    lines += [f"{name}_sum {total!r}", f"{name}_count {sums[-1]}"]
    return "\n".join(lines) + "\n"


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    inside = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{inside}}}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
