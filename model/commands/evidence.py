"""Commands that show why a number can be trusted: golden vectors, published maps, speed."""

import sys
from pathlib import Path

import click

from model import DATA_FOLDER, fidelity
from model.commands.terminal import PATH, print_table
from model.experiments.bench import bench
from model.wording import number

GOLDEN = DATA_FOLDER / "golden"
MISSES_SHOWN = 20


@click.command("fidelity")
@click.option("--vectors", type=PATH, default=GOLDEN, help="Folder of vectors; data/golden by default.")
@click.option("--exact", is_flag=True, help="Judge the fixed-point mode, to the last bit, instead of float64.")
@click.option("--markdown", is_flag=True, help="Print the table as Markdown.")
def fidelity_command(vectors: Path, exact: bool, markdown: bool) -> None:
    """Run every golden vector and say which numbers are met, and by how much.

    An entry of a file that cannot be read is an error of its own, and the rest of the file is judged; lists of files
    (index.json and the like) are passed over.
    """
    report = fidelity.run(vectors, exact=exact)
    heading = ("component", "chain version", "vectors", "met", "largest error", "tolerance")
    print_table(heading, [[*map(str, row)] for row in report.table_rows()], markdown=markdown)
    for remark in report.remarks():
        click.echo(remark, err=markdown)
    for sentence in [*report.broken, *(miss.sentence() for miss in report.misses[:MISSES_SHOWN])]:
        click.echo(f"missed: {sentence}", err=True)
    if len(report.misses) > MISSES_SHOWN:
        click.echo(f"and {len(report.misses) - MISSES_SHOWN} more numbers missed", err=True)
    if not report.passed:
        sys.exit(1)


@click.command("bench")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.option("--markdown", is_flag=True, help="Print the table as Markdown.")
def bench_command(as_json: bool, markdown: bool) -> None:
    """Measure speed and memory and hold them against what is to be reached; takes some minutes."""
    result = bench()
    if as_json:
        click.echo(result.to_json())
        return
    rows = [
        (figure.name, f"{number(figure.value)} {figure.unit}".strip(), figure.target, "yes" if figure.met else "no")
        for figure in result.figures
    ]
    print_table(("figure", "measured", "to reach", "met"), rows, markdown=markdown)
    click.echo(f"\nMedians of one run on {result.machine}.")
