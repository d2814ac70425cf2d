"""The report: figures, tables and one offline page from findings; it touches no archive.

`render` writes all of it.  The figures stand alone too: `uploads_by_platform`, `cohorts_on`, `totals_with_split` and
`retention_heatmap` give a `Figure`, `save` and `save_paper` write it; so do `loop_curves` and `admissible_synthetic`
of self-consuming loops.  `answer` says in words what was found.
"""

from precipice.report.charts import cohorts_on, figures, retention_heatmap, totals_with_split, uploads_by_platform
from precipice.report.contact_sheets import Strip, contact_sheet
from precipice.report.document import findings_schema
from precipice.report.exporting import export_set
from precipice.report.figure import Figure
from precipice.report.loop_charts import admissible_synthetic, loop_curves
from precipice.report.page import render
from precipice.report.paragraphs import Methods, describe_methods
from precipice.report.saving import save, save_paper
from precipice.report.telling import read_findings
from precipice.report.words import answer

__all__ = [
    "Figure",
    "Methods",
    "Strip",
    "admissible_synthetic",
    "answer",
    "cohorts_on",
    "contact_sheet",
    "describe_methods",
    "export_set",
    "figures",
    "findings_schema",
    "loop_curves",
    "read_findings",
    "render",
    "retention_heatmap",
    "save",
    "save_paper",
    "totals_with_split",
    "uploads_by_platform",
]
