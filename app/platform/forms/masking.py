"""Masks (C-38, C-39): what is shown of a phone or an ID number to those who need not see all of it."""

MASKS: dict[str, tuple[int, int, int]] = {
    "phone": (3, 4, 4),
    "id": (3, 11, 4),
    "id_ticket": (3, 5, 4),
    "id_export": (6, 5, 6),
    "id_training": (2, 5, 4),
}
"""Kept at the start, stars, kept at the end. An installation may show less (`identity/masks`), never more."""


def masked(value: str, mask: str) -> str:
    """Return `value` under `mask` (a key of `MASKS`: kept at the start, stars, kept at the end).

    The number of stars is fixed. A value so short that the mask would hide fewer than four characters shows
    its first one only.
    """
    head, stars, tail = MASKS[mask]
    if not value:
        return ""
    if len(value) < head + tail + 4:
        return value[: min(head, 1)] + "*" * stars
    return value[:head] + "*" * stars + value[len(value) - tail :]
