"""How a chart comes onto a page."""

import streamlit as st

from model.charts.lines import Chart
from model.charts.theme import DARK, LIGHT, Theme


def theme() -> Theme:
    """Colours that fit the visitor's page."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def show(chart: Chart, name: str, height: int) -> None:
    """Draw a chart; `name` stays the same while its numbers change."""
    st.vega_lite_chart(chart.data, chart.spec, key=f"chart {name}", height=height, theme=None, alt=chart.alt)
