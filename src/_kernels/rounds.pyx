"""One round in C: the best proposals of councils to announced prices, and their sums, for callers without an interpreter.

Every council is a row of goods with coefficients, an elasticity s and a weight w, value of what it buys (or makes):

    log c = log [ sum a_i p_i^(1-s) ] / (1-s),   s = 1: sum a_i log p_i            (cost; with s = 1 the a need not sum to 1)
    log w = k0 + k1 log c + k2 log p_out
    bought_i = w g_i,  g_i = a_i (p_i/c)^(1-s);   made = w m;   part of the dual = d0 + d1 log c + w d2

which is a consumer with its budget (k1 = k2 = 0, d1 = -b), a worker council with returns below one, or an iso-elastic supplier
(an empty row). A council that would make more than its capacity Q makes Q, at the level Y that takes and at a cost K in money:
it buys c Y g_i, and p_out Q - c Y - K is its part of the dual. Two kinds stand beside: linear supply, and targets in harmony form.

Sums are made in a fixed number of blocks of rows and added in a fixed order, the same bits for any number of threads. The answers
in `parecon.answers` work on whole families in NumPy and share tables; here every council stands alone, so that it can be asked
alone. Formulas: those of the families' docstrings; the tests hold both paths against each other.
"""

from cpython.pycapsule cimport PyCapsule_New
from cython.parallel cimport prange
from libc.float cimport DBL_MAX, DBL_MIN
from libc.math cimport exp, expm1, fabs, log, log1p
from libc.stdint cimport int32_t, int64_t, uintptr_t
from libc.string cimport memset

cdef extern from "vmath.h":
    void vmath_exp_array(const double *x, double *out, int64_t n) noexcept nogil
    void vmath_log_array(const double *x, double *out, int64_t n) noexcept nogil

cdef extern from "parecon_round.h":
    ctypedef struct parecon_round:
        pass

    ctypedef struct parecon_api:
        int64_t version
        int64_t (*goods)(const parecon_round *) noexcept nogil
        int64_t (*councils)(const parecon_round *) noexcept nogil
        double *(*endowment)(parecon_round *) noexcept nogil
        int64_t (*answer)(parecon_round *, const double *, double *, double *, double *) noexcept nogil
        int64_t (*entries)(const parecon_round *, int64_t, const int32_t **) noexcept nogil
        int64_t (*propose)(const parecon_round *, int64_t, const double *, double *, double *) noexcept nogil
        int64_t (*output)(const parecon_round *, int64_t) noexcept nogil

    const char *PARECON_API_CAPSULE
    const char *PARECON_ROUND_CAPSULE
    int64_t PARECON_API_VERSION

# Columns of `number`, one row per council; by kind what they hold.
cdef enum:
    K0 = 0           # rows: log weight; linear supply and harmony: quantity at the benchmark price, the target
    K1 = 1           # linear supply: benchmark price; harmony: worth of a unit
    K2 = 2           # linear supply: elasticity
    MADE = 3         # value made per weight
    DUAL0 = 4
    DUAL1 = 5
    DUAL2 = 6
    CAPACITY = 7     # Q, physical units, inf for none
    LEVEL = 8        # Y
    MONEY = 9        # K
    ELASTICITY = 10  # s
    COLUMNS = 11

cdef enum:
    ROW = 0
    LINEAR_SUPPLY = 1
    HARMONY = 2

cdef double NEAR_ONE = 0.05  # |1 - s| below which terms are expm1(.)/(1-s)

N_COLUMNS = COLUMNS
VERSION = PARECON_API_VERSION
PLACES = {"K0": K0, "DUAL0": DUAL0}
KINDS = {"row": ROW, "linear supply": LINEAR_SUPPLY, "harmony": HARMONY}


cdef struct Data:
    int64_t n_goods
    int64_t n_councils
    int64_t n_moving
    int64_t blocks
    int64_t widest
    int n_threads
    const int64_t *block      # (blocks + 1,) places in `moving`
    const int64_t *moving     # (n_moving,) councils that whole rounds ask: whose answer a change of prices changes in value
    const int64_t *indptr     # (m + 1,)
    const int32_t *idx        # (nnz,)
    const double *coef        # (nnz,)
    const unsigned char *kind  # (m,)
    const int32_t *out        # (m,)
    const double *number      # (m, COLUMNS)
    const double *needs       # (n,) physical units
    const double *spending    # (n,) value that councils outside `moving` spend on each good
    double constant           # their part of the dual that no price moves
    double *endowment         # (n,)
    double *log_price         # (n,)
    double *partial           # (blocks, 2n + 1) value used | value made | dual
    double *share             # (blocks, widest)


