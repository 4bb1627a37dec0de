"""The command that tests five claims about open compute networks: where each holds, and where it fails."""

import shlex
from pathlib import Path

import click

from model.charts.claims import figures
from model.charts.sweeps import picture
from model.charts.theme import LIGHT
from model.commands.many_runs import many_runs, playing_many
from model.commands.terminal import print_table
from model.experiments.battery.battery import default_workers
from model.experiments.claims import CLAIMS, Answer, report, study
from model.experiments.many import finished
from model.records.export import write_tables

DEFAULT_SEEDS = len(study.DEFAULT_SEEDS)


@click.command("claims")
@click.option("--only", multiple=True, type=click.Choice(list(CLAIMS)), help="Test this claim alone; may be repeated.")
@click.option("--seeds", type=click.IntRange(2, 1000), default=DEFAULT_SEEDS, show_default=True, help="Runs of a case.")
@many_runs(default_workers())
def claims_command(
    only: tuple[str, ...], seeds: int, workers: int, timeout: float | None, out: Path | None, resume: bool
) -> None:
    """Test five claims about open compute networks on the running economy: where each holds and where it fails.

    Each row says in which interval a claim puts a quantity, what the closed form says, what runs measured, and whether
    the claim holds there. N counts runs, 0 where facts alone decide.
    """
    claims = [claim for letter, claim in CLAIMS.items() if not only or letter in only]
    chosen = range(1, seeds + 1)
    with playing_many("claims", workers, timeout, out, resume) as how:
        played = study.play([case for claim in claims for case in claim.cases()], chosen, how)
    answers = [claim.answer(played) for claim in claims]
    for answer in answers:
        _print(answer)
    if out is not None:
        options = [*(f"--only={claim.letter}" for claim in claims if only), f"--seeds={seeds}"]
        manifest = report.manifest_of(claims, chosen, shlex.join(["sandbox", "claims", *options]))
        pictures: dict[str, bytes] = {}
        drawn = {answer.claim.letter: _draw(answer, pictures) for answer in answers}
        beside = {**pictures, "report.md": report.markdown(answers, drawn).encode()}
        folder = write_tables(out, report.tables(answers), report.dictionary(answers), manifest, inputs=beside)
        finished(how)
        click.echo(f"written to {folder}; start with report.md")


def _print(answer: Answer) -> None:
    claim = answer.claim
    click.echo(f"\n({claim.letter}) {claim.question}\nclaimed: {claim.claimed}\n")
    heading = (*report.FINDING_HEADING[1:2], *report.FINDING_HEADING[3:])
    for (of_study, quantity, unit), rows in answer.findings.groupby(["study", "quantity", "unit"], sort=False):
        cells = [report.finding_cells(row) for row in report.records(rows)]
        shown = [[*cell[1:2], *cell[3:]] for cell in cells]
        print_table(heading, shown, title=f"{of_study}: {quantity} ({unit})")
    click.echo(f"\nholds: {claim.holds}\nfails: {claim.fails}\nfigures: {', '.join(figures(answer, LIGHT))}")


def _draw(answer: Answer, pictures: dict[str, bytes]) -> list[tuple[str, str]]:
    """Add a claim's figures to the pictures by file name; file name and text for the blind of each."""
    drawn = []
    for name, chart in figures(answer, LIGHT).items():
        file, content = picture(chart, f"{answer.claim.letter}_{name}", LIGHT)
        pictures[file] = content
        drawn.append((file, chart.alt))
    return drawn
