"""What a key looks like: the lasting name of a road, stage, topic, task, resource, quiz or question."""

import re

PATTERN = r"[a-z0-9]+(?:-[a-z0-9]+)*"
MAX_LENGTH = 80
_KEY = re.compile(PATTERN)


def is_key(text: str) -> bool:
    """True for lower-case letters and digits in groups joined by single hyphens, at most 80 characters."""
    return len(text) <= MAX_LENGTH and _KEY.fullmatch(text) is not None
