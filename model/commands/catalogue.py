"""The command that lists every choice a scenario makes by name, straight from the registries."""

import click

from model.commands.terminal import print_table
from model.scenario.catalogue import REGISTRIES, rows


@click.command("catalogue")
@click.option("--markdown", is_flag=True, help="Print the table as Markdown.")
def catalogue_command(markdown: bool) -> None:
    """List strategies, scores, pay shapes, consensus mechanisms and emission rules."""
    heading = ("kind", "name", "parameters", "what it does")
    print_table(heading, [row for registry in REGISTRIES for row in rows(registry)], markdown=markdown, left=True)
