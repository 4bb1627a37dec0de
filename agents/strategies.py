"""The registered strategies, a registry for each role. A strategy's file registers itself: see `agents.observation`."""

from agents.observation import MinerStrategy, NominatorStrategy, OwnerStrategy, ValidatorStrategy
from agents.registry import Registry

MINERS: Registry[MinerStrategy] = Registry("miner strategy", "agents.miners", variants=True)
VALIDATORS: Registry[ValidatorStrategy] = Registry("validator strategy", "agents.validators", variants=True)
NOMINATORS: Registry[NominatorStrategy] = Registry("nominator strategy", "agents.nominators", variants=True)
OWNERS: Registry[OwnerStrategy] = Registry("owner strategy", "agents.owners", variants=True)
