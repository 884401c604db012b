"""Moodle XML, as question banks there export it: read and written.

reading    the file: categories, and each question by its type
item       one question while it is read: its texts in their formats, its files, what of it is lost
choosing   multichoice, truefalse, matching, ordering
typed      shortanswer, numerical, essay
gaps       cloze (multianswer), and the words to choose from of gapselect and ddwtos
embedded   the small language of gaps, {1:SHORTANSWER:=a~%50%b#said}, read and written
writing    the file, and `page` one element of it
bodies_out one question as its element
"""

from authoring.exchange.moodle_xml.reading import fits, read
from authoring.exchange.moodle_xml.writing import write

__all__ = ["fits", "read", "write"]
