"""The claims' answers as files: tables with a data dictionary and a manifest, and a report in Markdown."""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from model.experiments.claims.claim import Answer, Claim
from model.experiments.claims.facts import FACT_COLUMNS
from model.experiments.claims.study import FAILS, FINDING_COLUMNS, HOLDS, UNDECIDED
from model.experiments.intervals import ROUNDING_SHARE
from model.records.data_dictionary import DataDictionary
from model.records.provenance import Manifest
from model.wording import markdown_table, number

SECTIONS = {HOLDS: "Where it holds", FAILS: "Where it fails", UNDECIDED: "Undecided with these seeds"}
TITLE = "# Five claims about open compute networks"
HOW_TO_READ = (
    "A claim says where a quantity should lie. It holds where the 95 % interval of the mean over seeds lies there, "
    "fails where it lies outside, and is undecided where it lies across the border. N counts runs, 0 where the "
    "number follows from facts alone; where all runs agree to the last digit there is no error."
)


def tables(answers: Sequence[Answer]) -> dict[str, pd.DataFrame]:
    """Findings of all claims, their curves, and the facts used."""
    facts = pd.concat([answer.facts for answer in answers], ignore_index=True).drop_duplicates("fact")
    found = {"findings": pd.concat([answer.findings for answer in answers], ignore_index=True), "facts": facts}
    return found | {name: curve for answer in answers for name, curve in answer.curves.items()}


def dictionary(answers: Sequence[Answer]) -> DataDictionary:
    """What the columns of `tables` mean."""
    curves = (one for answer in answers for one in answer.claim.columns)
    keys = {"findings": ("claim", "study", "setting", "quantity"), "facts": ("fact",)}
    return DataDictionary(*FINDING_COLUMNS, *FACT_COLUMNS, *curves, keys=keys)


def manifest_of(claims: Iterable[Claim], seeds: Sequence[int], command: str) -> Manifest:
    """What it takes to compute the tables again."""
    cases = [
        (case.base, dict(case.settings), [(one.epoch, dict(one.values)) for one in case.interventions])
        for claim in claims
        for case in claim.cases()
    ]
    text = json.dumps({"cases": cases, "seeds": list(seeds)}, sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return Manifest(scenario_name="claims", scenario_digest=digest, seed=seeds[0], epochs=1, command=command)


def markdown(answers: Iterable[Answer], pictures: Mapping[str, Sequence[tuple[str, str]]]) -> str:
    """The report.

    Parameters
    ----------
    pictures : mapping of str to sequence of (str, str)
        File name and text for the blind of each figure, by the claim's letter.
    """
    parts = [TITLE, HOW_TO_READ]
    for answer in answers:
        parts += _claim(answer, pictures.get(answer.claim.letter, ()))
    return "\n\n".join(parts) + "\n"


def _claim(answer: Answer, pictures: Sequence[tuple[str, str]]) -> list[str]:
    claim = answer.claim
    why = {HOLDS: claim.holds, FAILS: claim.fails, UNDECIDED: "More seeds would tell."}
    parts = [
        f"## ({claim.letter}) {claim.question}",
        f"**Claimed.** {claim.claimed} ({claim.source})",
        f"**Set-up.** {claim.setup}",
    ]
    for verdict, heading in SECTIONS.items():
        rows = answer.where(verdict)
        if len(rows):
            parts += [f"### {heading}", why[verdict]]
            parts.append(markdown_table(FINDING_HEADING, map(finding_cells, records(rows)), left=True))
    parts += [f"![{alt}]({name})" if name.endswith(".svg") else f"Figure: [{name}]({name})" for name, alt in pictures]
    if len(answer.facts):
        parts += [
            "### Facts from outside",
            markdown_table(FACT_HEADING, map(fact_cells, records(answer.facts)), left=True),
        ]
    return parts


FACT_HEADING = ("fact", "value", "unit", "date", "source", "note")
FINDING_HEADING = ("study", "setting", "quantity", "claimed", "theory", "mean", "95 % interval", "N", "verdict")


def finding_cells(row: Mapping[str, Any]) -> list[str]:
    """A finding's cells, in the order of `FINDING_HEADING`."""
    interval = f"{_number(row['low'])} to {_number(row['high'])}" if row["seeds"] > 1 else ""
    return [
        row["study"], row["setting"], f"{row['quantity']}, {row['unit']}", claimed_cell(row), _number(row["theory"]),
        _number(row["mean"]), interval, str(row["seeds"]), row["verdict"],
    ]  # fmt: skip


def fact_cells(row: Mapping[str, Any]) -> list[str]:
    """A fact's cells, in the order of `FACT_HEADING`."""
    return [number(row[name], digits=6) if name == "value" else str(row[name]) for name in FACT_HEADING]


def claimed_cell(row: Mapping[str, Any]) -> str:
    """Where the quantity should lie."""
    low, high = row["claimed_low"], row["claimed_high"]
    if math.isnan(high):
        return f">= {_number(low)}"
    return f"<= {_number(high)}" if math.isnan(low) else f"{_number(low)} to {_number(high)}"


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows by column name."""
    return [{str(name): cell for name, cell in row.items()} for row in frame.to_dict("records")]


def _number(value: float) -> str:
    """A number beside a border: what the verdict takes for 0 is 0."""
    return number(value, rounding=ROUNDING_SHARE)
