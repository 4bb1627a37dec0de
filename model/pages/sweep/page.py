"""The page of sweeps: many runs over a range of settings, asked for here and played by processes of their own."""

from typing import Any

import streamlit as st

from model.commands.sweep_progress import duration
from model.commands.terminal import command_line
from model.experiments.battery.battery import default_workers
from model.experiments.many import How, play_jobs
from model.experiments.sweeps.execution.estimate import estimate_at, measured
from model.experiments.sweeps.execution.work import EconomyTask, start_of
from model.experiments.sweeps.spec import spec_file
from model.experiments.sweeps.spec.designs import combinations
from model.experiments.sweeps.spec.spec import Spec
from model.pages.callback import whole
from model.pages.guard import guarded
from model.pages.heading import heading
from model.pages.limits import LONGEST_MEASURE_SECONDS, check_estimate, check_sweep
from model.pages.sweep import form as sweep_form
from model.pages.sweep import runs
from model.pages.sweep import view as sweep_view
from model.pages.wording import sentence
from model.scenario import scenario_file
from model.wording import number, plain

NEW, OPEN = VIEWS = ("New sweep", "Open a sweep")
TRIED_COMBINATIONS = 24
MEASURED_SECONDS = 600  # for which the time of a run is believed: a machine is not always as busy
VIEW, NAME, TROUBLE, LINK = "sweep view", "sweep name", "sweep trouble", "sweep"
STYLE = """<style>
[class*="st-key-card-"] {padding: .5rem .9rem .6rem; overflow-x: auto}
.st-key-card-offer [data-testid="stMetricValue"] {font-size: 1.3rem; font-variant-numeric: tabular-nums}
[class*="st-key-sweep-title-"] {flex-wrap: nowrap}
@media (max-width: 640px) {
  .st-key-sweep-figures .stColumn {min-width: 28% !important; flex: 1 1 28% !important}
}
</style>"""


def page() -> None:
    """Draw the form of a new sweep, or a sweep that is played or has been."""
    heading("Sweep", "Many runs over a range of settings: what moves the outcome, and by how much?")
    st.html(STYLE)
    names = runs.names()
    _follow_link(names)
    if trouble := st.session_state.pop(TROUBLE, ""):
        st.error(f"{plain(trouble)}.", icon=":material/error:")
    view, name = _choose(names)
    _write_link(name)
    if view == NEW:
        guarded(lambda: _draw_new(names))()
    elif name:
        guarded(lambda: sweep_view.draw(name))()
    else:
        st.caption(f"No sweep yet in {plain(runs.shown_folder(''))}. Start one from New sweep, or by the command "
                   "sandbox sweep with a folder in there: it is listed here as soon as it begins.")  # fmt: skip


