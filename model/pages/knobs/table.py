"""Every knob of the sandbox page: a line for each field of a scenario that a visitor can turn.

A new field of the engine gets a knob by one line in `SECTIONS`: its dotted path, a label, and a help that says what it
does and in which unit. What kind of widget it becomes follows from the field's type; its default is added by itself.
"""

from collections.abc import Mapping

from model.chain.consensus.mechanism import MECHANISMS
from model.chain.emission.shares import EMISSION_RULES
from model.pages.knobs.knob import Knob
from model.pages.knobs.people import CARTEL, ENTRY, HARDWARE, OWNER_KNOBS, SKILLS, STAKE
from model.reward_rules import PAYS, SCORES
from model.scenario.design import Market
from model.scenario.people import STRATEGIES

SCORE = Knob(
    path="reward.score", label="Score", choices=SCORES,
    text=(("linear", "add up"), ("cobb_douglas", "multiply"), ("ces", "in between")),
    help="How capabilities make one score. Multiply (Cobb-Douglas): each is needed. Add up (linear): one may replace "
    "another. In between: CES.",
)  # fmt: skip
PAY = Knob(
    path="reward.pay", label="Pay", choices=PAYS,
    text=(("softmax", "exponential"), ("rank", "by rank"), ("top_k", "best k"), ("threshold", "pass or fail"),
          ("winner_take_all", "winner takes all")),
    help="Which share of the pay a score earns; the picture below shows it.",
)  # fmt: skip
WEIGHT = Knob(
    path="reward.capability_weight.{capability}", label="Weight of {capability}",
    help="How much {capability} counts against the other weights; a pure number.",
)  # fmt: skip

