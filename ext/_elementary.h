/* Elementary functions of any double, with the edge cases of the C standard, from the series of the lanes.

   Only +, -, *, / and bits: these are rounded alike on every processor, so the results have the same bits
   everywhere. The C library's and NumPy's functions take fused products and tables where they find them.
   Errors are those that tests/ext/test_elementary.py holds. */
#ifndef SUBNET_SANDBOX_ELEMENTARY_H
#define SUBNET_SANDBOX_ELEMENTARY_H

#include "_lanes.h"

#if defined(__GNUC__)
#define IN_THE_LOOP static inline __attribute__((always_inline)) /* a call would keep the loop from vector code */
#else
#define IN_THE_LOOP static inline
#endif

#define LIFT 54.0 /* 2^LIFT makes a normal number of any subnormal one */

typedef struct { /* an unevaluated sum; |low| is at most half a unit in the last place of high */
    double high, low;
} Pair;

static inline double absolute(double x) { return of_bits(bits_of(x) & UINT64_C(0x7fffffffffffffff)); }

static inline double signed_as(double size, double sign) {
    return of_bits(bits_of(absolute(size)) | (bits_of(sign) & UINT64_C(0x8000000000000000)));
}

/* 2^n sum for whole n in [-1100, 1100]; in two steps, so that only the second can round or overflow. `WHOLE` in n. */
static inline double scaled(double sum, double n) {
    const double half = n * 0.5 + WHOLE;
    const double other = (n - (half - WHOLE)) + WHOLE;
    const uint64_t one = bits_of(1.0);
    return (sum * of_bits(one + (bits_of(half) << 52))) * of_bits(one + (bits_of(other) << 52));
}

static inline double between(double x, double low, double high) {
    return choice(x > low, choice(x < high, x, high), choice(x <= low, low, x)); /* NaN stays */
}

/* e^(x + correction) for a correction below 1e-9; any x. */
IN_THE_LOOP double exp_corrected(double x, double correction) {
    const double within = between(x, -760.0, 720.0);
    const double n = (within * PER_LN2 + WHOLE) - WHOLE;
    const double high = within - n * LN2_HIGH;
    const double low = n * LN2_LOW - correction;
    const double rest = high - low;
    const double lost = (high - rest) - low;
    const double sum = 1.0 + (rest + (rest * rest * exp_series(rest) + lost));
    return choice(x == x, scaled(sum, n), x);
}

IN_THE_LOOP double elementary_exp(double x) { return exp_corrected(x, 0.0); }

/* e^x - 1 = 2^n (e^rest - 1) + (2^n - 1). From n = 64 on the second part is 2^n to within rounding. */
IN_THE_LOOP double elementary_expm1(double x) {
    const double within = between(x, -50.0, 720.0);
    const double n = (within * PER_LN2 + WHOLE) - WHOLE;
    const double high = within - n * LN2_HIGH;
    const double low = n * LN2_LOW;
    const double rest = high - low;
    const double lost = (high - rest) - low;
    const double bent = rest * rest * exp_series(rest) + lost;
    const double unit = of_bits(bits_of(1.0) - (bits_of(between(n, -80.0, 80.0) + WHOLE) << 52)); /* 2^-n */
    const double sum = ((1.0 - unit) + rest) + bent;
    const double value = choice(n == 0.0, rest + bent, scaled(sum, n));
    return choice((x == x) & (x != 0.0), value, x);
}

IN_THE_LOOP double elementary_log(double x) {
    const int tiny = x < DBL_MIN;
    const double normal = choice(tiny, x * 0x1p54, x);
    const double log_x =
        log_series(mantissa_of(normal) - 1.0, exponent_of(normal) - choice(tiny, LIFT, 0.0), 0.0);
    const double finite = choice(x > 0.0, choice(x < INFINITY, log_x, INFINITY), -INFINITY);
    return choice(x >= 0.0, finite, NAN);
}

/* ln(1 + x). What 1 + x loses by rounding comes back at first order. */
IN_THE_LOOP double elementary_log1p(double x) {
    const double sum = 1.0 + x;
    const double lost = choice(absolute(x) < 1.0, x - (sum - 1.0), 1.0 - (sum - x));
    const double exponent = exponent_of(sum);
    const double log_sum = choice((exponent == 0.0) & (absolute(x) < 0.25), log_series(x, 0.0, 0.0),
                                  log_series(mantissa_of(sum) - 1.0, exponent, lost / sum));
    const double finite = choice(x > -1.0, choice(x < INFINITY, log_sum, INFINITY), -INFINITY);
    return choice(x >= -1.0, choice(absolute(x) < 0x1p-54, x, finite), NAN);
}

/* tanh |x| = e/(2 + e) with e = e^(2|x|) - 1; from 20 on it is 1 to within rounding. */
IN_THE_LOOP double elementary_tanh(double x) {
    const double e = elementary_expm1(2.0 * between(absolute(x), 0.0, 20.0));
    return choice(x == x, signed_as(e / (2.0 + e), x), x);
}

/* a + b and a b without error (Knuth 1969; Dekker 1971, with Veltkamp's splitting); |a|, |b| < 2^990. */
IN_THE_LOOP Pair exact_sum(double a, double b) {
    const double high = a + b;
    const double part = high - a;
    return (Pair){high, (a - (high - part)) + (b - part)};
}

IN_THE_LOOP Pair quick_sum(double a, double b) { /* |a| >= |b| */
    const double high = a + b;
    return (Pair){high, b - (high - a)};
}

