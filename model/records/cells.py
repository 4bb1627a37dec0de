"""Cells of CSV: numbers that read back to the bit, and texts that no spreadsheet runs."""

import re
from typing import Any

import numpy as np
import pandas as pd

# What a spreadsheet may take for the start of a formula, in both widths, after what it passes over. A tab or a return
# in front parts cells in some of them.
FORMULA = re.compile(r"[\t\r]|[\s\x00-\x1f\u200b\u2060\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]")


def cell(value: Any, name: Any) -> str:
    """Text of one cell of a column of mixed or missing values."""
    if isinstance(value, str):
        return text_cell(value)
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return ""
    if isinstance(value, bool | np.bool_ | int | np.integer | float | np.floating):
        return repr(value.item() if isinstance(value, np.generic) else value)
    raise ValueError(f"cells of column {name!r} must be numbers, texts or missing, one is {value!r}")


def text_cell(text: str) -> str:
    """Text as a cell: no spreadsheet runs it as a formula, and marks of CSV are quoted."""
    if FORMULA.match(text):
        text = "'" + text
    if any(mark in text for mark in ',"\n\r'):
        return '"' + text.replace('"', '""') + '"'
    return text
