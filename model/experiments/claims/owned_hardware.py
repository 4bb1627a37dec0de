"""A study of claim (c): how fast and how far hardware follows a reward that moves, where it is rented or owned.

Half of the reward goes to storage, then a fifth, as long as the run lasts. Weekly epochs. The elasticity of storage's
share of the hardware in use, over the change in its share of the reward, is 1 where hardware follows as claimed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from model.economy import Economy
from model.experiments.claims.study import TEXTBOOK, Case, Measure
from model.records.data_dictionary import Column
from model.scenario.interventions import Intervention
from model.yardsticks.theory.allocation import elasticity
from model.yardsticks.theory.hardware import share_in_use

STUDY = "hardware after the reward has moved"
AFTER_EPOCHS = (1, 5, 10, 20, 40)
BEFORE_SHARE, AFTER_SHARE = 0.5, 0.2  # of the reward, to the capability or subnet that loses
SETTLE_EPOCHS = 40  # until those who learn are at rest
POT_TAO, N_MINERS = 1000.0, 10
SPEND_SHARE = (N_MINERS - 1) / N_MINERS  # of the reward, spent in the equilibrium of as many equals; CLOSED_FORMS 1.1
WEEKS_PER_YEAR = 52
CLAIMED = (0.9, 1.1)  # elasticities that count as following; Bitcoin's is held against the same

CURVE_COLUMNS = (
    Column(name="epochs_after", unit="epochs", meaning="played since the reward moved; an epoch is a week"),
    Column(name="hardware", unit="text", meaning="rented, or owned, and what of its cost is sunk"),
    Column(name="elasticity", unit="ratio", meaning="of a share of hardware in the share of the reward, law of motion"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A way to have hardware whose unit costs 1 TAO an epoch in all.

    lasts_years : when it is owned; 0 is rented
    running_share : of the full cost; the rest is wear, and sunk
    strategy : of the miners
    elsewhere : the reward moves to another subnet that wants the same hardware, not to another capability
    """

    name: str
    lasts_years: int = 3
    running_share: float = 1 / 3
    strategy: str = "metric_maximizer"
    elsewhere: bool = False

    def theory(self, epochs: int) -> float:
        """Elasticity by the law of motion, so many epochs after the change."""
        if not self.lasts_years or self.elsewhere:
            return 1.0
        wear = 1 / (WEEKS_PER_YEAR * self.lasts_years)
        share = share_in_use(epochs, AFTER_SHARE, wear, self.running_share, SPEND_SHARE)
        return elasticity(BEFORE_SHARE, share, BEFORE_SHARE, AFTER_SHARE) + 0.0  # no negative zero


KINDS = (
    Kind(name="rented", lasts_years=0, running_share=1.0),
    Kind(name="rented, miners who learn", lasts_years=0, running_share=1.0, strategy="best_response"),
    Kind(name="owned, lasts three years"),
    Kind(name="owned, lasts three years, miners who learn", strategy="best_response"),
    Kind(name="owned, lasts one year", lasts_years=1),
    Kind(name="owned, a tenth of its cost is sunk", running_share=0.9),
    Kind(name="owned, wanted in another subnet as well", elsewhere=True),
)


def cases(kinds: Sequence[Kind] = KINDS, after_epochs: Sequence[int] = AFTER_EPOCHS) -> list[Case]:
    """One run for each kind of hardware, measured so many epochs after the reward has moved."""
    return [_case(kind, after_epochs) for kind in kinds]


