"""What a scenario says without any effect: it breaks no rule, and something else was probably meant."""

from collections.abc import Iterator

import numpy as np

from agents.strategies import VALIDATORS
from model.chain.registration import MIN_NON_IMMUNE_UIDS
from model.scenario.people import Cartel, Nominators
from model.scenario.scenario import Scenario
from model.world.population import of_strategy, seats_by_mix

Group = tuple[int, str]  # people to whom a mix is handed out together: how many, and who they are


def remarks(scenario: Scenario) -> tuple[str, ...]:
    """A sentence for each choice of `scenario` that has no effect.

    They are strategies with a share of a mix and no seat, parameters of strategies that are in no mix, nominators'
    strategies without nominators, newcomers for whom there never is a uid, audits without anybody who audits, and
    strategies of a cartel that nobody plays.
    """
    waiting = scenario.registration.n_waiting
    people: dict[str, list[Group]] = {
        "miners": [(scenario.subnets.n_miners, "miners of a subnet")] + [(waiting, "who wait")] * (waiting > 0),
        "validators": [(scenario.subnets.n_validators, "validators")],
        "nominators": [(scenario.nominators.count, "nominators")],
        "owners": [(scenario.subnets.count, "owners")],
    }
    said = [sentence for section, groups in people.items() for sentence in _unplayed(scenario, section, groups)]
    return (*said, *_no_way_in(scenario), *_nobody_audits(scenario), *_nobody_colludes(scenario))


def _unplayed(scenario: Scenario, section: str, groups: list[Group]) -> Iterator[str]:
    given = getattr(scenario, section)
    if section == "nominators" and not scenario.nominators.count:
        if given.mix != Nominators().mix or given.parameters:
            yield "nominators.mix and nominators.parameters have no effect while nominators.count is 0"
        return
    for n_people, who in groups:
        seated = set(seats_by_mix(given.mix, n_people))
        for name in sorted(given.mix):
            if given.mix[name] > 0 and name not in seated:
                share = f"{section}.mix gives {name} a share of {given.mix[name]:g}"
                yield f"{share}, which among {n_people} {who} is nobody"
    for name in sorted(given.parameters):
        if not given.mix.get(name):
            yield f"{section}.parameters.{name} has no effect: {section}.mix has no {name}"


def _no_way_in(scenario: Scenario) -> Iterator[str]:
    """Newcomers find a uid that is open, that somebody leaves, or that is one of more than ten."""
    n_old = scenario.subnets.n_validators + scenario.subnets.n_miners
    leave = scenario.miners.exit_window_epochs or scenario.miners.broke_below_tao
    crowded = n_old <= MIN_NON_IMMUNE_UIDS and not scenario.registration.open_uids and not leave
    if scenario.registration.newcomers > 0 and crowded:
        yield (
            f"registration.newcomers never find a uid: a full subnet gives one away only if it has more than "
            f"{MIN_NON_IMMUNE_UIDS} uids that are not immune, and here it has {n_old}"
        )


def _nobody_audits(scenario: Scenario) -> Iterator[str]:
    mix, n_validators = scenario.validators.mix, scenario.subnets.n_validators
    playing = sorted(set(seats_by_mix(mix, n_validators)))
    if np.any(scenario.reward.audit_rate) and not any(VALIDATORS.get(name).AUDITS for name in playing):
        yield f"reward.audit_rate has no effect: of the validators' strategies ({', '.join(playing)}) none audits"


def _nobody_colludes(scenario: Scenario) -> Iterator[str]:
    mixed = [*scenario.miners.mix, *scenario.validators.mix]
    for name in scenario.cartel.strategies:
        if scenario.cartel.strategies != Cartel().strategies and not of_strategy(mixed, name).any():
            yield f"cartel.strategies names {name}, which no miner and no validator plays"
