"""Drawings of a road as SVG: plain functions, values in, markup out.

Only presentation attributes and classes (css/drawings.css paints them), never a style attribute,
so they stand under the strict content security policy. Every text that comes in is escaped;
words of the reader's language are the caller's. roadmap/templatetags/drawings.py is their door.
"""
