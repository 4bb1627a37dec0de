"""The page on which one economy runs: knobs on the left, controls and the answer in front of you."""

import html
from typing import Any

import streamlit as st

from model.charts.theme import DARK, LIGHT
from model.pages.callback import whole
from model.pages.guard import BROKE_DOWN, guarded
from model.pages.sandbox import answer, cards, recipe, settings, sharing, sidebar
from model.pages.sandbox.live_run import LONGEST_RUN_EPOCHS, LiveRun
from model.pages.sandbox.recipe import FIRST_PRESET, Recipe, file_name
from model.pages.wording import described, plain_name, sentence
from model.scenario import scenario_file
from model.scenario.scenario import Scenario
from model.wording import plain
from model.world.remarks import remarks

CHOSEN = "chosen preset"  # key of the widget
REDRAW_SECONDS = 0.12
STEP_SECONDS = 0.04  # of each redraw, for epochs; the first is played in any case
TWIN_SECONDS = 0.02  # and for the all-honest twin
SPEEDS = {"Slow": 1, "Medium": 4, "Fast": 100}  # most epochs between two redraws
PLAY_ON_EPOCHS = 40
STYLE = """<style>
.stMainBlockContainer {padding: 2.95rem 1.6rem 1rem}
.stMainBlockContainer .stVerticalBlock {gap: .55rem}
[data-testid="stHeader"] {height: 2.9rem; min-height: 2.9rem}
[data-testid="stSidebarHeader"] {height: 1.2rem; padding-top: .2rem; margin-bottom: 0}
[data-testid="stSidebarUserContent"] {padding-bottom: 1.5rem}
[data-testid="stSidebarUserContent"] .stVerticalBlock {gap: .5rem}
[data-testid="stSidebar"] [data-testid="stTabs"] button {padding-left: .3rem; padding-right: .3rem}
.head {display: flex; align-items: center; gap: .8rem; min-height: 2rem}
.head h1 {font-size: 1.3rem; padding: 0; margin: 0; white-space: nowrap}
.head p {margin: 0; opacity: .75; font-size: .92rem; line-height: 1.15;
  display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow: hidden}
@media (max-width: 640px) {.head {flex-wrap: wrap; gap: .1rem} .head p {-webkit-line-clamp: 4}}
.poles {display: flex; justify-content: space-between; font-size: .8rem; opacity: .85}
.st-key-figures > * {flex: 1 1 8.5rem; min-width: 8.5rem}
[class*="st-key-card-"] {min-height: 290px; padding: .3rem .8rem .25rem}
[class*="st-key-card-"] .stVerticalBlock {gap: .3rem}
[class*="st-key-title-"] {min-height: 2.5rem}
[class*="st-key-title-"] > :first-child {flex: 1 1 10rem}
.st-key-views > :last-child {flex: 1 1 20rem; min-width: 16rem}
.st-key-views > :first-child {flex: 0 0 auto; width: auto}
.st-key-time {min-height: 4.45rem}
[data-testid="stMetric"] {padding: .25rem .9rem .35rem}
[data-testid="stMetric"] > div {padding: 0}
.st-key-hero label p {font-weight: 600; font-size: 1.02rem}
[data-testid="stMetricValue"] {font-size: 1.4rem; line-height: 1.25; font-variant-numeric: tabular-nums}
</style>"""


def page() -> None:
    """Draw the whole page; while the run plays, only the part below the controls is drawn again."""
    st.session_state.pop(BROKE_DOWN, None)
    st.html(STYLE)
    run = _run()
    _catch_up(run)
    trouble = _apply_knobs(run)
    theme = DARK if st.context.theme.type == "dark" else LIGHT
    with st.sidebar:
        _draw_preset(run)
        sidebar.draw(run, run.scenario, theme)
        st.toggle("Play on after a change", value=True, key="play on",
                  help=f"While paused, a moved knob plays {PLAY_ON_EPOCHS} epochs: you see what it does.")  # fmt: skip
    scenario = run.economy.first_scenario
    st.html(f'<div class="head"><h1>Subnet Sandbox</h1><p>{html.escape(scenario.story[:300])}</p></div>')
    for text in filter(None, (trouble, run.trouble)):
        st.error(f"{plain(text[:1].upper() + text[1:])}. The run stays as it is.", icon=":material/error:")
    for text in remarks(run.scenario):
        st.warning(plain(f"{text}."), icon=":material/info:")
    _draw_controls(run)
    st.fragment(guarded(_draw_run), run_every=REDRAW_SECONDS if _is_busy(run) else None)()
    _write_link(run)


