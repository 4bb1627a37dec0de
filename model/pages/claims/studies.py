"""Studies on the page of claims: for each its knobs, the cases they ask for, and the figure that answers its question.

A new study is one entry of `STUDIES`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from model.charts import claim_cases as more
from model.charts import claims as charts
from model.charts.claim_hardware import hardware
from model.charts.lines import Chart
from model.charts.theme import Theme
from model.experiments.claims import Answer, market_or_scheduler, owned_hardware
from model.pages.claims import cases
from model.pages.claims.cases import Cases, Values
from model.reward_rules import PAYS

YOUR_PRICES = "your prices"
YOUR_POTS = (5.0, 3.0, 2.0, 2.0)
RECYCLED_EVERY = (0, 50, 25, 20, 15, 12, 10)  # epochs; more often, and no run is long enough for a halving


@dataclass(frozen=True, slots=True, kw_only=True)
class Knob:
    """A slider from `low` to `high`, or a choice of `options`; its help is one line and names the unit."""

    name: str
    label: str
    help: str
    default: Any
    low: float = 0.0
    high: float = 1.0
    step: float = 0.01
    number: str = "percent"
    options: tuple[Any, ...] = ()
    written: Callable[[Any], str] = str

    @property
    def shown(self) -> str:
        """The default as the knob writes it."""
        if self.options:
            return self.written(self.default)
        return f"{self.default:.0%}" if self.number == "percent" else self.number % self.default


def no_cases(values: Values) -> Cases:
    """None: the study follows from facts alone."""
    return [], []


def nothing_said(values: Values) -> str:
    """Nothing."""
    return ""


def nothing_reckoned(values: Values) -> list[dict[str, Any]]:
    """None."""
    return []


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A picture of a claim and what may be turned in it.

    findings : name of the claim's study whose findings stand beside those of the cases
    cases : own cases of the reader, and those of the figure
    figure : from an answer with the findings of these cases
    said : what follows for the reader's values from a formula
    reckoned : findings for the reader's values that follow from facts alone
    whole : the figure is of played cases only; otherwise its curve stands there before they are played
    """

    claim: str
    name: str
    findings: str
    knobs: tuple[Knob, ...]
    figure: Callable[[Answer, Values, Theme], Chart]
    cases: Callable[[Values], Cases] = no_cases
    said: Callable[[Values], str] = nothing_said
    reckoned: Callable[[Values], list[dict[str, Any]]] = nothing_reckoned
    whole: bool = True


def _whatever_values(draw: Callable[[Answer, Theme], Chart], answer: Answer, values: Values, theme: Theme) -> Chart:
    return draw(answer, theme)


def _at(
    draw: Callable[[Answer, Theme], Chart], x: Callable[[Values], float], answer: Answer, values: Values, theme: Theme
) -> Chart:
    """A claim's figure with the reader's own case marked."""
    return more.with_own_case(draw(answer, theme), x(values), theme)


def _of(draw: Callable[[pd.DataFrame, Theme], Chart], quantity: str, answer: Answer, theme: Theme) -> Chart:
    """A figure of the findings of one quantity."""
    return draw(answer.findings[answer.findings["quantity"] == quantity], theme)


def _conversion(answer: Answer, values: Values, theme: Theme) -> Chart:
    ratio, _ = cases.ratios(values["worth"]).values()
    return more.with_mark(charts.conversion(answer, theme), values["worth"], ratio, f"yours: {ratio:,.0f}")


def _ranks(answer: Answer, values: Values, theme: Theme) -> Chart:
    curve = answer.curves["subnets_by_rank"]
    if values["power"] is not None:
        total = np.cumsum(cases.price_share(values))
        own = pd.DataFrame({"rank": np.arange(1, len(total) + 1), "subnets": YOUR_PRICES, "cumulative_share": total})
        curve = pd.concat([curve, own], ignore_index=True)
    return charts.ranks(replace(answer, curves=dict(answer.curves) | {"subnets_by_rank": curve}), theme)


def _hardware(answer: Answer, values: Values, theme: Theme) -> Chart:
    curve = pd.concat([answer.curves["hardware_by_epoch"], cases.law_of_motion(values)], ignore_index=True)
    return hardware(replace(answer, curves=dict(answer.curves) | {"hardware_by_epoch": curve}), theme)


