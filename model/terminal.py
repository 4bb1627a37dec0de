"""What commands print: tables, for a terminal or as Markdown."""

from collections.abc import Sequence

import click
from rich.console import Console
from rich.table import Table


def print_table(
    heading: Sequence[str], rows: Sequence[Sequence[str]], *, title: str = "", markdown: bool = False
) -> None:
    """Print a table; its first column is text on the left, the others stand on the right."""
    if markdown:
        for row in [heading, ["---", *["---:"] * (len(heading) - 1)], *rows]:
            click.echo(f"| {' | '.join(row)} |")
        return
    table = Table(title=title or None, box=None)
    for position, name in enumerate(heading):
        table.add_column(name, justify="right" if position else "left")
    for row in rows:
        table.add_row(*row)
    Console().print(table)
