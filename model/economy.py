"""The economy: a Mesa model whose step is one epoch."""

import threading
from collections.abc import Iterable, Mapping
from typing import Any

import mesa
import numpy as np
import pandas as pd

from agents.participant import Participant
from model.bounds import whole_number
from model.epoch import holdings, observe
from model.epoch.adapt import adapt
from model.epoch.agree import agree
from model.epoch.decide import decide
from model.epoch.delegate import delegate
from model.epoch.evaluate import evaluate
from model.epoch.govern import govern
from model.epoch.pay import pay
from model.epoch.produce import produce
from model.epoch.promises import forget_payments
from model.epoch.public_view import public_view
from model.epoch.turn_over import nobody_came, turn_over
from model.records.agent_table import Collector
from model.records.records import Records
from model.records.settling import Settling, settling
from model.scenario import scenario_file
from model.scenario.interventions import Intervention, scenario_after
from model.scenario.scenario import Scenario
from model.world import population, state, trading
from model.world.ledger import Ledger
from model.world.rules import Rules
from model.yardsticks import planner

LARGEST_SEED = 2**63 - 1  # as in a scenario
WHAT_PAYS = ("reward.", "consensus.")  # rules of which a new one is believed at first
# What a step sets besides the state and the records.
STEPPED = ("rules", "population", "turnover", "yields", "wealth_tao", "running")


