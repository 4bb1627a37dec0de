"""The judge: one Yuma epoch of one subnet in the chain's own arithmetic, number for number.

Everything is Python integers: stakes and emissions in rao, stored shares in u16, vectors in raw 32.32. It is
slow (a third of a second at 512 uids) and agrees with the chain in every digit, also where stakes lie so far
apart that float64 cannot follow.

Source: subtensor 14bc6f9, pallets/subtensor/src/epoch/run_epoch.rs and math.rs (CHAIN 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import le, lt

from ext import fixed_vectors as fv
from ext.chain_state import EpochRule, SubnetSnapshot
from ext.exact_bonds import known_bonds, stored_bonds, yuma2, yuma3
from ext.fixed_point import I32F32, I64F64, U64_MAX, proportion_from_u16, proportion_to_u16
from ext.fixed_vectors import Rows
from ext.masks import NEVER

__all__ = ["ExactEpoch", "exact_epoch", "stake_share"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactEpoch:
    """What the epoch stores and pays: raw 32.32 vectors, bonds as stored in u16, emissions in rao."""

    consensus: list[int]
    validator_trust: list[int]
    incentive: list[int]
    dividend: list[int]
    stake_share: list[int]
    emission_share: list[int]
    server_emission_rao: list[int]
    validator_emission_rao: list[int]
    emission_rao: list[int]
    permit: list[bool]
    active: list[bool]
    bond_u16: Rows
    bond: Rows = field(repr=False)  # before it is cut to u16, for every row

    def u16(self, name: str) -> list[int]:
        """Return a raw vector (`consensus`, `incentive`, `dividend`, ...) as the chain stores it."""
        return [proportion_to_u16(value) for value in getattr(self, name)]


def exact_epoch(subnet: SubnetSnapshot, rule: EpochRule) -> ExactEpoch:
    """Return what an epoch at `subnet.block` stores and pays, in the chain's own arithmetic.

    The permits that mask this epoch are the stored ones; the new ones act from the next on. The owner's uid
    counts as permitted, is exempt from the stake threshold and may keep a weight on itself.

    Parameters
    ----------
    subnet : SubnetSnapshot
    rule : EpochRule

    Returns
    -------
    ExactEpoch
    """
    n_uids = len(subnet.stake_rao)
    kappa, penalty = proportion_from_u16(rule.kappa_u16), proportion_from_u16(rule.bonds_penalty_u16)
    voters = _voters(subnet, rule)
    active_stake = voters.active_stake
    weight = _masked_weight(subnet, rule, voters.permit_old)
    consensus = fv.weighted_median_columns(active_stake, weight, n_uids, kappa)
    clipped = fv.clip_columns(weight, consensus)
    incentive = fv.normalise(fv.weighted_columns(clipped, active_stake, n_uids))
    penalised = fv.interpolate(weight, clipped, n_uids, penalty)
    bonding = yuma3 if rule.yuma3 else yuma2
    bond, dividend = bonding(known_bonds(subnet, rule), penalised, active_stake, (consensus, incentive), rule)
    shares = _emission_shares(incentive, dividend, active_stake, voters.stake)
    paid = [[min(U64_MAX, (subnet.emission_rao * share) >> I32F32.fraction_bits) for share in part] for part in shares]
    return ExactEpoch(
        consensus=consensus,
        validator_trust=fv.sum_rows(clipped),
        incentive=incentive,
        dividend=dividend,
        stake_share=voters.stake,
        emission_share=shares[2],
        server_emission_rao=paid[0],
        validator_emission_rao=paid[1],
        emission_rao=paid[2],
        permit=voters.permit,
        active=voters.active,
        bond=bond,
        bond_u16=stored_bonds(bond, voters.permit),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Voters:
    """Whose stake counts: shares of all stake, permits before and after, shares of the stake that votes."""

    stake: list[int]
    active: list[bool]
    permit_old: list[bool]
    permit: list[bool]
    active_stake: list[int]


def _voters(subnet: SubnetSnapshot, rule: EpochRule) -> _Voters:
    owned = [uid == subnet.owner_uid for uid in range(len(subnet.stake_rao))]
    cutoff = max(1, rule.activity_cutoff_factor_milli * rule.tempo_blocks // 1000)
    active = [update + cutoff >= subnet.block for update in subnet.last_update_block]
    dropped = [not own and held < rule.stake_threshold_rao for own, held in zip(owned, subnet.stake_rao, strict=True)]
    stake = stake_share(fv.mask_vector(dropped, subnet.stake_rao))
    permit_old = [old or own for old, own in zip(subnet.permit, owned, strict=True)]
    top = fv.top_k(stake, rule.max_allowed_validators)
    silent = [not (on and old) for on, old in zip(active, permit_old, strict=True)]
    return _Voters(
        stake=stake,
        active=active,
        permit_old=permit_old,
        permit=[own or (best and share != 0) for own, best, share in zip(owned, top, stake, strict=True)],
        active_stake=fv.normalise(fv.mask_vector(silent, stake)),
    )


def stake_share(stake_rao: Sequence[int]) -> list[int]:
    """Return the shares of stake, raw 32.32: divided in 64.64, then cut; below 2^-32 nothing is left."""
    share = fv.normalise([I64F64.from_int(stake) for stake in stake_rao], number=I64F64)
    return [I64F64.convert(value, I32F32) for value in share]


def _masked_weight(subnet: SubnetSnapshot, rule: EpochRule, permit: Sequence[bool]) -> Rows:
    """Return the rows that count, each normalised to 1.

    Dropped are rows without a permit, weights on oneself (but the owner's), weights set no later than their
    target registered and, under commit-reveal, weights whose pending commit is older than the target.
    """
    weight = [[(uid, I32F32.from_int(value)) for uid, value in row] for row in subnet.weight_u16]
    weight = fv.mask_rows([not permitted for permitted in permit], weight)
    weight = fv.mask_diagonal(weight, subnet.owner_uid)
    weight = fv.mask_pairs(weight, subnet.last_update_block, subnet.registered_block, le)
    if rule.commit_reveal:
        commit = subnet.commit_block or [NEVER] * len(weight)
        weight = fv.mask_pairs(weight, commit, subnet.registered_block, lt)
    return fv.normalise_rows(weight)


def _emission_shares(
    incentive: Sequence[int], dividend: Sequence[int], active_stake: Sequence[int], stake: Sequence[int]
) -> tuple[list[int], list[int], list[int]]:
    """Return what servers, validators and both receive of the pot; without any score stake is paid instead."""
    combined = [a + b for a, b in zip(incentive, dividend, strict=True)]
    whole = sum(combined)
    server, validator, both = (fv.normalise(score, whole) for score in (incentive, dividend, combined))
    if whole == 0:
        validator = both = list(active_stake) if any(active_stake) else list(stake)
    return server, validator, both