def _run() -> LiveRun:
    """This visitor's run: begun as the link says, or with the first preset."""
    if "run" not in st.session_state:
        query = {name: st.query_params.get_all(name) for name in st.query_params}
        try:
            wanted = recipe.from_query(query)
            run = LiveRun(wanted.scenario, wanted.interventions, wanted.preset)
        except ValueError as error:
            wanted = Recipe(preset=FIRST_PRESET, scenario=scenario_file.find(FIRST_PRESET))
            run = LiveRun(wanted.scenario, preset=wanted.preset)
            run.trouble = f"The link can't be followed, this is the first preset: {sentence(error)}"
        st.session_state.run = run
        cards.start_players(wanted.scenario)
        _open(run, wanted.epochs)
    held: LiveRun = st.session_state.run
    return held


def _catch_up(run: LiveRun) -> None:
    """Begin the preset that the widget shows, where its callback was lost: Streamlit ends one that is overtaken."""
    chosen = st.session_state.get(CHOSEN)
    if chosen and chosen != run.preset:
        _load(scenario_file.find(chosen), chosen)


def _open(run: LiveRun, epochs: int) -> None:
    """Play what a visitor should find: the opening, and on to the epoch that a link names."""
    if not epochs:
        run.open()
        return
    run.play(0.5, epochs)
    run.follow(0.5)
    if run.economy.epoch < epochs and not run.trouble:
        run.go_to(epochs - 1)


def _apply_knobs(run: LiveRun) -> str:
    """Bring what the knobs say into the run; the sentence that says why not, if so."""
    scenario = run.scenario
    settings.follow(scenario)
    try:
        values = settings.read(scenario)
        if not values:
            return ""
        if settings.needs_new_run(scenario, values):
            _begin(run, scenario_file.with_values(scenario, values))
        else:
            run.edit(values)
            if st.session_state.get("play on", True) and (run.until or not run.playing):
                run.playing, run.until = True, run.economy.epoch + PLAY_ON_EPOCHS
        run.trouble = ""
        settings.settle(run.scenario)
    except ValueError as error:
        return sentence(error)
    return ""


def _begin(run: LiveRun, scenario: Scenario, preset: str = "") -> None:
    """Start a run of `scenario`, and play its opening unless it plays already."""
    run.start(scenario, preset=preset)
    if not run.playing:
        run.open()


def _draw_preset(run: LiveRun) -> None:
    shipped = list(scenario_file.shipped())
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", wrap=False):
        st.selectbox("Preset", shipped, shipped.index(run.preset), key=CHOSEN,
                     on_change=_choose_preset, args=(CHOSEN,), format_func=plain_name,
                     help="A ready-made experiment. Choosing one sets all knobs and starts a new run.")  # fmt: skip
        st.button("", icon=":material/undo:", key="back", on_click=_choose_preset, help="All knobs back to the preset")


@whole
def _choose_preset(key: str = "") -> None:
    """Begin the preset chosen in the widget of that key, or the present one anew."""
    name = st.session_state[key] if key else st.session_state.run.preset
    _load(scenario_file.find(name), name)


def _load(scenario: Scenario, preset: str = "") -> None:
    """Begin a scenario from elsewhere: a preset, or a file that is described by its difference to the last preset."""
    run: LiveRun = st.session_state.run
    _begin(run, scenario, preset)
    run.trouble = ""
    settings.match(None)
    cards.start_players(scenario)