TAO = "%.0f TAO"
STUDIES = (
    Study(
        claim="a", name="Network or firm", findings="reward over the firm's budget", cases=cases.network,
        said=cases.break_even, whole=False,
        figure=partial(_at, charts.capacity, lambda values: values["reward"] / values["budget"]),
        knobs=(
            Knob(name="reward", label="Reward V", default=100.0, low=10, high=400, step=5, number=TAO,
                 help="TAO per epoch that the network pays its miners."),
            Knob(name="cost", label="Cost of a unit in the open", default=2.0, low=0.5, high=5, step=0.1,
                 number="%.1f TAO", help="TAO per unit of hardware and epoch; the firm pays 1 TAO."),
            Knob(name="budget", label="The firm's budget", default=40.0, low=10, high=200, step=5, number=TAO,
                 help="TAO per epoch that the firm spends on hardware."),
        ),
    ),
    Study(
        claim="a", name="600,000 times?", findings="600,000 times", reckoned=cases.ratios_reckoned, figure=_conversion,
        knobs=(
            Knob(name="worth", label="Operations that a hash is worth", default=1.0, options=cases.worth_of_hash(),
                 written="{:,.0f}".format, help="Floating-point operations for which one hash is taken to stand."),
        ),
    ),
    Study(
        claim="b", name="What is rewarded", findings="what is rewarded", cases=cases.rewarded, said=cases.rule_said,
        figure=partial(_whatever_values, charts.rules),
        knobs=(
            *(
                Knob(name=name, label=f"Scored: {name}", default=weight, low=0.01, high=1.0, number="%.2f",
                     help=f"Weight of {name} in the score, against the others; a pure number. Users value it at "
                     f"{valued:g}.")
                for name, weight, valued in (("speed", 0.7, 0.4), ("quality", 0.2, 0.4), ("storage", 0.1, 0.2))
            ),
            Knob(name="factor", label="Better hardware", default=1.25, low=1.0, high=3.0, step=0.05, number="× %.2f",
                 help="Output of a unit of hardware, over that of a plain one; a ratio."),
        ),
    ),
    Study(
        claim="b", name="Audits", findings="audits", cases=cases.audits, said=cases.threshold, whole=False,
        figure=partial(_at, charts.audits, lambda values: values["rate"]),
        knobs=(
            Knob(name="rate", label="Audit rate", default=0.25,
                 help="Share of miners and epochs whose claim is checked."),
            Knob(name="fine", label="Fine", default=11.0, high=50, step=0.5, number="%.1f TAO",
                 help="TAO that a liar who is found pays."),
        ),
    ),
    Study(
        claim="b", name="A cartel's stake", findings="a cartel's stake", cases=cases.cartel, whole=False,
        figure=partial(_at, charts.cartel, lambda values: values["stake"]),
        knobs=(
            Knob(name="stake", label="Stake of the cartel", default=0.48, low=0.1, high=0.65,
                 help="Share of all validators' stake."),
        ),
    ),
    Study(
        claim="c", name="Reward for speed", findings="reward for speed", cases=cases.speed, whole=False,
        figure=partial(_at, charts.speed, lambda values: values["weight"]),
        knobs=(
            Knob(name="weight", label="Weight of speed", default=0.7, low=0.02, high=0.98,
                 help="Share of the score; the rest goes to quality and storage, two to one."),
        ),
    ),
    Study(
        claim="c", name="Shape of pay", findings="shape of pay", cases=cases.pay,
        figure=partial(_whatever_values, partial(_of, more.pay_shapes, "spent in the largest subnet")),
        knobs=(
            Knob(name="pay", label="Pay", default="top_k", options=PAYS.names(),
                 written=lambda name: str(name).replace("_", " "),
                 help="Which share of the pay a score earns; the name of a rule."),
        ),
    ),
    Study(
        claim="c", name="Hardware that is owned", findings=owned_hardware.STUDY, cases=cases.hardware,
        figure=_hardware, whole=False,
        knobs=(
            Knob(name="years", label="Hardware lasts", default=2, options=tuple(range(1, 9)),
                 written=lambda years: f"{years} {'year' if years == 1 else 'years'}",
                 help="Years until what was bought is worn out."),
            Knob(name="running", label="Running costs", default=0.5, low=0.1, high=0.9, step=0.05,
                 help="Share of the full cost that running it takes; the rest is sunk once it is bought."),
        ),
    ),
    Study(
        claim="d", name="Market or scheduler", findings="market", cases=cases.market, said=cases.scheduler_said,
        figure=partial(_at, charts.scheduler, lambda values: values["sigma"]),
        knobs=(
            *(
                Knob(name=f"pot {subnet}", label=f"Reward where users value {value:g}", default=YOUR_POTS[subnet],
                     high=10.0, step=0.5, number="%.1f parts", help="Parts of all rewards that go to such subnets.")
                for subnet, value in enumerate(market_or_scheduler.VALUES)
            ),
            Knob(name="sigma", label="Error of the scheduler", default=0.5, high=1.2, step=0.05, number="%.2f",
                 help="Standard deviation of the logarithm of the values that it reads; a pure number."),
        ),
    ),
    Study(
        claim="d", name="Rewards that follow demand", findings="rewards that follow the market", cases=cases.pools,
        figure=partial(_at, partial(_of, more.locked_in, "emission of the most valued subnet"),
                       lambda values: values["elasticity"]),
        whole=False,
        knobs=(
            Knob(name="elasticity", label="Elasticity of demand", default=0.8, high=2.0, step=0.1, number="%.1f",
                 help="Power with which demand for a subnet follows its share of emission; a pure number."),
        ),
    ),
    Study(
        claim="e", name="128 subnets", findings="128 subnets", cases=cases.subnets, said=cases.concentration,
        figure=_ranks,
        knobs=(
            Knob(name="power", label="Prices of subnets", default=None, options=(None, *cases.POWERS),
                 written=cases.prices_told,
                 help="As published in July 2026, or falling by this power of the rank, a pure number: at 1 the second "
                 "is half of the first."),
        ),
    ),
    Study(
        claim="e", name="Halvings", findings="halving by date", cases=cases.halvings, whole=False,
        figure=partial(_at, partial(_of, more.halvings, "from nothing to the first halving"),
                       lambda values: cases.recycled_share(values["every"])),
        knobs=(
            Knob(name="every", label="Recycled", default=20, options=RECYCLED_EVERY,
                 written=lambda every: f"{cases.recycled_share(every):.1%}",
                 help="Share of what is minted that leaves issuance again."),
        ),
    ),
)  # fmt: skip
