"""The answer of a run: big numbers and charts of the last epoch and of how it came to that."""

from typing import Any

import streamlit as st

from model import charts
from model.chart_theme import DARK, LIGHT, Theme
from model.charts import Chart
from model.pages.live_run import LiveRun

CHART_HEIGHT = 258
BLOCK_SECONDS = 12  # subtensor 14bc6f9
CURVES = {"rewards, by hotkey": "#E69F00", "wealth, by owner": "#0072B2"}


def draw_figures(run: LiveRun) -> None:
    """Row of the big numbers, with their change since the run began or was last edited."""
    now, base = run.figures(), run.base
    scenario = run.economy.first_scenario
    first = scenario.capabilities[0]
    cartel = bool(run.economy.population.cartel.any())
    who = ("cartel_emission_share", "Cartel's share of pay", "inverse",
           "Of miners' and validators' pay, what the colluding owners take.") if cartel else (
           "honest_share", "Honest share of pay", "normal",
           "Of all rewards of the epoch, what goes to miners and validators that play honest.")  # fmt: skip
    tiles = (
        ("first_capability_share", f"Spending on {first}", "off", "{:.1%}",
         f"Share of all hardware spending of the epoch that goes into {first}."),
        ("users_value", "Value users get", "normal", "{:,.0f}",
         "Worth of the epoch's work to its users, in units of value: what the network is for."),
        (who[0], who[1], who[2], "{:.1%}", who[3]),
        ("reward_gini_owner", "Gini of rewards", "inverse", "{:.3f}",
         "By owner. 0: everybody earns the same. 1: one owner earns everything."),
        ("reward_nakamoto_owner", "Nakamoto coefficient", "normal", "{:,.0f}",
         "Fewest owners who together earn more than half of all rewards."),
    )  # fmt: skip
    figures = st.container(horizontal=True, gap="small", key="figures")
    for name, label, colour, form, text in tiles:
        value = form.format(now[name]) if now else "–"
        delta = _change(now[name] - base[name], base[name], form) if now else "not played"
        still = not now or not any(digit in delta for digit in "123456789")
        figures.metric(label, value, delta, border=True, help=text, delta_color="off" if still else colour,
                       delta_arrow="off" if still else "auto")  # type: ignore[arg-type]  # fmt: skip
    epochs, chain = run.economy.epoch, scenario.chain
    days = epochs * chain.tempo_blocks * BLOCK_SECONDS / 86_400
    since = f"arrows: change since epoch {run.base_epoch:,}" + (", the last edit" if run.edits else "")
    st.caption(f"**{epochs:,} epochs** played, {days:,.1f} days on the chain · {since if now else 'press Run or Step'}")


def _change(difference: float, base: float, form: str) -> str:
    """Text of a delta: points for shares, per cent for amounts."""
    if form == "{:.1%}":
        return f"{100 * difference:+.1f} points"
    if form == "{:,.0f}" and base > 100:
        return f"{100 * difference / base:+.1f} %"
    return form.replace(":", ":+").format(difference)


def draw_charts(run: LiveRun) -> None:
    """Four cards, each with the charts that answer its title's question."""
    theme = DARK if st.context.theme.type == "dark" else LIGHT
    edits = [epoch for epoch, _ in run.edits]
    upper, lower = st.columns(2), st.columns(2)
    with _card(upper[0], "Where does the hardware go?", "TAO spent in the epoch, by subnet"):
        if run.economy.epoch:
            last = run.economy.records.capabilities.frame(last=1)
            _show(charts.hardware_map(last, theme), "map", 108)
            _show(charts.hardware_shares(run.capability_shares(), edits, theme), "shares", CHART_HEIGHT - 118)
    with _card(upper[1], "Who earns the emission?", "all players of a strategy together"):
        _by_strategy(run, charts.earnings, "earnings", edits, theme)
    with _card(lower[0], "Who gets rich?", "wealth gained by each player since the start"):
        _by_strategy(run, charts.wealth, "wealth", edits, theme)
    with _card(lower[1], "How unequal is it?", "the further below the diagonal, the more unequal"):
        if run.economy.epoch:
            _draw_inequality(run, theme)


def _by_strategy(run: LiveRun, chart: Any, name: str, edits: list[int], theme: Theme) -> None:
    if run.economy.epoch:
        _show(chart(run.strategies(), edits, theme), name, CHART_HEIGHT)


def _draw_inequality(run: LiveRun, theme: Theme) -> None:
    curve, table = st.columns([11, 9], vertical_alignment="center", gap="small")
    held = dict(zip(CURVES, (run.economy.state.earned_tao.ravel(), run.economy.wealth_tao), strict=True))
    with curve:
        _show(charts.lorenz(charts.lorenz_table(held), CURVES, theme), "lorenz", CHART_HEIGHT)
    now = run.figures()
    columns = {
        "reward_{}_hotkey": "rewards, by hotkey",
        "reward_{}_owner": "rewards, by owner",
        "wealth_{}_owner": "wealth, by owner",
    }
    rows = "".join(
        f"<tr><th>{_dot(text)}{text.replace(', ', '<br>')}</th><td>{now[name.format('gini')]:.3f}</td>"
        f"<td>{now[name.format('hhi')]:.4f}</td><td>{now[name.format('nakamoto')]:,.0f}</td></tr>"
        for name, text in columns.items()
    )
    table.html(
        '<table class="measures"><tr><th></th><th title="0 equal, 1 one has all">Gini</th>'
        '<th title="sum of squared shares">HHI</th><th title="fewest with over half">Nakamoto</th></tr>'
        + rows
        + "</table>"
    )


def _dot(name: str) -> str:
    return f'<i style="background:{CURVES[name]}"></i>' if name in CURVES else "<i></i>"


def _card(column: Any, title: str, subtitle: str) -> Any:
    """Framed place of a chart; it keeps its height while there is nothing to show."""
    card = column.container(border=True, height=CHART_HEIGHT + 62)
    card.markdown(f"**{title}** :gray[:small[{subtitle}]]")
    return card


def _show(chart: Chart, name: str, height: int) -> None:
    st.vega_lite_chart(chart.data, chart.spec, key=f"chart {name}", height=height, theme=None, alt=chart.alt)
