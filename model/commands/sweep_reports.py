"""The command that says what a sweep found, in tables, charts and a report."""

import json
import math
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

from model.bounds import shown
from model.charts import sweeps as charts
from model.charts.live import Chart
from model.charts.theme import DARK, LIGHT, Theme
from model.commands import sweep_answers
from model.commands.terminal import PATH, command_line, print_table
from model.experiments.sweeps.analysis.analysis import counts, pareto
from model.experiments.sweeps.export import exports, report
from model.experiments.sweeps.export.exports import Recorded, SweepManifest, unit_of
from model.experiments.sweeps.store.store import Store
from model.records.export import arranged_tables, check_out, csv_files, write_files
from model.records.settling import sentence_of_many


@click.command("analyse")
@click.argument("folder", type=PATH)
@click.option("--outcome", "outcomes", multiple=True, metavar="NAME", help="Outcome to explain; all when not given.")
@click.option("--factors", nargs=2, metavar="A B", help="Two factors to cross.")
@click.option("--above", type=float, help="Find where the outcome lies above this.")
@click.option("--below", type=float, help="Find where it lies below this.")
@click.option("--half-width", metavar="X", help="Wanted half-width of the intervals: a number, or 5% of the mean.")
@click.option("--pareto", nargs=2, metavar="A B", help="Two outcomes to weigh; A:min if less of it is better.")
@click.option("--out", type=PATH, help="Folder for tables, charts and report; new or empty.")
@click.option("--dark", is_flag=True, help="Charts on a dark ground.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def analyse_command(
    folder: Path,
    outcomes: tuple[str, ...],
    factors: tuple[str, str] | None,
    above: float | None,
    below: float | None,
    half_width: str | None,
    pareto: tuple[str, str] | None,
    out: Path | None,
    dark: bool,
    as_json: bool,
) -> None:
    """Say what the sweep in FOLDER found: means, effects, indices, and where a rule fails.

    Runs that did not end well are left out and counted. Intervals are 95 % intervals.
    """
    width, of_mean = _half_width(half_width)
    names, maximise = _directions(pareto)
    ask = report.Ask(
        outcomes=outcomes, factors=factors or (), above=above, below=below, half_width=width, of_mean=of_mean,
        pareto=names, maximise=maximise,
    )  # fmt: skip
    if out is not None:
        check_out(out)
    with Store.open(folder, read_only=True) as store:
        held = exports.recorded(store)
    answers, missing = report.answers(held.runs, held.spec, ask)
    weighed = _weighed(held, ask)
    if as_json:
        click.echo(_as_json(held, answers, missing, weighed))
    else:
        _print(held, answers, missing, weighed, names)
    if out is not None:
        line = command_line(
            "analyse", "DIR", *(("--factors", *factors) if factors else ()), *(("--pareto", *pareto) if pareto else ()),
            outcome=outcomes, above=_word(above), below=_word(below), half_width=half_width,
        )  # fmt: skip
        written = _write(held, answers, weighed, ask, out, line, DARK if dark else LIGHT)
        click.echo(f"written to {written}; begin with report.md", err=as_json)


def _half_width(text: str | None) -> tuple[float, bool]:
    """Half-width, and whether it is a share of the mean."""
    if text is None:
        return 0.0, False
    percent = text.endswith("%")
    try:
        number = float(text.removesuffix("%"))
    except ValueError:
        raise ValueError(f"--half-width must be a number > 0, or a percentage such as 5%, is {text!r}") from None
    if not 0 < number < math.inf:
        raise ValueError(f"--half-width must be a number > 0, or a percentage such as 5%, is {text!r}")
    return (number / 100, True) if percent else (number, False)


def _directions(pareto: tuple[str, str] | None) -> tuple[tuple[str, ...], tuple[bool, bool]]:
    """The two outcomes to weigh, and whether more of each is better."""
    if pareto is None:
        return (), (True, True)
    names = tuple(name.removesuffix(":min").removesuffix(":max") for name in pareto)
    if names[0] == names[1]:
        raise ValueError(f"--pareto must weigh two outcomes, names {shown(names[0])} twice")
    return names, (not pareto[0].endswith(":min"), not pareto[1].endswith(":min"))


