"""The page of sweeps: what its form asks for, what it starts, and what it shows of the folders of sweeps."""

import io
import shutil
import signal
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from model import cli
from model.experiments.sweeps.execution import work
from model.experiments.sweeps.spec import spec_file
from model.experiments.sweeps.spec.spec_file import parse_spec, read_spec
from model.pages import limits
from model.pages.sweep import build, fields, results, runs, view
from model.pages.sweep import form as sweep_form
from model.pages.sweep import page as sweep

PAGE = "from model.pages.sweep import page\npage.page()"
SPEC = """
name = "small <b>sweep</b>"
scenario = "cartel"
epochs = 2
replicates = 2
outcomes = ["cartel_emission_share", {{ measure = "spend_tao", over = "series" }}]
[factors]
"cartel.stake_share" = {stakes}
"consensus.bonds_penalty" = [0.0, 1.0]
"""


class Started:
    """A process that was never started: what it was to do, and how it is."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self.command, self.folder, self.code, self.heard = command, folder, None, []

    def poll(self):
        return self.code

    def send_signal(self, number):
        self.heard.append(number)
        self.code = -number


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch) -> Path:
    """Folder of all sweeps, of this test alone."""
    monkeypatch.setenv(runs.ROOT_VARIABLE, str(tmp_path / "runs"))
    monkeypatch.setattr(runs, "_started", {})
    monkeypatch.setattr(sweep, "_seconds_per_run", lambda digest, task: 0.5)
    return tmp_path / "runs"


@pytest.fixture
def started(monkeypatch) -> list[Started]:
    """Processes that were asked for; none of them is real."""
    asked: list[Started] = []

    def begin(command, folder):
        asked.append(Started(command, folder))
        return asked[-1]

    monkeypatch.setattr(runs, "_begin", begin)
    return asked


@pytest.fixture(scope="session")
def played(tmp_path_factory) -> Path:
    """A small sweep that the command line has played, a third of which failed."""
    folder = tmp_path_factory.mktemp("by command")
    (folder / "spec.toml").write_text(SPEC.format(stakes=[0.1, 0.3, 7.0]))
    with pytest.MonkeyPatch.context() as earlier:
        # As those were played that did not look first whether a value can ever be.
        earlier.setattr(work, "_check_levels", lambda base, spec: None)
        with pytest.raises(SystemExit):
            cli.main(["sweep", str(folder / "spec.toml"), "--out", str(folder / "run"), "--workers", "0"])
    return folder / "run"


@pytest.fixture
def by_command(played, root) -> str:
    """Name of that sweep, which lies among those of this test."""
    shutil.copytree(played, root / "By_command")
    return "By_command"


def opened(**query: str) -> AppTest:
    app = AppTest.from_string(PAGE, default_timeout=30)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def built(app: AppTest) -> AppTest:
    app.session_state["sweep source"] = sweep_form.BUILD
    return app.run()


def words(app: AppTest) -> str:
    return " ".join(one.value for one in (*app.markdown, *app.caption, *app.warning))


def shown(message) -> str:
    return message.value.replace("\\", "")


def figures(app: AppTest) -> dict[str, str]:
    return {one.label: one.value for one in app.metric}


def asked_spec(root: Path, name: str):
    return read_spec(root / runs.ASKED_FOLDER / name / "spec.toml")


def test_the_page_opens_with_a_ready_made_sweep_and_what_it_takes():
    app = opened()
    assert not app.exception
    assert not app.error
    assert "decides more sharply" in words(app)
    assert figures(app) == {"Runs": "30", "Time": "8 s", "Disk": "0.1 MB"}
    assert app.text_input[0].value == "decisiveness"


def test_every_ready_made_sweep_can_be_started():
    app = opened()
    for name in spec_file.shipped():
        app.selectbox(key="sweep ready").set_value(name).run()
        assert not app.exception, name
        assert not app.error, name
        assert app.button(key="sweep start").proto.disabled is False


def test_start_hands_the_sweep_to_a_process_of_its_own_and_opens_it(root, started):
    app = opened()
    app.number_input(key="sweep replicates decisiveness").set_value(5).run()
    assert figures(app)["Runs"] == "50"
    app.button(key="sweep start").click().run()
    assert not app.exception
    [process] = started
    assert process.command[1:4] == ["-m", "model.cli", "sweep"]
    assert process.command[4:7] == ["spec.toml", "--out", "../../decisiveness"]
    assert process.folder == root / ".asked" / "decisiveness"
    assert asked_spec(root, "decisiveness").replicates == 5
    assert "starting" in words(app)
    assert app.query_params["sweep"] == "decisiveness"


def test_a_sweep_that_could_not_begin_says_why_and_another_can_be_asked_for(root, started):
    app = opened()
    app.button(key="sweep start").click().run()
    (root / ".asked" / "decisiveness" / "said.txt").write_text("sandbox: the disk of ../../decisiveness is full\n")
    started[0].code = 2
    app.run()
    assert "not started" in words(app)
    assert [one.value for one in app.error] == ["the disk of decisiveness is full."]
    app.session_state["sweep view"] = sweep.NEW
    app.run()
    assert app.text_input[0].value == "decisiveness-2"


def test_a_third_sweep_at_a_time_is_refused_in_one_sentence(started):
    app = opened()
    for _ in range(runs.MOST_RUNNING + 1):
        app.session_state["sweep view"] = sweep.NEW
        app.run()
        app.button(key="sweep start").click().run()
    assert len(started) == runs.MOST_RUNNING
    assert len(app.error) == 1
    assert shown(app.error[0]) == "2 sweeps are running already: wait until one has ended, or cancel one."


@pytest.mark.parametrize("name", ["../out", "a/b", "A", "", ".", "x" * 61, "a b"])
def test_a_name_that_could_lead_elsewhere_starts_nothing(name, root, started):
    with pytest.raises(ValueError, match="name must be 1 to 60 lower-case letters"):
        runs.start(read_spec(spec_file.shipped()["collusion"]), name)
    assert not started
    assert not root.exists()


def test_what_is_built_becomes_the_sweep(root, started):
    app = built(opened())
    assert figures(app)["Runs"] == "48"
    app.selectbox(key="sweep scenario").set_value("gamed").run()
    app.multiselect(key="sweep factors gamed").set_value(["reward.audit_rate", "reward.pay"]).run()
    app.text_input(key="sweep text gamed reward.audit_rate").set_value("0, 0.5,1").run()
    app.multiselect(key="sweep values gamed reward.pay").set_value(["proportional", "equal"]).run()
    app.multiselect(key="sweep outcomes").set_value(["users_value"])
    app.selectbox(key="sweep over").set_value("mean").run()
    assert figures(app)["Runs"] == "18"
    app.button(key="sweep start").click().run()
    spec = asked_spec(root, "gamed")
    assert {one.path: list(one.values) for one in spec.factors} == {
        "reward.audit_rate": [0.0, 0.5, 1.0],
        "reward.pay": ["proportional", "equal"],
    }
    assert [(one.measure, one.over) for one in spec.outcomes] == [("users_value", "mean")]
    assert (spec.scenario, spec.design, spec.replicates) == ("gamed", "grid", 3)


@pytest.mark.parametrize("design", list(build.DESIGN))
def test_every_design_can_be_built(design, root, started):
    app = built(opened())
    app.selectbox(key="sweep design").set_value(design).run()
    assert not app.exception
    app.button(key="sweep start").click().run()
    assert asked_spec(root, "speed-or-quality").design == design
    assert len(started) == 1


def test_the_form_is_as_it_was_when_one_comes_back_to_it(started):
    app = built(opened())
    app.text_input(key="sweep text speed-or-quality miners.skill_sd").set_value("0.2, 0.25").run()
    app.button(key="sweep start").click().run()
    app.session_state["sweep view"] = sweep.NEW
    app.run()
    assert app.text_input(key="sweep text speed-or-quality miners.skill_sd").value == "0.2, 0.25"
    assert figures(app)["Runs"] == "24"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("0.1, much", "Values of Spread of skill must be numbers with commas between them, one is 'much'"),
        ("", "Values of Spread of skill must be numbers with commas between them, there are none"),
        ("nan", "must be finite numbers"),
        ("0.1, 0.1", "must hold different values"),
    ],
)
def test_bad_values_are_one_sentence_and_the_form_stays(typed, said):
    app = built(opened())
    app.text_input(key="sweep text speed-or-quality miners.skill_sd").set_value(typed).run()
    assert not app.exception
    assert len(app.warning) == 1
    assert said in shown(app.warning[0])
    assert app.multiselect(key="sweep outcomes").value
    assert not [one for one in app.button if one.key == "sweep start"]


def test_a_value_that_makes_no_scenario_is_refused_before_the_start():
    app = built(opened())
    app.text_input(key="sweep text speed-or-quality miners.skill_sd").set_value("0.1, 9").run()
    assert "9.0 makes no valid scenario in any combination: miners.skill_sd must be in" in words(app).replace("\\", "")
    assert not [one for one in app.button if one.key == "sweep start"]


def test_too_many_runs_are_refused_in_one_sentence():
    app = opened()
    app.number_input(key="sweep replicates decisiveness").set_value(limits.MOST_REPLICATES).run()
    assert figures(app)["Runs"] == "10,000"
    app.selectbox(key="sweep ready").set_value("collusion").run()
    app.number_input(key="sweep replicates collusion").set_value(limits.MOST_REPLICATES).run()
    assert "must have <= 20,000 runs, has 80,000" in words(app).replace("\\", "")
    assert len(app.warning) == 1
    assert not app.metric


def test_the_time_of_a_run_is_measured_by_a_process_that_may_be_killed(monkeypatch):
    monkeypatch.undo()
    assert float(figures(opened())["Runs"].replace(",", "")) > 0
    monkeypatch.setattr(sweep, "LONGEST_MEASURE_SECONDS", 1e-6)
    app = opened()
    app.number_input(key="sweep epochs decisiveness").set_value(77).run()
    assert "The first epochs of a run must take less than" in shown(app.warning[0])
    assert not app.metric


def test_a_sweep_that_would_take_years_is_refused_in_one_sentence(monkeypatch):
    monkeypatch.setattr(sweep, "_seconds_per_run", lambda digest, task: 1e6)
    app = opened()
    assert "Seconds that the sweep takes must be <= 86,400 on this page" in shown(app.warning[0])
    assert not [one for one in app.button if one.key == "sweep start"]


def test_a_file_becomes_the_sweep(root, started):
    app = opened()
    app.session_state["sweep source"] = sweep_form.FILE
    app.run()
    assert "Choose a file" in words(app)
    app.file_uploader[0].set_value([("mine.toml", SPEC.format(stakes=[0.1, 0.2]).encode(), "application/toml")]).run()
    assert not app.exception
    assert figures(app)["Runs"] == "8"
    assert "small \\<b\\>sweep" not in app.text_input[0].value
    app.button(key="sweep start").click().run()
    assert asked_spec(root, "small-b-sweep-b").factors == parse_spec(SPEC.format(stakes=[0.1, 0.2]).encode()).factors


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x00\xff\x9f", "is not a TOML file"),
        (b"designs = 'grid'", "no field 'designs'"),
        (b"scenario = '/etc/hosts.toml'", "Scenario must be one that comes with the sandbox"),
        (b"[factors]\n'no.such' = [1, 2]", "No field 'no.such'"),
        (b"design = 'sobol'\nn_points = 3\n[factors]\n'seed.x' = {low = 0, high = nan}", "must be"),
    ],
)
def test_a_bad_file_is_one_sentence(data, said):
    app = opened()
    app.session_state["sweep source"] = sweep_form.FILE
    app.run()
    app.file_uploader[0].set_value([("mine.toml", data, "application/toml")]).run()
    assert not app.exception
    assert len(app.warning) == 1
    assert said in shown(app.warning[0])


def test_a_sweep_of_the_command_line_is_listed_opened_and_drawn(by_command):
    app = opened(sweep=by_command)
    assert not app.exception
    assert not app.error
    assert app.selectbox(key="sweep name").options == [by_command]
    assert "finished" in words(app)
    assert "12 of 12 runs done, 4 failed" in words(app).replace("\\", "")
    [(charts, notes)] = app.session_state["sweep held"].pictures.values()
    assert set(charts) == {"two_factors", "effects", "convergence"}
    assert notes[1] == "cartel's share of pay (share): 8 runs of 4 combinations, 4 left out"
    assert notes[0] == (
        "Cartel's stake moves cartel's share of pay most: 0.2057 where it is 0.1, 0.2901 where it is 0.3, "
        "under every seed played"
    )
    assert len(app.get("vega_lite_chart")) == 3


def test_what_moves_the_outcome_most_is_said_in_one_sentence():
    table = pd.DataFrame(
        {
            "factor": ["a", "a", "b", "b"],
            "level": ["0.1", "0.5", "no", "yes"],
            "mean": [3.0, 5.0, 4.5, 3.5],
            "effect": [-1.0, 1.0, 0.5, -0.5],
            "effect_low": [-1.5, -0.5, -1.0, -1.0],
            "effect_high": [0.5, 2.5, 1.0, 1.0],
        }
    )
    unsure = "Nothing moves y for sure. a comes first, which may be chance: 3 where it is 0.1, 5 where it is 0.5"
    assert results.finding(table, "y") == unsure
    assert results.finding(table.assign(effect_low=np.nan, effect_high=np.nan), "y") == unsure
    unseen = table.assign(effect_low=np.nan, effect_high=np.nan)
    for n_runs, seeds in ((4, "every seed"), (2, "the one seed")):
        said = f"a moves y most: 3 where it is 0.1, 5 where it is 0.5, under {seeds} played"
        assert results.finding(unseen.assign(points=2, runs=n_runs), "y", alike=True) == said
    clear = table.assign(effect_low=[-1.5, 0.5, -1.0, -1.0], effect_high=[-0.5, 1.5, 1.0, 1.0])
    assert results.finding(clear, "y") == "a moves y most of what is clear: 3 where it is 0.1, 5 where it is 0.5"
    other = table.assign(effect_low=[-1.5, -0.5, 0.2, -0.8], effect_high=[0.5, 2.5, 0.8, -0.2])
    assert results.finding(other, "y") == "b moves y most of what is clear: 3.5 where it is yes, 4.5 where it is no"
    level = table.assign(mean=2_000.0, effect=0.0)
    assert results.finding(level, "y") == "Nothing that varies moves y: it is 2,000 at every value"


def test_the_latest_sweeps_are_listed_beside_the_form_and_opened_from_there(by_command, root):
    shutil.copytree(root / by_command, root / "spoilt")
    (root / "spoilt" / "ledger.sqlite").write_bytes(b"no ledger" * 1000)
    app = opened()
    assert not app.exception
    assert "12 of 12 runs done, 4 failed" in words(app).replace("\\", "")
    assert "unreadable] spoilt" in words(app)
    app.button(key=f"sweep open {by_command}").click().run()
    assert app.selectbox(key="sweep name").value == by_command
    assert app.query_params["sweep"] == by_command


def test_failures_are_shown_with_their_sentence(by_command):
    app = opened(sweep=by_command)
    said = "4 runs failed and are in no mean. The first, run 4: cartel.stake_share must be in [0, 1], is 7.0."
    assert [shown(one) for one in app.warning] == [said]
    app.session_state["sweep part"] = "Failures"
    app.run()
    table = app.dataframe[0].value
    assert len(table) == 4
    assert table["error"].unique().tolist() == ["cartel.stake_share must be in [0, 1], is 7.0"]
    assert "traceback" not in table


def test_the_table_holds_every_run_and_the_files_are_those_of_the_command(by_command, root):
    app = opened(sweep=by_command)
    app.session_state["sweep part"] = "Table"
    app.run()
    assert len(app.dataframe[0].value) == 12
    cli.main(["export", str(root / by_command)])
    for form, ending in (("csv", "csv"), ("parquet", "parquet")):
        with zipfile.ZipFile(io.BytesIO(view._archive(by_command, form))) as bundle:
            assert f"runs.{ending}" in bundle.namelist()
            if form == "csv":
                for path in (root / by_command / "export").iterdir():
                    assert bundle.read(path.name) == path.read_bytes(), path.name
            else:
                assert len(pd.read_parquet(io.BytesIO(bundle.read("runs.parquet")))) == 12


@pytest.mark.parametrize("name", ["../By_command", "/etc", "nothing", "..", "."])
def test_no_link_leads_out_of_the_folder_of_sweeps(name, by_command):
    app = opened(sweep=name)
    assert not app.exception
    assert "no sweep" in app.error[0].value
    with pytest.raises(ValueError, match="no sweep"):
        runs.look(name)


def test_links_out_of_the_folder_of_sweeps_are_neither_listed_nor_read(by_command, root, played):
    (root / "linked").symlink_to(played)
    assert runs.names() == [by_command]
    spare = root.parent / "ledger"
    (root / by_command / "ledger.sqlite").rename(spare)
    (root / by_command / "ledger.sqlite").symlink_to(spare)
    with pytest.raises(ValueError, match=r"ledger.sqlite is a link"):
        runs.look(by_command)


def test_a_damaged_sweep_is_one_sentence(by_command, root):
    ledger = root / by_command / "ledger.sqlite"
    ledger.write_bytes(ledger.read_bytes()[:4096] + b"\x00" * 20_000)
    app = opened(sweep=by_command)
    assert not app.exception
    assert len(app.error) == 1
    assert shown(app.error[0]).startswith(f"{by_command}/ledger.sqlite ")


def test_cancel_reaches_a_process_that_has_not_begun(started):
    app = opened()
    app.button(key="sweep start").click().run()
    app.button(key="sweep cancel").click().run()
    assert started[0].heard == [signal.SIGTERM]
    assert "cancelled" in words(app)
    assert not app.error


def test_resume_goes_on_in_the_same_folder(root, started, monkeypatch):
    (root).mkdir()
    (root.parent / "spec.toml").write_text(SPEC.format(stakes=[0.1, 0.3]))
    cancelled = iter([False, False, True])
    monkeypatch.setattr("model.experiments.sweeps.store.store.Store.cancel_wanted", lambda store: next(cancelled, True))
    monkeypatch.setattr("model.experiments.sweeps.execution.conduct.TICK_SECONDS", 0.0)
    with pytest.raises(SystemExit):
        cli.main(["sweep", str(root.parent / "spec.toml"), "--out", str(root / "half"), "--workers", "0"])
    app = opened(sweep="half")
    app.session_state["sweep wish to cancel"] = "half"
    app.run()
    assert "cancelled" in words(app)
    app.button(key="sweep resume").click().run()
    assert not app.exception
    assert started[0].command[-1] == "--resume"
    assert asked_spec(root, "half") == read_spec(root / "half" / "spec.toml")
    assert "starting" in words(app)
    assert app.button(key="sweep cancel").label == "Cancel"


def test_nothing_is_listed_where_nothing_is(root):
    app = opened()
    app.session_state["sweep view"] = sweep.OPEN
    app.run()
    assert not app.exception
    assert "No sweep yet" in words(app)


def test_every_field_that_can_vary_has_a_name_of_its_own_and_values_to_begin_with():
    for preset in ("speed-or-quality", "gamed", "cartel"):
        scenario, tree = fields.base_of(preset)
        knobs = fields.sweepable(tree, scenario.capabilities)
        labels = [knob.label for knob in knobs.values()]
        assert len(set(labels)) == len(labels)
        for path, knob in knobs.items():
            assert fields.factor_label(path) == knob.label
            assert len(fields.first_values(tree, path, knob)) > 1, path


def test_every_knob_says_what_it_does():
    for app in (opened(), built(opened())):
        knobs = (*app.selectbox, *app.number_input, *app.multiselect, *app.text_input, *app.toggle)
        assert [knob.label for knob in knobs if not knob.help] == []