class Economy(mesa.Model):
    """Subnets, their rules and their people; `step()` plays one epoch.

    The same scenario, seed and interventions give the same records, to the byte. So do the iterations of a
    `mesa.batch_run`: Mesa 3.3 tells a model nothing of its iteration, and runs that are to differ need seeds of their
    own, `parameters={..., "rng": [1, 2, 3]}`.

    Parameters
    ----------
    scenario : Scenario or str
        What to run: a scenario, or the name or path of one.
    rng : int or numpy.random.Generator, optional
        Seed of the run, >= 0, or a generator from which one is drawn; the scenario's own when not given.
    interventions : iterable of Intervention
        Changes of rules, in any order; those of one epoch apply in the order given.
    **values
        Fields of the scenario to replace, by dotted path with `__` for the dots, as `mesa.batch_run` passes them:
        `Economy("cartel", cartel__stake_share=0.3)`.

    Raises
    ------
    ValueError
        If the scenario, a value or an intervention breaks a rule.
    """

    def __init__(
        self,
        scenario: Scenario | str = "speed-or-quality",
        rng: int | np.random.Generator | None = None,
        interventions: Iterable[Intervention] = (),
        **values: Any,
    ) -> None:
        chosen = scenario if isinstance(scenario, Scenario) else scenario_file.find(scenario)
        chosen = scenario_file.with_values(chosen, {name.replace("__", "."): value for name, value in values.items()})
        if isinstance(rng, np.random.Generator):
            rng = int(rng.integers(LARGEST_SEED, endpoint=True))
        seed = chosen.seed if rng is None else whole_number("rng", rng)
        super().__init__(rng=seed)
        self.run_seed = seed
        self.first_scenario = chosen
        self.rules = Rules.of(chosen)
        self.population = population.found(chosen, seed)
        self.state = state.begin(chosen, self.population, seed)
        self.yields = planner.seat_yields(self.rules, self.population)
        self.turnover = nobody_came(self.population, self.state)
        people = self.population
        Participant.create_agents(
            self,
            people.n_participants,
            role=list(people.role),
            strategy=list(people.strategy),
            number=list(range(people.n_participants)),
            cartel=[bool(member) for member in people.cartel],
        )
        price = trading.price(self.state, self.rules)
        # Worth of each participant after the last epoch, (participant,); Mesa's agents read theirs here.
        self.wealth_tao = holdings.wealth_tao(self.state, people, price)
        self.groups = observe.groups(people)
        self.records = Records.of(chosen.subnets.count, chosen.capabilities, self.groups.role, self.groups.strategy)
        self.datacollector = Collector(observe.REPORTERS)
        self.interventions: list[Intervention] = []
        # A page edits the rules in one thread while another plays: a change waits for the epoch that is under way.
        self._busy = threading.RLock()
        self._plan(interventions)

    def __getstate__(self) -> dict[str, Any]:
        """State to pickle: a lock belongs to its process."""
        return {name: value for name, value in self.__dict__.items() if name != "_busy"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._busy = threading.RLock()

    @property
    def coming_scenario(self) -> Scenario:
        """Scenario of the coming epoch, interventions that begin with it included."""
        return self._scenario_after([change for change in self.interventions if change.epoch <= self.epoch])

    @property
    def epoch(self) -> int:
        """Number of the coming epoch; as many have been played."""
        return len(self.records.epochs)

    @property
    def steps(self) -> int:
        """Steps that Mesa counts: the epochs that have been played."""
        return self.epoch

    @steps.setter
    def steps(self, begun: int) -> None:
        """Mesa counts a step as it begins; one that breaks before its epoch has been played is none here."""

    def step(self) -> None:
        """Play one epoch: turn over, govern, delegate, decide, produce, evaluate, agree, pay, adapt, observe.

        Whatever breaks in it, the economy is then as it was before.
        """
        with self._busy:
            before = {name: getattr(self, name) for name in STEPPED} | {"state": self.state.copied()}
            n_epochs, participant_tao = self.epoch, self.records.participant_tao
            try:
                self._play_epoch()
            except BaseException:
                self.__dict__ |= before
                self.records.cut(n_epochs)
                self.records.participant_tao = participant_tao
                self.datacollector.cut(n_epochs)
                raise

    def _play_epoch(self) -> None:
        self._apply_interventions()
        ledger = Ledger.open(self.state)
        epoch, seed, state = self.epoch, self.run_seed, self.state
        people, self.turnover = turn_over(self.population, state, self.rules, ledger, epoch, seed)
        if people is not self.population:  # uids have changed hands
            self.population, self.yields = people, planner.seat_yields(self.rules, people)
        self.rules = govern(public_view(epoch, state, self.rules, people), state, self.rules, people, seed)
        rules = self.rules
        public = public_view(epoch, state, rules, people)
        delegate(public, state, people, seed)
        effort = decide(public, state, rules, people, seed)
        output = produce(effort, state, rules, people, epoch, seed)
        weight = evaluate(public, output, state, rules, people, seed)
        verdict = agree(weight, state, rules)
        payout = pay(state, rules, verdict, ledger)
        account = adapt(effort, output, payout, self.turnover, state, rules, people)
        ledger.check(state, epoch)
        held = observe.observe(self, effort, output, payout, account, ledger)
        self.wealth_tao, self.records.participant_tao = held.participant["wealth"], held.participant
        self.datacollector.collect(self)
        self.running = self.epoch < self.rules.scenario.epochs

    def intervene(self, values: Mapping[str, Any], epoch: int | None = None) -> None:
        """Change rules from `epoch` on (the coming one when not given), and keep a note of it.

        While another thread plays an epoch, the change waits for it and counts from the one after.

        Raises
        ------
        ValueError
            If a path leads nowhere, its field can't change during a run, a value breaks a rule, or the epoch is over.
        """
        with self._busy:
            when = self.epoch if epoch is None else epoch
            self._plan([Intervention(epoch=when, values=dict(values))])

    def settling(self) -> Settling:
        """Whether the run stands still since its last change of rules."""
        return settling(self.records, self.state.rules_epoch)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Tidy tables of the run so far; see `model.records.data_dictionary` for their columns."""
        return self.records.tables() | {"uids": observe.uid_table(self)}

    def _plan(self, changes: Iterable[Intervention]) -> None:
        planned = list(self.interventions)
        for change in changes:
            if change.epoch < self.epoch:
                raise ValueError(f"interventions must be for epoch {self.epoch} or later, one is for {change.epoch}")
            if change.epoch > 0:
                self._refuse_late_start(change)
            planned.append(change)
        self._scenario_after(planned)
        self.interventions = planned

    def _refuse_late_start(self, change: Intervention) -> None:
        """Pass if the change sets nothing that only a start goes by."""
        scenario = self.rules.scenario
        if scenario.market.kind == "pool" and "market.price_tao_per_alpha" in change.values:
            raise ValueError("market.price_tao_per_alpha is where a pool starts; the pool prices alpha from then on")
        if not scenario.registration.newcomer_subnets_per_year and "registration.price_tao" in change.values:
            raise ValueError(
                "registration.price_tao is where the price of a uid starts; it moves by itself from then on"
            )

    def _apply_interventions(self) -> None:
        named = {path for change in self.interventions if change.epoch == self.epoch for path in change.values}
        if not named:
            return
        before, self.rules = self.rules, self.rules.under(self.coming_scenario, named)
        if self.epoch == 0:  # as if the scenario had said so
            self.state = state.begin(self.rules.scenario, self.population, self.run_seed)
        if not self.rules.same_as(before):
            self.state.rules_epoch = self.epoch
            # What a crowd was left with under other rules is no guide.
            self.state.crowd_profit_share = np.full_like(self.state.crowd_profit_share, np.nan)
            if any(path.startswith(WHAT_PAYS) for path in named):
                forget_payments(self.state)
            self.yields = planner.seat_yields(self.rules, self.population)

    def _scenario_after(self, interventions: Iterable[Intervention]) -> Scenario:
        """Scenario in force with those of `interventions` that are still to come."""
        return scenario_after(self.rules.scenario, [change for change in interventions if change.epoch >= self.epoch])
