"""The answer of a run: big numbers and charts of the last epoch and of how it came to that."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan, nan
from typing import Any, Literal

import pandas as pd
import streamlit as st

from model.charts import live as charts
from model.charts.live import Chart
from model.charts.theme import DARK, LIGHT, Theme
from model.pages.live_run import LiveRun
from model.pages.wording import plain
from model.scenario import Scenario

PLAYERS = {"Everyone": "", "Miners": "miner", "Validators": "validator"}
CHART_HEIGHT = 246
MAP_HEIGHT = 108
BLOCK_SECONDS = 12  # subtensor 14bc6f9
CURVES = {"rewards, by hotkey": "#E69F00", "wealth, by owner": "#0072B2"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One big number: which figure it shows, how, and whether more of it is good ("normal"), bad or neither."""

    figure: str
    label: str
    help: str
    number: str
    more_is: Literal["normal", "inverse", "off"]

    def change(self, difference: float, base: float) -> str:
        """Text of a change: points for shares, per cent for large amounts, otherwise as the number itself."""
        if self.number.endswith("%}"):
            return f"{round(100 * difference, 1) + 0.0:+.1f} points"
        if abs(base) > 100:
            return f"{round(100 * difference / base, 1) + 0.0:+.1f} %"
        return self.number.replace(":", ":+").format(difference)


HONEST = Tile(
    figure="honest_share",
    label="Honest share of pay",
    help="Of all rewards of the epoch, what goes to miners and validators that play honest.",
    number="{:.1%}",
    more_is="normal",
)
CARTEL = Tile(
    figure="cartel_emission_share",
    label="Cartel's share of pay",
    help="Of miners' and validators' pay, what the colluding owners take.",
    number="{:.1%}",
    more_is="inverse",
)
VALUE = Tile(
    figure="users_value",
    label="Value users get",
    help="Worth of the epoch's work to its users, in units of value: what the network is for.",
    number="{:,.0f}",
    more_is="normal",
)
GINI = Tile(
    figure="reward_gini_owner",
    label="Gini of rewards",
    help="By owner. 0: everybody earns the same. 1: one owner earns everything.",
    number="{:.3f}",
    more_is="inverse",
)
NAKAMOTO = Tile(
    figure="reward_nakamoto_owner",
    label="Nakamoto coefficient",
    help="Fewest owners who together earn more than half of all rewards.",
    number="{:,.0f}",
    more_is="normal",
)


def draw_figures(run: LiveRun) -> None:
    """Row of the big numbers, with their change since the run began or was last edited."""
    first = plain(run.economy.first_scenario.capabilities[0])
    spending = Tile(
        figure="first_capability_share",
        label=f"Spending on {first}",
        help=f"Share of all hardware spending of the epoch that goes into {first}.",
        number="{:.1%}",
        more_is="off",
    )
    pay = CARTEL if run.economy.population.cartel.any() else HONEST
    now, base = run.figures(), run.base
    with st.container(horizontal=True, gap="small", key="figures"):
        for tile in (spending, VALUE, pay, GINI, NAKAMOTO):
            _draw_tile(tile, now.get(tile.figure, nan), base.get(tile.figure, nan))
    chain = run.economy.first_scenario.chain
    days = run.economy.epoch * chain.tempo_blocks * BLOCK_SECONDS / 86_400
    since = f"arrows: change since epoch {run.base_epoch:,}" + (", the last edit" if run.edits else "")
    with st.container(horizontal=True, vertical_alignment="center", key="progress"):
        st.caption(
            f"**{run.economy.epoch:,} epochs** played, {days:,.1f} days on the chain · "
            + (since if now else "press Run or Step")
        )
        number, start = _players_start()
        st.segmented_control(
            "Players in the charts of money",
            list(PLAYERS),
            default=start,
            key=f"players {number}",
            required=True,
            label_visibility="collapsed",
        )


def _draw_tile(tile: Tile, value: float, base: float) -> None:
    known = not isnan(value - base)
    change = tile.change(value - base, base) if known else "no change yet"
    moved = known and any(digit in change for digit in "123456789")
    st.metric(
        tile.label,
        tile.number.format(value) if not isnan(value) else "–",
        change,
        border=True,
        help=tile.help,
        delta_color=tile.more_is if moved else "off",
        delta_arrow="auto" if moved else "off",
    )


