"""The elementary functions that strategies are handed: those of `ext.elementary`, which they cannot import."""

from agents.observation import Maths
from ext import elementary

MATHS = Maths(
    exp=elementary.exp,
    expm1=elementary.expm1,
    log=elementary.log,
    log1p=elementary.log1p,
    power=elementary.power,
)
