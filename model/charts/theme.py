"""Colours, dashes and lettering of all charts: one colour for a strategy or capability wherever it appears.

Source: Okabe and Ito, Color Universal Design (2008); Tol, Colour schemes (2021), for what goes beyond eight.
"""

import zlib
from dataclasses import dataclass
from typing import Any

FIXED_COLOUR = {
    "speed": "#D55E00",
    "quality": "#0072B2",
    "storage": "#CC79A7",
    "honest": "#009E73",
    "best_response": "#56B4E9",
    "cheater": "#E69F00",
    "colluding": "#AA4499",
    "weight_copier": "#8F8F2B",
    "fixed": "#8A8A8A",
    "loyal": "#A67B5B",
}
SPARE_COLOURS = ("#CC6677", "#44AA99", "#6F6FC4", "#DDAA33", "#117733", "#EE7733", "#33BBEE", "#BB5566")
ROLE_DASH = {"miner": [1, 0], "validator": [6, 3], "owner": [2, 2], "nominator": [8, 3, 2, 3]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """Colours of everything that is not data."""

    ink: str
    muted: str
    grid: str
    paper: str
    ramp: tuple[str, ...]  # from little to much


LIGHT = Theme(
    ink="#1F2933", muted="#52606D", grid="#E4E9EE", paper="#FFFFFF",
    ramp=("#F1F5F8", "#A6CBDD", "#4A90B0", "#12507B"),
)  # fmt: skip
DARK = Theme(
    ink="#E8EDF2", muted="#A9B4C0", grid="#2B3440", paper="#10151C",
    ramp=("#1A222C", "#215071", "#3F94BC", "#B5E3F5"),
)  # fmt: skip


def colour_of(name: str) -> str:
    """Colour of a strategy or capability, the same in every chart."""
    return FIXED_COLOUR.get(name) or SPARE_COLOURS[zlib.crc32(name.encode()) % len(SPARE_COLOURS)]


def text_colour(colour: str, theme: Theme) -> str:
    """`colour` moved nearly half way to the ink, so that small text in it can be read."""
    mixed = [round(0.55 * a + 0.45 * b) for a, b in zip(_rgb(colour), _rgb(theme.ink), strict=True)]
    return "#" + "".join(f"{part:02X}" for part in mixed)


def specification(theme: Theme, layers: list[dict[str, Any]], encoding: dict[str, Any] | None = None) -> dict[str, Any]:
    """Specification of a layered chart on a transparent ground, with the theme's axes and lettering."""
    axis = {
        "labelColor": theme.muted, "titleColor": theme.muted, "titleFontWeight": "normal", "gridColor": theme.grid,
        "domain": False, "ticks": False, "labelFontSize": 11, "titleFontSize": 11, "labelPadding": 4,
    }  # fmt: skip
    config = {
        "background": "transparent", "font": "Source Sans, Source Sans Pro, sans-serif", "view": {"stroke": None},
        "axis": axis, "legend": {"labelColor": theme.muted, "titleColor": theme.muted, "titleFontWeight": "normal"},
    }  # fmt: skip
    return {
        "layer": layers, "encoding": encoding or {}, "config": config,
        "padding": {"left": 4, "right": 8, "top": 6, "bottom": 2},
    }  # fmt: skip


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
