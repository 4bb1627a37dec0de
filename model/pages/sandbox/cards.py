"""The charts of a run on cards, four to a tab; only the open tab is computed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from model.charts import inequality, live, market, worth
from model.charts.lines import Chart, Marks
from model.charts.theme import Theme
from model.pages.callback import whole
from model.pages.sandbox.live_run import LiveRun
from model.records.export import csv_bytes
from model.scenario.scenario import Scenario

PLAYERS = {"Everyone": "", "Miners": "miner", "Validators": "validator"}
MAP_HEIGHT = 104
CHART_HEIGHT = 230
MAP_GAP = 12
TURNS = 2

Draw = Callable[[LiveRun, Theme, Marks], dict[str, Chart]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A frame with the charts that answer its title's question.

    draw : charts by name, from top to bottom, with at most one of the height of the rest
    by_players : the reader chooses whose lines are shown
    """

    name: str
    title: str
    subtitle: str
    draw: Draw
    by_players: bool = False


def _hardware(run: LiveRun, theme: Theme, marks: Marks) -> dict[str, Chart]:
    shares = run.over_time("shares")
    return {
        "map": live.hardware_map(run.capabilities(), theme),
        "shares": live.hardware_shares(shares, marks, theme),
    }


def _earnings(run: LiveRun, theme: Theme, marks: Marks) -> dict[str, Chart]:
    return {"earnings": live.earnings(_of_role(run.over_time("strategies", "earned_tao")), marks, theme)}


def _wealth(run: LiveRun, theme: Theme, marks: Marks) -> dict[str, Chart]:
    strategies = run.over_time("strategies", "participants", "wealth_tao")
    return {"wealth": live.wealth(_of_role(strategies), marks, theme)}


def _worth(run: LiveRun, theme: Theme, marks: Marks) -> dict[str, Chart]:
    factors = ("mix_efficiency_share", "selection_efficiency_share")
    epochs = run.over_time("epochs", "users_value", "planner_value", *factors)
    twin = run.over_time("twin", "users_value")
    return {"worth": worth.users_value(epochs, None if twin.empty else twin, marks, theme)}


def _earners(run: LiveRun, theme: Theme, marks: Marks) -> dict[str, Chart]:
    return {"earners": worth.top_earners(run.top_earners(), theme)}


def _lorenz(run: LiveRun, theme: Theme, marks: Marks) -> dict[str, Chart]:
    return {"lorenz": inequality.lorenz(run.lorenz(), theme)}


def _measure(name: str) -> Draw:
    def draw(run: LiveRun, theme: Theme, marks: Marks) -> dict[str, Chart]:
        columns = [inequality.concentration_name(a, name, h) for a, h in inequality.HOLDINGS.values()]
        return {name: inequality.measure(run.over_time("epochs", *columns), name, marks, theme)}

    return draw


def _emission(run: LiveRun, theme: Theme, marks: Marks) -> dict[str, Chart]:
    chosen = market.largest(run.subnet_emission_share())
    return {"emission": market.emission_shares(run.over_time("subnets", "emission_share"), chosen, marks, theme)}


def _prices(run: LiveRun, theme: Theme, marks: Marks) -> dict[str, Chart]:
    chosen = market.largest(run.subnet_emission_share())
    return {"prices": market.prices(run.over_time("subnets", "price_tao_per_alpha"), chosen, marks, theme)}


CARDS = {
    "Overview": (
        Card(name="map", title="Where does the hardware go?", subtitle="TAO spent in the epoch, by subnet",
             draw=_hardware),
        Card(name="earnings", title="Who earns the emission?", subtitle="",
             draw=_earnings, by_players=True),
        Card(name="worth", title="What do users get for it?",
             subtitle="value of the work, and of the same money at its best",
             draw=_worth),
        Card(name="earners", title="Who earns most?", subtitle="TAO in the epoch, and share of all pay",
             draw=_earners),
    ),
    "Concentration": (
        Card(name="lorenz", title="How unequal is it?", subtitle="the further below the diagonal, the more",
             draw=_lorenz),
        Card(name="gini", title="Does inequality grow?", subtitle="Gini coefficient", draw=_measure("gini")),
        Card(name="hhi", title="Does pay concentrate?", subtitle="Herfindahl-Hirschman index", draw=_measure("hhi")),
        Card(name="nakamoto", title="How many hold the majority?", subtitle="Nakamoto coefficient",
             draw=_measure("nakamoto")),
    ),
    "Money and market": (
        Card(name="wealth", title="Who gets rich?", subtitle="gain each",
             draw=_wealth, by_players=True),
        Card(name="emission", title="Which subnets get the TAO?", subtitle="share of the emission", draw=_emission),
        Card(name="prices", title="What is alpha worth?", subtitle="price in the pool, TAO per alpha", draw=_prices),
    ),
}  # fmt: skip
FIRST_TAB = "Overview"


