"""Marks that picture files carry: C2PA manifests, IPTC source types, the texts that generators leave.

A file without a mark is "no mark found", never "human": marks are easily taken off, and most tools write none.
"""

from precipice.marks.families import FAMILIES
from precipice.marks.folders import files_in
from precipice.marks.found import MarksFound, read_marks, write_marks
from precipice.marks.record import FIELDS, FileMarks, Mark

__all__ = ["FAMILIES", "FIELDS", "FileMarks", "Mark", "MarksFound", "files_in", "read_marks", "write_marks"]
