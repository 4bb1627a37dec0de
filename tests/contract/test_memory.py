"""What a cohort remembers goes with who sits where: nobody goes on with another's memory, whoever comes or leaves."""

import textwrap
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

import agents
from agents.observation import Draws, MinerAction, MinerView
from agents.strategies import MINERS
from model.economy import Economy
from model.epoch.asking import StrategyError
from model.experiments.runs.checkpoint import packed, restore, save, unpacked
from model.scenario.plugin import load_plugin
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import find, with_values

CHURN = {
    "subnets.count": 3,
    "subnets.n_validators": 2,
    "subnets.n_miners": 14,
    "market.kind": "fixed_price",
    "registration.newcomers": 1.5,
    "registration.n_waiting": 8,
    "registration.price_tao": 0.001,
    "registration.immunity_blocks": 0,
    "miners.exit_window_epochs": 2,
    "miners.exit_share": 0.1,
    "miners.outside_option_tao": 1e3,
}


@dataclass(frozen=True)
class Diary:
    """Notes in which epoch each of its slots was first asked, by whom, and checks what it finds noted."""

    seen: list[np.ndarray]

    def decide(self, view: MinerView, draws: Draws) -> MinerAction:
        epoch = float(view.public.epoch)
        if view.memory:
            noted = view.memory["who"]
            assert (noted[view.known] == 1 + view.slot_miner[view.known]).all()
            assert not noted[~view.known].any()
            assert not view.memory["first"][~view.known].any()
        self.seen.append(view.known)
        first = np.where(view.known, view.memory["first"], epoch) if view.memory else np.full(len(view.score), epoch)
        memory = {"who": 1 + view.slot_miner, "first": first, "twice": np.stack([first, first], axis=1)}
        return MinerAction(resource=np.ones(view.resource.shape), memory=memory)


def planted(strategy, **values):
    economy = Economy(with_values(Scenario(), CHURN | {"miners.mix": {"honest": 1.0}} | values), rng=3)
    cohorts = (
        replace(cohort, strategy=strategy) if cohort.role == "miner" else cohort
        for cohort in economy.population.cohorts
    )
    economy.population = replace(economy.population, cohorts=tuple(cohorts))
    return economy


@pytest.mark.parametrize("presence", ["one_subnet", "every_subnet"])
def test_memory_goes_with_who_holds_a_slot_and_since_when(presence):
    seen = []
    economy = planted(Diary(seen), **{"miners.presence": presence})
    n_new = 0
    for epoch in range(12):
        before = economy.state.registered_block.copy(), economy.population.vacant.copy()
        economy.step()
        seat = economy.population.of_role("miner")[0].seat
        since = economy.state.registered_block.ravel()[seat]
        newcomer = (since != before[0].ravel()[seat]) | before[1].ravel()[seat] | (epoch == 0)
        assert (seen[-1] == ~newcomer).all()
        n_new += epoch > 0 and int(newcomer.sum())
    assert n_new > 10
    assert economy.records.epochs.frame()["exits"].sum() > 5


@pytest.mark.parametrize("name", MINERS.names())
def test_every_strategy_plays_on_where_people_come_and_go_and_from_a_checkpoint(name):
    economy = Economy(with_values(Scenario(), CHURN | {"miners.mix": {name: 1.0}}), rng=3)
    for _ in range(4):
        economy.step()
    arrays = unpacked(b"".join(packed(save(economy))))
    again = restore(arrays, {key: series_of(series) for key, series in economy.records.series().items()})
    for _ in range(3):
        economy.step()
        again.step()
    assert economy.records.epochs.frame()["registrations"].sum() > 0
    np.testing.assert_array_equal(economy.state.resource, again.state.resource)
    for cohort, memory in economy.state.memory.items():
        for key, array in memory.items():
            np.testing.assert_array_equal(array, again.state.memory[cohort][key])


def series_of(series):
    return {column: series.history(column).ravel() for column in series.columns}


@dataclass(frozen=True)
class Forgetful:
    """Notes one number too few."""

    def decide(self, view: MinerView, draws: Draws) -> MinerAction:
        return MinerAction(resource=np.zeros(view.resource.shape), memory={"worth": np.ones(len(view.score) - 1)})


def test_memory_without_a_row_for_each_slot_is_named():
    with pytest.raises(StrategyError) as caught:
        planted(Forgetful()).step()
    said = "miner/honest in epoch 0: memory 'worth' must have the slot as its first axis, (42, ...), has shape (41,)"
    assert str(caught.value) == said


@pytest.fixture
def registered():
    before = dict(MINERS)
    yield
    MINERS._entry = before


@pytest.mark.usefixtures("registered")
def test_the_strategies_of_the_readme_play_where_people_come_and_go(tmp_path):
    blocks, kept = [], []
    for line in [*(Path(agents.__file__).parent / "STRATEGIES.md").read_text().splitlines(), "end"]:
        if line.startswith("    ") or (kept and not line):
            kept.append(line)
        elif kept:
            blocks.append(textwrap.dedent("\n".join(kept)))
            kept = []
    code = "\n\n".join(["import numpy as np", *(block for block in blocks if "@MINERS" in block)])
    (tmp_path / "own.py").write_text(code)
    load_plugin(tmp_path / "own.py")
    economy = Economy(with_values(find("churn"), {"miners.mix": {"settler": 0.5, "cautious": 0.5}}), rng=1)
    newcomers = 0
    cohort = next(one for one in economy.population.cohorts if one.name == "miner/settler")
    for _ in range(8):
        before = economy.state.memory.get(cohort.name), economy.state.tenure.get(cohort.name)
        economy.step()
        level, tenure = economy.state.memory[cohort.name]["level"], economy.state.tenure[cohort.name]
        if before[0] is None:
            continue
        old = {tuple(slot): number for slot, number in zip(before[1].tolist(), before[0]["level"], strict=True)}
        for slot, number in zip(tenure.tolist(), level, strict=True):
            if tuple(slot) in old:
                assert number == 1.05 * old[tuple(slot)]
            else:
                newcomers += 1
                assert 0 < number <= 1.05
    assert newcomers > 5