def choose_tab() -> None:
    """The choice of a tab of charts."""
    st.segmented_control(
        "Charts", list(CARDS), default=FIRST_TAB, key="charts", required=True, label_visibility="collapsed"
    )


def draw_cards(run: LiveRun, theme: Theme) -> None:
    """The cards of the open tab, two in a row."""
    marks = Marks(edits=[epoch for epoch, _ in run.edits], shown=run.shown)
    held = _held(run, theme)
    cards = CARDS[st.session_state.get("charts") or FIRST_TAB]
    for start in range(0, len(cards), 2):
        for position, (card, column) in enumerate(zip(cards[start : start + 2], st.columns(2), strict=False), start):
            with column.container(border=True, key=f"card {card.name}"):
                _draw_card(run, card, position, theme, marks, held)


def _draw_card(
    run: LiveRun, card: Card, position: int, theme: Theme, marks: Marks, held: dict[str, dict[str, Chart]]
) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"title {card.name}"):
        st.markdown(f"**{card.title}**" + (f" :gray[:small[{card.subtitle}]]" if card.subtitle else ""))
        if card.by_players:
            _choose_players()
        if run.economy.epoch and not run.playing:
            _draw_download(card, held)
    if not run.economy.epoch:
        st.caption("Nothing to show yet: press Run or Step.")
        return
    if card.name == "prices" and run.economy.first_scenario.market.kind != "pool":
        st.caption("Alpha has a fixed price here. For prices that move, choose Market, Alpha, pool on the left.")
        return
    # The pictures of a playing run take turns: a browser does no work for what has not changed.
    if card.name not in held or not run.playing or run.ticks % TURNS == position % TURNS:
        held[card.name] = card.draw(run, theme, marks)
    charts = held[card.name]
    for name, chart in charts.items():
        height = MAP_HEIGHT if name == "map" else CHART_HEIGHT - (MAP_HEIGHT + MAP_GAP) * (len(charts) - 1)
        # Another text makes the browser draw the chart from nothing: while it plays, what is on it, and no numbers.
        alt = f"{chart.alt.partition('. ')[0]}." if run.playing else chart.alt
        st.vega_lite_chart(chart.data, chart.spec, key=f"chart {name}", height=height, theme=None, alt=alt)


def _draw_download(card: Card, held: dict[str, dict[str, Chart]]) -> None:
    """Button that hands out the table of the card's last picture."""

    def data() -> bytes:
        return csv_bytes(list(held[card.name].values())[-1].table()) if card.name in held else b""

    st.download_button(
        "CSV", data, f"{card.name}.csv", "text/csv", key=f"csv {card.name}", on_click="ignore", type="tertiary",
        icon=":material/download:", help="The numbers of this picture as CSV.",
    )  # fmt: skip


def _held(run: LiveRun, theme: Theme) -> dict[str, dict[str, Chart]]:
    """Charts by card drawn earlier in this run that may be shown again."""
    holder = (run.number, theme, _players())
    if st.session_state.get("pictures holder") != holder:
        st.session_state["pictures holder"], st.session_state.pictures = holder, {}
    pictures: dict[str, dict[str, Chart]] = st.session_state.pictures
    return pictures


def start_players(scenario: Scenario) -> None:
    """Show miners alone where several of their strategies compete, everyone otherwise."""
    st.session_state["players"] = "Miners" if len(scenario.miners.mix) > 1 else "Everyone"
    st.session_state["players number"] = st.session_state.get("players number", 0) + 1


def _players() -> str:
    chosen: str = st.session_state.get("players", "Everyone")
    return chosen


def _choose_players() -> None:
    """Whose lines the charts of money show; a preset starts with a widget of its own."""
    key = f"players {st.session_state.get('players number', 0)}"

    @whole
    def take() -> None:
        st.session_state["players"] = st.session_state[key]

    st.segmented_control("Players", list(PLAYERS), default=_players(), key=key, required=True, on_change=take,
                         label_visibility="collapsed")  # fmt: skip


def _of_role(strategies: pd.DataFrame) -> pd.DataFrame:
    role = PLAYERS[_players()]
    shown: Any = strategies[strategies["role"] == role] if role else strategies
    return shown
