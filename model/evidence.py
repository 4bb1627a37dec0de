"""Commands that show why a number can be trusted: golden vectors, published maps, speed."""

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from model import fidelity
from model.experiments.bench import bench

GOLDEN = Path(__file__).resolve().parent.parent / "data" / "golden"
MISSES_SHOWN = 20


@click.command("fidelity")
@click.option(
    "--vectors", type=click.Path(path_type=Path), default=GOLDEN, help="Folder of vectors; data/golden by default."
)
@click.option("--exact", is_flag=True, help="Judge the fixed-point mode, to the last bit, instead of float64.")
def fidelity_command(vectors: Path, exact: bool) -> None:
    """Run every golden vector and say which numbers are met, and by how much."""
    report = fidelity.run(vectors, exact=exact)
    table = Table("component", "chain version", box=None)
    for heading in ("vectors", "met", "largest error", "tolerance"):
        table.add_column(heading, justify="right")
    for row in report.table_rows():
        table.add_row(*map(str, row))
    Console().print(table)
    for sentence in [item.sentence() for item in report.not_covered]:
        click.echo(f"not covered: {sentence}")
    for sentence in [*report.broken, *(miss.sentence() for miss in report.misses[:MISSES_SHOWN])]:
        click.echo(f"missed: {sentence}", err=True)
    if len(report.misses) > MISSES_SHOWN:
        click.echo(f"and {len(report.misses) - MISSES_SHOWN} more numbers missed", err=True)
    if not report.passed:
        sys.exit(1)


@click.command("bench")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def bench_command(as_json: bool) -> None:
    """Measure speed and memory and hold them against what is to be reached; takes some minutes."""
    result = bench()
    if as_json:
        click.echo(result.to_json())
        return
    table = Table("figure", title=result.machine, box=None)
    for heading in ("measured", "target", "met"):
        table.add_column(heading, justify="right")
    for figure in result.figures:
        table.add_row(figure.name, f"{figure.value:,.3g} {figure.unit}", figure.target, "yes" if figure.met else "no")
    Console().print(table)
