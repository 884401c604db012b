"""Questions in the formats of other houses: each format reads bytes into what `questions` describes, or writes it.

No Django: bytes in, questions out, and the other way round. A format is a module or package of its own, and `formats`
is the only one that knows them all (`recognising` tells the text formats apart):

gift, aiken, table, yaml_file   texts, whose bytes `decoding` reads; rows: `table_rows`, `table_writing`
moodle_xml, qti12, qti2         XML, read by `xml_text`, zips by `packages`; `drafting`: one question being read

What they share, from the words up:

html_text     HTML as Markdown and back (`html_tags`, `markdown_signs`, `markdown_out`); nothing else converts HTML
plain_text    plain text as Markdown; `formulas` finds what is TeX in it
wildcards     answers with * as patterns, and back
budget        how much markup one file may bring
categories    $course$/top/a/b, as Moodle writes it
keys, sound   keys for what comes without; whether a draft can go out at all
"""
