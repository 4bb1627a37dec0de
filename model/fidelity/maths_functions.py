"""The functions that schema chain-math/1 knows, and the part of `ext` that answers each.

The chain has dense twins of its sparse functions, for tests only; here a dense matrix is a sparse one whose rows
are full, so both are answered by the same function.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ext import fixed_vectors as fv
from ext.fixed_point import (
    I32F32,
    I64F64,
    U16_MAX,
    proportion_from_u16,
    proportion_to_u16,
    sigmoid,
)
from ext.fixed_vectors import Rows


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the chain: the shapes of its arguments, what answers it, and the shape of the answer.

    Shapes: n plain value, c a number of columns; x raw 32.32, X raw 64.64; v and V vectors of these; s sparse rows,
    p those of a product, which may leave zeros out; d dense rows; r mask rule; a an answer of a nested call, as it is.
    """

    shapes: str
    answer: Callable[..., Any]
    result: str


def _width(rows: Rows) -> int:
    return max((column + 1 for row in rows for column, _ in row), default=0)


def _is_mask(part: list[Any]) -> bool:
    return bool(part) and isinstance(part[0], bool)


def _values(rows: Rows) -> list[list[int]]:
    return [[value for _, value in row] for row in rows]


def _dense(function: Callable[..., Rows]) -> Callable[..., list[list[int]]]:
    """Return the dense twin of a function from sparse rows to sparse rows: what is missing is 0."""

    def twin(*arguments: Any) -> list[list[int]]:
        matrix = next(part for part in arguments if isinstance(part, list) and not _is_mask(part))
        result = function(*arguments)
        return [[dict(row).get(column, 0) for column, _ in full] for full, row in zip(matrix, result, strict=True)]

    return twin


def _masked_matrix(mask: list[list[bool]], rows: Rows) -> list[list[int]]:
    if not any(mask):
        return _values(rows)
    row_masks = [*mask, *([True],) * (len(rows) - len(mask))]
    return [fv.mask_vector(row_mask, values) for row_mask, values in zip(row_masks, _values(rows), strict=False)]


def _ema_dense(new: Rows, old: Rows, rate: Rows) -> list[list[int]]:
    """Return the moving average; where shapes differ the chain keeps the old matrix, where rows do the new one."""
    if not len(new) == len(old) == len(rate):
        return _values(old)
    if any(not len(row) == len(other) == len(alpha) for row, other, alpha in zip(new, old, rate, strict=True)):
        return _values(new)
    return _dense(fv.ema_each)(new, old, _values(rate))


def _ema_sparse(new: Rows, old: Rows, rate: Rows) -> Rows:
    """Return the moving average; where shapes differ the chain keeps the new matrix, beyond its rates nothing."""
    if not len(new) == len(old) == len(rate):
        return new
    rated = [[pair for pair in row if pair[0] < len(alpha)] for row, alpha in zip(new, rate, strict=True)]
    return fv.ema_each(rated, old, _values(rate))


def _median(stake: list[int], score: list[int], chosen: list[int], minority: int, low: int, _: int) -> int:
    """Return the median of the chosen entries, `low` of stake lying below all of them."""
    picked = [stake[index] for index in chosen], [score[index] for index in chosen]
    return fv.weighted_median(*picked, minority - low)


def _scaled_columns(rows: Rows, factor: list[int]) -> list[list[int]]:
    return [fv.multiply(row, factor) for row in _values(rows)]


