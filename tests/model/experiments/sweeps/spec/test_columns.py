"""The data dictionary of a sweep's tables."""

from model.experiments.sweeps.spec.columns import columns
from model.experiments.sweeps.spec.spec_file import spec_of

SPEC = spec_of(
    {
        "factors": {"cartel.stake_share": {"low": 0.1, "high": 0.2, "kind": "uncertainty"}},
        "outcomes": [
            "spend_tao",
            {"measure": "spend_tao", "over": "mean", "last_epochs": 5},
            {
                "measure": "output_units",
                "table": "capabilities",
                "where": {"capability": "speed"},
                "across": "gini",
                "over": "series",
            },
            "y",
        ],
    }
)


def test_every_factor_and_every_outcome_has_its_line():
    lines = {line.name: line for line in columns(SPEC).columns}
    assert list(lines)[:4] == ["run", "combination", "replicate", "seed"]
    assert lines["cartel.stake_share"].meaning == "uncertainty: the scenario's field cartel.stake_share"
    assert (lines["spend_tao"].unit, lines["spend_tao_mean"].unit) == ("TAO", "TAO")
    assert lines["spend_tao_mean"].meaning.endswith("; mean over the last 5 epochs of the run")
    assert lines["speed_output_units_gini"].unit == "share"
    assert "gini over the capabilities table's rows with capability speed" in lines["speed_output_units_gini"].meaning
    assert lines["y"].meaning.startswith("y as the task measures it")
