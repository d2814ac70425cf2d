"""How figures look: sizes of the printed page, colours, type."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PIXELS_A_MM = 96 / 25.4
"""A pixel of SVG and CSS is a 96th of an inch."""

FONT = "Arial, Helvetica, 'Liberation Sans', sans-serif"
"""Faces of one and the same set of widths, so that text measured in one fits in the others."""

PAPER = "#ffffff"
INK = "#1b1b1b"
MUTED = "#595959"
AXIS = "#8c8c8c"
GRID = "#e8e8e8"
WITHHELD = "#d6d6d6"
SHARES = ("#f1f6fa", "#bcd8ea", "#6fabd1", "#0072b2", "#003f66")
"""From a share of nought to the largest one: one hue, ever darker."""


@dataclass(frozen=True)
class Stroke:
    """How one line is drawn; never told apart by colour alone."""

    colour: str
    """At least 3 to 1 on white."""
    text: str
    """Colour of its label, at least 4.5 to 1 on white."""
    dash: tuple[float, ...] = (1, 0)
    """Lengths of stroke and gap, pixels."""
    width: float = 1.4
    """Pixels."""


TOTAL = Stroke(INK, INK, width=1.1)
COHORTS: Mapping[str, Stroke] = {
    "senior": Stroke("#0072B2", "#0072B2"),
    "junior": Stroke("#D55E00", "#B34E00", (4, 2)),
}
"""Blue and vermilion of Okabe & Ito (2008), which colour-blind readers tell apart."""
PANEL = Stroke(INK, INK, width=1)
PLATFORMS = (TOTAL, Stroke("#00866A", "#00775D", (4, 2)), Stroke("#B35A90", "#97437A", (1.5, 1.5)))
"""For platforms in one picture; other hues than the cohorts', with which they have nothing to do."""

HUMAN, SYNTHETIC = Stroke("#00866A", "#00775D"), PLATFORMS[2]
"""For uploads told apart by their label."""

NAMES: Mapping[str, str] = {
    "artstation": "ArtStation",
    "danbooru": "Danbooru",
    "deviantart": "DeviantArt",
    "foundation": "Foundation",
    "openmoji": "OpenMoji",
    "pixiv": "Pixiv",
    "shadertoy": "Shadertoy",
}
"""Platforms as they write themselves; others are shown as the archive has them."""


def platform_name(platform: str) -> str:
    """Give a platform's name as it is shown."""
    return NAMES.get(platform, platform)


@dataclass(frozen=True)
class Layout:
    """Sizes for one width of the printed page, in pixels."""

    millimetres: int
    letters: float
    """Size of type."""
    title: float
    """Size of the title's type."""
    height: float
    """Height of a plot that stands alone."""
    panel_height: float
    """Height of one of several plots."""
    columns: int
    """Plots beside each other."""

    @property
    def width(self) -> float:
        """Width of the whole page."""
        return self.millimetres * PIXELS_A_MM

    @property
    def leading(self) -> float:
        """From one line of type to the next."""
        return round(1.25 * self.letters, 2)


LAYOUTS: Mapping[int, Layout] = {
    85: Layout(85, letters=10, title=12, height=140, panel_height=62, columns=2),
    178: Layout(178, letters=11.4, title=14, height=230, panel_height=84, columns=3),
}
"""One and two columns of a journal; at these sizes type is 7.5 and 8.6 points, and the page shows the same drawings."""

PADDING = 3.0


def configuration(layout: Layout) -> dict[str, Any]:
    """Give the Vega-Lite configuration that all figures share."""
    letters = layout.letters
    axis = {"labelColor": MUTED, "labelFontSize": letters, "titleColor": MUTED, "titleFontSize": letters,
            "titleFontWeight": "normal", "gridColor": GRID, "gridWidth": 0.7, "domainColor": AXIS, "tickColor": AXIS,
            "domainWidth": 0.7, "tickWidth": 0.7, "tickSize": 3, "labelPadding": 2, "titlePadding": 4}  # fmt: skip
    title = {"anchor": "start", "color": INK, "fontSize": layout.title, "fontWeight": "bold", "offset": 6,
             "subtitleColor": MUTED, "subtitleFontSize": letters, "subtitlePadding": 3,
             "subtitleLineHeight": layout.leading, "lineHeight": round(1.2 * layout.title, 2)}  # fmt: skip
    legend = {"labelColor": MUTED, "labelFontSize": letters, "titleColor": MUTED, "titleFontSize": letters,
              "titleFontWeight": "normal"}  # fmt: skip
    return {"font": FONT, "aria": False, "background": PAPER, "padding": PADDING, "view": {"stroke": None},
            "axis": axis, "title": title, "legend": legend, "text": {"fontSize": letters, "color": MUTED}}  # fmt: skip


DARK: Mapping[str, str] = {
    PAPER: "#16181b",
    INK: "#ece9e4",
    MUTED: "#b5b2ac",
    AXIS: "#77767a",
    GRID: "#2d3035",
    "#0072B2": "#5ab4f0",
    "#D55E00": "#ff8b3d",
    "#B34E00": "#ff9f5f",
    "#00866A": "#3cc7a3",
    "#00775D": "#3cc7a3",
    "#B35A90": "#e58fc4",
    "#97437A": "#e58fc4",
}
"""What each colour becomes on a dark page, with no less contrast there."""


def dark_rules() -> str:
    """Give style rules that recolour figures on a page; they hold where the page puts them."""
    return "\n".join(
        f'figure svg [{part}="{light}" i] {{ {part}: {dark}; }}'
        for light, dark in DARK.items()
        for part in ("fill", "stroke")
    )
