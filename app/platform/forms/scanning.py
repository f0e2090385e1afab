"""Scans of what was printed: fields that say so are compared with the print when an entry is read (C-20)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.platform.forms.complaints import Wrong
from app.platform.forms.definition import Form
from app.platform.forms.given import Given
from app.platform.forms.kinds.uploads import File


def compare(
    form: Form, values: Mapping[str, Any], given: Given
) -> tuple[dict[str, Wrong], dict[str, Mapping[str, Any]]]:
    """Compare the scans among `values` with their prints: what is refused, and what the record keeps, by field."""
    refused: dict[str, Wrong] = {}
    kept: dict[str, Mapping[str, Any]] = {}
    for name, files in values.items():
        one = form.fields[name]
        template = one.kind.scan_of(one) if isinstance(one.kind, File) else None
        compared = given.scan(template, files) if template and files else None
        if compared is None:
            continue
        if compared.fault is not None:
            refused[name] = compared.fault
        elif compared.facts:
            kept[name] = compared.facts
    return refused, kept
