/* The innermost loops of the Yuma epoch, one row of uids at a time.
 *
 * They are C and not Cython for two reasons: they are compiled for several instruction sets and the processor
 * picks one when the module is loaded (Cython cannot say that), and `ivdep` lets them update a bond in place.
 * Every sum over a row runs in eight fixed lanes, every sum over rows in row order, and products are never
 * fused with sums: all instruction sets give the same bits.
 */
#ifndef EXT_EPOCH_LOOPS_H
#define EXT_EPOCH_LOOPS_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "_instruction_sets.h"

#if defined(__GNUC__) && !defined(__clang__)
#define NO_CARRY _Pragma("GCC ivdep")
#else
#define NO_CARRY
#endif
#if defined(_MSC_VER)
#define restrict __restrict
#endif

enum { LANES = 8, TILE = 16, ROWS_AT_ONCE = 8, FIRST_CUTS = 5, LATER_CUTS = 2 };

static double lane_total(const double lane[LANES])
{
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

/* Index of the first value that is not in [low, high] (NaN never is), or -1. */
EACH_INSTRUCTION_SET
static ptrdiff_t first_outside(const double *value, ptrdiff_t n, double low, double high)
{
    enum { BLOCK = 2048 };
    for (ptrdiff_t start = 0; start < n; start += BLOCK) {
        const ptrdiff_t stop = start + BLOCK < n ? start + BLOCK : n;
        int64_t inside = 0;
        for (ptrdiff_t j = start; j < stop; j++)
            inside += (value[j] >= low) & (value[j] <= high);
        if (inside != stop - start)
            for (ptrdiff_t j = start; j < stop; j++)
                if (!(value[j] >= low && value[j] <= high))
                    return j;
    }
    return -1;
}

EACH_INSTRUCTION_SET
static double row_sum(const double *restrict value, ptrdiff_t n)
{
    double lane[LANES] = {0};
    ptrdiff_t j = 0;
    for (; j + LANES <= n; j += LANES)
        for (int l = 0; l < LANES; l++)
            lane[l] += value[j + l];
    for (; j < n; j++)
        lane[j % LANES] += value[j];
    return lane_total(lane);
}

EACH_INSTRUCTION_SET
static void row_divide(const double *value, ptrdiff_t n, double divisor, double *out)
{
    NO_CARRY
    for (ptrdiff_t j = 0; j < n; j++)
        out[j] = value[j] / divisor;
}

EACH_INSTRUCTION_SET
static void row_add(const double *restrict value, ptrdiff_t n, double *restrict total)
{
    for (ptrdiff_t j = 0; j < n; j++)
        total[j] += value[j];
}

/* Number of keys above `floor_key`. */
EACH_INSTRUCTION_SET
static ptrdiff_t count_above(const double *key, ptrdiff_t n, double floor_key)
{
    int64_t count = 0;
    for (ptrdiff_t j = 0; j < n; j++)
        count += key[j] > floor_key;
    return (ptrdiff_t)count;
}

/* Tiles: score is (n_rows, TILE), n_rows a multiple of ROWS_AT_ONCE, and no score is negative. */

/* Votes for scores of at most `pivot`, per column. */
static inline void votes_up_to(const double *restrict score, const double *restrict vote, ptrdiff_t n_rows,
                               const double *restrict pivot, double *restrict votes)
{
    for (int c = 0; c < TILE; c++)
        votes[c] = 0.0;
    for (ptrdiff_t r = 0; r < n_rows; r += ROWS_AT_ONCE) {
        const double *restrict x = score + r * TILE;
        const double v0 = vote[r], v1 = vote[r + 1], v2 = vote[r + 2], v3 = vote[r + 3];
        const double v4 = vote[r + 4], v5 = vote[r + 5], v6 = vote[r + 6], v7 = vote[r + 7];
        for (int c = 0; c < TILE; c++) {
            const double p = pivot[c];
            const double s0 = x[c] <= p ? v0 : 0.0, s1 = x[c + TILE] <= p ? v1 : 0.0;
            const double s2 = x[c + 2 * TILE] <= p ? v2 : 0.0, s3 = x[c + 3 * TILE] <= p ? v3 : 0.0;
            const double s4 = x[c + 4 * TILE] <= p ? v4 : 0.0, s5 = x[c + 5 * TILE] <= p ? v5 : 0.0;
            const double s6 = x[c + 6 * TILE] <= p ? v6 : 0.0, s7 = x[c + 7 * TILE] <= p ? v7 : 0.0;
            votes[c] += ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
        }
    }
}

/* Largest score of at most `bound`, per column; 0 if there is none. */
static inline void largest_up_to(const double *restrict score, ptrdiff_t n_rows, const double *restrict bound,
                                 double *restrict largest)
{
    for (int c = 0; c < TILE; c++)
        largest[c] = 0.0;
    for (ptrdiff_t r = 0; r < n_rows; r += ROWS_AT_ONCE)
        for (int c = 0; c < TILE; c++) {
            double best = largest[c];
            for (int i = 0; i < ROWS_AT_ONCE; i++) {
                const double x = score[(r + i) * TILE + c];
                const double candidate = x <= bound[c] ? x : 0.0;
                best = candidate > best ? candidate : best;
            }
            largest[c] = best;
        }
}

/* Smallest score above `bound`, per column; infinity if there is none. */
static inline void smallest_above(const double *restrict score, ptrdiff_t n_rows, const double *restrict bound,
                                  double *restrict smallest)
{
    for (int c = 0; c < TILE; c++)
        smallest[c] = HUGE_VAL;
    for (ptrdiff_t r = 0; r < n_rows; r += ROWS_AT_ONCE)
        for (int c = 0; c < TILE; c++) {
            double best = smallest[c];
            for (int i = 0; i < ROWS_AT_ONCE; i++) {
                const double x = score[(r + i) * TILE + c];
                const double candidate = x > bound[c] ? x : HUGE_VAL;
                best = candidate < best ? candidate : best;
            }
            smallest[c] = best;
        }
}

/* Smallest score of each of TILE columns such that the votes up to it exceed `limit`; the largest score if there is
 * none. Votes are multiples of one power of two, so their sums are exact and any order gives the same answer.
 * The answer lies in (low, high]; pivots cut the bracket by interpolation and by halves, then its ends move onto
 * scores that occur. So it closes exactly, duplicates or not. */
EACH_INSTRUCTION_SET
static void quantile_tile(const double *restrict score, const double *restrict vote, ptrdiff_t n_rows,
                          double limit, double total, double *restrict out)
{
    double low[TILE], high[TILE], first[TILE], last[TILE], pivot[TILE], votes[TILE], low_votes[TILE], high_votes[TILE];
    int64_t open = 0;
    for (int c = 0; c < TILE; c++) {
        low[c] = 0.0;
        high[c] = HUGE_VAL;
    }
    votes_up_to(score, vote, n_rows, low, votes);
    largest_up_to(score, n_rows, high, last);
    smallest_above(score, n_rows, low, first);
    for (int c = 0; c < TILE; c++) {
        const int settled = votes[c] > limit || first[c] >= last[c];
        last[c] = votes[c] > limit ? 0.0 : last[c];
        first[c] = settled ? last[c] : first[c];
        low_votes[c] = votes[c];
        high_votes[c] = total;
        high[c] = last[c];
        open += !settled;
    }
    for (int cuts = FIRST_CUTS; open; cuts = LATER_CUTS) {
        for (int cut = 0; cut < cuts; cut++) {
            for (int c = 0; c < TILE; c++) {
                const double share = (limit - low_votes[c]) / (high_votes[c] - low_votes[c]);
                const double part = cut % 3 == 2 || !(share > 0.05) ? 0.5 : share < 0.95 ? share : 0.5;
                const double guess = first[c] + part * (last[c] - first[c]);
                pivot[c] = guess < last[c] ? guess : first[c];
            }
            votes_up_to(score, vote, n_rows, pivot, votes);
            for (int c = 0; c < TILE; c++) {
                const int reached = votes[c] > limit || first[c] >= last[c];
                high[c] = reached ? pivot[c] : high[c];
                last[c] = reached ? pivot[c] : last[c];
                high_votes[c] = reached ? votes[c] : high_votes[c];
                low[c] = reached ? low[c] : pivot[c];
                first[c] = reached ? first[c] : pivot[c];
                low_votes[c] = reached ? low_votes[c] : votes[c];
            }
        }
        largest_up_to(score, n_rows, high, last);
        smallest_above(score, n_rows, low, first);
        open = 0;
        for (int c = 0; c < TILE; c++) {
            open += first[c] < last[c];
            first[c] = first[c] < last[c] ? first[c] : last[c];
        }
    }
    for (int c = 0; c < TILE; c++)
        out[c] = last[c];
}

/* Adds a row's clipped weights to the rank and what it bonds with to the bond totals; returns the row's trust. */
EACH_INSTRUCTION_SET
static double clip_row(const double *restrict weight, const double *restrict ceiling, ptrdiff_t n,
                                double vote, double bond_stake, double penalty, double *restrict rank,
                                double *restrict bond_total)
{
    const double kept = 1.0 - penalty;
    double lane[LANES] = {0};
    ptrdiff_t j = 0;
    for (; j + LANES <= n; j += LANES)
        for (int l = 0; l < LANES; l++) {
            const double w = weight[j + l];
            const double clipped = w < ceiling[j + l] ? w : ceiling[j + l];
            lane[l] += clipped;
            rank[j + l] += vote * clipped;
            bond_total[j + l] += bond_stake * (kept * w + penalty * clipped);
        }
    for (; j < n; j++) {
        const double w = weight[j];
        const double clipped = w < ceiling[j] ? w : ceiling[j];
        lane[j % LANES] += clipped;
        rank[j] += vote * clipped;
        bond_total[j] += bond_stake * (kept * w + penalty * clipped);
    }
    return lane_total(lane);
}

/* bond <- stake * fresh[j] * (kept*w + penalty*clipped) + carried[j] * bond; tracks the column maximum;
 * returns sum_j bond[j] * pay[j]. */
EACH_INSTRUCTION_SET
static double ema_row(const double *weight, const double *ceiling, const double *bond, ptrdiff_t n,
                               double stake, double penalty, const double *fresh, const double *carried,
                               const double *pay, double *highest, double *out)
{
    const double kept = 1.0 - penalty;
    double lane[LANES] = {0};
    ptrdiff_t j = 0;
    for (; j + LANES <= n; j += LANES) {
        NO_CARRY
        for (int l = 0; l < LANES; l++) {
            const double w = weight[j + l];
            const double clipped = w < ceiling[j + l] ? w : ceiling[j + l];
            const double b = fresh[j + l] * (stake * (kept * w + penalty * clipped)) + carried[j + l] * bond[j + l];
            lane[l] += b * pay[j + l];
            highest[j + l] = b > highest[j + l] ? b : highest[j + l];
            out[j + l] = b;
        }
    }
    for (; j < n; j++) {
        const double w = weight[j];
        const double clipped = w < ceiling[j] ? w : ceiling[j];
        const double b = fresh[j] * (stake * (kept * w + penalty * clipped)) + carried[j] * bond[j];
        lane[j % LANES] += b * pay[j];
        highest[j] = b > highest[j] ? b : highest[j];
        out[j] = b;
    }
    return lane_total(lane);
}

/* exp(x) for |x| <= 20 within 2 units of the last place, branch-free: 2^k * exp(r), |r| <= ln(2)/2. */
static inline double exp_within_20(double x)
{
    const double shifter = 6755399441055744.0; /* 1.5 * 2^52: its last bits hold the rounded integer */
    const double shifted = x * 1.4426950408889634 + shifter;
    const double k = shifted - shifter;
    const double r = (x - k * 0.693147180369123816490) - k * 1.90821492927058770002e-10;
    double p = 1.0 / 479001600.0;
    uint64_t power, bits;
    p = p * r + 1.0 / 39916800.0;
    p = p * r + 1.0 / 3628800.0;
    p = p * r + 1.0 / 362880.0;
    p = p * r + 1.0 / 40320.0;
    p = p * r + 1.0 / 5040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    p = p * r + 1.0;
    p = p * r + 1.0;
    memcpy(&power, &shifted, sizeof power);
    memcpy(&bits, &p, sizeof bits);
    bits += power << 52;
    memcpy(&p, &bits, sizeof p);
    return p;
}

/* Liquid alpha: out <- (1-a)*bond + a*(kept*w + penalty*clipped) where `alive`, 0 elsewhere; adds to the column total. */
EACH_INSTRUCTION_SET
static void liquid_row(const double *weight, const double *ceiling, const double *consensus,
                                const double *carried, const double *bond, const unsigned char *alive, ptrdiff_t n,
                                double penalty, double low, double high, double steepness, double *total,
                                double *out)
{
    const double kept = 1.0 - penalty;
    NO_CARRY
    for (ptrdiff_t j = 0; j < n; j++) {
        const double w = weight[j];
        const double target = kept * w + penalty * (w < ceiling[j] ? w : ceiling[j]);
        const double old = carried[j] * bond[j];
        double gap = target >= old ? target - consensus[j] : old - target;
        gap = gap > 0.0 ? gap : 0.0;
        gap = gap < 1.0 ? gap : 1.0;
        double exponent = -steepness * (gap - 0.5);
        exponent = exponent > -20.0 ? exponent : -20.0;
        exponent = exponent < 20.0 ? exponent : 20.0;
        double a = low + (high - low) / (1.0 + exp_within_20(exponent));
        a = a < high ? a : high;
        a = a > low ? a : low;
        double b = (1.0 - a) * old + a * target;
        b = b < 1.0 ? b : 1.0;
        b = alive[j] ? b : 0.0;
        total[j] += b;
        out[j] = b;
    }
}

EACH_INSTRUCTION_SET
static double row_dot(const double *restrict left, const double *restrict right, ptrdiff_t n)
{
    double lane[LANES] = {0};
    ptrdiff_t j = 0;
    for (; j + LANES <= n; j += LANES)
        for (int l = 0; l < LANES; l++)
            lane[l] += left[j + l] * right[j + l];
    for (; j < n; j++)
        lane[j % LANES] += left[j] * right[j];
    return lane_total(lane);
}

/* Bonds as the chain keeps them, floor(65535 * share) / 65535, with bond * scale[j] = 65535 * share. */
EACH_INSTRUCTION_SET
static void store_u16_row(double *bond, const double *restrict scale, ptrdiff_t n)
{
    NO_CARRY
    for (ptrdiff_t j = 0; j < n; j++)
        bond[j] = floor(bond[j] * scale[j]) * (1.0 / 65535.0);
}

EACH_INSTRUCTION_SET
static void scale_row(double *bond, const double *restrict scale, ptrdiff_t n)
{
    NO_CARRY
    for (ptrdiff_t j = 0; j < n; j++)
        bond[j] = bond[j] * scale[j];
}

#endif
