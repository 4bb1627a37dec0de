"""Five claims about open compute networks, each tested by small studies: where it holds and where it fails."""

from model.experiments.claims import frame, market_or_scheduler, rewarded_capability, scale, verified_rewards
from model.experiments.claims.claim import Answer, Claim

CLAIMS: dict[str, Claim] = {
    one.CLAIM.letter: one.CLAIM for one in (scale, verified_rewards, rewarded_capability, market_or_scheduler, frame)
}

__all__ = ["CLAIMS", "Answer", "Claim"]
