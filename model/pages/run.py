"""The page on which one economy runs: knobs on the left, controls and the answer in front of you."""

import html
import re
from collections.abc import Mapping
from typing import Any

import streamlit as st

from model import charts, scenario_file
from model.charts import Chart, Theme
from model.columns import DICTIONARY
from model.experiments.run import manifest_of
from model.export import zip_bytes
from model.pages import knobs
from model.pages.live_run import LONGEST_RUN, LiveRun

FIRST_PRESET = "speed-or-quality"
REDRAW_SECONDS = 0.15
STEP_SECONDS = 0.05  # of each redraw, for epochs; the first is played in any case
SPEEDS = {"Slow": 1, "Medium": 4, "Fast": 1_000}  # most epochs between two redraws
PLAY_ON_EPOCHS = 40
CHART_HEIGHT = 236
CURVES = {"rewards, by hotkey": "#E69F00", "wealth, by owner": "#0072B2"}
STYLE = """<style>
.stMainBlockContainer {padding: .9rem 1.6rem 1.5rem}
.stMainBlockContainer .stVerticalBlock {gap: .65rem}
[data-testid="stHeader"] {background: transparent; pointer-events: none}
[data-testid="stHeader"] button, [data-testid="stHeader"] [data-testid="stToolbarActions"] {pointer-events: auto}
[data-testid="stSidebarHeader"] {height: 1.6rem; padding-top: .2rem; margin-bottom: 0}
[data-testid="stSidebarUserContent"] {padding-bottom: 1.5rem}
[data-testid="stSidebarUserContent"] .stVerticalBlock {gap: .55rem}
.head h1 {font-size: 1.4rem; padding: 0; margin: 0; display: inline}
.head p {display: inline; margin-left: .7rem; opacity: .75}
.stApp:has([data-testid="stExpandSidebarButton"]) .head {padding-left: 2rem}
.poles {display: flex; justify-content: space-between; font-size: .8rem; opacity: .85}
.st-key-figures > * {flex: 1 1 8.5rem; min-width: 8.5rem}
[data-testid="stMetric"] {padding: .4rem .8rem .45rem}
[data-testid="stMetricValue"] {font-size: 1.5rem; line-height: 1.3; font-variant-numeric: tabular-nums}
.measures {width: 100%; border-collapse: collapse; font-size: .84rem; font-variant-numeric: tabular-nums}
.measures th {font-weight: 600; text-align: left; padding: .3rem .2rem; line-height: 1.25}
.measures th:first-child {position: relative; padding-left: 1.1rem}
.measures td, .measures th:not(:first-child) {text-align: right; padding: .3rem .2rem}
.measures tr + tr {border-top: 1px solid rgba(128, 128, 128, .25)}
.measures i {position: absolute; left: .1rem; top: .6rem; width: .65rem; height: .65rem; border-radius: 50%}
</style>"""


def page() -> None:
    """Draw the whole page; while the run plays, only the part below the controls is drawn again."""
    st.html(STYLE)
    run = _run()
    trouble = _apply_knobs(run)
    with st.sidebar:
        _draw_preset()
        knobs.draw(run.scenario)
        _draw_files(run)
    st.html(
        f'<div class="head"><h1>Subnet Sandbox</h1><p>{html.escape(run.economy.first_scenario.story)}</p></div>'
    )
    for sentence in filter(None, (trouble, run.trouble)):
        st.error(f"{plain(sentence)}. The run stays as it is.", icon=":material/error:")
    _draw_controls(run)
    st.fragment(_draw_run, run_every=REDRAW_SECONDS if run.playing else None)()


def plain(text: str) -> str:
    """Text that Markdown shows as it is written."""
    return re.sub(r"([\\`*_{}\[\]<>()#+\-!|~$:&])", r"\\\1", text)


def described(values: Mapping[str, Any]) -> str:
    """An edit in words: "speed weight 0.8, audit rate 0.1"."""
    words = []
    for path, value in values.items():
        name = path.removeprefix("reward.").removesuffix("_share")
        if name.startswith("capability_weight."):
            name = f"{name.rpartition('.')[2]} weight"
        if not isinstance(value, Mapping):
            shown = f"{value:g}" if isinstance(value, int | float) else str(value)
            words.append(f"{name.rpartition('.')[2].replace('_', ' ')} {shown.replace('_', ' ')}")
    return ", ".join(words)


def _run() -> LiveRun:
    """This visitor's run, begun with the first preset."""
    if "run" not in st.session_state:
        st.session_state.run = LiveRun(scenario_file.find(FIRST_PRESET))
        st.session_state.run.open()
    run: LiveRun = st.session_state.run
    return run


def _apply_knobs(run: LiveRun) -> str:
    """Bring what the knobs say into the run; the sentence that says why not, if so."""
    try:
        values = knobs.read(run.scenario)
        if values and not any(path.startswith(knobs.NEW_RUN) for path in values):
            run.edit(values)
            if st.session_state.get("play on", True) and (run.until or not run.playing):
                run.playing, run.until = True, run.economy.epoch + PLAY_ON_EPOCHS
        elif values:
            run.start(scenario_file.with_values(run.scenario, values))
            if not run.playing:
                run.open()
    except ValueError as error:
        return str(error).rstrip(".")
    return ""


def _draw_preset() -> None:
    shipped = list(scenario_file.shipped())
    if "preset" not in st.session_state:
        st.session_state.preset = FIRST_PRESET
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", wrap=False):
        st.selectbox("Preset", shipped, key="preset", on_change=_choose_preset, format_func=plain_name,
                     help="A ready-made experiment. Choosing one sets all knobs and starts a new run.")  # fmt: skip
        st.button("", icon=":material/undo:", key="back", on_click=_choose_preset, help="All knobs back to the preset")


