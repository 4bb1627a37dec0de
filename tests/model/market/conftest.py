import json
from pathlib import Path

import numpy as np
import pytest

from model.market.pool import Pool

GOLDEN = Path(__file__).parents[3] / "data" / "golden" / "chain"


@pytest.fixture(scope="session")
def golden():
    """Vectors of the chain's swap tests by the function they are for."""

    def read(fn):
        vectors = json.loads((GOLDEN / "swap.json").read_text())["vectors"]
        chosen = [vector for vector in vectors if vector["fn"] == fn]
        assert chosen, f"no vector of {fn}"
        return chosen

    return read


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
