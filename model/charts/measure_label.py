"""What each measure of a run is called in sentences and on axes: "the ... is higher"."""

from model.records.columns import CONCENTRATION, concentration_name, holders_name

_OF = {"reward": "rewards", "stake": "stake", "spend": "spending", "wealth": "wealth"}
_BY = {"hotkey": "by hotkey", "participant": "by participant"}
_CONCENTRATION = {
    "gini": "Gini of {of} {by}",
    "hhi": "HHI of {of} {by}",
    "nakamoto": "Nakamoto coefficient of {of} {by}",
    "top10": "share of the ten largest in {of} {by}",
}
LABEL = {
    "block": "block",
    "issuance_tao": "issuance",
    "minted_tao": "TAO minted",
    "halving_block": "block of the next halving",
    "pooled_tao": "TAO put into pools",
    "recycled_tao": "TAO recycled",
    "returned_tao": "TAO returned from dissolved subnets",
    "burned_tao": "TAO burned",
    "spend_tao": "spending on hardware",
    "moved_spend_share": "part of spending that moved since the epoch before",
    "hardware_cost_tao": "price of hardware bought",
    "hardware_sold_tao": "yield of hardware sold",
    "identity_cost_tao": "cost of holding uids",
    "fine_tao": "sum of fines",
    "registration_tao": "price of uids bought",
    "reentry_tao": "price of ended exclusions",
    "unsold_tao": "worth of alpha lost with uids",
    "users_value": "value users get",
    "audits": "number of audits",
    "audit_cost_tao": "cost of audits",
    "lied": "number of miners who lied",
    "caught": "number of miners found lying",
    "exits": "number of uids given up",
    "registrations": "number of uids bought",
    "reentries": "number of exclusions ended for money",
    "founded": "number of new subnets",
    "planner_value": "value under a planner",
    "mix_efficiency_share": "efficiency of the mix",
    "selection_efficiency_share": "efficiency of the choice of seats",
    "efficiency_share": "efficiency",
    "price_of_anarchy_ratio": "price of anarchy",
    "rent_dissipation_share": "rent dissipation",
    "miner_profit_tao": "profit of miners",
    "paid_from_purse_share": "part of miners' costs that purses paid",
    "honest_share": "honest miners' share of pay",
    "cartel_incentive_share": "cartel's share of miners' pay",
    "cartel_dividend_share": "cartel's share of validators' pay",
    "cartel_emission_share": "cartel's share of pay",
    **{
        concentration_name(amount, measure, holder): text.format(of=_OF[amount], by=_BY[holder])
        for amount, holder in CONCENTRATION
        for measure, text in _CONCENTRATION.items()
    },
    **{
        holders_name(amount, holder): f"number of who could hold {_OF[amount]}, {_BY[holder]}"
        for amount, holder in CONCENTRATION
    },
}


def label(measure: str) -> str:
    """A measure's name as words; of what is no column of the epochs table, the words of its name."""
    return LABEL.get(measure) or measure.replace("_", " ")
