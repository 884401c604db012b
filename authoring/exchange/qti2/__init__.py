"""QTI 2.1 and 2.2: items and packages are read, packages of QTI 2.1 are written.

read(data)        # a single item, or a package of them
write(questions)  # a package; what QTI can't hold is said
"""

from authoring.exchange.qti2.reading import fits, read
from authoring.exchange.qti2.writing import write

__all__ = ["fits", "read", "write"]
