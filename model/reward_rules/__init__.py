"""Reward rules of a subnet: how capabilities are scored, and which share of the pay a score earns."""

from model.reward_rules.pay_shape import PAYS, Pay
from model.reward_rules.score import SCORES, Score

__all__ = ["PAYS", "SCORES", "Pay", "Score"]
