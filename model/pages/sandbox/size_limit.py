"""How large an economy a page plays; the command line plays larger ones."""

from model.scenario.scenario import Scenario

LARGEST_NETWORK = 4_194_304  # weights, twice the chain's full network: what a page can play
LARGEST_CROWD = 4_194_304  # nominators' stakes and miners without a uid


def check_size(scenario: Scenario) -> None:
    """Pass if a page can play the scenario without taking its machine's memory.

    Raises
    ------
    ValueError
        Naming what is too large; the command line plays larger ones.
    """
    subnets = scenario.subnets
    weights = subnets.count * subnets.n_validators * subnets.n_uids
    crowd = scenario.nominators.count * subnets.count + scenario.registration.n_waiting
    for what, size, most in (
        ("subnets x validators x uids", weights, LARGEST_NETWORK),
        ("nominators x subnets and waiting miners", crowd, LARGEST_CROWD),
    ):
        if size > most:
            raise ValueError(f"{what} must be <= {most:,} on this page, is {size:,}; the command line plays larger")