FUNCTIONS: dict[str, Function] = {
    "fixed_to_u16": Function("x", lambda x: I32F32.to_int(x, 0, U16_MAX), "n"),
    "fixed_to_u64": Function("x", I32F32.to_int, "n"),
    "fixed64_to_u64": Function("X", I64F64.to_int, "n"),
    "fixed64_to_fixed32": Function("X", lambda x: I64F64.convert(x, I32F32), "x"),
    "u16_to_fixed": Function("n", I32F32.from_int, "x"),
    "u16_proportion_to_fixed": Function("n", proportion_from_u16, "x"),
    "fixed_proportion_to_u16": Function("x", proportion_to_u16, "n"),
    "vec_fixed64_to_fixed32": Function("V", lambda v: [I64F64.convert(x, I32F32) for x in v], "v"),
    "vec_max_upscale_to_u16": Function("v", fv.max_upscale_to_u16, "n"),
    "vec_u16_max_upscale_to_u16": Function("v", fv.max_upscale_to_u16, "n"),
    "check_vec_max_limited": Function("nn", fv.is_max_limited, "n"),
    "checked_sum": Function("n", fv.sum_u64, "n"),
    "sum": Function("v", sum, "x"),
    "normalize": Function("v", fv.normalise, "v"),
    "inplace_normalize": Function("v", fv.normalise, "v"),
    "inplace_normalize_64": Function("V", lambda v: fv.normalise(v, number=I64F64), "V"),
    "inplace_row_normalize": Function("d", _dense(fv.normalise_rows), "d"),
    "inplace_row_normalize_sparse": Function("s", fv.normalise_rows, "s"),
    "inplace_col_normalize": Function("d", _dense(lambda m: fv.normalise_columns(m, _width(m))), "d"),
    "inplace_col_normalize_sparse": Function("sc", fv.normalise_columns, "s"),
    "inplace_col_max_upscale": Function("d", _dense(lambda m: fv.max_upscale_columns(m, _width(m))), "d"),
    "inplace_col_max_upscale_sparse": Function("sc", fv.max_upscale_columns, "s"),
    "is_topk": Function("vn", fv.top_k, "n"),
    "inplace_mask_vector": Function("nv", fv.mask_vector, "v"),
    "inplace_mask_matrix": Function("nd", _masked_matrix, "d"),
    "inplace_mask_rows": Function("nd", _dense(fv.mask_rows), "d"),
    "mask_rows_sparse": Function("ns", fv.mask_rows, "s"),
    "inplace_mask_diag": Function("d", _dense(fv.mask_diagonal), "d"),
    "inplace_mask_diag_except_index": Function("dn", _dense(fv.mask_diagonal), "d"),
    "mask_diag_sparse": Function("s", fv.mask_diagonal, "s"),
    "mask_diag_sparse_except_index": Function("sn", fv.mask_diagonal, "s"),
    "vec_mask_sparse_matrix": Function("snnr", fv.mask_pairs, "s"),
    "vec_mul": Function("vv", fv.multiply, "v"),
    "vecdiv": Function("vv", fv.divide, "v"),
    "mat_vec_mul": Function("dv", _scaled_columns, "d"),
    "mat_vec_mul_sparse": Function("sv", fv.scale_columns, "p"),
    "row_hadamard": Function("dv", _dense(fv.scale_rows), "d"),
    "row_hadamard_sparse": Function("sv", fv.scale_rows, "p"),
    "row_sum": Function("d", fv.sum_rows, "v"),
    "row_sum_sparse": Function("s", fv.sum_rows, "v"),
    "matmul": Function("dv", lambda m, v: fv.weighted_columns(m, v, _width(m)), "v"),
    "matmul_sparse": Function("svc", fv.weighted_columns, "v"),
    "matmul_transpose": Function("dv", fv.dot_rows, "v"),
    "matmul_transpose_sparse": Function("sv", fv.dot_rows, "v"),
    "inplace_col_clip": Function("dv", _dense(fv.clip_columns), "d"),
    "col_clip_sparse": Function("sv", fv.clip_columns, "s"),
    "interpolate": Function("ddx", _dense(lambda a, b, ratio: fv.interpolate(a, b, _width(a), ratio)), "d"),
    "interpolate_sparse": Function("sscx", fv.interpolate, "s"),
    "mat_ema_alpha": Function("ddd", _ema_dense, "d"),
    "mat_ema_alpha_sparse": Function("ssd", _ema_sparse, "s"),
    "weighted_median": Function("vvnxxx", _median, "x"),
    "weighted_median_col": Function(
        "vdx", lambda stake, m, majority: fv.weighted_median_columns(stake, m, _width(m), majority), "v"
    ),
    "weighted_median_col_sparse": Function("vscx", fv.weighted_median_columns, "v"),
    "sigmoid_safe": Function("xxx", sigmoid, "x"),
    "index": Function("an", lambda answer, index: answer[index], "n"),
}
