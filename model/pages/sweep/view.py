"""A sweep that is played or has been: how far it is, what it found so far, and ways to stop it and to go on."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from model.commands.sweep_progress import counts, pace
from model.commands.terminal import command_line
from model.experiments.sweeps.export import exports
from model.experiments.sweeps.export.exports import CSV, PARQUET
from model.experiments.sweeps.store.ledger import RUNNING
from model.experiments.sweeps.store.status import CANCELLED, FINISHED, STOPPED
from model.pages.callback import whole
from model.pages.guard import guarded
from model.pages.sandbox.live_run import BREAKDOWNS
from model.pages.sweep import results, runs
from model.pages.sweep.runs import FAILED, STARTING, Look
from model.pages.wording import sentence
from model.records.export import zipped
from model.wording import plain

REDRAW_SECONDS = 0.5
STATE = {
    STARTING: ":blue-badge[:material/hourglass_top: starting]",
    RUNNING: ":blue-badge[:material/play_arrow: running]",
    FINISHED: ":green-badge[:material/check: finished]",
    CANCELLED: ":orange-badge[:material/stop: cancelled]",
    STOPPED: ":orange-badge[:material/pause: stopped]",
    FAILED: ":red-badge[:material/error: not started]",
}
UNREADABLE = ":red-badge[:material/error: unreadable]"
WISH = "sweep wish to cancel"
N_LATEST = 5


def draw(name: str) -> None:
    """Draw the sweep; while a process is at work on it, again and again by itself.

    Raises
    ------
    ValueError
        If it can't be opened.
    """
    busy = runs.look(name).busy
    if not busy:
        st.session_state.pop(WISH, None)
    st.fragment(guarded(partial(_draw, name, busy)), run_every=REDRAW_SECONDS if busy else None)()


def draw_latest(names: list[str], choose: Callable[[str], None]) -> None:
    """Draw a row for each of the first sweeps: how far it is, and a button that chooses it."""
    for name in names[:N_LATEST]:
        try:
            look = runs.look(name)
            how = counts(look.status) if look.status else "nothing on record yet"
            said = f"{STATE[look.state]} {plain(name)} :gray[:small[{plain(how)}]]"
        except BREAKDOWNS:
            said = f"{UNREADABLE} {plain(name)}"
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(said, width="stretch")
            st.button("Open", type="tertiary", key=f"sweep open {name}", on_click=choose, args=(name,))


def _draw(name: str, was_busy: bool) -> None:
    """The whole sweep as it is now. The only part that is drawn again meanwhile."""
    look = runs.look(name)
    if look.busy != was_busy:
        st.rerun()
    with st.container(border=True, key="card-progress"):
        _draw_progress(name, look)
    if look.status is not None:
        results.draw(name, look.status, busy=look.busy)


def _draw_progress(name: str, look: Look) -> None:
    status = look.status
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        said = f"{STATE[look.state]} **{plain(status.name if status else name)}**"
        how = ", ".join(filter(None, (counts(status), pace(status)))) if status else "nothing on record yet"
        st.markdown(f"{said} :gray[{plain(how)}]")
        st.space("stretch")
        _draw_buttons(name, look)
    if look.busy or (status and status.done < status.n_runs):
        st.progress(status.done / status.n_runs if status else 0.0)
    trouble = st.session_state.pop("sweep view trouble", "") or look.trouble
    if trouble:
        st.error(f"{plain(trouble)}.", icon=":material/error:")
    elif look.busy:
        st.caption("You may close this page: the sweep goes on, and is listed here when you come back.")
    elif look.state in (CANCELLED, STOPPED):
        st.caption("All runs that have ended are on record. Resume plays the others, to the same bytes.")


def _draw_buttons(name: str, look: Look) -> None:
    """Cancel or resume, and the ways to take the sweep away."""
    status = look.status
    if look.busy:
        asked = st.session_state.get(WISH) == name
        st.button("Cancelling" if asked else "Cancel", icon=":material/stop:", key="sweep cancel", disabled=asked,
                  on_click=_cancel, args=(name,), help="Stops it at once; what has ended stays.")  # fmt: skip
    elif status and status.done < status.n_runs:
        st.button("Resume", icon=":material/play_arrow:", key="sweep resume", type="primary", on_click=_resume,
                  args=(name,), help="Plays the runs that are missing.")  # fmt: skip
    if status is None:
        return
    with st.popover("As a command", icon=":material/terminal:", key="sweep commands"):
        folder = runs.shown_folder(name)
        lines = [
            command_line("sweep", f"{folder}/spec.toml", out=f"{folder}-again"),
            command_line("analyse", folder),
            command_line("verify", folder),
        ]
        st.caption("Play it anew, analyse it, and prove what is on record:")
        st.code("\n".join(lines), language="bash", wrap_lines=True)
    for form, label in ((CSV, "CSV"), (PARQUET, "Parquet")):
        st.download_button(
            label, partial(_archive, name, form), f"{name}-{form}.zip", "application/zip", key=f"sweep {form}",
            on_click="ignore", icon=":material/download:", disabled=not status.done,
            help=f"A zip of the tables as {label} with units, the sweep, its scenario, and a manifest to repeat it.",
        )  # fmt: skip


@whole
def _cancel(name: str) -> None:
    try:
        runs.cancel(name)
        st.session_state[WISH] = name
    except ValueError as error:
        st.session_state["sweep view trouble"] = sentence(error)


@whole
def _resume(name: str) -> None:
    try:
        runs.resume(name)
    except ValueError as error:
        st.session_state["sweep view trouble"] = sentence(error)


def _archive(name: str, form: str) -> bytes:
    """Zip of what `sandbox export` writes, of all runs that have ended by now."""
    with runs.opened(name) as store:
        held = exports.recorded(store)
    return zipped(exports.files(held, form), exports.manifest_of(held, form))
