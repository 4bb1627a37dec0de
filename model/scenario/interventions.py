"""Changes of rules while a run is under way: what they may touch, and reading them from a file or a command line."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from model.bounds import shown, whole_number
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import PARAMETERS_OF, flat, parse, parse_value, read, to_tree, with_values

LONGEST_PATH = 200  # characters
# What the world starts from can't be changed while it runs.
FIXED_FIELDS = (
    "name",
    "seed",
    "epochs",
    "capabilities",
    "subnets",
    "chain.initial_issuance_tao",
    "miners",
    "validators",
    "nominators",
    "owners.mix",
    "owners.parameters",
    "market.kind",
    "market.tao_reserve_tao",
    "market.outstanding_alpha",
    "registration.n_waiting",
    "registration.open_uids",
    "cartel.strategies",
    "cartel.stake_share",
)
LIVE_FIELDS = (
    "miners.sell_share",
    "miners.hardware_price_tao",
    "miners.outside_option_tao",
    "miners.broke_below_tao",
    "validators.take_share",
    "validators.reinvest_share",
    "validators.audit_cost_tao",
    "validators.audit_budget_tao",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervention:
    """A change of rules while a run is under way.

    epoch : the epoch that is the first to play by the new values, >= 0
    values : new values by dotted path, such as {"reward.capability_weight.speed": 0.8}; a table means its entries, so
        that what is not named stays
    """

    epoch: int
    values: Mapping[str, Any]

    def __post_init__(self) -> None:
        object.__setattr__(self, "epoch", whole_number("epoch", self.epoch))
        _check_paths(self.values)
        object.__setattr__(self, "values", flat(self.values))
        for path in self.values:
            fixed = any(f"{path}.".startswith(f"{name}.") or name.startswith(f"{path}.") for name in FIXED_FIELDS)
            live = any(f"{path}.".startswith(f"{name}.") for name in LIVE_FIELDS)
            if fixed and not live:
                raise ValueError(f"{path} can't change during a run; start a new one with it")


def _check_paths(values: Mapping[Any, Any]) -> None:
    for path, value in values.items():
        if not isinstance(path, str):
            raise ValueError(f"path must be text, is {shown(path)}")
        if not path.isprintable() or len(path) > LONGEST_PATH:
            raise ValueError(f"path must be text of <= {LONGEST_PATH} printable characters, is {shown(path)}")
        if isinstance(value, Mapping):
            _check_paths(value)


def together(changes: Iterable[Intervention]) -> dict[str, Any]:
    """Values by dotted path that changes of one epoch set, in the order given.

    What is set again is set last. A rule that gives way to another within the epoch takes its parameters along.
    """
    values: dict[str, Any] = {}
    for path, value in (item for change in changes for item in change.values.items()):
        if path in PARAMETERS_OF and values.get(path, value) != value:
            below = f"{PARAMETERS_OF[path]}."
            values = {name: held for name, held in values.items() if not name.startswith(below)}
        values.pop(path, None)
        values[path] = value
    return values


def scenario_after(scenario: Scenario, changes: Collection[Intervention]) -> Scenario:
    """`scenario` once all changes are in force; those of one epoch count together.

    Raises
    ------
    ValueError
        If one of them makes no valid scenario.
    """
    for epoch in sorted({change.epoch for change in changes}):
        scenario = with_values(scenario, together(change for change in changes if change.epoch == epoch))
    return scenario


def check_in_time(changes: Iterable[Intervention], n_epochs: int) -> None:
    """Pass if a run of so many epochs comes to all changes; otherwise a ValueError."""
    for change in changes:
        if change.epoch >= n_epochs:
            raise ValueError(
                f"interventions must be for an epoch before {n_epochs}, the run's number of epochs, "
                f"one is for {change.epoch}"
            )


def read_interventions(path: Path) -> tuple[Intervention, ...]:
    """Interventions in the TOML file at `path`, in its order.

    Each `[[intervention]]` holds an epoch and a table of values, by quoted dotted paths or as nested tables.

    Raises
    ------
    ValueError
        If the file can't be read or an intervention breaks a rule; the sentence names the file.
    """
    source = f"intervention file {path}"
    tree = parse(read(path, "intervention"), source)
    try:
        listed = tree.pop("intervention", [])
        for name in tree:
            raise ValueError(f"no field {shown(name)}; there is intervention")
        if not isinstance(listed, list) or not listed:
            raise ValueError("must hold one or more tables [[intervention]], holds none")
        return tuple(map(_intervention, listed))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{source}: {error}") from error


def dumps_interventions(changes: Iterable[Intervention]) -> str:
    """TOML that `read_interventions` reads as the same."""
    return tomli_w.dumps(
        {"intervention": [{"epoch": change.epoch, "values": to_tree(dict(change.values))} for change in changes]}
    )


def parse_intervention(text: str) -> Intervention:
    """Intervention that EPOCH:PATH=VALUE means on a command line."""
    epoch, _, setting = text.partition(":")
    path, sign, value = setting.partition("=")
    if not sign or not path.strip() or not epoch.strip().isdecimal():
        raise ValueError(f"--at must be EPOCH:PATH=VALUE, is {text!r}")
    return Intervention(epoch=int(epoch), values={path.strip(): parse_value(value.strip())})


def _intervention(tree: Any) -> Intervention:
    if not isinstance(tree, dict):
        raise ValueError(f"intervention must be a table, is {shown(tree)}")
    for name in tree:
        if name not in ("epoch", "values"):
            raise ValueError(f"no field {shown(f'intervention.{name}')}; there are epoch, values")
    given = tree.get("values")
    if not isinstance(given, dict) or not given:
        raise ValueError(f"intervention.values must be a table of one or more fields, is {shown(given)}")
    if "epoch" not in tree:
        raise ValueError("intervention.epoch must be given, is missing")
    return Intervention(epoch=tree["epoch"], values=given)
