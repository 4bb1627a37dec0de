"""What a rule must do to be played, tried on a small example when somebody's own file brings it."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from agents.registry import Registry
from agents.strategies import MINERS, NOMINATORS, OWNERS, VALIDATORS
from model.bounds import shown
from model.chain.consensus.mechanism import MECHANISMS, Ballot, Consensus, Verdict
from model.chain.emission.shares import EMISSION_RULES, SubnetSignals
from model.reward_rules.pay_shape import PAYS
from model.reward_rules.score import SCORES, Measurement

ROUNDING = 1e-9
Trial = Callable[[Any], None]

# What is asked of an entry of each registry by name.
PARTS: Mapping[str, tuple[Registry[Any], tuple[str, ...]]] = {
    registry.kind: (registry, parts)
    for registry, parts in (
        (MINERS, ("decide",)),
        (VALIDATORS, ("vote", "MEASURES", "AUDITS")),
        (NOMINATORS, ("delegate",)),
        (OWNERS, ("govern", "MEASURES")),
        (SCORES, ("score", "proportional_weight")),
        (PAYS, ("weight",)),
        (MECHANISMS, ("agree",)),
        (EMISSION_RULES, ("weight", "stage", "in_force", "source")),
    )
}


def try_score(score: Any) -> None:
    """Pass if a score gives each validator a number >= 0 for each uid, the same for the same readings."""
    claimed = np.arange(24.0).reshape(2, 4, 3) / 7
    claimed[:, 0] = 0.0
    measurement = Measurement(
        claimed=claimed, capability_weight=np.array([[0.2, 0.6, 0.2], [0.5, 0.5, 0.0]]), noise_sigma=np.zeros((2, 3)),
        key=1, validator=np.arange(2),
    )  # fmt: skip
    found = _numbers("score", score.score(measurement), (2, 2, 4))
    if not np.array_equal(found, score.score(measurement)):
        raise ValueError("score must be the same for the same readings, differs from one call to the next")
    _rows("proportional_weight", score.proportional_weight(measurement, 1.0), found)


def try_pay(pay: Any) -> None:
    """Pass if a pay shape shares a pot out among those with a score, whatever their uids."""
    score = np.array([[[0.0, 3.0, 1.0, 0.5, 2.0], [0.0, 0.0, 0.0, 0.0, 0.0]]])
    found = _rows("weight", pay.weight(score), score)
    turned = np.array([3, 0, 4, 1, 2])
    if not np.allclose(pay.weight(score[..., turned]), found[..., turned], rtol=0, atol=ROUNDING):
        raise ValueError("weight must not hang on the order of uids, changes when they are renumbered")


def try_mechanism(mechanism: Any) -> None:
    """Pass if a consensus mechanism makes a verdict of two validators' votes for two miners."""
    shape = (1, 2, 4)
    weight = np.zeros(shape)
    weight[0, :, 2:] = [[0.5, 0.5], [0.25, 0.75]]
    verdict = mechanism.agree(
        Ballot(
            weight=weight, stake=np.array([[3e12, 2e12, 0.0, 0.0]]), bond=np.zeros(shape),
            permit=np.array([[True, True, False, False]]), validator_uid=np.array([[0, 1]]), parameters=Consensus(),
        )
    )  # fmt: skip
    if not isinstance(verdict, Verdict):
        raise ValueError(f"agree must give a Verdict, gives {shown(verdict)}")
    for name in ("consensus", "incentive_share", "validator_share", "stake_share"):
        _numbers(name, getattr(verdict, name), (1, 4))
    _numbers("bond", verdict.bond, shape)
    total = float(verdict.incentive_share.sum())
    if abs(total - 1) > ROUNDING and total != 0:
        raise ValueError(f"incentive_share must sum to 1 or be 0, sums to {total:g}")


def try_emission_rule(rule: Any) -> None:
    """Pass if an emission rule gives each of three subnets a weight >= 0."""
    n = 3
    signals = SubnetSignals(
        netuid=np.arange(n), price_ema=np.array([0.03, 0.02, 0.01]), miner_burned_share=np.array([0.0, 0.5, 1.0]),
        user_flow_ema_tao=np.array([1.0, 0.0, -1.0]), protocol_flow_ema_tao=np.array([0.5, 0.5, 0.5]),
        root_proportion=np.array([0.1, 0.2, 0.3]), eligible=np.ones(n, dtype=bool), enabled=np.ones(n, dtype=bool),
    )  # fmt: skip
    _numbers("weight", rule.weight(signals), (n,))


# Strategies are checked while they play: their answers hang on a whole world.
TRIALS: Mapping[str, Trial] = {
    SCORES.kind: try_score,
    PAYS.kind: try_pay,
    MECHANISMS.kind: try_mechanism,
    EMISSION_RULES.kind: try_emission_rule,
}


def _numbers(name: str, found: Any, shape: tuple[int, ...]) -> np.ndarray:
    """The array, if it has this shape and finite numbers >= 0."""
    if not isinstance(found, np.ndarray) or found.shape != shape or found.dtype.kind not in "fiu":
        what = f"of shape {found.shape}" if isinstance(found, np.ndarray) else shown(found)
        raise ValueError(f"{name} must be an array of numbers of shape {shape}, is {what}")
    if not (np.isfinite(found).all() and (found >= 0).all()):
        raise ValueError(f"{name} must be finite and >= 0, has {shown(found[~(found >= 0) | np.isinf(found)].item(0))}")
    return found


def _rows(name: str, found: Any, score: np.ndarray) -> np.ndarray:
    """The weights, if each row sums to 1, or to 0 without a score, and who scores nothing gets nothing."""
    weight = _numbers(name, found, score.shape)
    if weight[score == 0].any():
        raise ValueError(f"{name} must give nothing to a score of 0, gives {weight[score == 0].max():g}")
    total, due = weight.sum(axis=-1), (score > 0).any(axis=-1).astype(float)
    if np.abs(total - due).max() > ROUNDING:
        rule = "must sum to 1 over uids, or to 0 where nobody scores"
        raise ValueError(f"{name} {rule}, sums to {shown(total.ravel().tolist())}")
    return weight
