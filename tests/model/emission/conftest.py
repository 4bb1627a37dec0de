import json
from pathlib import Path

import numpy as np
import pytest

from model.emission.shares import SubnetSignals

GOLDEN = Path(__file__).parents[3] / "data" / "golden" / "chain"


@pytest.fixture(scope="session")
def golden():
    """Vectors of a chain file by the function they are for."""

    def read(file, fn):
        vectors = json.loads((GOLDEN / file).read_text())["vectors"]
        chosen = [vector for vector in vectors if vector["fn"] == fn]
        assert chosen, f"no vector of {fn} in {file}"
        return chosen

    return read


@pytest.fixture
def signals():
    """Signals of subnets; what is not given is the same for all and lets everybody take part."""

    def of(price, **given):
        n = len(price)
        shape = {
            "miner_burned_share": 0.0,
            "user_flow_ema_tao": 0.0,
            "protocol_flow_ema_tao": 0.0,
            "root_proportion": 1.0,
        }
        arrays = {name: np.broadcast_to(given.get(name, default), n) for name, default in shape.items()}
        return SubnetSignals(
            netuid=np.asarray(given.get("netuid", np.arange(n))),
            price_ema=np.asarray(price, dtype=float),
            eligible=np.broadcast_to(given.get("eligible", True), n),
            enabled=np.broadcast_to(given.get("enabled", True), n),
            gate_share=given.get("gate_share", np.nan),
            **{name: np.asarray(array, dtype=float) for name, array in arrays.items()},
        )

    return of
