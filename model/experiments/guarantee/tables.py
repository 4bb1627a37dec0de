"""Tables of the consensus guarantee: published figures against measured ones, required utility, contours and map.

Source of the published figures: subtensor 14bc6f9, docs/consensus.md. They are read off figures and given in whole
percents, hence the tolerance.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import pandas as pd

from model.experiments.guarantee.contours import SELF_WEIGHT_SHARE, Contour, Line, lines
from model.experiments.guarantee.guarantee import BASELINE, Conditions
from model.records.data_dictionary import Column, DataDictionary
from model.records.provenance import Manifest

TOLERANCE_SHARE = 0.015
# With a majority of 51 % the answer hangs on the draw: its standard deviation is 0.01, and one draw was published.
NARROW_TOLERANCE_SHARE = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One published statement: with this stake, under these conditions, this honest utility is enough.

    `cabal_weight_share` is the cabal's best vote, NaN where none was published.
    """

    name: str
    required_share: float
    cabal_weight_share: float = np.nan
    honest_stake_share: float = 0.6
    conditions: Conditions = BASELINE
    tolerance_share: float = TOLERANCE_SHARE

    def lines(self, n_seeds: int, *, clip: bool) -> list[Line]:
        """Lines to measure it on, one for each seed."""
        return lines(replace(self.conditions, clip=clip), n_seeds, (self.honest_stake_share,))


PUBLISHED = (
    Published(name="sigma 0", required_share=0.60, cabal_weight_share=0.4, conditions=Conditions(weight_noise=0.0)),
    Published(name="sigma 0.2", required_share=0.67, cabal_weight_share=0.6, conditions=Conditions(weight_noise=0.2)),
    Published(name="sigma 0.4", required_share=0.73, cabal_weight_share=0.8),
    Published(name="beta 0", required_share=0.78, cabal_weight_share=1.0, conditions=Conditions(bonds_penalty=0.0)),
    Published(name="beta 0.5", required_share=0.76, cabal_weight_share=1.0, conditions=Conditions(bonds_penalty=0.5)),
    Published(name="beta 1", required_share=0.73, cabal_weight_share=0.8),
    Published(name="xi 0", required_share=0.82, conditions=Conditions(dividend_share=0.0)),
    Published(name="xi 0.25", required_share=0.78, conditions=Conditions(dividend_share=0.25)),
    Published(name="xi 0.5", required_share=0.73),
    Published(name="baseline", required_share=0.75, honest_stake_share=0.7),
    *(
        Published(
            name=f"kappa {kappa}",
            required_share=required,
            cabal_weight_share=1.0,
            honest_stake_share=0.51,
            conditions=Conditions(kappa=kappa),
            tolerance_share=NARROW_TOLERANCE_SHARE,
        )
        for kappa, required in ((0.4, 0.93), (0.5, 0.88), (0.6, 1.0))
    ),
)


def published_lines(n_seeds: int, *, clip: bool = True) -> list[Line]:
    """Every line that the published figures need."""
    return [line for figure in PUBLISHED for line in figure.lines(n_seeds, clip=clip)]


def published_table(found: Mapping[Line, Contour], n_seeds: int, *, clip: bool = True) -> pd.DataFrame:
    """One row for each published figure: what was measured, and whether it is met."""
    rows = []
    for figure in PUBLISHED:
        measured = _measured(found, figure.lines(n_seeds, clip=clip))
        error = measured["required_honest_weight_share"] - figure.required_share
        rows.append(
            {
                "condition": figure.name,
                "honest_stake_share": figure.honest_stake_share,
                "published_honest_weight_share": figure.required_share,
                **measured,
                "error_share": error,
                "tolerance_share": figure.tolerance_share,
                "met": bool(abs(error) <= figure.tolerance_share),
                "published_cabal_weight_share": figure.cabal_weight_share,
            }
        )
    return pd.DataFrame(rows)


def required_table(found: Mapping[Line, Contour], wanted: Sequence[Line]) -> pd.DataFrame:
    """One row for each stake share: the honest utility it asks for, over all seeds."""
    shares = dict.fromkeys(line.honest_stake_share for line in wanted)
    return pd.DataFrame(
        {"honest_stake_share": share} | _measured(found, [line for line in wanted if line.honest_stake_share == share])
        for share in shares
    )


