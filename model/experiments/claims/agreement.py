"""Checks by agreement alone: validators who have stopped measuring, and one who copies the others."""

import math

from model.economy import Economy
from model.experiments.claims.study import TEXTBOOK, Case, Measure

EPOCHS = 160  # in which effort that nobody measures dies out
LAST = 20  # epochs over which pay is averaged
LAST_OF_COPIER = 50


def cases() -> list[Case]:
    """Validators who all measure, who all have stopped, and one copier among those who measure with noise."""
    return [_agreement("honest"), _agreement("lazy"), _copier()]


def _agreement(validators: str) -> Case:
    """Imitators watch what pays. Lazy validators measured once and agree perfectly ever since."""
    never = validators == "lazy"
    return Case(
        claim="b",
        study="agreement is not truth",
        setting="all validators repeat their first weights" if never else "all validators measure",
        settings=TEXTBOOK | {
            "epochs": EPOCHS, "pots_tao": 1000.0, "subnets.n_validators": 4, "subnets.n_miners": 48,
            "miners.mix": {"imitate": 1.0}, "validators.mix": {validators: 1.0},
            "validators.parameters": {"lazy": {"period_epochs": 1_000_000}} if never else {},
        },
        measures=(
            Measure(
                quantity="work that the pot buys", unit="share", of=_work_share, theory=0.0 if never else 1.0,
                claimed=(0.5, math.inf),
            ),
            Measure(
                quantity="validators' pay over miners'", unit="ratio", of=_validator_pay_ratio, theory=1.0,
                claimed=(0.0, 0.5) if never else (0.5, math.inf),
            ),
        ),
    )  # fmt: skip


def _work_share(economy: Economy) -> float:
    frame = economy.records.subnets.frame(last=LAST)
    return float(frame["spend_tao"].sum() / frame["miner_pot_tao"].sum())


def _validator_pay_ratio(economy: Economy) -> float:
    frame = economy.records.strategies.frame(last=LAST)
    earned_tao = frame.groupby("role")["earned_tao"].sum()
    return float(earned_tao["validator"] / earned_tao["miner"])


def _copier() -> Case:
    """One validator repeats the last consensus while twenty measure with noise."""
    return Case(
        claim="b",
        study="agreement is not truth",
        setting="one of 21 validators copies, the others measure with 10 % noise",
        settings={
            "epochs": 60, "capabilities": ["speed"], "subnets.count": 4, "subnets.n_validators": 21,
            "subnets.n_miners": 24, "market.price_tao_per_alpha": 0.02, "consensus.mechanism": "yuma2",
            "consensus.bonds_moving_average": 0.0, "consensus.bonds_penalty": 1.0, "reward.measurement_noise": 0.1,
            "reward.capability_weight": {"speed": 1.0}, "value.capability_weight": {"speed": 1.0},
            "miners.unit_cost_tao": {"speed": 0.01}, "miners.productivity": {"speed": 1.0},
            "miners.skill_sd": 0.3, "miners.mix": {"honest": 1.0},
            "validators.mix": {"honest": 20 / 21, "weight_copier": 1 / 21}, "validators.reinvest_share": 0.0,
        },
        measures=(
            Measure(
                quantity="a copier's pay over an honest validator's", unit="ratio", of=_copier_ratio,
                theory=math.nan, claimed=(0.0, 1.0),
            ),
        ),
    )  # fmt: skip


def _copier_ratio(economy: Economy) -> float:
    frame = economy.records.strategies.frame(last=LAST_OF_COPIER)
    paid = frame[frame["role"] == "validator"].groupby("strategy")[["earned_tao", "participants"]].sum()
    each = paid["earned_tao"] / paid["participants"]
    return float(each["weight_copier"] / each["honest"])
