/* Loops over one row of uids, written so that the compiler turns them into vector code. */
#ifndef SUBNET_SANDBOX_LANES_H
#define SUBNET_SANDBOX_LANES_H

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "_instruction_sets.h"

#define LN2_HIGH 6.93147180369123816490e-01 /* 32 bits of ln 2, so that a small integer times it is exact */
#define LN2_LOW 1.90821492927058770002e-10  /* ln 2 - LN2_HIGH */

static inline uint64_t bits_of(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline double of_bits(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* yes where the condition holds, otherwise no; without a branch, so that loops with it become vector code. */
static inline double choice(int condition, double yes, double no) {
    const uint64_t mask = -(uint64_t)condition;
    return of_bits((bits_of(yes) & mask) | (bits_of(no) & ~mask));
}

/* ln(2^exponent (1 + f)) + rest for 1 + f in [sqrt(1/2), sqrt 2) and a rest that is small beside it:
   ln(1 + f) = 2 artanh(s) with s = f/(2+f), whose series 2 (s + s^3/3 + ...) is cut where s^22/23 < 1e-18. */
static inline double log_series(double f, double exponent, double rest) {
    const double s = f / (2.0 + f);
    const double z = s * s;
    double tail = 1.0 / 21;
    tail = tail * z + 1.0 / 19;
    tail = tail * z + 1.0 / 17;
    tail = tail * z + 1.0 / 15;
    tail = tail * z + 1.0 / 13;
    tail = tail * z + 1.0 / 11;
    tail = tail * z + 1.0 / 9;
    tail = tail * z + 1.0 / 7;
    tail = tail * z + 1.0 / 5;
    tail = tail * z + 1.0 / 3;
    const double log_m = 2.0 * s + 2.0 * s * (z * tail);
    return exponent * LN2_HIGH + (log_m + (exponent * LN2_LOW + rest));
}

/* x = 2^exponent_of(x) mantissa_of(x) for normal x > 0, the mantissa in [sqrt(1/2), sqrt 2). */
#define ROOT_HALF_UP UINT64_C(0x00095f619980c433)
static inline double exponent_of(double x) {
    const uint64_t shifted = bits_of(x) + ROOT_HALF_UP;
    return of_bits((shifted >> 52) | UINT64_C(0x4330000000000000)) - (0x1p52 + 1023.0);
}

static inline double mantissa_of(double x) {
    const uint64_t shifted = bits_of(x) + ROOT_HALF_UP;
    return of_bits((shifted & UINT64_C(0x000fffffffffffff)) + UINT64_C(0x3fe6a09e667f3bcd));
}

/* ln x for normal numbers and infinity; -infinity for what is smaller. */
static inline double natural_log(double x) {
    const double log_x = log_series(mantissa_of(x) - 1.0, exponent_of(x), 0.0);
    return choice(x >= DBL_MIN, choice(x < INFINITY, log_x, INFINITY), -INFINITY);
}

/* (e^rest - 1 - rest) / rest^2 for |rest| < 0.347: the Taylor series, which ends at rest^13/13! where the next
   term of e^rest is < 5e-18. */
static inline double exp_series(double rest) {
    double sum = 1.0 / 6227020800;
    sum = sum * rest + 1.0 / 479001600;
    sum = sum * rest + 1.0 / 39916800;
    sum = sum * rest + 1.0 / 3628800;
    sum = sum * rest + 1.0 / 362880;
    sum = sum * rest + 1.0 / 40320;
    sum = sum * rest + 1.0 / 5040;
    sum = sum * rest + 1.0 / 720;
    sum = sum * rest + 1.0 / 120;
    sum = sum * rest + 1.0 / 24;
    sum = sum * rest + 1.0 / 6;
    return sum * rest + 0.5;
}

#define PER_LN2 1.44269504088896340736
#define WHOLE 0x1.8p52 /* added to a number below 2^51 it leaves the nearest whole number in the lowest bits */

/* e^x for x <= 709; 0 below -708, where the result would leave the normal numbers. x = n ln 2 + rest. */
static inline double exponential(double x) {
    const double shifted = x * PER_LN2 + WHOLE;
    const double n = shifted - WHOLE;
    const double rest = (x - n * LN2_HIGH) - n * LN2_LOW;
    const double sum = (exp_series(rest) * rest + 1.0) * rest + 1.0;
    const double power = of_bits(bits_of(sum) + (bits_of(shifted) << 52));
    return choice(x < -708.0, 0.0, power);
}

/* e^x for any x; infinity where the result would leave the finite numbers. */
static inline double power_of_e(double x) { return choice(x > 709.0, INFINITY, exponential(x)); }

/* log_score += exponent * ln(1 + sigma z); a reading below zero counts as zero. */
EACH_INSTRUCTION_SET
static inline void add_log_reading(const double *restrict z, double sigma, double exponent,
                                   double *restrict log_score, int64_t n_uids) {
    for (int64_t uid = 0; uid < n_uids; uid++)
        log_score[uid] += exponent * natural_log(1.0 + sigma * z[uid]);
}

/* score += worth * max(0, 1 + sigma z), with worth = capability weight times claimed output. */
EACH_INSTRUCTION_SET
static inline void add_reading(const double *restrict z, double sigma, const double *restrict worth,
                               double *restrict score, int64_t n_uids) {
    for (int64_t uid = 0; uid < n_uids; uid++) {
        const double share = 1.0 + sigma * z[uid];
        score[uid] += worth[uid] * (share > 0.0 ? share : 0.0);
    }
}

/* total += worth * (1 + sigma z)^exponent; a reading below zero counts as zero. */
EACH_INSTRUCTION_SET
static inline void add_power_reading(const double *restrict z, double sigma, double exponent,
                                     const double *restrict worth, double *restrict total, int64_t n_uids) {
    for (int64_t uid = 0; uid < n_uids; uid++)
        total[uid] += worth[uid] * power_of_e(exponent * natural_log(1.0 + sigma * z[uid]));
}

/* score = e^score. */
EACH_INSTRUCTION_SET
static inline void exponentials(double *restrict score, int64_t n_uids) {
    for (int64_t uid = 0; uid < n_uids; uid++) score[uid] = power_of_e(score[uid]);
}

/* value = exponent * ln(value) + offset. */
EACH_INSTRUCTION_SET
static inline void log_power(double *restrict value, double exponent, double offset, int64_t n_uids) {
    for (int64_t uid = 0; uid < n_uids; uid++) value[uid] = exponent * natural_log(value[uid]) + offset;
}

/* The largest of value, -infinity if there is none. Eight running maxima side by side: a maximum has no
   rounding, so the order does not matter. */
EACH_INSTRUCTION_SET
static inline double largest(const double *restrict value, int64_t n_uids) {
    double best[8];
    int64_t uid = 0;
    for (int lane = 0; lane < 8; lane++) best[lane] = -INFINITY;
    for (; uid + 8 <= n_uids; uid += 8)
        for (int lane = 0; lane < 8; lane++)
            best[lane] = value[uid + lane] > best[lane] ? value[uid + lane] : best[lane];
    for (; uid < n_uids; uid++) best[0] = value[uid] > best[0] ? value[uid] : best[0];
    for (int lane = 1; lane < 8; lane++) best[0] = best[lane] > best[0] ? best[lane] : best[0];
    return best[0];
}

/* The sum of value, always in the same order: eight running sums, uid u in sum u mod 8. */
EACH_INSTRUCTION_SET
static inline double ordered_sum(const double *restrict value, int64_t n_uids) {
    double sum[8] = {0.0};
    int64_t uid = 0;
    for (; uid + 8 <= n_uids; uid += 8)
        for (int lane = 0; lane < 8; lane++) sum[lane] += value[uid + lane];
    for (int lane = 0; uid < n_uids; uid++, lane++) sum[lane] += value[uid];
    return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}

/* value = e^(value - highest). */
EACH_INSTRUCTION_SET
static inline void exp_below(double *restrict value, double highest, int64_t n_uids) {
    for (int64_t uid = 0; uid < n_uids; uid++) value[uid] = exponential(value[uid] - highest);
}

/* Turns log scores into shares that sum to 1, or into zeros if no score is above zero. */
static inline void shares_of_logs(double *restrict value, int64_t n_uids) {
    const double highest = largest(value, n_uids);
    exp_below(value, highest > -INFINITY ? highest : 0.0, n_uids);
    const double sum = ordered_sum(value, n_uids);
    const double scale = sum > 0.0 ? 1.0 / sum : 0.0;
    for (int64_t uid = 0; uid < n_uids; uid++) value[uid] *= scale;
}

#endif
