"""The command that holds the published consensus guarantee against the kernel, and maps it under any conditions."""

import math
import shlex
import sys
from pathlib import Path

import click
import pandas as pd

from model.charts import guarantee as charts
from model.commands.terminal import PATH, print_table, progress_bar
from model.experiments.guarantee import tables
from model.experiments.guarantee.contours import contours, lines
from model.experiments.guarantee.guarantee import BASELINE, EDGES, Conditions
from model.records.export import check_out, write_tables
from model.wording import number


@click.command("guarantee")
@click.option(
    "--sigma", default=BASELINE.weight_noise, show_default=True, help="Standard deviation of a weight, in means."
)
@click.option(
    "--kappa", default=BASELINE.kappa, show_default="32767/65535", help="Stake share that must support a weight."
)
@click.option(
    "--edge",
    type=click.Choice(EDGES),
    default=BASELINE.edge,
    show_default=True,
    help="Support a weight at a stake share of kappa, or only above it, as on the chain.",
)
@click.option("--beta", default=BASELINE.bonds_penalty, show_default=True, help="Penalty of weights above consensus.")
@click.option("--xi", default=BASELINE.dividend_share, show_default=True, help="Share of emission paid as dividend.")
@click.option("--clip/--no-clip", default=True, show_default=True, help="Clip weights; without it no figure is met.")
@click.option("--seeds", default=3, show_default=True, help="Draws of stakes and weights.")
@click.option("--out", type=PATH, help="Folder for maps, contours and chart; new or empty.")
@click.option("--markdown", is_flag=True, help="Print the published figures alone, as Markdown.")
def guarantee_command(
    sigma: float,
    kappa: float,
    edge: str,
    beta: float,
    xi: float,
    clip: bool,
    seeds: int,
    out: Path | None,
    markdown: bool,
) -> None:
    """Hold the published consensus guarantee against the kernel, and map it under any conditions.

    Two sides, an honest one and a cabal, hold all stake. "measured" is the smallest weight of honest validators on
    honest miners with which the honest side earns its share of stake, whatever the cabal votes; "cabal" is the vote
    that asks for most. The options hold for the second table and the files; published figures have their own.

    Where honest stake is exactly kappa the edge decides: on the chain, and in the published maps, such a tie supports
    nothing; with --edge at it does.
    """
    conditions = Conditions(
        weight_noise=sigma, kappa=kappa, edge=edge, bonds_penalty=beta, dividend_share=xi, clip=clip
    )
    mapped = lines(conditions, seeds)
    wanted = dict.fromkeys([*tables.published_lines(seeds, clip=clip), *mapped])
    if out is not None:
        check_out(out)
    with progress_bar() as bar:
        task = bar.add_task("lines", total=len(wanted))
        found = contours(wanted, maps=mapped if out else (), progress=lambda done, _: bar.update(task, completed=done))
    published = tables.published_table(found, seeds, clip=clip)
    required = tables.required_table(found, mapped)
    options = _options(conditions)
    _print_published(published, markdown)
    if not markdown:
        click.echo(f"\nEvery stake share, with {' '.join(options)}")
        _print_required(required)
    if out is not None:
        frames = {"published": published, "required": required, "contours": tables.contour_table(found, mapped)}
        name, picture = charts.picture(charts.retention_lines(frames["contours"]))
        frames["map"] = tables.map_table(found, mapped)
        # Without the folder, which must not change a byte of the result.
        command = shlex.join(["sandbox", "guarantee", *options, f"--seeds={seeds}"])
        manifest = tables.manifest_of(conditions, seeds, command)
        folder = write_tables(out, frames, tables.DICTIONARY, manifest, inputs={name: picture})
        click.echo(f"written to {folder}; the chart is {name}")
    if not published["met"].all():
        sys.exit(1)


def _print_published(published: pd.DataFrame, markdown: bool) -> None:
    rows = [
        (
            row["condition"],
            number(row["honest_stake_share"]),
            number(row["published_honest_weight_share"]),
            _required(row["required_honest_weight_share"]),
            number(row["required_sd_share"]),
            number(row["seeds"]),
            number(row["error_share"], signed=True),
            "yes" if row["met"] else "NO",
            number(row["worst_cabal_weight_share"]),
            number(row["published_cabal_weight_share"]),
        )
        for row in published.to_dict("records")
    ]
    heading = ("condition", "stake", "published", "measured", "sd", "N", "error", "met", "cabal", "publ.")
    print_table(heading, rows, title="Honest utility that retains honest stake", markdown=markdown)


def _print_required(required: pd.DataFrame) -> None:
    rows = [
        (
            number(row["honest_stake_share"]),
            _required(row["required_honest_weight_share"]),
            number(row["required_sd_share"]),
            number(row["seeds"]),
            number(row["worst_cabal_weight_share"]),
        )
        for row in required.to_dict("records")
    ]
    print_table(("stake", "measured", "sd", "N", "cabal"), rows)


def _required(share: float) -> str:
    """Weight that suffices, if any does."""
    return "none" if math.isnan(share) else number(share)


def _options(conditions: Conditions) -> list[str]:
    """The conditions as they are written on the command line."""
    return [
        f"--sigma={conditions.weight_noise}",
        f"--kappa={conditions.kappa}",
        f"--edge={conditions.edge}",
        f"--beta={conditions.bonds_penalty}",
        f"--xi={conditions.dividend_share}",
        "--clip" if conditions.clip else "--no-clip",
    ]