def draw_charts(run: LiveRun) -> None:
    """Four cards, each with the charts that answer its title's question."""
    upper, lower = st.columns(2), st.columns(2)
    cards = (
        _card(upper[0], "map", "Where does the hardware go?", "TAO spent in the epoch, by subnet"),
        _card(upper[1], "earnings", "Who earns the emission?", "all players of a strategy together"),
        _card(lower[0], "wealth", "Who gets rich?", "wealth gained by each player since the start"),
        _card(lower[1], "lorenz", "How unequal is it?", "the further below the diagonal, the more unequal"),
    )
    if not run.economy.epoch:
        for card in cards:
            card.caption("Nothing to show yet: press Run or Step.")
        return
    theme = DARK if st.context.theme.type == "dark" else LIGHT
    edits = [epoch for epoch, _ in run.edits]
    with cards[0]:
        _show(charts.hardware_map(run.capabilities(), theme), "map", MAP_HEIGHT)
        _show(charts.hardware_shares(run.capability_shares(), edits, theme), "shares", CHART_HEIGHT - MAP_HEIGHT - 10)
    players = st.session_state[f"players {_players_start()[0]}"]
    held = _held(run, theme, players)
    if _due(run, held, "earnings", phase=0, every=2):
        held["earnings"] = charts.earnings(_of_role(run.strategies(), players), edits, theme)
    if _due(run, held, "wealth", phase=1, every=2):
        held["wealth"] = charts.wealth(_of_role(run.strategies(), players), edits, theme)
    if _due(run, held, "lorenz", phase=3, every=4):
        amounts = dict(zip(CURVES, (run.reward_by_hotkey_tao(), run.wealth_by_owner_tao()), strict=True))
        held["lorenz"] = charts.lorenz(charts.lorenz_table(amounts), CURVES, theme)
        held["measures"] = _measures(run.figures())
    for card, name in ((cards[1], "earnings"), (cards[2], "wealth")):
        with card:
            _show(held[name], name, CHART_HEIGHT)
    with cards[3]:
        curve, table = st.columns([11, 9], vertical_alignment="center", gap="small")
        with curve:
            _show(held["lorenz"], "lorenz", CHART_HEIGHT)
        table.html(held["measures"])


def _held(run: LiveRun, theme: Theme, players: str) -> dict[str, Any]:
    """Pictures drawn earlier in this run that may be shown again: a browser does no work for what has not changed."""
    holder = (run.number, theme, players)
    if st.session_state.get("pictures holder") != holder:
        st.session_state["pictures holder"], st.session_state.pictures = holder, {}
    pictures: dict[str, Any] = st.session_state.pictures
    return pictures


def _due(run: LiveRun, held: dict[str, Any], name: str, phase: int, every: int) -> bool:
    """Whether a picture is to be drawn anew: while the run plays, slow ones take turns."""
    return name not in held or not run.playing or run.ticks % every == phase


def choose_players(scenario: Scenario) -> None:
    """Show miners alone where several of their strategies compete, everyone otherwise."""
    number, _ = _players_start()
    st.session_state["players start"] = number + 1, "Miners" if len(scenario.miners.mix) > 1 else "Everyone"


def _players_start() -> tuple[int, str]:
    """Number of the widget that asks for the players, a new one for each preset chosen, and its first answer."""
    start: tuple[int, str] = st.session_state.get("players start", (0, "Everyone"))
    return start


def _of_role(strategies: pd.DataFrame, players: str) -> pd.DataFrame:
    role = PLAYERS[players]
    return strategies[strategies["role"] == role] if role else strategies


def _measures(now: Mapping[str, float]) -> str:
    """Table of the measures of concentration, in HTML."""
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
    return (
        '<table class="measures"><tr><th></th><th title="0 equal, 1 one has all">Gini</th>'
        '<th title="sum of squared shares">HHI</th><th title="fewest with over half">Nakamoto</th></tr>'
        + rows
        + "</table>"
    )


def _dot(name: str) -> str:
    return f'<i style="background:{CURVES[name]}"></i>' if name in CURVES else "<i></i>"


def _card(column: Any, name: str, title: str, subtitle: str) -> Any:
    """Framed place of a chart; its least height is in the page's style, so that nothing jumps when charts come."""
    card = column.container(border=True, key=f"card {name}")
    card.markdown(f"**{title}** :gray[:small[{subtitle}]]")
    return card


def _show(chart: Chart, name: str, height: int) -> None:
    st.vega_lite_chart(chart.data, chart.spec, key=f"chart {name}", height=height, theme=None, alt=chart.alt)
