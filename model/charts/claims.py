"""Figures of the claims: what runs measured beside the closed form, each point in the colour of its verdict."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from model.charts.claim_hardware import hardware
from model.charts.lines import Chart
from model.charts.sweeps import WIDTH, numeric, title
from model.charts.theme import Theme, colour_of, specification
from model.charts.verdicts import (
    ROW_HEIGHT,
    Words,
    line_rows,
    mark_rows,
    point_rows,
    rule_row,
    together,
    verdict_chart,
    verdict_sentence,
)
from model.experiments.claims import Answer

DECADES = [10**power for power in range(8)]


def figures(answer: Answer, theme: Theme) -> dict[str, Chart]:
    """Charts of a claim's answer by file name."""
    drawn = {
        "a": (capacity, conversion),
        "b": (rules, audits, cartel),
        "c": (speed, hardware),
        "d": (scheduler,),
        "e": (ranks,),
    }
    return {chart.__name__: chart(answer, theme) for chart in drawn[answer.claim.letter]}


def capacity(answer: Answer, theme: Theme) -> Chart:
    """Capacity of the open network by reward over the firm's budget."""
    points = _of(answer, "reward over the firm's budget")
    firm = float(points["claimed_low"].iloc[0])
    data = together(line_rows(points["position"], points["theory"], "reward over cost"), point_rows(points),
                 rule_row(firm, f"the firm builds {firm:g}"))  # fmt: skip
    return verdict_chart(
        data,
        x=numeric("x", "reward over the firm's budget (ratio)", zero=True),
        y=numeric("y", "hardware of the open network (units)", zero=True),
        words=Words(
            question="From which reward on does the open network out-scale a firm?",
            how="line: closed form V (n-1) / (n c); points: 50 learning miners, mean and 95 % interval",
            alt=f"Capacity rises in proportion to the reward. {verdict_sentence(points)}",
        ),
        theme=theme,
    )


def conversion(answer: Answer, theme: Theme) -> Chart:
    """Bitcoin over supercomputers by what a hash is taken to be worth."""
    curve = answer.curves["conversion"]
    lines = [line_rows(part["flop_per_hash"], part["ratio"], str(name)) for name, part in curve.groupby("computers")]
    named = {"one operation": 1.0, "12,697 operations": 12_697.0}
    exact = curve[curve["computers"].str.startswith("21.05")]
    at = [np.exp(np.interp(np.log(x), np.log(exact["flop_per_hash"]), np.log(exact["ratio"]))) for x in named.values()]
    labels = [f"{name}: {ratio:,.0f}" for name, ratio in zip(named, at, strict=True)]
    data = together(*lines, mark_rows(list(named.values()), at, labels), rule_row(600_000.0, "claimed: 600,000"))
    log = {"type": "log", "nice": False}
    return verdict_chart(
        data,
        x=numeric(
            "x", "what a hash is taken to be worth (operations)", zero=False, axis={"format": ",~g", "values": DECADES}
        )
        | {"scale": log | {"domain": [1, 100_000]}},
        y=numeric("y", "Bitcoin over supercomputers (ratio)", zero=False, axis={"format": ",~g", "values": DECADES})
        | {"scale": log | {"domain": [10, 10_000_000]}},
        words=Words(
            question="Is Bitcoin 600,000 times the top 100 supercomputers?",
            how="as a function of the conversion; hashing machines execute no floating-point operation: then it is 0",
            alt=f"The ratio is {at[0]:,.0f} if a hash is worth one operation and {at[1]:,.0f} if it is worth 12,697.",
        ),
        theme=theme,
    )


