"""Moving averages of the TAO that flows into a subnet's pool, as the flow rules read them."""

from ext import elementary
from model.units import FloatArray

FLOW_SMOOTHING = 29_597_889_189_277 / (2**63 - 1)  # per block: half-life 216,000 blocks


def flow_ema_tao(
    ema_tao: FloatArray, flow_tao_per_block: FloatArray, blocks: int = 1, smoothing: float = FLOW_SMOOTHING
) -> FloatArray:
    """Moving average after `blocks` blocks of the same flow; exact, since a constant flow has a closed form.

    Parameters
    ----------
    ema_tao : (subnet,) float64
        Average so far, TAO per block; negative if more came out than went in.
    flow_tao_per_block : (subnet,) float64
        Flow in each of the blocks; of an epoch, its total divided by its blocks.
    blocks : int
        Number of blocks, >= 0.
    smoothing : float
        Weight of the newest block, in (0, 1].

    Returns
    -------
    (subnet,) float64

    Raises
    ------
    ValueError
        If `blocks` or `smoothing` is out of range.

    Source: subtensor 14bc6f9, pallets/subtensor/src/coinbase/subnet_emissions.rs (FlowEmaSmoothingFactor).
    """
    if blocks < 0:
        raise ValueError(f"blocks must be >= 0, is {blocks}")
    if not 0 < smoothing <= 1:
        raise ValueError(f"smoothing must lie in (0, 1], is {smoothing}")
    gained = -elementary.expm1(blocks * elementary.log1p(-smoothing)) if blocks else 0.0
    return ema_tao + gained * (flow_tao_per_block - ema_tao)