def plain_name(name: str) -> str:
    """Preset's file name as words."""
    return name.replace("-", " ").capitalize()


def _choose_preset() -> None:
    run: LiveRun = st.session_state.run
    try:
        run.start(scenario_file.find(st.session_state.preset))
    except ValueError as error:
        run.trouble = str(error).rstrip(".")
        return
    run.trouble = ""
    knobs.fill(run.scenario)
    if not run.playing:
        run.open()


def _draw_files(run: LiveRun) -> None:
    st.download_button(
        "Save this scenario (.toml)", scenario_file.dumps(run.scenario), "scenario.toml", "application/toml",
        key="scenario file", on_click="ignore", icon=":material/save:", type="tertiary",
        help="All settings in one file; `sandbox run scenario.toml` plays it again.",
    )  # fmt: skip


def _draw_controls(run: LiveRun) -> None:
    """The row of buttons; an edit's effect and the list of edits stand beside them."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        label, icon = ("Pause", ":material/pause:") if run.playing else ("Run", ":material/play_arrow:")
        st.button(label, icon=icon, key="run or pause", type="primary", on_click=_run_or_pause, width=110,
                  disabled=run.economy.epoch >= LONGEST_RUN)  # fmt: skip
        st.button("Step", icon=":material/skip_next:", key="step", on_click=_step, help="Play one epoch: 360 blocks, 72 minutes")
        st.button("Reset", icon=":material/replay:", key="reset", on_click=_reset, help="Back to epoch 0, with the knobs as they are")
        st.segmented_control("Speed", list(SPEEDS), key="speed", default="Medium", required=True, label_visibility="collapsed",
                             help="Epochs between two redraws: 1, 4, or as many as there is time for.")  # fmt: skip
        st.toggle("Play on after a change", value=True, key="play on",
                  help=f"When paused, a moved knob plays {PLAY_ON_EPOCHS} epochs, so that you see what it does.")  # fmt: skip
        st.space("stretch")
        with st.popover(f"Edits ({len(run.edits)})", icon=":material/edit_note:", disabled=not run.edits, key="edits"):
            for epoch, values in reversed(run.edits):
                st.markdown(f"**Epoch {epoch}:** {plain(described(values))}")
        st.download_button(
            "Download CSV", lambda: _archive(run), f"{run.economy.first_scenario.name}.zip", "application/zip",
            key="tables", on_click="ignore", icon=":material/download:",
            help="A zip of all tables of this run as CSV, with a data dictionary and a manifest to repeat it.",
        )  # fmt: skip


def _archive(run: LiveRun) -> bytes:
    return zip_bytes(run.tables(), DICTIONARY, manifest_of(run.economy, "page run"))


def _run_or_pause() -> None:
    run: LiveRun = st.session_state.run
    run.playing, run.until, run.trouble = not run.playing, None, ""


def _step() -> None:
    run: LiveRun = st.session_state.run
    run.playing, run.until, run.trouble = False, None, ""
    run.play(0.0, 1)


def _reset() -> None:
    run: LiveRun = st.session_state.run
    run.playing, run.trouble = False, ""
    run.start(run.scenario)


def _draw_run() -> None:
    """One tick: some epochs, then figures and charts. The only part that is drawn again while the run plays."""
    run: LiveRun = st.session_state.run
    was_playing = run.playing
    if was_playing:
        run.play(STEP_SECONDS, SPEEDS[st.session_state.get("speed") or "Medium"])
    _draw_figures(run)
    _draw_charts(run)
    if was_playing and not run.playing:
        st.rerun()


def _draw_figures(run: LiveRun) -> None:
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
    since = f"change since epoch {run.base_epoch}" + (", the last edit" if run.edits else "") if now else "nothing played yet"
    st.caption(f"**Epoch {max(run.economy.epoch - 1, 0):,}** · arrows: {since}")


def _change(difference: float, base: float, form: str) -> str:
    """Text of a delta: points for shares, per cent for amounts."""
    if form == "{:.1%}":
        return f"{100 * difference:+.1f} points"
    if form == "{:,.0f}" and base > 100:
        return f"{100 * difference / base:+.1f} %"
    return form.replace(":", ":+").format(difference)


def _draw_charts(run: LiveRun) -> None:
    theme = charts.DARK if st.context.theme.type == "dark" else charts.LIGHT
    edits = [epoch for epoch, _ in run.edits]
    upper, lower = st.columns(2), st.columns(2)
    with _card(upper[0], "Where does the hardware go?", "TAO spent in the epoch, by subnet"):
        if run.economy.epoch:
            last = run.economy.records.capabilities.frame(last=1)
            _show(charts.hardware_map(last, theme), "map", 104)
            _show(charts.hardware_shares(run.capability_shares(), edits, theme), "shares", CHART_HEIGHT - 114)
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
    columns = {"reward_{}_hotkey": "rewards, by hotkey", "reward_{}_owner": "rewards, by owner", "wealth_{}_owner": "wealth, by owner"}
    rows = "".join(
        f'<tr><th>{_dot(text)}{text.replace(", ", "<br>")}</th><td>{now[name.format("gini")]:.3f}</td>'
        f'<td>{now[name.format("hhi")]:.4f}</td><td>{now[name.format("nakamoto")]:,.0f}</td></tr>'
        for name, text in columns.items()
    )
    table.html(
        '<table class="measures"><tr><th></th><th title="0 equal, 1 one has all">Gini</th>'
        '<th title="sum of squared shares">HHI</th><th title="fewest with over half">Nakamoto</th></tr>' + rows + "</table>"
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
