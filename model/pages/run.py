"""The page on which one economy runs: knobs on the left, controls and the answer in front of you."""

import html

import streamlit as st

from model import scenario_file
from model.columns import DICTIONARY
from model.experiments.run import manifest_of
from model.export import zip_bytes
from model.pages import answer, knobs
from model.pages.live_run import LONGEST_RUN, LiveRun
from model.pages.wording import described, plain, plain_name

FIRST_PRESET = "speed-or-quality"
REDRAW_SECONDS = 0.15
STEP_SECONDS = 0.05  # of each redraw, for epochs; the first is played in any case
SPEEDS = {"Slow": 1, "Medium": 4, "Fast": 100}  # most epochs between two redraws
PLAY_ON_EPOCHS = 40
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
[class*="st-key-card-"] {min-height: 300px}
.st-key-progress {min-height: 1.9rem}
.st-key-progress > :first-child {flex: 1 1 20rem}
[data-testid="stMetric"] {padding: .35rem .9rem .5rem}
[data-testid="stMetric"] > div {padding: 0}
.st-key-hero label p {font-weight: 600; font-size: 1.02rem}
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
    st.html(f'<div class="head"><h1>Subnet Sandbox</h1><p>{html.escape(run.economy.first_scenario.story)}</p></div>')
    for sentence in filter(None, (trouble, run.trouble)):
        st.error(f"{plain(sentence)}. The run stays as it is.", icon=":material/error:")
    _draw_controls(run)
    st.fragment(_draw_run, run_every=REDRAW_SECONDS if run.playing else None)()


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


def _choose_preset() -> None:
    run: LiveRun = st.session_state.run
    try:
        run.start(scenario_file.find(st.session_state.preset))
    except ValueError as error:
        run.trouble = str(error).rstrip(".")
        return
    run.trouble = ""
    knobs.fill(run.scenario)
    answer.choose_players(run.scenario)
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
        halted = run.economy.epoch >= LONGEST_RUN
        if run.playing:
            st.button("Pause", icon=":material/pause:", key="pause", type="primary", on_click=_pause, width=110)
        else:
            st.button("Run", icon=":material/play_arrow:", key="play", type="primary", on_click=_play, width=110,
                      disabled=halted)  # fmt: skip
        st.button(
            "Step", icon=":material/skip_next:", key="step", on_click=_step, disabled=halted, help="Play one epoch."
        )
        st.button("Reset", icon=":material/replay:", key="reset", on_click=_reset,
                  help="Back to the start, with the knobs as they are.")  # fmt: skip
        st.segmented_control("Speed", list(SPEEDS), key="speed", default="Medium", required=True,
                             label_visibility="collapsed",
                             help="Epochs between two redraws: 1, 4, or as many as there is time for.")  # fmt: skip
        st.toggle("Play on after a change", value=True, key="play on",
                  help=f"While paused, a moved knob plays {PLAY_ON_EPOCHS} epochs: you see what it does.")  # fmt: skip
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


def _play() -> None:
    run: LiveRun = st.session_state.run
    run.playing, run.until, run.trouble = True, None, ""


def _pause() -> None:
    run: LiveRun = st.session_state.run
    run.playing, run.until = False, None


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
        run.ticks += 1
        run.tick(STEP_SECONDS, SPEEDS[st.session_state.get("speed") or "Medium"])
    answer.draw_figures(run)
    answer.draw_charts(run)
    if was_playing and not run.playing:
        st.rerun()
