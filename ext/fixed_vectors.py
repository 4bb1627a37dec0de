"""The chain's epoch arithmetic on vectors and sparse matrices of raw 32.32 numbers.

A vector is a list of ints (see `ext.fixed_point`); a sparse matrix is one list per row of (column, value)
pairs in ascending columns. A pair with value 0 is present, and that is not the same as a missing pair: liquid
alpha forgets the bond of a missing pair at once.

Source: subtensor 14bc6f9, pallets/subtensor/src/epoch/math.rs, read through CHAIN 0.2 and 3.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ext.fixed_point import I32F32, U16_MAX, U64_MAX, Format, proportion_from_u16

__all__ = [
    "Rows",
    "clip_columns",
    "divide",
    "dot_rows",
    "ema",
    "ema_each",
    "interpolate",
    "is_max_limited",
    "mask_diagonal",
    "mask_pairs",
    "mask_rows",
    "mask_vector",
    "max_upscale_columns",
    "max_upscale_to_u16",
    "multiply",
    "normalise",
    "normalise_columns",
    "normalise_rows",
    "scale_columns",
    "scale_rows",
    "sum_rows",
    "sum_u64",
    "top_k",
    "weighted_columns",
    "weighted_median",
    "weighted_median_columns",
]

Rows = list[list[tuple[int, int]]]
UPSCALE_LIMIT = 32_768 << I32F32.fraction_bits
_product = I32F32.multiply
_quotient = I32F32.divide


def normalise(vector: Sequence[int], total: int | None = None, number: Format = I32F32) -> list[int]:
    """Return the vector divided by its sum (or by a stated total); unchanged when that is 0."""
    whole = sum(vector) if total is None else total
    return list(vector) if whole == 0 else [number.divide(value, whole) for value in vector]


def multiply(left: Sequence[int], right: Sequence[int]) -> list[int]:
    """Return the products of two vectors, element by element; the longer one is cut, what leaves the range is 0."""
    products = ((a * b) >> I32F32.fraction_bits for a, b in zip(left, right, strict=False))
    return [value if I32F32.lowest <= value <= I32F32.highest else 0 for value in products]


def divide(numerator: Sequence[int], denominator: Sequence[int]) -> list[int]:
    """Return the quotients of two vectors, element by element, 0 where the denominator is 0."""
    return [_quotient(a, b) for a, b in zip(numerator, denominator, strict=True)]


def sum_u64(values: Sequence[int]) -> int | None:
    """Return the sum of unsigned 64-bit numbers, None when it does not fit into 64 bits."""
    whole = sum(values)
    return whole if whole <= U64_MAX else None


def top_k(vector: Sequence[int], k: int) -> list[bool]:
    """Return which elements are among the k largest; of equals, the higher index stays."""
    ascending = sorted(range(len(vector)), key=vector.__getitem__)
    dropped = set(ascending[: max(0, len(vector) - k)])
    return [index not in dropped for index in range(len(vector))]


def max_upscale_to_u16(vector: Sequence[int]) -> list[int]:
    """Return the vector scaled so that its maximum becomes 65535, rounded to the nearest integer.

    Above 32768 the factor is formed first, because the product would leave the 32.32 range.
    """
    peak = max(vector, default=0)
    if peak <= 0:
        return [0] * len(vector)
    top = U16_MAX << I32F32.fraction_bits
    if peak > UPSCALE_LIMIT:
        factor = _quotient(top, peak)
        scaled = [_product(value, factor) for value in vector]
    else:
        scaled = [_quotient(_product(value, top), peak) for value in vector]
    return [max(0, min(U16_MAX, I32F32.nearest_int(value))) for value in scaled]


def is_max_limited(weight_u16: Sequence[int], limit_u16: int) -> bool:
    """Return whether no weight takes more than limit/65535 of the sum; an empty row passes."""
    share = normalise([I32F32.from_int(value) for value in weight_u16])
    return max(share, default=0) <= proportion_from_u16(limit_u16)


def mask_vector(mask: Sequence[bool], vector: Sequence[int]) -> list[int]:
    """Return the vector with 0 where the mask is true, or ends before the vector does; no mask leaves it as it is."""
    if not mask:
        return list(vector)
    return [0 if masked else value for masked, value in zip(_to_length(mask, len(vector)), vector, strict=True)]


def mask_rows(mask: Sequence[bool], rows: Rows) -> Rows:
    """Return the matrix without the rows whose mask is true, and those beyond the end of the mask."""
    return [[] if masked else list(row) for masked, row in zip(_to_length(mask, len(rows)), rows, strict=True)]


def _to_length(mask: Sequence[bool], length: int) -> list[bool]:
    """Return a mask of this length: what is beyond its end is masked."""
    return [*mask[:length], *[True] * (length - len(mask))]


def mask_diagonal(rows: Rows, kept_uid: int | None = None) -> Rows:
    """Return the matrix without its diagonal, except that of one uid if given."""
    return [[pair for pair in row if pair[0] != uid or uid == kept_uid] for uid, row in enumerate(rows)]


def mask_pairs(
    rows: Rows, of_row: Sequence[int], of_column: Sequence[int], dropped: Callable[[int, int], bool]
) -> Rows:
    """Return the matrix without the pairs for which dropped(of_row[i], of_column[j]) holds."""
    return [
        [(column, value) for column, value in row if not dropped(of_row[uid], of_column[column])]
        for uid, row in enumerate(rows)
    ]


def normalise_rows(rows: Rows) -> Rows:
    """Return the matrix with each row divided by its sum; rows that sum to 0 stay as they are."""
    result: Rows = []
    for row in rows:
        whole = sum(value for _, value in row)
        result.append([(column, _quotient(value, whole)) for column, value in row] if whole > 0 else list(row))
    return result


def normalise_columns(rows: Rows, n_columns: int) -> Rows:
    """Return the matrix with each column divided by its sum; columns that sum to 0 stay as they are."""
    whole = [0] * n_columns
    for row in rows:
        for column, value in row:
            whole[column] += value
    return _divide_columns(rows, whole)


def max_upscale_columns(rows: Rows, n_columns: int) -> Rows:
    """Return the matrix with each column divided by its largest value; columns of zeros stay as they are."""
    peak = [0] * n_columns
    for row in rows:
        for column, value in row:
            peak[column] = max(peak[column], value)
    return _divide_columns(rows, peak)


def _divide_columns(rows: Rows, divisor: Sequence[int]) -> Rows:
    return [
        [(column, _quotient(value, divisor[column]) if divisor[column] else value) for column, value in row]
        for row in rows
    ]


def clip_columns(rows: Rows, threshold: Sequence[int]) -> Rows:
    """Return the matrix with values cut down to their column's threshold; pairs cut down to 0 disappear."""
    return [
        [
            (column, min(value, threshold[column]))
            for column, value in row
            if value <= threshold[column] or threshold[column] > 0
        ]
        for row in rows
    ]


