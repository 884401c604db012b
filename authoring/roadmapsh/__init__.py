"""Reads checkouts of roadmap.sh in all layouts that its repository has had; what each file is good for is named by it.

layouts   which roads a checkout holds, and in which layout
links     the links of a topic, and what was odd about them
topics    one file: title, text, links
graph     the drawing of a road: nodes and edges
placing   topics into stages, each with the reason why it stands there
reading   one road, read as a whole
shaping   that road as a folder of ours, and as an update of a draft
names     keys and addresses that stay the same from import to import
report    what was odd, and where
"""