def _weighed(held: Recorded, ask: report.Ask) -> pd.DataFrame:
    if not ask.pareto:
        return pd.DataFrame()
    return pareto(held.runs, held.spec, ask.pareto[0], ask.pareto[1], maximise=ask.maximise)


def _first_lines(held: Recorded, missing: list[str]) -> list[str]:
    spec, runs = held.spec, held.runs
    by_status = ", ".join(f"{n:,} {status}" for status, n in counts(runs).items())
    settled = sentence_of_many(runs["settling"])
    lines = [spec.name, spec.question, f"design {spec.design}, {len(runs):,} of {spec.n_runs:,} runs: {by_status}"]
    # A stranger's question must not steer the terminal.
    told = (line for line in (*lines, settled, *missing) if line)
    return ["".join(mark if mark.isprintable() else " " for mark in line) for line in told]


def _print(
    held: Recorded, answers: list[report.Answer], missing: list[str], weighed: pd.DataFrame, names: tuple[str, ...]
) -> None:
    for line in _first_lines(held, missing):
        click.echo(line)
    sections = [
        (sweep_answers.headline(one), list(sweep_answers.shown(one, held.spec)), sweep_answers.notes(one))
        for one in answers
    ]
    if len(weighed):
        sections.append((" against ".join(names), [sweep_answers.front(weighed, names, held.spec)], []))
    for heading, tables, notes in sections:
        click.echo(f"\n{heading}")
        for note in notes:
            click.echo(note)
        for table in tables:
            click.echo(f"\n{table.title}")
            print_table(table.heading, table.rows)


def _write(
    held: Recorded,
    answers: list[report.Answer],
    weighed: pd.DataFrame,
    ask: report.Ask,
    out: Path,
    line: str,
    theme: Theme,
) -> Path:
    """Folder with the tables as CSV, a picture of each chart, and the report that shows them."""
    sections = []
    files: dict[str, bytes] = {}
    for one in answers:
        drawn = sweep_answers.pictures(one, ask.factors, theme)
        named = _pictures(drawn, theme, files)
        heading = ". ".join([sweep_answers.headline(one), *sweep_answers.notes(one)])
        sections.append((heading, list(sweep_answers.shown(one, held.spec)), named))
    if len(weighed):
        first, second = ask.pareto
        chart = charts.pareto(weighed, (first, second), (unit_of(held.spec, first), unit_of(held.spec, second)), theme)
        table = sweep_answers.front(weighed, ask.pareto, held.spec)
        sections.append((f"{first} against {second}", [table], _pictures({"pareto": chart}, theme, files)))
    files["report.md"] = sweep_answers.markdown(_first_lines(held, []), sections).encode()
    tables = arranged_tables(report.joined(answers, weighed), report.answer_dictionary(held.spec))
    return write_files(out, csv_files(tables, files), SweepManifest(recorded=held, command=line))


def _pictures(drawn: dict[str, Chart], theme: Theme, files: dict[str, bytes]) -> dict[str, Chart]:
    """The charts by the names of their files, which are added to `files`."""
    named = {}
    for name, chart in drawn.items():
        file, content = charts.picture(chart, name, theme)
        files[file] = content
        named[file] = chart
    return named


def _as_json(held: Recorded, answers: list[report.Answer], missing: list[str], weighed: pd.DataFrame) -> str:
    facts = {
        "name": held.spec.name,
        "question": held.spec.question,
        "design": held.spec.design,
        "spec_digest": held.spec.digest(),
        "runs_planned": held.spec.n_runs,
        "runs_by_status": counts(held.runs),
        "without_answer": missing,
        "outcomes": [
            {
                "outcome": one.outcome,
                "unit": one.unit,
                "left_out": one.n_left_out,
                "notes": list(one.notes),
                "tables": {name: _records(table) for name, table in one.tables.items()},
            }
            for one in answers
        ],
        "pareto": _records(weighed),
    }
    return json.dumps(facts, indent=1, ensure_ascii=False, allow_nan=False)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as JSON has them: what is not a finite number is null."""

    def of(value: Any) -> Any:
        plain = value.item() if isinstance(value, np.generic) else value
        return None if isinstance(plain, float) and not math.isfinite(plain) else plain

    return [{str(name): of(value) for name, value in row.items()} for row in table.to_dict("records")]


def _word(number: float | None) -> str | None:
    return None if number is None else repr(number)