def rules(answer: Answer, theme: Theme) -> Chart:
    """Users' value that is left under each rule."""
    points = _of(answer, "what is rewarded", "users' value over the best mix")
    data = points.assign(rule=points["setting"].str.partition(",")[0].str.removeprefix("scored "))
    data = data[["rule", "mean", "theory", "low", "high"]]
    bar: dict[str, Any] = {
        "mark": {"type": "bar", "height": {"band": 0.62}, "color": theme.ramp[2], "tooltip": True},
        "encoding": {"x": numeric("mean", "users' value over the best mix (share)", zero=True, domain=[0, 1],
                                 axis={"format": ".0%"})},
    }  # fmt: skip
    label = {
        "mark": {"type": "text", "align": "left", "dx": 5, "color": theme.ink, "fontSize": 12},
        "encoding": {"x": {"field": "mean", "type": "quantitative"},
                     "text": {"field": "mean", "type": "quantitative", "format": ".1%"}},
    }  # fmt: skip
    tick = {
        "mark": {"type": "tick", "color": colour_of("speed"), "thickness": 2, "height": 26},
        "encoding": {"x": {"field": "theory", "type": "quantitative"}},
    }
    rows = {"field": "rule", "type": "nominal", "sort": None, "title": "scored: speed / quality / storage"}
    spec = specification(theme, [bar, tick, label], {"y": rows}) | {"width": WIDTH, "height": {"step": ROW_HEIGHT}}
    spec["title"] = title(
        "What does a wrong rule cost?", "users value 0.4 / 0.4 / 0.2; bars: runs, ticks: closed form exp(-KL)", theme
    )
    told = ", ".join(f"{row.rule}: {row.mean:.1%}" for row in data.itertuples())
    return Chart(data=data, spec=spec, alt=f"Users' value over the best by what is scored. {told}.")


def audits(answer: Answer, theme: Theme) -> Chart:
    """Profit of a liar by audit rate."""
    points = _of(answer, "audits", "profit of a liar")
    data = together(line_rows(points["position"], points["theory"], "g - a d (P + g)"), point_rows(points),
                 rule_row(0.0, "lying pays nothing"))  # fmt: skip
    return verdict_chart(
        data,
        x=numeric("x", "audit rate (share of miners and epochs)", zero=True, axis={"format": ".0%"}),
        y=numeric("y", "profit of a liar (TAO per epoch)", zero=True),
        words=Words(
            question="How much checking makes lying a loss?",
            how="line: closed form; points: 32 subnets with one liar each, mean and 95 % interval",
            alt=f"A liar's profit falls with the audit rate. {verdict_sentence(points)}",
        ),
        theme=theme,
    )


def cartel(answer: Answer, theme: Theme) -> Chart:
    """What a cartel takes by its stake."""
    points = _of(answer, "a cartel's stake")
    curve = answer.curves["cartel"]
    lines = [line_rows(part["stake_share"], part["gain_share"], str(side)) for side, part in curve.groupby("side")]
    data = together(*lines, point_rows(points), rule_row(0.0, "merit and stake"))
    percent = {"format": ".0%"}
    return verdict_chart(
        data,
        x=numeric("x", "the cartel's stake (share)", zero=False, axis=percent),
        y=numeric("y", "taken beyond merit and stake (share of emission)", zero=True, axis=percent),
        words=Words(
            question="Up to which stake does clipping make a cartel lose?",
            how="lines: closed form; points: Yuma on the running economy, mean and 95 % interval",
            alt=f"Below half of the stake the cartel loses, from there on it gains. {verdict_sentence(points)}",
        ),
        theme=theme,
    )


def speed(answer: Answer, theme: Theme) -> Chart:
    """Spending on speed and users' value by the reward for speed."""
    quantities = {"spent on speed": "spent on speed", "users' value over the best mix": "users' value"}
    parts = {name: _of(answer, "reward for speed", quantity) for quantity, name in quantities.items()}
    curve, spent = answer.curves["value_by_weight"], parts["spent on speed"]
    lines = [line_rows(spent["position"], spent["theory"], "spent on speed"),
             line_rows(curve["speed_weight_share"], curve["value_share"], "users' value")]  # fmt: skip
    data = together(*lines, *map(point_rows, parts.values()))
    percent = {"format": ".0%"}
    return verdict_chart(
        data,
        x=numeric("x", "weight of speed in the score (share)", zero=True, domain=[0, 1], axis=percent),
        y=numeric("y", "of spending; of the best value (share)", zero=True, domain=[0, 1], axis=percent),
        words=Words(
            question="Reward speed, get speed: and what else?",
            how="lines: closed forms; points: ten learning miners, mean and 95 % interval",
            alt="Spending on speed is its weight in the score; users' value peaks where the weights fit. "
            + verdict_sentence(parts["users' value"]),
        ),
        theme=theme,
        colours={"spent on speed": colour_of("speed"), "users' value": colour_of("quality")},
    )


