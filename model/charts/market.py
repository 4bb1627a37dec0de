"""Charts of the subnets' market: price of alpha and share of the TAO emission, for the largest of them."""

import numpy as np
import pandas as pd

from model.charts.lines import Chart, Lines, Marks, lines_chart
from model.charts.theme import Theme

MOST_SUBNETS = 6
SUBNET_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
REST_COLOUR = "#8A8A8A"


def largest(share: np.ndarray) -> list[int]:
    """Numbers of the subnets that get most of the emission, by number; ties are broken by it."""
    return sorted(np.argsort(-share, kind="stable")[:MOST_SUBNETS].tolist())


def prices(subnets: pd.DataFrame, chosen: list[int], marks: Marks, theme: Theme) -> Chart:
    """Lines of the price of alpha of the chosen subnets, and of the others' mean."""
    return _by_subnet(subnets, "price_tao_per_alpha", chosen, marks, theme, ("TAO per alpha", ",.3~g"))


def emission_shares(subnets: pd.DataFrame, chosen: list[int], marks: Marks, theme: Theme) -> Chart:
    """Lines of the share of the epoch's TAO emission that the chosen subnets get, and of the others' mean."""
    return _by_subnet(subnets, "emission_share", chosen, marks, theme, ("share of the TAO emission", ".1%"))


def _by_subnet(
    subnets: pd.DataFrame, column: str, chosen: list[int], marks: Marks, theme: Theme, texts: tuple[str, str]
) -> Chart:
    """Lines of a column; `texts` are the title of the axis and the format of its numbers."""
    n_subnets = int(subnets["subnet"].max()) + 1
    epoch = subnets["epoch"].to_numpy()[::n_subnets]
    by_subnet = subnets[column].to_numpy(float).reshape(len(epoch), n_subnets)
    values = {f"subnet {subnet}": by_subnet[:, subnet] for subnet in chosen}
    colours = dict(zip(values, SUBNET_COLOURS, strict=False))
    if n_subnets > len(chosen):
        rest = f"mean of {n_subnets - len(chosen)} others"
        values[rest] = np.delete(by_subnet, chosen, axis=1).mean(axis=1)
        colours[rest] = REST_COLOUR
    series = np.repeat(np.arange(len(values)), len(epoch))
    last = ", ".join(f"{name} {format(value[-1], texts[1].replace('~', ''))}" for name, value in values.items())
    return lines_chart(
        Lines(
            epoch=np.tile(epoch, len(values)),
            series=series,
            value=np.concatenate(list(values.values())),
            dash=np.zeros(len(series), int),
        ),
        theme,
        colours,
        {"title": texts[0], "axis": {"tickCount": 5, "format": texts[1]}},
        marks,
        number=texts[1],
        alt=f"Lines of {texts[0]} by subnet and epoch. Last epoch: {last}.",
        columns={"series": "subnet", "value": column},
    )
