/* exp and log over short arrays, written so that a compiler vectorises the loops on x86 and on ARM.
 *
 * Why not libm: a scalar call per entry is four times slower than the arithmetic around it, and the vector versions of glibc
 * need -ffast-math or a private ABI. Method: Cody and Waite (1980) argument reduction, a Taylor polynomial for exp on
 * [-log2/2, log2/2], and log(m) = 2 atanh((m-1)/(m+1)) for m in [sqrt(1/2), sqrt(2)]. Relative error is a few units in the
 * last place (tests/kernels checks them against NumPy). exp is clamped to [1e-307, 1e307]; log expects normal positive numbers.
 */
#ifndef PARECON_VMATH_H
#define PARECON_VMATH_H

#include <stdint.h>
#include <string.h>

/* One body, several instruction sets, chosen when the library is loaded. Only where the loader supports it. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && defined(__gnu_linux__) && !defined(__SANITIZE_ADDRESS__) && __GNUC__ >= 12
#define VMATH_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define VMATH_CLONES
#endif

static inline double vmath_exp(double x) {
    const double log2e = 1.4426950408889634074, ln2_hi = 6.93147180369123816490e-01, ln2_lo = 1.90821492927058770002e-10;
    const double shifter = 6755399441055744.0; /* 1.5 * 2^52: adding it rounds to an integer */
    x = x > 707.0 ? 707.0 : x;
    x = x < -707.0 ? -707.0 : x;
    double k = x * log2e + shifter;
    int64_t bits;
    memcpy(&bits, &k, 8);
    k -= shifter;
    double r = (x - k * ln2_hi) - k * ln2_lo;
    double q = 1.0 / 6227020800.0;
    q = q * r + 1.0 / 479001600.0;
    q = q * r + 1.0 / 39916800.0;
    q = q * r + 1.0 / 3628800.0;
    q = q * r + 1.0 / 362880.0;
    q = q * r + 1.0 / 40320.0;
    q = q * r + 1.0 / 5040.0;
    q = q * r + 1.0 / 720.0;
    q = q * r + 1.0 / 120.0;
    q = q * r + 1.0 / 24.0;
    q = q * r + 1.0 / 6.0;
    q = q * r + 0.5;
    q = q * r * r + r;
    q = q + 1.0;
    /* the low bits of the shifted sum hold k; put k into the exponent of q */
    int64_t e;
    memcpy(&e, &q, 8);
    e += (int64_t)((uint64_t)bits << 52);
    memcpy(&q, &e, 8);
    return q;
}

static inline double vmath_log(double x) {
    const double ln2_hi = 6.93147180369123816490e-01, ln2_lo = 1.90821492927058770002e-10;
    const double shifter = 6755399441055744.0;
    int64_t bits, mantissa;
    memcpy(&bits, &x, 8);
    /* exponent such that the mantissa lies in [sqrt(1/2), sqrt(2)) */
    int64_t offset = bits - 0x3fe6a09e667f3bcdLL;
    int64_t exponent = (int64_t)((uint64_t)(offset + (2048LL << 52)) >> 52) - 2048;
    mantissa = bits - (int64_t)((uint64_t)exponent << 52);
    double m, k, kbits;
    memcpy(&m, &mantissa, 8);
    int64_t kb = exponent + 0x4338000000000000LL; /* the bits of shifter + exponent */
    memcpy(&kbits, &kb, 8);
    k = kbits - shifter;
    double f = m - 1.0;
    double s = f / (2.0 + f);
    double z = s * s;
    double q = 2.0 / 21.0;
    q = q * z + 2.0 / 19.0;
    q = q * z + 2.0 / 17.0;
    q = q * z + 2.0 / 15.0;
    q = q * z + 2.0 / 13.0;
    q = q * z + 2.0 / 11.0;
    q = q * z + 2.0 / 9.0;
    q = q * z + 2.0 / 7.0;
    q = q * z + 2.0 / 5.0;
    q = q * z + 2.0 / 3.0;
    /* f - s*(f - z*q) = log(1+f), arranged so that small f keeps its digits (fdlibm's arrangement) */
    double hfsq = 0.5 * f * f;
    double tail = s * (hfsq + z * q);
    return k * ln2_hi - ((hfsq - (tail + k * ln2_lo)) - f);
}

VMATH_CLONES static void vmath_exp_array(const double *x, double *out, int64_t n) {
    for (int64_t i = 0; i < n; i++) out[i] = vmath_exp(x[i]);
}

VMATH_CLONES static void vmath_log_array(const double *x, double *out, int64_t n) {
    for (int64_t i = 0; i < n; i++) out[i] = vmath_log(x[i]);
}

#endif
