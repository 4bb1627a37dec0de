"""The command `sandbox`: scenarios, runs and sweeps from a terminal."""

import importlib
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from model import own_names

BAD_INPUT, RUN_FAILED = 2, 1
MODULES = {
    "app": "app",
    "scenarios": "run",
    "run": "run",
    "baselines": "studies",
    "decompose": "studies",
    "compare": "compare",
    "sweep": "sweeps",
    "status": "sweeps",
    "cancel": "sweeps",
    "analyse": "sweep_reports",
    "export": "sweep_exports",
    "verify": "sweep_exports",
    "battery": "battery",
    "claims": "claims",
    "fidelity": "evidence",
    "guarantee": "guarantee",
    "bench": "evidence",
    "catalogue": "catalogue",
}


class Commands(click.Group):
    """The commands of `MODULES`; a command's module is imported when it is asked for, which halves the way to it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names, in the order in which the help shows them."""
        return list(MODULES)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command of this name, if there is one."""
        if name not in MODULES:
            return None
        command: click.Command = getattr(importlib.import_module(f"model.commands.{MODULES[name]}"), f"{name}_command")
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="subnet-sandbox")
def sandbox() -> None:
    """Design and stress-test the incentives of open compute networks."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; bad input ends with one sentence and code 2, a run that fails with code 1."""
    try:
        own_names.check()
    except ImportError as error:
        _stop(str(error), BAD_INPUT)
    from model.epoch.asking import StrategyError  # only now is it sure whose agents it imports
    from model.experiments.watch import StoppedError
    from model.world.ledger import ConservationError

    try:
        sandbox.main(args=arguments, prog_name="sandbox", standalone_mode=False)
    except click.exceptions.Abort:
        _stop("stopped", 130)  # what is on record has been said
    except click.ClickException as error:
        _stop(error.format_message(), BAD_INPUT)
    except ValueError as error:
        _stop(str(error), BAD_INPUT)
    except StoppedError as error:
        _stop(str(error), 130)
    except (StrategyError, ConservationError) as error:
        _stop(str(error), RUN_FAILED)


def _stop(sentence: str, code: int) -> NoReturn:
    click.echo(f"sandbox: {sentence}", err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
