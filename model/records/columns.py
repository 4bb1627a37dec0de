"""Every column that a run writes: its name, unit and meaning, in the order of writing."""

from itertools import product

from model.records.data_dictionary import EVERY_TABLE, Column, DataDictionary

AMOUNTS = {
    "reward": "TAO worth of what the epoch paid",
    "stake": "alpha and root stake at the epoch's prices",
    "spend": "TAO spent on hardware in the epoch",
    "wealth": "purse, alpha and root stake at the epoch's prices",
}
HOLDERS = {"hotkey": "hotkeys (uids, and for rewards the key of each subnet's owner)", "participant": "participants"}
TOP_HOLDERS = 10
# In the order of `measures.Concentration`.
MEASURES = {
    "gini": ("share", "Gini coefficient of"),
    "hhi": ("share", "Herfindahl-Hirschman index of"),
    "nakamoto": ("count", "least number of holders with strictly over half of"),
    "top10": ("share", "share of the ten largest holders in"),
}
# Wealth belongs to people: a purse has no hotkey.
CONCENTRATION = tuple(
    (amount, holder) for amount, holder in product(AMOUNTS, HOLDERS) if (amount, holder) != ("wealth", "hotkey")
)


def concentration_name(amount: str, measure: str, holder: str) -> str:
    """Column of a concentration measure, such as `reward_gini_participant`."""
    return f"{amount}_{measure}_{holder}"


def holders_name(amount: str, holder: str) -> str:
    """Column that says over how many a concentration is measured, such as `reward_holders_participant`."""
    return f"{amount}_holders_{holder}"


def _concentration_columns() -> list[Column]:
    columns = []
    for amount, holder in CONCENTRATION:
        of_whom = f"{HOLDERS[holder]} that could hold it"
        columns += [
            Column(
                name=concentration_name(amount, measure, holder),
                unit=unit,
                meaning=f"{text} {AMOUNTS[amount]}, over {of_whom}",
            )
            for measure, (unit, text) in MEASURES.items()
        ]
        columns.append(
            Column(
                name=holders_name(amount, holder),
                unit="count",
                meaning=f"{of_whom}: {AMOUNTS[amount]}",
            )
        )
    return columns


def _column(name: str, unit: str, meaning: str, table: str = EVERY_TABLE) -> Column:
    return Column(name=name, unit=unit, meaning=meaning, table=table)


