"""QTI 1.2, as Canvas, Blackboard, Respondus and others write it: hardly ever as its schema asks.

read(data)  # a single XML file, or a package of them
"""

from authoring.exchange.qti12.reading import fits, read

__all__ = ["fits", "read"]
