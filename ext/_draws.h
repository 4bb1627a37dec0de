/* Bits, uniforms and normals as functions of a key and a counter.

   Hash: the finaliser of SplitMix64 (Steele, Lea, Flood 2014). Normals: a ziggurat of 256 layers (Marsaglia,
   Tsang 2000) whose table `ext.noise` computes; the low 8 bits pick the layer, the high 53 the place in it
   (Doornik 2005). Logarithms and exponentials are those of the lanes: the same bits on every processor. */
#ifndef SUBNET_SANDBOX_DRAWS_H
#define SUBNET_SANDBOX_DRAWS_H

#include <math.h>
#include <stdint.h>

#include "_lanes.h"

#define COLUMNS 4 /* of the table: width, largest place accepted at once, height outside and inside */

static inline uint64_t counter_bits(uint64_t key, int64_t counter) {
    uint64_t x = key + UINT64_C(0x9E3779B97F4A7C15) * (uint64_t)(counter + 1);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

/* 52 bits and a half: symmetric about 1/2, never 0 or 1. */
static inline double open_uniform(uint64_t bits) { return ((double)(int64_t)(bits >> 12) + 0.5) * 0x1p-52; }

/* A signed place of 53 bits and a half: symmetric about 0. */
static inline double place_of(uint64_t bits) { return (double)((int64_t)bits >> 11) + 0.5; }

/* Beyond the base layer: an exponential envelope (Marsaglia 1964). */
static inline double normal_tail(uint64_t bits, double start, double sign) {
    for (;;) {
        bits = counter_bits(bits, 0);
        const double beyond = -natural_log(open_uniform(bits)) / start;
        bits = counter_bits(bits, 0);
        if (-2.0 * natural_log(open_uniform(bits)) > beyond * beyond) return copysign(start + beyond, sign);
    }
}

/* The 1.2 % of draws that leave the rectangles of the ziggurat; fresh bits are the hash of the old ones. */
static inline double normal_outside(uint64_t bits, const double *layer) {
    for (;;) {
        const double *row = layer + COLUMNS * (bits & 255);
        const double place = place_of(bits);
        if (fabs(place) < row[1]) return place * row[0];
        if (row == layer) return normal_tail(bits, row[3], place);
        bits = counter_bits(bits, 0);
        const double x = place * row[0];
        if (row[2] + open_uniform(bits) * (row[3] - row[2]) < exponential(-0.5 * x * x)) return x;
        bits = counter_bits(bits, 0);
    }
}

EACH_INSTRUCTION_SET
static inline void fill_bits(uint64_t key, const int64_t *restrict counter, int64_t n,
                             uint64_t *restrict bits) {
    for (int64_t draw = 0; draw < n; draw++) bits[draw] = counter_bits(key, counter[draw]);
}

static inline void fill_uniforms(const uint64_t *restrict bits, int64_t n, double *restrict out) {
    for (int64_t draw = 0; draw < n; draw++) out[draw] = open_uniform(bits[draw]);
}

/* Every draw is first taken as accepted; those that were not are listed without a branch and then redrawn. */
static inline void fill_normals(const uint64_t *restrict bits, int64_t n, const double *restrict layer,
                                int64_t *restrict outside, double *restrict out) {
    int64_t n_outside = 0;
    for (int64_t draw = 0; draw < n; draw++) {
        const double *row = layer + COLUMNS * (bits[draw] & 255);
        const double place = place_of(bits[draw]);
        out[draw] = place * row[0];
        outside[n_outside] = draw;
        n_outside += !(fabs(place) < row[1]);
    }
    for (int64_t one = 0; one < n_outside; one++)
        out[outside[one]] = normal_outside(bits[outside[one]], layer);
}

#endif