USERS_VALUE = (
    Knob(
        path="value.capability_weight.{capability}",
        label="Users need {capability}",
        help="What {capability} is worth to those who use the work, against the other capabilities; a pure number.",
    ),
    Knob(
        path="value.exponent",
        label="Worth of more work",
        low=0.05,
        step=0.05,
        help="Power of a subnet's work in its value: 1 counts all of it in full, less has users saturated; a pure "
        "number.",
    ),
)
VERIFICATION = (
    Knob(path="reward.audit_rate", label="Audited miners per epoch", number="percent",
         help="Chance that a miner's claim is checked in an epoch."),
    Knob(path="reward.detection_share", label="Lies an audit finds", number="percent",
         help="Chance that an audit uncovers a false claim."),
    Knob(path="reward.fine_tao", label="Fine for a lie", high=20.0, step=0.1, number="%.1f TAO",
         help="TAO burned from the liar's purse each time it is caught."),
    Knob(path="reward.confiscate", label="No pay for a lie",
         help="On: who is caught earns nothing in that epoch. Off: the lie is paid, only the fine hurts."),
    Knob(path="reward.exclusion_epochs", label="Ban after a lie", high=50, step=1, number="%d epochs",
         help="Epochs without any score after being caught; an epoch is 72 minutes."),
    Knob(path="reward.reentry_fee_tao", label="Price of ending a ban (TAO)", typed=True, high=21e6, step=1.0,
         number="%.1f", help="TAO with which a banned miner comes back at once, as if new. As much as TAO there is: "
         "nobody can."),
    Knob(path="validators.audit_cost_tao", label="Cost of an audit", high=5.0, step=0.05, number="%.2f TAO",
         help="TAO for each audit, from the purses of the validators who audit: give them money under People."),
    Knob(path="validators.audit_budget_tao", label="Most for audits (TAO)", typed=True, high=1e9, step=1.0,
         number="%.1f", help="TAO that a validator spends on audits in an epoch, at most."),
    Knob(path="reward.measurement_noise", label="Measurement noise", number="percent",
         help="Standard deviation of one reading, as a share of what is read."),
)  # fmt: skip
CONSENSUS = (
    Knob(path="consensus.mechanism", label="Consensus of validators", choices=MECHANISMS,
         help="How votes become pay: Yuma clips those that too little stake supports."),
    Knob(path="consensus.kappa", label="Kappa", low=0.01, number="percent",
         help="Share of stake that must support a weight for it to count; the chain writes it in 65,535ths."),
    Knob(path="consensus.bonds_penalty", label="Bond penalty", number="percent",
         help="How far bonds follow clipped weights in place of submitted ones."),
    Knob(path="consensus.bonds_moving_average", label="Memory of bonds", number="percent",
         help="Weight of the old bond in the new one, per epoch."),
)  # fmt: skip
EMISSION = (
    Knob(path="emission.rule", label="Emission rule", choices=EMISSION_RULES,
         help="How the TAO emission is shared among subnets, by the version of the chain's rule."),
)  # fmt: skip
MARKET = (
    Knob(path="market.kind", label="Market for alpha", choices=Market.KINDS,
         help="A stated price, as in a textbook, or a pool of TAO and alpha that moves with trade."),
    Knob(path="market.price_tao_per_alpha", label="Price of alpha", low=0.001, high=1.0, step=0.001, number="%.3f TAO",
         help="TAO per alpha: fixed, or the pool's at the start."),
    Knob(path="market.demand_tao", label="Demand from outside", high=50.0, step=0.5, number="%.1f TAO",
         help="TAO that the world outside buys alpha for, per subnet and epoch. Needs a pool."),
    Knob(path="market.demand_elasticity", label="Elasticity of demand", high=3.0, step=0.05,
         help="Power with which demand follows a subnet's share of emission; a pure number."),
    Knob(path="market.tao_reserve_tao", label="Pool at the start (TAO)", typed=True, high=21e6, low=1.0, step=1000.0,
         number="%.0f", help="Reserve of each subnet's pool, at the start."),
)  # fmt: skip
SUPPLY = (
    Knob(path="chain.initial_issuance_tao", label="Issued at the start (TAO)", typed=True, high=21e6, step=100_000.0,
         number="%.0f", help="Decides how near the next halving is: emission halves at 10.5, 15.75, ... million."),
    Knob(path="chain.tempo_blocks", label="Blocks per epoch", low=1, high=18_000, step=1, number="%d",
         help="Length of an epoch in blocks of 12 seconds."),
    Knob(path="chain.owner_cut_share", label="Subnet owners' cut", number="percent",
         help="Share of a subnet's emission that goes to its owner."),
)  # fmt: skip
SIZE = (
    Knob(path="subnets.count", label="Subnets", low=1, high=128, step=1, number="%d",
         help="Markets that run side by side; the chain allows 128."),
    Knob(path="subnets.n_validators", label="Validators per subnet", low=1, high=64, step=1, number="%d",
         help="Uids of a subnet that vote; the chain allows 64."),
    Knob(path="subnets.n_miners", label="Miners per subnet", low=1, high=192, step=1, number="%d",
         help="Uids of a subnet that work; with validators at most 256 on the chain."),
    Knob(path="registration.newcomer_subnets_per_year", label="New subnets", high=100.0, step=1.0,
         number="%.0f a year", help="On average; each takes the place of the weakest subnet. Needs a pool."),
    Knob(path="seed", label="Seed", typed=True, high=2**31, step=1, number="%d",
         help="Start of all random draws; the same seed gives the same run."),
)  # fmt: skip
# Tabs of the sidebar; each with its sections in the order shown, by their titles.
SECTIONS: dict[str, dict[str, tuple[Knob, ...]]] = {
    "Reward": {"What users need": USERS_VALUE, "Verification": VERIFICATION, "Consensus": CONSENSUS},
    "People": {
        "Miners": SKILLS,
        "Hardware and costs": HARDWARE,
        "Coming and going": ENTRY,
        "Validators and stakers": STAKE,
        "Cartel": CARTEL,
        "Subnet owners": OWNER_KNOBS,
    },
    "Market": {"Emission": EMISSION, "Alpha": MARKET, "Supply and halving": SUPPLY},
    "Size": {"Size": SIZE},
}
# Whose mix of strategies stands first in which section.
MIXES_OF = {"Miners": ("miners",), "Validators and stakers": ("validators", "nominators"), "Subnet owners": ("owners",)}
HERO_OF = {
    "cartel": "consensus.bonds_penalty",
    "churn": "registration.newcomers",
    "free-entry": "registration.identity_cost_tao",
    "gamed": "reward.audit_rate",
    "inspection": "reward.fine_tao",
    "owned-hardware": "miners.hardware",
}  # the knob on top, which the preset's story is about; speed against quality for all others


def playable(section: str, mix: Mapping[str, float]) -> list[str]:
    """Strategies that may be chosen for a section: all there are, and variants that its mix holds already."""
    names = STRATEGIES[section].names()
    return [*names, *sorted(set(mix) - set(names))]


def all_knobs() -> list[Knob]:
    """Every knob, those of the reward's own editor first; one that stands for several capabilities comes once."""
    return [WEIGHT, SCORE, PAY, *(knob for tab in SECTIONS.values() for section in tab.values() for knob in section)]
