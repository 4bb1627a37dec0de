"""How numbers and texts are written for people, on the terminal, in reports, charts and pages."""

import math
import re
from collections.abc import Iterable, Sequence
from numbers import Integral

MISSING = "-"
EXPONENT_FROM = 1e9
# What Markdown, also GitHub's and Streamlit's, reads as more than a letter; a sign only where it begins a list.
MARK = re.compile(r"[\\`*_\[\]<>~$&:]|^(?:#|[-+](?=\s)|[-=](?=[-=]))")


def number(value: float, *, digits: int = 4, rounding: float = 0.0, signed: bool = False) -> str:
    """A number as a person reads it: 4,626, 0.2, 12.35, 1.234e-07, and "-" where there is none (NaN).

    No digit before the point is cut below a thousand millions, and none of a whole number given as one.

    Parameters
    ----------
    digits : int
        Significant digits, at least; zeros at the end are left out.
    rounding : float
        Size up to which a number is nothing but rounding and so 0, >= 0: the share that counts as none of what it is
        compared with.
    signed : bool
        Whether a number above 0 has a plus.
    """
    if math.isnan(value):
        return MISSING
    if abs(value) <= rounding or not value:
        return "0"
    sign = "+" if signed else ""
    if isinstance(value, Integral):
        return f"{value:{sign},}"
    in_full = float(f"1e{digits - 1}") <= abs(value) < EXPONENT_FROM
    return f"{value:{sign},.0f}" if in_full else f"{value:{sign},.{digits}g}"


def plain(text: str) -> str:
    """Text on one line that Markdown shows as it is written; in a table its | are left to `markdown_table`."""
    return MARK.sub(r"\\\g<0>", " ".join(text.split()))


def markdown_table(heading: Sequence[str], rows: Iterable[Sequence[str]], *, left: bool = False) -> str:
    """Lines of a table in Markdown, a newline between them.

    The first column is text on the left, the others are numbers on the right unless `left`. Cells are Markdown, of
    which lines are joined and | escaped, so that each stays one cell.
    """
    rule = ["---", *["---" if left else "---:"] * (len(heading) - 1)]
    return "\n".join(f"| {' | '.join(line)} |" for line in (_cells(heading), rule, *map(_cells, rows)))


def _cells(row: Sequence[str]) -> list[str]:
    return [" ".join(cell.split()).replace("|", "\\|") for cell in row]
