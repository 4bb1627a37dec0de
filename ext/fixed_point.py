"""Fixed-point numbers as the chain computes with them: Python integers that count units of 2^-fraction_bits.

A number x of a format is held as the int x * 2^fraction_bits ("raw"). Sums of raw numbers are exact; products
are cut down to the format by floor, quotients toward zero, and everything saturates at the ends of the range.
There is no infinity and no NaN; a division by zero gives 0.

Source: CHAIN 0.2 (subtensor 14bc6f9, substrate-fixed 0.6.0, src/transcendental.rs).
"""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = [
    "I32F32",
    "I64F64",
    "I96F32",
    "U64F64",
    "U96F32",
    "Format",
    "exp",
    "exp_clamped",
    "ln",
    "log2",
    "power",
    "proportion_from_u16",
    "proportion_to_u16",
    "sigmoid",
]

U16_MAX = 65_535
U64_MAX = 2**64 - 1
EXPONENT_LIMIT = 20
CONSTANT_BITS = 23  # the library keeps e and log2(e) with 23 fractional bits, cut off
E_RAW = 22_802_600  # floor(e * 2^23)
LOG2_E_RAW = 12_102_203  # floor(log2(e) * 2^23)


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A fixed-point format: how many bits stand before and after the point, and whether there is a sign.

    `one`, `lowest` and `highest` are the raw numbers of 1 and of the ends of the range.
    """

    integer_bits: int
    fraction_bits: int
    signed: bool
    one: int = field(init=False)
    lowest: int = field(init=False)
    highest: int = field(init=False)

    def __post_init__(self) -> None:
        if self.integer_bits < 1 or self.fraction_bits < 1:
            raise ValueError(
                f"a format needs at least one bit on either side of the point,"
                f" has {self.integer_bits} and {self.fraction_bits}"
            )
        bits = self.integer_bits + self.fraction_bits
        highest = (1 << (bits - 1 if self.signed else bits)) - 1
        object.__setattr__(self, "one", 1 << self.fraction_bits)
        object.__setattr__(self, "highest", highest)
        object.__setattr__(self, "lowest", -highest - 1 if self.signed else 0)

    def saturate(self, raw: int) -> int:
        """Return `raw` moved to the nearer end of the range when it lies outside."""
        if self.lowest <= raw <= self.highest:
            return raw
        return self.highest if raw > 0 else self.lowest

    def from_int(self, value: int) -> int:
        """Return the raw number of an integer."""
        return self.saturate(value << self.fraction_bits)

    def from_float(self, value: float) -> int:
        """Return the raw number nearest to a float (the product with a power of two is exact)."""
        return self.saturate(round(value * self.one))

    def to_float(self, raw: int) -> float:
        """Return the float nearest to a raw number."""
        return raw / self.one

    def to_int(self, raw: int, lowest: int = 0, highest: int = U64_MAX) -> int:
        """Return the floor of a raw number, kept within an integer type's range (u64 unless told)."""
        return max(lowest, min(highest, raw >> self.fraction_bits))

    def nearest_int(self, raw: int) -> int:
        """Return the nearest integer, ties away from zero."""
        half = self.one >> 1
        return (raw + half) >> self.fraction_bits if raw >= 0 else -((-raw + half) >> self.fraction_bits)

    def multiply(self, left: int, right: int) -> int:
        """Return the product, cut down to the format by floor."""
        return self.saturate((left * right) >> self.fraction_bits)

    def divide(self, numerator: int, denominator: int) -> int:
        """Return the quotient cut toward zero; 0 when the denominator is 0."""
        if denominator == 0:
            return 0
        quotient = (abs(numerator) << self.fraction_bits) // abs(denominator)
        return self.saturate(quotient if (numerator < 0) == (denominator < 0) else -quotient)

    def convert(self, raw: int, target: Format) -> int:
        """Return the same number in another format; bits that do not fit are cut by floor."""
        shift = target.fraction_bits - self.fraction_bits
        return target.saturate(raw << shift if shift >= 0 else raw >> -shift)