def _case(kind: Kind, after_epochs: Sequence[int]) -> Case:
    moved: dict[str, Any] = {"reward.capability_weight": {"speed": 1 - AFTER_SHARE, "storage": AFTER_SHARE}}
    settings = _settings(kind) | {"epochs": SETTLE_EPOCHS + max(after_epochs)}
    if kind.elsewhere:
        moved = {"owners.burn_share": _withheld(AFTER_SHARE)}
    return Case(
        claim="c",
        study=STUDY,
        setting=kind.name,
        settings=settings,
        interventions=(Intervention(epoch=SETTLE_EPOCHS, values=moved),),
        measures=tuple(
            Measure(
                quantity=f"elasticity in the reward, {epochs} {'epoch' if epochs == 1 else 'epochs'} on", unit="ratio",
                of=partial(_followed, epochs=epochs, elsewhere=kind.elsewhere), theory=kind.theory(epochs),
                claimed=CLAIMED, position=epochs,
            )
            for epochs in after_epochs
        ),
    )  # fmt: skip


def _settings(kind: Kind) -> dict[str, Any]:
    """Ten miners who spend as ten equals do in equilibrium, from the start or by learning."""
    names = ["speed"] if kind.elsewhere else ["speed", "storage"]
    found = TEXTBOOK | {
        "chain.tempo_blocks": 50_400,
        "pots_tao": POT_TAO,
        "capabilities": names,
        "subnets.count": 2 if kind.elsewhere else 1,
        "subnets.n_miners": N_MINERS,
        "reward.capability_weight": dict.fromkeys(names, 1 / len(names)),
        "value.capability_weight": dict.fromkeys(names, 1 / len(names)),
        "miners.presence": "every_subnet",
        "miners.unit_cost_tao": dict.fromkeys(names, kind.running_share),
        "miners.productivity": dict.fromkeys(names, 1.0),
        "miners.mix": {kind.strategy: 1.0},
        "miners.parameters": {"metric_maximizer": {"spend_share": SPEND_SHARE}},
    }
    if kind.elsewhere:
        found |= {"owners.burn_share": _withheld(BEFORE_SHARE)}
    if kind.strategy == "best_response":
        found |= {"miners.parameters": {"best_response": {"damping": 1.5}}}
    if not kind.lasts_years:
        return found
    life = WEEKS_PER_YEAR * kind.lasts_years
    owned: dict[str, Any] = {
        "miners.hardware": "owned",
        "miners.hardware_price_tao": (1 - kind.running_share) * life,
        "miners.depreciation_share": 1 / life,
    }
    if kind.strategy == "best_response":
        # Their first guess is half of an equal share of the pot; with twice the hardware for it they start near rest.
        owned["miners.hardware_start_share"] = 2.0
    return found | owned


def _withheld(paid_share: float) -> list[float]:
    """What the owners of two subnets of equal pots withhold, so that the second pays this share of what both pay.

    What both pay is the same at every share from `AFTER_SHARE` to its complement.
    """
    return [1 - (1 - paid_share) / (1 - AFTER_SHARE), 1 - paid_share / (1 - AFTER_SHARE)]


def _followed(economy: Economy, epochs: int, elsewhere: bool) -> float:
    """How far hardware has followed the reward so many epochs on: an elasticity, 1 where it has followed wholly."""
    frame = economy.records.capabilities.frame()
    loses = frame["subnet"] == 1 if elsewhere else frame["capability"] == "storage"
    used = frame["resource_units"].groupby(frame["epoch"]).sum()
    share = (frame["resource_units"] * loses).groupby(frame["epoch"]).sum() / used
    before, after = share.loc[SETTLE_EPOCHS - 1], share.loc[SETTLE_EPOCHS - 1 + epochs]
    return elasticity(float(before), float(after), BEFORE_SHARE, AFTER_SHARE)


def curve() -> pd.DataFrame:
    """Elasticity by the law of motion in each epoch after the change, for each kind that moves in a way of its own."""
    found = [kind for kind in KINDS if kind.strategy != "best_response" and not kind.elsewhere]
    return pd.DataFrame(
        [
            {"epochs_after": epochs, "hardware": kind.name, "elasticity": kind.theory(epochs)}
            for kind in found
            for epochs in range(1, max(AFTER_EPOCHS) + 1)
        ]
    )
