"""The command that lists every choice a scenario makes by name, straight from the registries."""

import inspect

import click

from agents.registry import Registry
from agents.strategies import MINERS, NOMINATORS, OWNERS, VALIDATORS
from model.commands.terminal import print_table
from model.consensus.mechanism import MECHANISMS
from model.emission.shares import EMISSION_RULES
from model.reward_rules import PAYS, SCORES

REGISTRIES: tuple[Registry, ...] = (
    MINERS,
    VALIDATORS,
    NOMINATORS,
    OWNERS,
    SCORES,
    PAYS,
    MECHANISMS,
    EMISSION_RULES,
)


def rows(registry: Registry) -> list[tuple[str, str, str, str]]:
    """Kind, name, parameters with defaults, and what it does, of each entry of a registry."""
    return [
        (
            registry.kind,
            name,
            ", ".join(f"{parameter} {value}" for parameter, value in registry.defaults(name).items()),
            summary(entry),
        )
        for name, entry in registry
    ]


def summary(entry: type) -> str:
    """First paragraph of an entry's docstring, on one line; of an emission rule its stage and dates as well."""
    text = " ".join(inspect.cleandoc(entry.__doc__ or "").split("\n\n")[0].split()).split(" Source:")[0]
    stage = getattr(entry, "stage", "")
    return f"{text} ({stage}: {getattr(entry, 'in_force', '')})" if stage else text


@click.command("catalogue")
@click.option("--markdown", is_flag=True, help="Print the table as Markdown.")
def catalogue_command(markdown: bool) -> None:
    """List strategies, scores, pay shapes, consensus mechanisms and emission rules."""
    heading = ("kind", "name", "parameters", "what it does")
    print_table(heading, [row for registry in REGISTRIES for row in rows(registry)], markdown=markdown, left=True)
