"""Questions in the formats of other houses: each format reads bytes into what `questions` describes, or writes it.

No Django: bytes in, questions out, and the other way round.
"""