I32F32 = Format(integer_bits=32, fraction_bits=32, signed=True)
I64F64 = Format(integer_bits=64, fraction_bits=64, signed=True)
I96F32 = Format(integer_bits=96, fraction_bits=32, signed=True)
U96F32 = Format(integer_bits=96, fraction_bits=32, signed=False)
U64F64 = Format(integer_bits=64, fraction_bits=64, signed=False)


def proportion_from_u16(value: int) -> int:
    """Return value / 65535 as a raw 32.32 number."""
    return I32F32.divide(value << I32F32.fraction_bits, U16_MAX << I32F32.fraction_bits)


def proportion_to_u16(raw: int) -> int:
    """Return floor(65535 x) of a raw 32.32 number, kept within 0..65535."""
    return max(0, min(U16_MAX, (raw * U16_MAX) >> I32F32.fraction_bits))


def exp(raw: int, number: Format = I32F32) -> int:
    """Return e^x by the library's power series; terms beyond the format's fraction bits are not summed.

    Each term is the floored product of the one before with |x|, divided by its rank; e^-x is 1 / e^x, and
    e^1 is the constant e with 23 fractional bits.

    Raises
    ------
    OverflowError
        If a term leaves the range of the format, where the library answers with an error.
    """
    if raw == 0:
        return number.one
    if raw == number.one:
        return E_RAW << (number.fraction_bits - CONSTANT_BITS)
    size = abs(raw)
    term = size
    total = size + number.one
    for rank in range(2, number.fraction_bits):
        product = (term * size) >> number.fraction_bits
        if product > number.highest:
            raise OverflowError(f"e^{number.to_float(raw)} leaves the fixed-point range")
        term = product // rank
        total += term
    if total > number.highest:
        raise OverflowError(f"e^{number.to_float(raw)} leaves the fixed-point range")
    return total if raw > 0 else number.divide(number.one, total)


def exp_clamped(raw: int) -> int:
    """Return e^x of a raw 32.32 number whose exponent is first kept within [-20, 20]."""
    limit = EXPONENT_LIMIT << I32F32.fraction_bits
    return exp(max(-limit, min(limit, raw)))


def log2(raw: int, number: Format = I32F32) -> int:
    """Return the base-2 logarithm, found bit by bit by squaring.

    Halving rounds up the lost bit; below 1 the answer is minus the logarithm of the (truncated) inverse.

    Raises
    ------
    ValueError
        If x <= 0.
    """
    if raw <= 0:
        raise ValueError(f"a logarithm needs a positive number, got {number.to_float(raw)}")
    if raw < number.one:
        return -log2(number.divide(number.one, raw), number)
    two = number.one << 1
    whole = 0
    while raw >= two:
        whole += 1
        raw = (raw >> 1) + (raw & 1)
    if raw == number.one:
        return whole << number.fraction_bits
    result = whole
    for _ in range(number.fraction_bits):
        raw = (raw * raw) >> number.fraction_bits
        result <<= 1
        if raw >= two:
            result |= 1
            raw = (raw >> 1) + (raw & 1)
    return result


def ln(raw: int, number: Format = I32F32) -> int:
    """Return the natural logarithm: log2(x) / log2(e), with log2(e) at 23 fractional bits."""
    return number.divide(log2(raw, number), LOG2_E_RAW << (number.fraction_bits - CONSTANT_BITS))


def power(raw: int, exponent: int, number: Format = I32F32) -> int:
    """Return x^p = e^(p ln x); 0 for x = 0, 1 for p = 0, and x itself for p = 1."""
    if raw == 0:
        return 0
    if exponent == 0:
        return number.one
    if exponent == number.one:
        return raw
    return exp(number.multiply(ln(raw, number), exponent), number)


def sigmoid(raw: int, steepness: int, middle: int) -> int:
    """Return 1 / (1 + e^(-steepness (x - middle))) in raw 32.32, the exponent kept within [-20, 20]."""
    offset = I32F32.saturate(raw - middle)
    exponent = I32F32.multiply(I32F32.saturate(-steepness), offset)
    return I32F32.divide(I32F32.one, I32F32.saturate(exp_clamped(exponent) + I32F32.one))
