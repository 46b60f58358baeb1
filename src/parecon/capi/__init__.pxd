"""Rounds in C, for Cython: `from parecon.capi cimport parecon_answer, parecon_round, parecon_round_of`.

Every function but the first runs without the interpreter and its lock. What they take and return is told in parecon_round.h,
beside this file, and in docs/embedding.md.
"""

from libc.stdint cimport int32_t, int64_t

cdef extern from *:
    """
    #ifndef PARECON_ROUND_H
    typedef struct parecon_round parecon_round;
    #endif
    """
    ctypedef struct parecon_round:
        pass

# The round of a parecon.capi.Round, good for as long as that lives; raises TypeError for anything else.
cdef parecon_round *parecon_round_of(object round) except NULL

cdef int64_t parecon_goods(const parecon_round *round) noexcept nogil
cdef int64_t parecon_councils(const parecon_round *round) noexcept nogil
cdef double *parecon_endowment(parecon_round *round) noexcept nogil
cdef int64_t parecon_answer(
    parecon_round *round, const double *price, double *supply, double *demand, double *dual
) noexcept nogil
cdef int64_t parecon_entries(const parecon_round *round, int64_t council, const int32_t **good) noexcept nogil
cdef int64_t parecon_propose(
    const parecon_round *round, int64_t council, const double *price, double *used, double *made
) noexcept nogil
cdef int64_t parecon_output(const parecon_round *round, int64_t council) noexcept nogil
