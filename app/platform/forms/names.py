"""What a person's name may be made of: letters of any script, and the few signs that stand between them."""

import re

LONGEST = 50
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[ .·•‧'’\-()（）])*")


def is_person_name(text: str) -> bool:
    """Tell whether `text` can be a person's name: rare characters and ethnic names yes; digits, emoji, markup no."""
    return len(text) <= LONGEST and _NAME.fullmatch(text) is not None