def scale_rows(rows: Rows, factor: Sequence[int]) -> Rows:
    """Return the matrix with row i multiplied by factor[i]; rows beyond the factor disappear."""
    return [
        [(column, _product(value, scale)) for column, value in row] for row, scale in zip(rows, factor, strict=False)
    ]


def scale_columns(rows: Rows, factor: Sequence[int]) -> Rows:
    """Return the matrix with column j multiplied by factor[j]; columns beyond the factor disappear."""
    return [
        [(column, _product(value, factor[column])) for column, value in row if column < len(factor)] for row in rows
    ]


def sum_rows(rows: Rows) -> list[int]:
    """Return the sum of each row."""
    return [sum(value for _, value in row) for row in rows]


def dot_rows(rows: Rows, vector: Sequence[int]) -> list[int]:
    """Return for each row the sum over columns of value * vector[column], every product floored."""
    return sum_rows(scale_columns(rows, vector))


def weighted_columns(rows: Rows, vector: Sequence[int], n_columns: int) -> list[int]:
    """Return for each column the sum over rows of vector[row] * value, every product floored."""
    result = [0] * n_columns
    for row in scale_rows(rows, vector):
        for column, value in row:
            result[column] += value
    return result


def interpolate(first: Rows, second: Rows, n_columns: int, ratio: int) -> Rows:
    """Return first + ratio * (second - first), positive pairs only; at ratio 0 or 1 that matrix itself."""
    if ratio == 0:
        return [list(row) for row in first]
    if ratio == I32F32.one:
        return [list(row) for row in second]
    result: Rows = []
    for row, other in zip(first, second, strict=True):
        start, end = dict(row), dict(other)
        dense = [start.get(j, 0) + _product(ratio, end.get(j, 0) - start.get(j, 0)) for j in range(n_columns)]
        result.append([(column, value) for column, value in enumerate(dense) if value > 0])
    return result


def ema(new: Rows, old: Rows, alpha: int, n_columns: int) -> Rows:
    """Return alpha * new + (1 - alpha) * old, positive pairs only, with missing pairs taken as 0."""
    keep = I32F32.one - alpha
    result: Rows = []
    for new_row, old_row in zip(new, old, strict=True):
        dense = [0] * n_columns
        for column, value in new_row:
            dense[column] += _product(alpha, value)
        for column, value in old_row:
            dense[column] += _product(keep, value)
        result.append([(column, value) for column, value in enumerate(dense) if value > 0])
    return result


def ema_each(new: Rows, old: Rows, alpha: Sequence[Sequence[int]]) -> Rows:
    """Return alpha_ij * new + (1 - alpha_ij) * old, at most 1, for the pairs that are present in `new` alone.

    An old pair that `new` does not list is lost at once, however large its bond was.
    """
    result: Rows = []
    for new_row, old_row, rate in zip(new, old, alpha, strict=True):
        known = dict(old_row)
        row = []
        for column, value in new_row:
            decayed = _product(I32F32.one - rate[column], known.get(column, 0))
            blended = min(I32F32.one, decayed + _product(rate[column], value))
            if blended > 0:
                row.append((column, blended))
        result.append(row)
    return result


def weighted_median(stake: Sequence[int], score: Sequence[int], minority: int) -> int:
    """Return the smallest score whose cumulated stake (of all scores up to it) exceeds `minority`.

    The largest score when no cumulated stake does; 0 without scores. Sums are exact, so this is what the
    chain's pivot search finds, whatever the order.
    """
    cumulated = 0
    ranked = sorted(zip(score, stake, strict=True))
    for place, (value, weight) in enumerate(ranked):
        cumulated += weight
        if place + 1 < len(ranked) and ranked[place + 1][0] == value:
            continue
        if cumulated > minority:
            return value
    return ranked[-1][0] if ranked else 0


def weighted_median_columns(stake: Sequence[int], rows: Rows, n_columns: int, majority: int) -> list[int]:
    """Return for each column the largest score that at least `majority` of the positive stake supports.

    Missing pairs count as score 0; the positive stakes are normalised first.
    """
    voter = [uid for uid, value in enumerate(stake) if value > 0]
    share = normalise([stake[uid] for uid in voter])
    minority = sum(share) - majority
    score = [[0] * len(voter) for _ in range(n_columns)]
    for place, uid in enumerate(voter):
        for column, value in rows[uid]:
            score[column][place] = value
    return [weighted_median(share, column, minority) for column in score]