def _draw_controls(run: LiveRun) -> None:
    """The row of buttons. Run and Pause are one button: two would both be there for a moment and push the others."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="controls"):
        halted = run.economy.epoch >= LONGEST_RUN_EPOCHS
        st.button(
            "Pause" if run.playing else "Run",
            icon=":material/pause:" if run.playing else ":material/play_arrow:",
            key="play", type="primary", width=110, on_click=_play, args=(not run.playing,), disabled=halted,
            help=f"The page plays {LONGEST_RUN_EPOCHS:,} epochs at most; `sandbox run` plays more." if halted else None,
        )  # fmt: skip
        st.button("Step", icon=":material/skip_next:", key="step", on_click=_step, disabled=halted,
                  help="Play one epoch.")  # fmt: skip
        st.button("Reset", icon=":material/replay:", key="reset", on_click=_reset,
                  help="Back to the start, with the knobs as they are.")  # fmt: skip
        st.segmented_control("Speed", list(SPEEDS), key="speed", default="Medium", required=True,
                             label_visibility="collapsed",
                             help="Epochs between two redraws: 1, 4, or as many as there is time for.")  # fmt: skip
        st.number_input("Go to epoch", 0, LONGEST_RUN_EPOCHS - 1, None, key="go to", on_change=_go_to, width=150,
                        placeholder="go to epoch", label_visibility="collapsed",
                        help="Shows an epoch that has been played, or plays up to it.")  # fmt: skip
        st.space("stretch")
        with st.popover(f"Edits ({len(run.edits)})", icon=":material/edit_note:", disabled=not run.edits, key="edits"):
            for epoch, values in reversed(run.edits[-50:]):
                st.markdown(f"**Epoch {epoch}:** {plain(described(values))}")
        with st.popover("Share", icon=":material/share:", key="share"):
            sharing.draw(run, _load)
        st.download_button(
            "CSV", lambda: run.archive("page sandbox"), f"{file_name(run.economy.first_scenario.name)}.zip",
            "application/zip", key="tables", on_click="ignore", icon=":material/download:",
            help="A zip of all tables of this run as CSV, with a data dictionary, the scenario, and a manifest to "
            "repeat it.",
        )  # fmt: skip


@whole
def _play(playing: bool) -> None:
    run: LiveRun = st.session_state.run
    run.playing, run.until, run.trouble, run.hurrying = playing, None, "", False
    if playing:
        run.shown = None


@whole
def _step() -> None:
    run: LiveRun = st.session_state.run
    run.playing, run.until, run.trouble = False, None, ""
    run.play(0.0, 1)
    run.follow(TWIN_SECONDS)


@whole
def _reset() -> None:
    run: LiveRun = st.session_state.run
    run.playing, run.trouble = False, ""
    run.start(run.scenario)


@whole
def _go_to() -> None:
    run: LiveRun = st.session_state.run
    epoch = st.session_state.get("go to")
    if epoch is not None:
        run.go_to(epoch)


def _is_busy(run: LiveRun) -> bool:
    return run.playing or run.is_twin_behind()


def _draw_run() -> None:
    """One tick: some epochs, then figures and charts. The only part that is drawn again while the run plays."""
    run: LiveRun = st.session_state.run
    was_busy, was_playing, n_edits = _is_busy(run), run.playing, len(run.edits)
    if was_playing:
        run.ticks += 1
        speed = "Fast" if run.hurrying else st.session_state.get("speed") or "Medium"
        run.tick(STEP_SECONDS, SPEEDS[speed])
    run.follow(TWIN_SECONDS)
    answer.draw_figures(run)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="views"):
        cards.choose_tab()
        answer.draw_time(run)
    cards.draw_cards(run, DARK if st.context.theme.type == "dark" else LIGHT)
    # Buttons, knobs and the link stand outside: they follow when the run stops or an edit of a link comes into force.
    if (was_busy and not _is_busy(run)) or was_playing != run.playing or n_edits != len(run.edits):
        st.rerun()


def _write_link(run: LiveRun) -> None:
    """Keep the address such that it restores the run: a reload or a shared link shows the same.

    Of a run that plays it is that of its last pause, or of whenever its reader came back to the page.
    """
    if st.session_state.get(BROKE_DOWN) or (run.playing and st.query_params):
        return
    wanted: dict[str, Any] = Recipe.of(run.economy, run.preset).query()
    if {name: st.query_params.get_all(name) for name in st.query_params} != {
        name: value if isinstance(value, list) else [value] for name, value in wanted.items()
    }:
        st.query_params.from_dict(wanted)