def contour_table(found: Mapping[Line, Contour], wanted: Sequence[Line]) -> pd.DataFrame:
    """One row for each line and cabal weight: the honest utility that just retains the stake share there."""
    return pd.concat(
        (
            pd.DataFrame(
                {
                    "seed": line.seed,
                    "honest_stake_share": line.honest_stake_share,
                    "cabal_weight_share": SELF_WEIGHT_SHARE,
                    "required_honest_weight_share": found[line].required,
                }
            )
            for line in wanted
        ),
        ignore_index=True,
    )


def map_table(found: Mapping[Line, Contour], wanted: Sequence[Line]) -> pd.DataFrame:
    """One row for each line and point of the grid: what the honest side earns there."""
    honest, cabal = np.meshgrid(SELF_WEIGHT_SHARE, SELF_WEIGHT_SHARE, indexing="ij")
    return pd.concat(
        (
            pd.DataFrame(
                {
                    "seed": line.seed,
                    "honest_stake_share": line.honest_stake_share,
                    "honest_weight_share": honest.ravel(),
                    "cabal_weight_share": cabal.ravel(),
                    "honest_incentive_share": found[line].shares.incentive.ravel(),
                    "honest_dividend_share": found[line].shares.dividend.ravel(),
                    "honest_emission_share": found[line].shares.emission.ravel(),
                }
            )
            for line in wanted
        ),
        ignore_index=True,
    )


def manifest_of(conditions: Conditions, n_seeds: int, command: str) -> Manifest:
    """What it takes to compute the tables again."""
    text = json.dumps(asdict(conditions) | {"seeds": n_seeds}, sort_keys=True)
    return Manifest(
        scenario_name="consensus-guarantee",
        scenario_digest=hashlib.sha256(text.encode()).hexdigest()[:16],
        seed=1,
        epochs=1,
        command=command,
    )


def _measured(found: Mapping[Line, Contour], wanted: Sequence[Line]) -> dict[str, float]:
    """Mean and spread of the required utility over seeds; NaN if on one of them no utility is enough."""
    required = np.array([found[line].worst for line in wanted])
    return {
        "required_honest_weight_share": float(required.mean()),
        "required_sd_share": float(required.std(ddof=1)) if len(required) > 1 else np.nan,
        "seeds": len(required),
        "worst_cabal_weight_share": float(np.median([found[line].worst_cabal_weight_share for line in wanted])),
    }


DICTIONARY = DataDictionary(
    Column(name="condition", unit="name", meaning="what differs from the baseline of the published maps"),
    Column(name="seed", unit="index", meaning="seed of the draw of stakes and weights"),
    Column(name="honest_stake_share", unit="share", meaning="stake of the honest side, of all stake (S_H)"),
    Column(name="honest_weight_share", unit="share", meaning="honest validators' weight on honest miners (W_H)"),
    Column(name="cabal_weight_share", unit="share", meaning="cabal validators' weight on cabal miners (W_C)"),
    Column(name="honest_incentive_share", unit="share", meaning="honest miners' incentive, of all incentive (I_H)"),
    Column(name="honest_dividend_share", unit="share", meaning="honest validators' dividend, of all dividend (D_H)"),
    Column(name="honest_emission_share", unit="share", meaning="what the honest side earns, of all emission (E_H)"),
    Column(
        name="published_honest_weight_share", unit="share", meaning="published honest utility that retains the stake"
    ),
    Column(
        name="required_honest_weight_share",
        unit="share",
        meaning="smallest honest utility with which the honest side earns its stake share against this cabal weight; "
        "empty if none is enough",
        table="contours",
    ),
    Column(
        name="required_honest_weight_share",
        unit="share",
        meaning="smallest honest utility with which the honest side earns its stake share whatever the cabal votes, "
        "mean over seeds; empty if none is enough",
    ),
    Column(name="required_sd_share", unit="share", meaning="its sample standard deviation over seeds"),
    Column(name="seeds", unit="count", meaning="number of draws behind the mean"),
    Column(name="error_share", unit="share", meaning="measured minus published utility"),
    Column(name="tolerance_share", unit="share", meaning="largest error that counts as met"),
    Column(name="met", unit="true or false", meaning="whether the error is within the tolerance"),
    Column(name="published_cabal_weight_share", unit="share", meaning="published best vote of the cabal, if any"),
    Column(
        name="worst_cabal_weight_share", unit="share", meaning="vote of the cabal that asks for most, median over seeds"
    ),
    keys={
        "published": ("condition", "honest_stake_share"),
        "required": ("honest_stake_share",),
        "contours": ("seed", "honest_stake_share", "cabal_weight_share"),
        "map": ("seed", "honest_stake_share", "honest_weight_share", "cabal_weight_share"),
    },
)
