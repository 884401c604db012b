"""GIFT, the text format of Moodle: a question a block, its answers in braces.

`read` takes the whole language as its description says it, and what is seen in the wild; `write` writes what of our
types it can hold.
"""

from authoring.exchange.gift.reading import read
from authoring.exchange.gift.writing import write

__all__ = ["read", "write"]