cdef struct Answer:
    double weight   # value bought is weight times share
    double made     # value
    double dual     # money


# One council ------------------------------------------------------------------------------------------------------------------


cdef inline double dot(const double *a, const double *x, int64_t n) noexcept nogil:
    """sum a x, in four sums that do not wait for each other."""
    cdef double s0 = 0.0, s1 = 0.0, s2 = 0.0, s3 = 0.0
    cdef int64_t i = 0
    while i + 4 <= n:
        s0 += a[i] * x[i]
        s1 += a[i + 1] * x[i + 1]
        s2 += a[i + 2] * x[i + 2]
        s3 += a[i + 3] * x[i + 3]
        i += 4
    while i < n:
        s0 += a[i] * x[i]
        i += 1
    return (s0 + s1) + (s2 + s3)


cdef double row_cost(const double *coef, double *x, int64_t n, double s) noexcept nogil:
    """Log cost of a row; x (n,) holds the logs of its prices, afterwards its shares g.

    Near s = 1 the terms are taken about their mean, elsewhere relative to the largest.
    """
    cdef int64_t i
    cdef double total = 0.0, centre, power = 1.0 - s
    if n == 0:
        return 0.0
    if fabs(power) < NEAR_ONE:
        centre = dot(coef, x, n)
        if power == 0.0:
            for i in range(n):
                x[i] = coef[i]
            return centre
        for i in range(n):
            x[i] = expm1(power * (x[i] - centre)) / power
        total = dot(coef, x, n)
        for i in range(n):
            x[i] = coef[i] * (1.0 + power * x[i]) / (1.0 + power * total)
        return centre + log1p(power * total) / power
    centre = power * x[0]
    for i in range(n):
        x[i] = power * x[i]
        centre = max(centre, x[i])
    for i in range(n):
        x[i] = x[i] - centre
    vmath_exp_array(x, x, n)
    for i in range(n):
        x[i] = x[i] * coef[i]
        total += x[i]
    for i in range(n):
        x[i] = x[i] / total
    return (centre + log(total)) / power


cdef Answer council_answer(const Data *d, int64_t j, double log_out, double *x) noexcept nogil:
    """A council's best proposal.

    log_out : log price of what it makes. x : log prices of what it buys, afterwards the shares of what it spends on each.
    """
    cdef const double *number = d.number + j * COLUMNS
    cdef double log_cost, cost
    cdef Answer answer
    if d.kind[j] == LINEAR_SUPPLY:
        return linear_supply(number, exp(log_out))
    if d.kind[j] == HARMONY:
        answer = harmony(number, exp(x[0]))
        x[0] = 1.0
        return answer
    log_cost = row_cost(d.coef + d.indptr[j], x, d.indptr[j + 1] - d.indptr[j], number[ELASTICITY])
    answer.weight = exp(number[K0] + number[K1] * log_cost + number[K2] * log_out)
    answer.made = answer.weight * number[MADE]
    answer.dual = number[DUAL0] + number[DUAL1] * log_cost + answer.weight * number[DUAL2]
    if d.out[j] >= 0 and answer.made > number[CAPACITY] * exp(log_out):
        cost = exp(log_cost) * number[LEVEL]
        answer.weight = cost
        answer.made = number[CAPACITY] * exp(log_out)
        answer.dual = answer.made - cost - number[MONEY]
    return answer


cdef Answer linear_supply(const double *number, double price) noexcept nogil:
    """s = q0 (1 + eta (p/p0 - 1)) within [0, Q]; C(s) = p0 q0 [ r + (r^2/2 - r)/eta ], r = s/q0."""
    cdef double q0 = number[K0], p0 = number[K1], eta = number[K2]
    cdef double r = 1.0 + eta * (price / p0 - 1.0)
    cdef Answer answer
    r = min(max(r, 0.0), number[CAPACITY] / q0)
    answer.weight = 0.0
    answer.made = price * q0 * r
    answer.dual = answer.made - p0 * q0 * (r + (0.5 * r * r - r) / eta)
    return answer


cdef Answer harmony(const double *number, double price) noexcept nogil:
    """x/T = 1/z up to z = p/worth = 1, 2 - z up to 2, then nothing; worth w/T; of the dual w H(x/T - 1) - p x."""
    cdef double target = number[K0], worth = number[K1], z = price / worth, r, t
    cdef Answer answer
    r = 1.0 / z if z <= 1.0 else max(2.0 - z, 0.0)
    t = r - 1.0
    answer.weight = price * target * r
    answer.made = 0.0
    answer.dual = worth * target * (log1p(t) if t >= 0.0 else t - 0.5 * t * t) - answer.weight
    return answer