DICTIONARY = DataDictionary(
    _column("epoch", "epochs", "number of the epoch, from 0"),
    _column("subnet", "index", "number of the subnet, from 0"),
    _column("uid", "index", "seat in the subnet, from 0; validators first"),
    _column("participant", "index", "number of who holds the hotkey; empty if nobody does"),
    _column("role", "name", "miner, validator, nominator, owner, or vacant"),
    _column("strategy", "name", "registered name of the strategy, or vacant"),
    _column("capability", "name", "capability of hardware"),
    _column("block", "blocks", "block at the end of the epoch, counted from the start of the run"),
    _column("issuance_tao", "TAO", "total issuance at the end of the epoch"),
    _column("minted_tao", "TAO", "minted in the epoch"),
    _column("halving_block", "blocks", "first block at the halved TAO emission, from the run's start; empty if none"),
    _column("pooled_tao", "TAO", "of the minted TAO, put into subnets' reserves, chain buys included"),
    _column("recycled_tao", "TAO", "of the minted TAO, taken back from issuance"),
    _column("returned_tao", "TAO", "taken out of issuance from accounts: the protocol's part of a dissolved subnet"),
    _column("exits", "count", "uids that miners gave up before the epoch, broke or for want of earnings"),
    _column("registrations", "count", "uids that newcomers bought before the epoch"),
    _column("reentries", "count", "exclusions that miners who had lied bought themselves out of before the epoch"),
    _column("registration_price_tao", "TAO", "price of a uid at the start of the epoch"),
    _column("founded", "count", "new subnets that took the place of others before the epoch"),
    _column(
        "burned_tao",
        "TAO",
        "burned in the epoch and the turn-over before it: fines, costs of identities, and on pools the trading fee of "
        "what is paid for uids and re-entry",
    ),
    _column("emission_share", "share", "of the epoch's TAO emission"),
    _column("tao_in_tao", "TAO", "emission injected into the reserve"),
    _column("chain_buy_tao", "TAO", "emission that bought alpha from the pool"),
    _column("price_tao_per_alpha", "TAO per alpha", "price of alpha at the end of the epoch"),
    _column("price_ema_tao_per_alpha", "TAO per alpha", "moving price at the end of the epoch"),
    _column("tao_reserve_tao", "TAO", "in the reserve at the end of the epoch"),
    _column("alpha_reserve_alpha", "alpha", "in the pool at the end of the epoch"),
    _column("alpha_issuance_alpha", "alpha", "in the pool and outstanding at the end of the epoch"),
    _column("miner_pot_tao", "TAO", "worth of the epoch's pay of miners"),
    _column("miners", "count", "miners' uids that somebody holds"),
    _column("participants", "count", "participants that play the strategy"),
    _column("hardware_units", "units", "owned by the subnet's miners after the epoch; who has several uids: evenly"),
    _column("resource_units", "units", "hardware used in the epoch"),
    _column("output_units", "units", "true output of the epoch"),
    _column("spend_tao", "TAO", "spent on renting hardware in the epoch, or on running one's own"),
    _column(
        "moved_spend_share",
        "share",
        "of what was spent in the epoch and the one before, that moved between uids and capabilities: 0 where all "
        "spend as before; empty where nothing was spent before",
    ),
    _column("hardware_cost_tao", "TAO", "spent on buying hardware in the epoch"),
    _column("hardware_sold_tao", "TAO", "got for hardware before the epoch by those who were left without a uid"),
    _column("identity_cost_tao", "TAO", "paid in the epoch for holding uids; their price is not in it"),
    _column("fine_tao", "TAO", "fines paid in the epoch"),
    _column("registration_tao", "TAO", "paid for uids before the epoch"),
    _column("reentry_tao", "TAO", "paid before the epoch for ends of exclusions"),
    _column("unsold_tao", "TAO", "worth of alpha that was lost with a uid before the epoch, since nobody bought it"),
    _column("spend_share", "share", "of the subnet's spending in the epoch, on this capability"),
    _column("earned_tao", "TAO", "worth of what the epoch paid"),
    _column("earned_share", "share", "of what the epoch paid to everybody"),
    _column("side_payment_tao", "TAO", "got from the cartel's pool less what was put in; below 0 for who pays"),
    _column(
        "profit_tao",
        "TAO",
        "earned, side payments and hardware sold, less spending, hardware bought, identities, audits, fines, uids, "
        "re-entry and unsold alpha; at a fixed price wealth grows by it",
    ),
    _column("wealth_tao", "TAO", "purse, alpha and root stake at the end of the epoch"),
    _column("users_value", "value", "what users get: sum over subnets of v (sum over miners of prod q^b)^e"),
    _column(
        "planner_value",
        "value",
        "most that users could get for the same spending, moved among the epoch's seats (miners' uids in subnets), or "
        "from the hardware that miners own, each on seats of its own; empty where not exact",
    ),
    _column(
        "mix_efficiency_share",
        "share",
        "users' value over the most for the same spending of every seat, split over capabilities at will; with "
        "owned hardware over the planner's; empty where that is nothing",
    ),
    _column(
        "selection_efficiency_share",
        "share",
        "the most for the same spending of every seat, over the planner's; 1 with owned hardware, which does not move; "
        "empty where that is nothing or not exact",
    ),
    _column(
        "efficiency_share",
        "share",
        "users' value over the planner's: mix efficiency x selection efficiency; empty where that is nothing or not "
        "exact",
    ),
    _column(
        "price_of_anarchy_ratio",
        "ratio",
        "the planner's value over users': 1 over efficiency; empty where users get nothing or it is not exact",
    ),
    _column(
        "rent_dissipation_share",
        "share",
        "miners' spending over their pay, wear of owned hardware included; over 1 they lose; empty without pay",
    ),
    _column("audits", "count", "audits of miners in the epoch"),
    _column("audit_cost_tao", "TAO", "paid by validators for the epoch's audits"),
    _column("lied", "count", "miners who claimed more than they did in the epoch"),
    _column("caught", "count", "miners found lying in the epoch"),
    _column("miner_profit_tao", "TAO", "what the epoch left all miners with: their profits and losses together"),
    _column("paid_from_purse_share", "share", "of what the epoch cost miners, what their own pay did not cover"),
    _column("honest_share", "share", "of miners' pay in the epoch, to those who play honest"),
    _column("cartel_incentive_share", "share", "of all miners' pay in TAO, to the cartel's miners"),
    _column(
        "cartel_dividend_share",
        "share",
        "of all validators' pay in TAO, root dividends included, to the cartel's validators",
    ),
    _column("cartel_emission_share", "share", "of miners' and validators' pay together, to the cartel"),
    _column("incentive_gini", "share", "Gini coefficient of the epoch's incentive over the subnet's miners"),
    _column("incentive_hhi", "share", "Herfindahl-Hirschman index of the epoch's incentive in the subnet"),
    _column("incentive_share", "share", "of the subnet's incentive in the last epoch"),
    _column("dividend_share", "share", "of the subnet's dividends in the last epoch"),
    _column("stake_alpha", "alpha", "own and nominated alpha on the hotkey"),
    *_concentration_columns(),
    keys={
        "epochs": ("epoch",),
        "subnets": ("epoch", "subnet"),
        "capabilities": ("epoch", "subnet", "capability"),
        "strategies": ("epoch", "role", "strategy"),
        "uids": ("epoch", "subnet", "uid"),
    },
)
