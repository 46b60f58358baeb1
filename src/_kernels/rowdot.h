/* The dot product of a short sparse row with a vector over goods.
 *
 * One running sum would wait for each addition to finish before the next (four cycles, twenty times a row); four sums overlap.
 * Their order is fixed, so that a row gives the same bits wherever it is computed.
 */
#ifndef PARECON_ROWDOT_H
#define PARECON_ROWDOT_H

#include <stdint.h>

static inline double row_dot(const double *val, const int32_t *idx, const double *z, int64_t n) {
    double a = 0.0, b = 0.0, c = 0.0, d = 0.0;
    int64_t e = 0;
    for (; e + 4 <= n; e += 4) {
        a += val[e] * z[idx[e]];
        b += val[e + 1] * z[idx[e + 1]];
        c += val[e + 2] * z[idx[e + 2]];
        d += val[e + 3] * z[idx[e + 3]];
    }
    for (; e < n; e++) a += val[e] * z[idx[e]];
    return (a + b) + (c + d);
}

/* The greatest product of a row's values with a vector over goods, all > 0; 0 for an empty row. Four running ones, as above. */
static inline double row_best(const double *val, const int32_t *idx, const double *z, int64_t n) {
    double a = 0.0, b = 0.0, c = 0.0, d = 0.0;
    int64_t e = 0;
    for (; e + 4 <= n; e += 4) {
        double r = val[e] * z[idx[e]], s = val[e + 1] * z[idx[e + 1]];
        double t = val[e + 2] * z[idx[e + 2]], u = val[e + 3] * z[idx[e + 3]];
        a = r > a ? r : a;
        b = s > b ? s : b;
        c = t > c ? t : c;
        d = u > d ? u : d;
    }
    for (; e < n; e++) {
        double r = val[e] * z[idx[e]];
        a = r > a ? r : a;
    }
    a = b > a ? b : a;
    c = d > c ? d : c;
    return c > a ? c : a;
}

/* row_dot, keeping each product. */
static inline double row_dot_kept(const double *val, const int32_t *idx, const double *z, int64_t n, double *restrict kept) {
    double a = 0.0, b = 0.0, c = 0.0, d = 0.0;
    int64_t e = 0;
    for (; e + 4 <= n; e += 4) {
        a += kept[e] = val[e] * z[idx[e]];
        b += kept[e + 1] = val[e + 1] * z[idx[e + 1]];
        c += kept[e + 2] = val[e + 2] * z[idx[e + 2]];
        d += kept[e + 3] = val[e + 3] * z[idx[e + 3]];
    }
    for (; e < n; e++) a += kept[e] = val[e] * z[idx[e]];
    return (a + b) + (c + d);
}

/* sums += scale * row. */
static inline void row_add(double *restrict sums, const int32_t *idx, const double *val, double scale, int64_t n) {
    for (int64_t e = 0; e < n; e++) sums[idx[e]] += scale * val[e];
}

#endif