# All councils -----------------------------------------------------------------------------------------------------------------


cdef void answer_block(const Data *d, int64_t b) noexcept nogil:
    """The sums of one block of rows, into its own line."""
    cdef int64_t place, j, e, first, n = d.n_goods
    cdef int32_t out
    cdef double *line = d.partial + b * (2 * n + 1)
    cdef double *x = d.share + b * d.widest
    cdef Answer answer
    memset(line, 0, (2 * n + 1) * sizeof(double))
    for place in range(d.block[b], d.block[b + 1]):
        j = d.moving[place]
        first = d.indptr[j]
        out = d.out[j]
        for e in range(first, d.indptr[j + 1]):
            x[e - first] = d.log_price[d.idx[e]]
        answer = council_answer(d, j, d.log_price[out] if out >= 0 else 0.0, x)
        for e in range(first, d.indptr[j + 1]):
            line[d.idx[e]] += answer.weight * x[e - first]
        if out >= 0:
            line[n + out] += answer.made
        line[2 * n] += answer.dual


cdef inline bint is_price(double price) noexcept nogil:
    return price >= DBL_MIN and price <= DBL_MAX


cdef int64_t wrong_price(const double *price, int64_t n) noexcept nogil:
    """0, or one more than the place of the first price that is no positive finite number."""
    cdef int64_t i
    for i in range(n):
        if not is_price(price[i]):
            return i + 1
    return 0


cdef void add_lines(const Data *d, const double *price, double *supply, double *demand, double *dual) noexcept nogil:
    """What exists, is owed in kind or spent at any prices, and the lines of the blocks in their order."""
    cdef int64_t i, b, n = d.n_goods
    cdef double used, made, value = d.constant
    for b in range(d.blocks):
        value += d.partial[b * (2 * n + 1) + 2 * n]
    for i in range(n):
        used = d.spending[i]
        made = 0.0
        for b in range(d.blocks):
            used += d.partial[b * (2 * n + 1) + i]
            made += d.partial[b * (2 * n + 1) + n + i]
        value += price[i] * (d.endowment[i] - d.needs[i]) - d.spending[i] * d.log_price[i]
        if supply != NULL:
            supply[i] = d.endowment[i] + made / price[i]
        if demand != NULL:
            demand[i] = d.needs[i] + used / price[i]
    if dual != NULL:
        dual[0] = value


# What other programs call -----------------------------------------------------------------------------------------------------


cdef api int64_t parecon_goods(const parecon_round *round) noexcept nogil:
    return (<const Data *> round).n_goods


cdef api int64_t parecon_councils(const parecon_round *round) noexcept nogil:
    return (<const Data *> round).n_councils


cdef api double *parecon_endowment(parecon_round *round) noexcept nogil:
    return (<Data *> round).endowment


cdef api int64_t parecon_answer(
    parecon_round *round, const double *price, double *supply, double *demand, double *dual
) noexcept nogil:
    cdef Data *d = <Data *> round
    cdef int64_t b, wrong = wrong_price(price, d.n_goods)
    if wrong:
        return wrong
    vmath_log_array(price, d.log_price, d.n_goods)
    for b in prange(d.blocks, num_threads=d.n_threads, schedule="dynamic", chunksize=1):
        answer_block(d, b)
    add_lines(d, price, supply, demand, dual)
    return 0


cdef api int64_t parecon_entries(const parecon_round *round, int64_t council, const int32_t **good) noexcept nogil:
    cdef const Data *d = <const Data *> round
    if council < 0 or council >= d.n_councils:
        return -1
    good[0] = d.idx + d.indptr[council]
    return d.indptr[council + 1] - d.indptr[council]


cdef api int64_t parecon_output(const parecon_round *round, int64_t council) noexcept nogil:
    cdef const Data *d = <const Data *> round
    if council < 0 or council >= d.n_councils:
        return -1
    return d.out[council]


cdef api int64_t parecon_propose(
    const parecon_round *round, int64_t council, const double *price, double *used, double *made
) noexcept nogil:
    cdef const Data *d = <const Data *> round
    cdef int64_t e, first, last
    cdef int32_t out
    cdef Answer answer
    if council < 0 or council >= d.n_councils:
        return -1
    first = d.indptr[council]
    last = d.indptr[council + 1]
    out = d.out[council]
    if out >= 0 and not is_price(price[out]):
        return out + 1
    for e in range(first, last):
        if not is_price(price[d.idx[e]]):
            return d.idx[e] + 1
    for e in range(first, last):
        used[e - first] = price[d.idx[e]]
    vmath_log_array(used, used, last - first)
    answer = council_answer(d, council, log(price[out]) if out >= 0 else 0.0, used)
    for e in range(first, last):
        used[e - first] = used[e - first] * answer.weight / price[d.idx[e]]
    if made != NULL:
        made[0] = answer.made / price[out] if out >= 0 else 0.0
    return 0


