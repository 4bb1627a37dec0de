"""Ways to hand a run on: a link, a command, Python, files; and to take a scenario in."""

from collections.abc import Callable

import streamlit as st

from model.pages.callback import whole
from model.pages.limits import UPLOAD_MEGABYTES
from model.pages.sandbox.live_run import LiveRun
from model.pages.sandbox.recipe import Recipe, file_name
from model.scenario import scenario_file
from model.scenario.scenario import Scenario


def draw(run: LiveRun, load: Callable[[Scenario], None]) -> None:
    """Content of the box "Share"; `load` begins a run of an uploaded scenario."""
    recipe = Recipe.of(run.economy, run.preset)
    if run.playing:
        st.caption(f"As of epoch {run.economy.epoch:,}; pause the run to have it all.")
    st.markdown("**Link** :gray[:small[the address in your browser: knobs, seed, edits and epoch are in it]]")
    link, command, code = st.tabs(["Command", "Python", "Files"])
    with link:
        st.caption("Writes the tables of this run, the same to the last bit.")
        st.code(recipe.command() if recipe.epochs else "# play an epoch first", language="bash", wrap_lines=True)
    with command:
        st.code(recipe.python() if recipe.epochs else "# play an epoch first", language="python", wrap_lines=True)
    with code:
        st.download_button(
            "Scenario as the knobs say (.toml)", scenario_file.dumps(run.scenario),
            f"{file_name(run.scenario.name)}.toml", "application/toml", key="scenario file", on_click="ignore",
            icon=":material/save:", help="All settings in one file; `sandbox run FILE.toml` plays it.",
        )  # fmt: skip
        _draw_upload(run, load)


def _draw_upload(run: LiveRun, load: Callable[[Scenario], None]) -> None:
    number = st.session_state.get("uploads", 0)
    key = f"upload {number}"

    @whole
    def take() -> None:
        file = st.session_state.get(key)
        if file is None:
            return
        st.session_state["uploads"] = number + 1  # an empty place for the next file
        try:
            load(scenario_file.loads(file.getvalue(), f"the file {file.name[:60]!r}"))
        except ValueError as error:
            run.trouble = str(error)

    st.file_uploader(
        "Open a scenario file", "toml", key=key, on_change=take, max_upload_size=UPLOAD_MEGABYTES,
        help=f"TOML of at most {UPLOAD_MEGABYTES} MB, such as the file above. It starts a new run.",
    )  # fmt: skip
