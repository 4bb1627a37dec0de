import json

import numpy as np
import pytest

from model import DATA_FOLDER
from model.chain.emission.shares import SubnetSignals
from model.chain.market.pool import Pool

GOLDEN = DATA_FOLDER / "golden" / "chain"


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


@pytest.fixture(scope="session")
def pool_of():
    """Pool of one subnet, or of several, from plain numbers."""

    def build(tao_rao, alpha_rao, quote_weight=0.5):
        tao = np.atleast_1d(np.asarray(tao_rao, dtype=np.int64))
        return Pool(
            tao_rao=tao,
            alpha_rao=np.atleast_1d(np.asarray(alpha_rao, dtype=np.int64)),
            quote_weight=np.broadcast_to(np.asarray(quote_weight, dtype=float), tao.shape),
        )

    return build
