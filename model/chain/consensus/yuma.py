"""Yuma consensus in its three forms: the chain's own mechanisms."""

from dataclasses import dataclass

from ext.consensus import YumaEpoch, yuma_epoch
from model.chain.consensus.mechanism import MECHANISMS, Ballot, Verdict, masks, verdict
from model.units import RAO_PER_TAO


@MECHANISMS.register("yuma2")
@dataclass(frozen=True, slots=True, kw_only=True)
class Yuma2:
    """Bonds are competing shares of a uid, bought with stake. Source: subtensor 14bc6f9, epoch/run_epoch.rs."""

    def agree(self, ballot: Ballot) -> Verdict:
        return verdict(_epoch(ballot, yuma3=False, liquid_alpha=False))


@MECHANISMS.register("yuma3")
@dataclass(frozen=True, slots=True, kw_only=True)
class Yuma3:
    """Bonds are fixed proportions, and stake counts when dividends are paid. Source: as `yuma2`."""

    def agree(self, ballot: Ballot) -> Verdict:
        return verdict(_epoch(ballot, yuma3=True, liquid_alpha=False))


@MECHANISMS.register("yuma3_liquid")
@dataclass(frozen=True, slots=True, kw_only=True)
class Yuma3Liquid:
    """Yuma 3 whose bonds move the faster, the further a weight is from consensus. Source: as `yuma2`."""

    def agree(self, ballot: Ballot) -> Verdict:
        return verdict(_epoch(ballot, yuma3=True, liquid_alpha=True))


def _epoch(ballot: Ballot, *, yuma3: bool, liquid_alpha: bool) -> YumaEpoch:
    given = ballot.parameters
    return yuma_epoch(
        ballot.weight,
        ballot.stake,
        ballot.bond,
        ballot.validator_uid,
        masks=masks(ballot),
        kappa=given.kappa,
        bonds_penalty=given.bonds_penalty,
        bonds_moving_average=given.bonds_moving_average,
        yuma3=yuma3,
        liquid_alpha=liquid_alpha,
        alpha_low=given.alpha_low,
        alpha_high=given.alpha_high,
        alpha_sigmoid_steepness=given.alpha_sigmoid_steepness,
        max_validators=ballot.weight.shape[1],
        stake_threshold=given.stake_threshold_alpha * RAO_PER_TAO,
        quantise_bonds=given.quantise_bonds,
    )
