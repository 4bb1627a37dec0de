"""Mechanisms to hold Yuma against. What each does with bonds and dividends stands in `ext.comparison`."""

from dataclasses import dataclass

from ext.comparison import Comparison, pro_rata, stake_mean, unweighted_median
from model.chain.consensus.mechanism import MECHANISMS, Ballot, Verdict, masks, verdict
from model.units import RAO_PER_TAO, FloatArray, IntArray


@MECHANISMS.register("stake_mean")
@dataclass(frozen=True, slots=True, kw_only=True)
class StakeMean:
    """Consensus is the mean of all weights by stake; nothing is clipped. Source: ours, for comparison."""

    def agree(self, ballot: Ballot) -> Verdict:
        return verdict(stake_mean(*_arrays(ballot), **_options(ballot)))


@MECHANISMS.register("unweighted_median")
@dataclass(frozen=True, slots=True, kw_only=True)
class UnweightedMedian:
    """Every validator has one vote, however small its stake. Source: ours, for comparison."""

    def agree(self, ballot: Ballot) -> Verdict:
        return verdict(unweighted_median(*_arrays(ballot), kappa=ballot.parameters.kappa, **_options(ballot)))


@MECHANISMS.register("pro_rata")
@dataclass(frozen=True, slots=True, kw_only=True)
class ProRata:
    """Miners earn by mean weight, validators by stake alone; there are no bonds. Source: ours, for comparison."""

    def agree(self, ballot: Ballot) -> Verdict:
        return verdict(pro_rata(*_arrays(ballot), **_options(ballot)))


def _arrays(ballot: Ballot) -> tuple[FloatArray, FloatArray, FloatArray, IntArray]:
    return ballot.weight, ballot.stake, ballot.bond, ballot.validator_uid


def _options(ballot: Ballot) -> Comparison:
    given = ballot.parameters
    return Comparison(
        masks=masks(ballot),
        bonds_penalty=given.bonds_penalty,
        bonds_moving_average=given.bonds_moving_average,
        yuma3=False,
        max_validators=ballot.weight.shape[1],
        stake_threshold=given.stake_threshold_alpha * RAO_PER_TAO,
        quantise_bonds=given.quantise_bonds,
    )
