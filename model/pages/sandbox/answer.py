"""The answer of a run in big numbers, and the line of time below them."""

from dataclasses import dataclass
from math import isnan, nan
from typing import Literal

import streamlit as st

from model.pages.callback import whole
from model.pages.sandbox.live_run import LONGEST_RUN_EPOCHS, LiveRun
from model.pages.wording import days
from model.records.settling import MOVES, SETTLED, SWINGS
from model.wording import plain
from model.world.population import of_strategy


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
    label="Honest miners' pay",
    help="Of all that miners were paid in the epoch, what goes to those who play honest.",
    number="{:.1%}",
    more_is="normal",
)
CARTEL = Tile(
    figure="cartel_emission_share",
    label="Cartel's share of pay",
    help="Of miners' and validators' pay, what the colluders take.",
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
PROFIT = Tile(
    figure="miner_profit_tao",
    label="Miners' profit, TAO",
    help="What the epoch left all miners with: pay less costs. Below 0 they live on their purses.",
    number="{:,.1f}",
    more_is="normal",
)
GINI = Tile(
    figure="reward_gini_participant",
    label="Gini of rewards",
    help="By participant. 0: everybody earns the same. 1: one earns everything.",
    number="{:.3f}",
    more_is="inverse",
)
NAKAMOTO = Tile(
    figure="reward_nakamoto_participant",
    label="Nakamoto coefficient",
    help="Fewest participants who together earn more than half of all rewards.",
    number="{:,.0f}",
    more_is="normal",
)


MINERS = Tile(
    figure="miners",
    label="Miners",
    help="Miners' uids that somebody holds, in all subnets.",
    number="{:,.0f}",
    more_is="off",
)
HARDWARE = Tile(
    figure="hardware_units",
    label="Hardware",
    help="Units of all capabilities that miners own or, where it is rented, use in the epoch.",
    number="{:,.2f}",
    more_is="off",
)
LIES = Tile(
    figure="lied_share",
    label="Miners who lie",
    help="Share of miners who claim more than they did in the epoch.",
    number="{:.1%}",
    more_is="inverse",
)
AUDITS = Tile(
    figure="audits_share",
    label="Miners audited",
    help="Share of miners whose claim is checked in the epoch.",
    number="{:.1%}",
    more_is="off",
)
# What comes first for the presets whose story is about it; the row keeps its length.
LEADS = {
    "free-entry": (MINERS,),
    "gamed": (LIES,),
    "inspection": (LIES, AUDITS),
    "owned-hardware": (HARDWARE,),
}
N_TILES = 5
SETTLING_MARK = {SETTLED: "settled", SWINGS: "swings", MOVES: "on its way"}


def draw_figures(run: LiveRun) -> None:
    """Row of the big numbers, with their change since the run began or was last edited."""
    first = plain(run.economy.first_scenario.capabilities[0].replace("_", " "))
    spending = Tile(
        figure="first_capability_share",
        label=f"Spending on {first}",
        help=f"Share of all hardware spending of the epoch that goes into {first}.",
        number="{:.1%}",
        more_is="off",
    )
    people = run.economy.population
    honest = (HONEST,) if ((people.role == "miner") & of_strategy(people.strategy, "honest")).any() else ()
    pay = (CARTEL,) if people.cartel.any() else honest
    now, base = run.figures(run.epoch), run.figures(run.base_epoch)
    with st.container(horizontal=True, gap="small", key="figures"):
        leads = LEADS.get(run.economy.first_scenario.name, (spending,))
        for tile in (*leads, VALUE, PROFIT, *pay, GINI, NAKAMOTO)[:N_TILES]:
            _draw_tile(tile, now.get(tile.figure, nan), base.get(tile.figure, nan))


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


def draw_time(run: LiveRun) -> None:
    """Where the run is; while it rests, a slider over all epochs played shows any of them."""
    played = run.economy.epoch
    time = days(played, run.economy.first_scenario.chain.tempo_blocks)
    with st.container(gap=None, key="time"):
        if not played:
            st.caption("**0 epochs** played · press Run or Step")
            return
        since = f"arrows: change since epoch {run.base_epoch:,}" + (", the last edit" if run.base_epoch else "")
        done = " · the longest run" if played >= LONGEST_RUN_EPOCHS else ""
        purse_share = run.figures(run.epoch)["paid_from_purse_share"]
        purses = f" · **{purse_share:.0%} of miners' costs** from purses"
        text = f"**{played:,} epoch{'s' * (played != 1)}** played, {time} on the chain{done} · {since}"
        settling = run.settling()
        told = f" · **{SETTLING_MARK[settling.state]}**" if settling.state in SETTLING_MARK else ""
        st.caption(text + purses * (purse_share >= 0.005) + told, help=plain(f"This run: {settling.sentence()}."))
        if not run.playing and played > 1:
            _draw_slider(run, played - 1)


def _draw_slider(run: LiveRun, last: int) -> None:
    """Slider over all epochs played, and the way back to the last one."""
    key = _time_key(run)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.slider("Epoch shown", 0, last, run.epoch, key=key, on_change=_look_back, args=(run, key),
                  label_visibility="collapsed", format="epoch %d")  # fmt: skip
        if run.shown is not None:
            st.button("Live", icon=":material/skip_next:", key="live", on_click=run.go_to, args=(last,),
                      help=f"Back to epoch {last:,}, the last one played.")  # fmt: skip


def _time_key(run: LiveRun) -> str:
    """Key of the slider, another for each length of the run, so that it always starts at the epoch shown."""
    return f"shown {run.number} {run.economy.epoch - 1}"


@whole
def _look_back(run: LiveRun, key: str) -> None:
    """Show the epoch chosen. A browser goes on to report a slider that is gone; it has nothing to say."""
    if key in st.session_state and key == _time_key(run) and not run.playing:
        run.go_to(st.session_state[key])