IN_THE_LOOP Pair split(double a) {
    const double wide = 134217729.0 * a; /* 2^27 + 1 */
    const double high = wide - (wide - a);
    return (Pair){high, a - high};
}

IN_THE_LOOP Pair exact_product(double a, double b) {
    const double high = a * b;
    const Pair one = split(a), two = split(b);
    return (Pair){high, ((one.high * two.high - high) + one.high * two.low + one.low * two.high) +
                            one.low * two.low};
}

IN_THE_LOOP Pair product(Pair a, Pair b) {
    const Pair whole = exact_product(a.high, b.high);
    return quick_sum(whole.high, whole.low + (a.high * b.low + a.low * b.high));
}

/* ln x to 2^-65 of itself, for positive finite x: 2 s (1 + z (1/3 + z tail)) with all but the tail in pairs. */
IN_THE_LOOP Pair log_pair(double x) {
    const int tiny = x < DBL_MIN;
    const double normal = choice(tiny, x * 0x1p54, x);
    const double exponent = exponent_of(normal) - choice(tiny, LIFT, 0.0);
    const double m = mantissa_of(normal);
    const double below = m - 1.0;
    const Pair above = exact_sum(m, 1.0);
    const double quotient = below / above.high;
    const Pair back = exact_product(quotient, above.high);
    const double left = ((below - back.high) - back.low) - quotient * above.low;
    const Pair s = quick_sum(quotient, left / above.high);
    const Pair z = product(s, s);
    double tail = 1.0 / 25;
    tail = tail * z.high + 1.0 / 23;
    tail = tail * z.high + 1.0 / 21;
    tail = tail * z.high + 1.0 / 19;
    tail = tail * z.high + 1.0 / 17;
    tail = tail * z.high + 1.0 / 15;
    tail = tail * z.high + 1.0 / 13;
    tail = tail * z.high + 1.0 / 11;
    tail = tail * z.high + 1.0 / 9;
    tail = tail * z.high + 1.0 / 7;
    tail = tail * z.high + 1.0 / 5;
    const Pair third = {1.0 / 3, 0x1.5555555555555p-56}; /* 1/3 - (double)(1/3) = 2^-54 / 3 */
    const Pair inner = exact_sum(third.high, z.high * tail);
    const Pair bracket = {inner.high, inner.low + third.low};
    const Pair bend = product(product(s, z), bracket);
    const Pair half = exact_sum(s.high, bend.high);
    const Pair whole = exact_sum(exponent * LN2_HIGH, 2.0 * half.high);
    const double low = whole.low + (2.0 * (half.low + (s.low + bend.low)) + exponent * LN2_LOW);
    return quick_sum(whole.high, low);
}

IN_THE_LOOP int is_whole(double size) { return (size >= 0x1p52) | ((size + 0x1p52) - 0x1p52 == size); }

/* x^y. A negative x needs a whole y. */
IN_THE_LOOP double elementary_power(double x, double y) {
    const double size = absolute(x);
    const double reach = absolute(y);
    const int usual = (size > 0.0) & (size < INFINITY);
    const double base = choice(usual, size, 1.0);
    const double exponent = between(y, -0x1p67, 0x1p67); /* beyond, the power is 0, 1 or infinite */
    const Pair log_base = log_pair(base);
    const Pair whole = exact_product(exponent, log_base.high);
    double power = exp_corrected(whole.high, between(whole.low + exponent * log_base.low, -1.0, 1.0));
    power = choice(usual, power, choice((size > 0.0) == (y > 0.0), INFINITY, 0.0));
    power = choice(y == 2.0, x * x, power);
    const int whole_y = is_whole(reach);
    const int odd = whole_y & (reach < 0x1p53) & !is_whole(0.5 * reach);
    power = choice((int)(bits_of(x) >> 63) & odd, -power, power);
    power = choice((x < 0.0) & (size < INFINITY) & !whole_y, NAN, power);
    power = choice((x == x) & (y == y), power, NAN);
    return choice((x == 1.0) | (y == 0.0), 1.0, power);
}

EACH_INSTRUCTION_SET
static inline void each_exp(const double *restrict x, double *restrict out, int64_t n) {
    for (int64_t one = 0; one < n; one++) out[one] = elementary_exp(x[one]);
}

EACH_INSTRUCTION_SET
static inline void each_expm1(const double *restrict x, double *restrict out, int64_t n) {
    for (int64_t one = 0; one < n; one++) out[one] = elementary_expm1(x[one]);
}

EACH_INSTRUCTION_SET
static inline void each_log(const double *restrict x, double *restrict out, int64_t n) {
    for (int64_t one = 0; one < n; one++) out[one] = elementary_log(x[one]);
}

EACH_INSTRUCTION_SET
static inline void each_log1p(const double *restrict x, double *restrict out, int64_t n) {
    for (int64_t one = 0; one < n; one++) out[one] = elementary_log1p(x[one]);
}

EACH_INSTRUCTION_SET
static inline void each_tanh(const double *restrict x, double *restrict out, int64_t n) {
    for (int64_t one = 0; one < n; one++) out[one] = elementary_tanh(x[one]);
}

EACH_INSTRUCTION_SET
static inline void each_power(const double *restrict x, const double *restrict y, double *restrict out, int64_t n) {
    for (int64_t one = 0; one < n; one++) out[one] = elementary_power(x[one], y[one]);
}

#endif