cdef api parecon_round *parecon_round_of(object round) except NULL:
    if not isinstance(round, Compiled):
        raise TypeError(f"expected a parecon.capi.Round, got {type(round).__name__}")
    return <parecon_round *> &(<Compiled> round).data


# What Python holds ------------------------------------------------------------------------------------------------------------

cdef parecon_api table = [
    PARECON_API_VERSION, parecon_goods, parecon_councils, parecon_endowment, parecon_answer, parecon_entries, parecon_propose,
    parecon_output,
]

C_API = PyCapsule_New(&table, PARECON_API_CAPSULE, NULL)

# Of every function, for those who call by address (ctypes, cffi, Numba).
ADDRESSES = {
    "parecon_goods": <uintptr_t> &parecon_goods,
    "parecon_councils": <uintptr_t> &parecon_councils,
    "parecon_endowment": <uintptr_t> &parecon_endowment,
    "parecon_answer": <uintptr_t> &parecon_answer,
    "parecon_entries": <uintptr_t> &parecon_entries,
    "parecon_propose": <uintptr_t> &parecon_propose,
    "parecon_output": <uintptr_t> &parecon_output,
}


cdef class Compiled:
    """The arrays of a round, kept alive for the pointers to them."""

    cdef Data data
    cdef object kept
    cdef readonly object handle

    def __cinit__(self, *args, **named):
        self.handle = PyCapsule_New(<void *> &self.data, PARECON_ROUND_CAPSULE, NULL)

    @property
    def address(self):
        """The round's own address."""
        return <uintptr_t> &self.data

    def hold(
        self,
        const int64_t[::1] block,        # IN  (blocks + 1,)
        const int64_t[::1] moving,       # IN  (moving,)
        const int64_t[::1] indptr,       # IN  (m + 1,)
        const int32_t[::1] idx,          # IN  (nnz + 1,) one entry more than there are, so that none is empty
        const double[::1] coef,          # IN  (nnz + 1,)
        const unsigned char[::1] kind,   # IN  (m + 1,)
        const int32_t[::1] out,          # IN  (m + 1,)
        const double[:, ::1] number,     # IN  (m + 1, COLUMNS)
        const double[::1] needs,         # IN  (n,)
        const double[::1] spending,      # IN  (n,)
        double constant,                 # IN
        double[::1] endowment,           # IN  (n,) and for callers to write
        double[::1] log_price,           # scratch (n,)
        double[:, ::1] partial,          # scratch (blocks, 2n + 1)
        double[:, ::1] share,            # scratch (blocks, widest)
        int n_threads,
    ):
        """Point at these arrays from now on. No answer may be under way."""
        cdef Data *d = &self.data
        self.kept = (block, moving, indptr, idx, coef, kind, out, number, needs, spending, endowment, log_price, partial, share)
        d.n_goods, d.n_councils, d.n_threads = needs.shape[0], indptr.shape[0] - 1, n_threads
        d.n_moving, d.blocks, d.widest = moving.shape[0], partial.shape[0], share.shape[1]
        d.constant = constant
        d.block, d.moving, d.indptr = &block[0], &moving[0] if d.n_moving else NULL, &indptr[0]
        d.idx, d.coef, d.kind, d.out, d.number = &idx[0], &coef[0], &kind[0], &out[0], &number[0, 0]
        d.needs, d.spending = &needs[0], &spending[0]
        d.endowment, d.log_price, d.partial, d.share = &endowment[0], &log_price[0], &partial[0, 0], &share[0, 0]

    def answer_into(
        self,
        const double[::1] price,         # IN  (n,)
        double[::1] supply,              # OUT (n,)
        double[::1] demand,              # OUT (n,)
    ):
        """(status, dual) of `parecon_answer`."""
        cdef double dual = 0.0
        cdef int64_t status
        cdef parecon_round *round = <parecon_round *> &self.data
        with nogil:
            status = parecon_answer(round, &price[0], &supply[0], &demand[0], &dual)
        return status, dual

    def propose_into(
        self,
        int64_t council,                 # IN
        const double[::1] price,         # IN  (n,)
        double[::1] used,                # OUT (k + 1,) one entry more than the council has
    ):
        """(status, made) of `parecon_propose`."""
        cdef double made = 0.0
        cdef int64_t status = parecon_propose(<parecon_round *> &self.data, council, &price[0], &used[0], &made)
        return status, made
