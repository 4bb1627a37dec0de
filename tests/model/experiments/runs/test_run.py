"""One run from scenario to files."""

import io
import json
import zipfile

import numpy as np
import pandas as pd
import pytest

from model.economy import Economy
from model.experiments.runs.run import archive, export, manifest_of, run
from model.scenario.interventions import Intervention
from model.scenario.scenario_file import digest, find, load, with_values

SMALL = with_values(find("gamed"), {"epochs": 3, "subnets.count": 2})


def test_a_run_plays_all_its_epochs_and_reports_each():
    calls = []
    economy = run(SMALL, progress=lambda done, of: calls.append((done, of)))
    assert calls == [(1, 3), (2, 3), (3, 3)]
    assert economy.records.epochs.frame()["epoch"].tolist() == [0, 1, 2]


def test_files_read_back_to_the_tables(tmp_path):
    economy = run(SMALL)
    folder = export(economy, tmp_path / "out", "sandbox run gamed")
    for name, frame in economy.tables().items():
        back = pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)
        assert sorted(back.columns) == sorted(frame.columns)
        for column, held in frame.items():
            read = [type(one)(cell or "nan") for one, cell in zip(held.tolist(), back[column], strict=True)]
            assert np.array_equal(read, held.to_numpy(), equal_nan=held.dtype.kind == "f"), column


def test_the_manifest_holds_what_it_takes_to_run_again(tmp_path):
    values = {"reward.audit_rate": 0.5}
    changes = [Intervention(epoch=1, values=values), Intervention(epoch=99, values={"reward.audit_rate": 0.1})]
    economy = run(SMALL, 21, changes)
    facts = json.loads((export(economy, tmp_path / "out", "the command") / "manifest.json").read_text())
    assert facts["scenario_digest"] == digest(SMALL)
    assert (facts["seed"], facts["epochs"], facts["command"]) == (21, 3, "the command")
    # A change that never came into force is not part of the run.
    assert facts["interventions"] == [{"epoch": 1, "values": values}]
    again = run(SMALL, facts["seed"], [Intervention(**change) for change in facts["interventions"]])
    assert again.records.epochs.frame().equals(economy.records.epochs.frame())


def test_the_scenario_of_an_export_plays_what_was_played(tmp_path):
    economy = Economy(SMALL, rng=21)
    economy.step()
    economy.step()
    folder = export(economy, tmp_path / "out", "")
    scenario = load(folder / "scenario.toml")
    manifest = json.loads((folder / "manifest.json").read_text())
    assert digest(scenario) == manifest["scenario_digest"]
    assert (scenario.seed, scenario.epochs) == (21, 2)
    assert run(scenario).records.epochs.frame().equals(economy.records.epochs.frame())
    with zipfile.ZipFile(io.BytesIO(archive(economy, ""))) as bundle:
        assert {name: bundle.read(name) for name in bundle.namelist()} == {
            path.name: path.read_bytes() for path in folder.iterdir()
        }


def test_the_digest_is_that_of_the_scenario_before_any_change():
    economy = run(SMALL, interventions=[Intervention(epoch=0, values={"reward.audit_rate": 0.5})])
    assert manifest_of(economy, "").scenario_digest == digest(SMALL)


def test_a_change_that_breaks_a_rule_stops_the_run_before_it_starts():
    with pytest.raises(ValueError, match=r"^reward.audit_rate must be in \[0, 1\], is 3.0"):
        run(SMALL, interventions=[Intervention(epoch=2, values={"reward.audit_rate": 3})])
