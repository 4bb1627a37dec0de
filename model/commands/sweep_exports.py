"""The commands that write a sweep out as tables, and that prove what is on record."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from model.commands.sweeps import RUNS_FILE
from model.commands.terminal import PATH, plugged, progress_bar
from model.experiments.sweeps.execution.plugged import load_plugins
from model.experiments.sweeps.export import exports, verify
from model.experiments.sweeps.export.evidence import Finding, read_evidence
from model.experiments.sweeps.export.verify_export import check_export, check_runs_file, is_export
from model.experiments.sweeps.store.store import Store
from model.records.export import check_out

FOUND_WRONG = 1
EXPORT_FOLDERS = {exports.CSV: "export", exports.PARQUET: "export-parquet"}


@click.command("export")
@click.argument("folder", type=PATH)
@click.option("--format", "form", type=click.Choice(exports.FORMATS), default=exports.CSV, show_default=True)
@click.option("--out", type=PATH, help="Folder to write, new or empty; one of its own in FOLDER when not given.")
def export_command(folder: Path, form: str, out: Path | None) -> None:
    """Write the sweep in FOLDER as tables: wide, long, means and series, with units, spec and manifest.

    Equal sweeps give equal bytes, however many processes played them and however often they were interrupted.
    """
    target = out or folder / EXPORT_FOLDERS[form]
    with Store.open(folder, read_only=True) as store:
        check_out(target, overwrite=out is None)
        held = exports.recorded(store)
    written = exports.export(held, target, form, overwrite=out is None)
    click.echo(f"{len(held.runs):,} of {held.spec.n_runs:,} runs written to {written}")


@click.command("verify")
@click.argument("folder", type=PATH)
@click.option(
    "--sample", type=click.IntRange(0), default=verify.DEFAULT_SAMPLE, show_default=True, help="Runs to play again."
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the sample.")
@click.option("--export", "others", type=PATH, multiple=True, help="Check an export outside FOLDER as well.")
@plugged
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def verify_command(
    folder: Path, sample: int, seed: int, others: tuple[Path, ...], plugins: tuple[Path, ...], as_json: bool
) -> None:
    """Play a random sample of the runs in FOLDER again, compare to the bit, and check every exported cell.

    Where Python or its libraries have other versions than when the runs were played, floats are compared to 1e-9.

    Ends with code 1 if anything differs, and names it: file, run, column, stored and recomputed value.
    """
    load_plugins(plugins)
    evidence = read_evidence(folder)
    findings: list[Finding] = list(evidence.findings)
    task, rounding = verify.task_of(evidence.held), verify.other_libraries(evidence.held)
    with progress_bar() as bar:
        line = bar.add_task("runs again", total=None)
        played, differ = verify.play_again(
            evidence, task, sample, seed, lambda done, of: bar.update(line, completed=done, total=of)
        )
    findings += differ
    checked = [path for path in (folder / RUNS_FILE,) if path.is_file() and evidence.whole]
    for path in checked:
        findings += check_runs_file(evidence.held, path, exact=not rounding)
    for path in (*(folder / name for name in EXPORT_FOLDERS.values()), *others):
        if evidence.whole and (is_export(path) or path in others):
            findings += check_export(evidence.held, path, exact=not rounding)
            checked.append(path)
    other_code = verify.other_code(evidence.held) if findings else ""
    _say_verdict(len(evidence.rows), played, [path.name for path in checked], findings, other_code, rounding, as_json)
    if findings:
        sys.exit(FOUND_WRONG)


def _say_verdict(
    n_runs: int,
    played: list[int],
    checked: list[str],
    findings: list[Finding],
    other_code: str,
    other_libraries: str,
    as_json: bool,
) -> None:
    if as_json:
        facts = {
            "runs": n_runs,
            "played_again": played,
            "files_checked": checked,
            "other_code": other_code,
            "other_libraries": other_libraries,
            "findings": [asdict(finding) for finding in findings],
        }
        click.echo(json.dumps(facts, indent=1, ensure_ascii=False))
        return
    for finding in findings:
        click.echo(finding.sentence())
    if other_code:
        click.echo(f"the runs were played by other code, which may be why: {other_code}")
    if other_libraries:
        click.echo(f"floats are compared to 1e-9, as other libraries round in their own way: {other_libraries}")
    files = f"; checked every cell of {', '.join(checked)}" if checked else ""
    what = f"{len(played)} of {n_runs} runs played again{files}"
    agreed = f"all the same {'to 1e-9' if other_libraries else 'to the bit'}"
    click.echo(f"{what}: {f'{len(findings)} differ' if findings else agreed}")