def scheduler(answer: Answer, theme: Theme) -> Chart:
    """Efficiency of markets against that of a scheduler by its error."""
    curve = answer.curves["scheduler"]
    markets = _of(answer, "market")
    points = _of(answer, "scheduler")
    efficiency = dict(zip(markets["setting"], markets["mean"], strict=True))
    rows = [rule_row(share, name) for name, share in efficiency.items()]
    data = together(line_rows(curve["sigma"], curve["efficiency_share"], "scheduler"), point_rows(points), *rows)
    return verdict_chart(
        data,
        x=numeric("x", "error with which the scheduler reads values (standard deviation of their logarithm)",
                 zero=True, domain=[0, 1.2]),
        y=numeric("y", "users' value over the best (share)", zero=False, domain=[0.4, 1.0], axis={"format": ".0%"}),
        words=Words(
            question="When does a market beat a scheduler?",
            how="a market is ahead right of where its line meets the curve; points: planners, 95 % interval",
            alt="Efficiency of a scheduler falls with its error; markets: "
        + ", ".join(f"{name} {share:.1%}" for name, share in efficiency.items()) + ".",
        ),
        theme=theme,
    )  # fmt: skip


def ranks(answer: Answer, theme: Theme) -> Chart:
    """What the largest subnets get together."""
    curve = answer.curves["subnets_by_rank"]
    by_name = dict(iter(curve.groupby("subnets")))
    published = by_name.pop("published")
    lines = [line_rows(part["rank"], part["cumulative_share"], str(name)) for name, part in by_name.items()]
    names = [f"top {row.rank}: {row.cumulative_share:.1%}" for row in published.itertuples()]
    # All lines end at 128 and 100 %: their names stand where they are apart.
    data = together(
        *lines, mark_rows(published["rank"], published["cumulative_share"], names), *_beside(by_name, 16, 76)
    )
    number_of = _of(answer, "128 subnets", "effective number of subnets, by emission").set_index("setting")["mean"]
    told = "; ".join(
        f"{str(setting).removeprefix('emission by the rule ')} {n:.0f}" for setting, n in number_of.items()
    )
    return verdict_chart(
        data,
        x=numeric("x", "largest subnets (count)", zero=True, domain=[0, 128]),
        y=numeric("y", "their part of all emission (share)", zero=True, domain=[0, 1], axis={"format": ".0%"}),
        words=Words(
            question="128 subnets, or how many?",
            how=f"points: published on 29 July 2026; effective number by emission rule: {told}",
            alt=f"Cumulative share of emission by rank. Effective number of subnets by rule: {told}.",
        ),
        theme=theme,
    )


def _of(answer: Answer, study: str, quantity: str = "") -> pd.DataFrame:
    """Findings of one study, and of one quantity of it where it has more."""
    rows = answer.findings[answer.findings["study"] == study]
    return rows[rows["quantity"] == quantity] if quantity else rows


def _beside(curves: Mapping[Any, pd.DataFrame], fitted: int, equals: int) -> list[pd.DataFrame]:
    """Names of the two lines of cumulative shares, below them at these ranks."""
    at = {"fitted": fitted, "128 equals": equals}
    places = {name: curves[name].set_index("rank")["cumulative_share"][rank] for name, rank in at.items()}
    return [mark_rows([at[name]], [place], [name]).assign(kind="text") for name, place in places.items()]