def _choose(names: list[str]) -> tuple[str, str]:
    """Which of the two views, and the name of the sweep that is open; empty in the view of new ones."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="sweep-bar"):
        view = st.segmented_control(
            "View", VIEWS, key=VIEW, required=True, label_visibility="collapsed", persist_state="session"
        )
        if view == NEW:
            return NEW, ""
        chosen = st.session_state.get(NAME)
        known = names if chosen is None or chosen in names else [chosen, *names]  # one that failed before it began
        if not known:
            return OPEN, ""
        name = st.selectbox(
            "Sweep", known, key=NAME, label_visibility="collapsed", persist_state="session", width=420,
            help="All sweeps in the folder of runs, also those of the command line; the latest first.",
        )  # fmt: skip
    return OPEN, str(name)


def _follow_link(names: list[str]) -> None:
    """Begin a visit with the sweep that the address names, or with a new one."""
    if VIEW in st.session_state:
        return
    st.session_state[VIEW] = NEW
    wanted = st.query_params.get(LINK)
    if wanted is None:
        return
    if wanted in names:
        st.session_state[VIEW], st.session_state[NAME] = OPEN, wanted
    else:
        st.session_state[TROUBLE] = f"no sweep {wanted[:60]!r} in the folder of sweeps"


def _write_link(name: str) -> None:
    """Keep the address such that a reload opens the same sweep."""
    if name and st.query_params.get(LINK) != name:
        st.query_params[LINK] = name
    elif not name and LINK in st.query_params:
        del st.query_params[LINK]


def _draw_new(names: list[str]) -> None:
    form, offer = st.columns([3, 2], gap="medium")
    spec, trouble = None, ""
    with form.container(border=True, key="card-form"):
        try:
            spec = sweep_form.draw()
        except ValueError as error:
            trouble = sentence(error)
    with offer.container(border=True, key="card-offer"):
        st.markdown("**What will it take?**")
        if spec is not None:
            try:
                _draw_offer(spec)
            except ValueError as error:
                trouble = sentence(error)
        if trouble:
            st.warning(f"{plain(trouble[:1].upper() + trouble[1:])}.", icon=":material/edit:")
    with offer.container(border=True, key="card-latest"):
        st.markdown("**Which sweeps are there?** :gray[:small[the latest first]]")
        if names:
            st.caption("Whoever can open this page sees all sweeps and can cancel each.")
            sweep_view.draw_latest(names, _open)
        else:
            st.caption(f"None yet. One that is started here, or by command in {plain(runs.shown_folder(''))}, "
                       "goes on when this page is closed, and is listed here. Whoever can open this page "
                       "sees all sweeps and can cancel each.")  # fmt: skip


def _draw_offer(spec: Spec) -> None:
    """What the sweep will take, and the buttons that start it and hand it on."""
    _check_sweep(spec.digest(), spec)
    task = EconomyTask(spec)
    n_workers = default_workers()
    expected = estimate_at(spec, task.base.epochs, _seconds_per_run(task.scenario_digest, task))
    check_estimate(expected, n_workers)
    figures: dict[str, Any] = {
        "Runs": f"{spec.n_runs:,}",
        "Time": duration(expected.seconds(n_workers)).removeprefix("about "),
        "Disk": f"{max(expected.disk_bytes / 1e6, 0.1):,.1f} MB",
    }
    with st.container(key="sweep-figures"):
        for place, (label, value) in zip(st.columns(len(figures)), figures.items(), strict=True):
            place.metric(label, value)
    st.caption(
        f"{spec.n_combinations:,} combinations, {spec.replicates:,} times each, {task.base.epochs:,} epochs a run; "
        f"about {number(expected.seconds_per_run, digits=2)} s a run, {n_workers} at a time. Measured by playing the "
        "scenario's first epochs: other settings may take longer."
    )
    if bad := _bad_combinations(spec.digest(), spec, task):
        st.warning(f"{plain(bad)}. Such runs fail, the others are played.", icon=":material/warning:")
    suggested = runs.free_name(spec.name)
    name = st.text_input(
        "Name", suggested, key=f"sweep new name {suggested}", max_chars=60, persist_state="session",
        help="Of the sweep's folder: lower-case letters, digits and hyphens. Default: the sweep's own name.",
    )  # fmt: skip
    with st.container(horizontal=True, gap="small"):
        st.button("Start", type="primary", icon=":material/play_arrow:", key="sweep start", on_click=_start,
                  args=(spec, name))  # fmt: skip
        st.download_button(
            "Sweep as a file", spec_file.dumps(spec), f"{suggested}.toml", "application/toml", key="sweep spec",
            on_click="ignore", icon=":material/save:", help="TOML that the command and this page read.",
        )  # fmt: skip
    st.caption("The same by command, with that file:")
    folder = runs.shown_folder(name)
    st.code(command_line("sweep", f"{suggested}.toml", out=folder), language="bash", wrap_lines=True)


def _start(spec: Spec, name: str) -> None:
    try:
        runs.start(spec, name)
    except ValueError as error:
        st.session_state[TROUBLE] = sentence(error)
        return
    _open(name)


@whole
def _open(name: str) -> None:
    st.session_state[VIEW], st.session_state[NAME] = OPEN, name


@st.cache_data(max_entries=200, ttl=MEASURED_SECONDS, show_spinner="Playing a few epochs to learn how long a run takes")
def _seconds_per_run(scenario_digest: str, _task: EconomyTask) -> float:
    """Time of a run of the scenario with this digest."""
    how = How(n_workers=2, timeout_seconds=LONGEST_MEASURE_SECONDS)  # by a process that may be killed
    [done] = play_jobs("measure", measured, [_task.base], scenario_digest, how)
    if not done.ok:
        raise ValueError(f"the first epochs of a run must take less than {LONGEST_MEASURE_SECONDS} s on this page, and "
                         f"a process that lives; it ended by {done.status}: {done.error}")  # fmt: skip
    return float(done.answer)


@st.cache_data(max_entries=200, show_spinner=False)
def _check_sweep(spec_digest: str, _spec: Spec) -> None:
    """As `limits.check_sweep`, once for each sweep."""
    check_sweep(_spec)


@st.cache_data(max_entries=200, show_spinner=False)
def _bad_combinations(spec_digest: str, _spec: Spec, _task: EconomyTask) -> str:
    """How many of some combinations make no scenario, and why the first does not; empty if all do."""
    table = combinations(_spec)
    numbers = sorted({k * len(table) // TRIED_COMBINATIONS for k in range(TRIED_COMBINATIONS)})
    reasons = []
    for row in numbers:
        try:
            scenario_file.with_values(_task.base, start_of(table[row]))
        except ValueError as error:
            reasons.append(sentence(error))
    tried = f"{len(numbers)} combinations that were tried"
    return f"{len(reasons)} of {tried} make no valid scenario; the first: {reasons[0]}" if reasons else ""
