# cython: language_level=3, boundscheck=False, wraparound=False
"""A facilitation board in Cython: hundreds of rounds without the interpreter."""

from libc.math cimport exp, fabs, log
from parecon.capi cimport parecon_answer, parecon_goods, parecon_round, parecon_round_of


def settle(round, double[::1] price, double eta, double threshold, long max_rounds):
    """Adjust prices (n,) in place, log p -= eta log(S/D), until every imbalance is below the threshold.

    Returns the number of announcements. `round` is a parecon.capi.Round.
    """
    cdef parecon_round *councils = parecon_round_of(round)
    cdef long n = parecon_goods(councils), rounds = 0, i
    cdef double[::1] supply = price.copy(), demand = price.copy()
    cdef double worst = 2.0
    with nogil:
        while rounds < max_rounds:
            if parecon_answer(councils, &price[0], &supply[0], &demand[0], NULL) != 0:
                break
            rounds += 1
            worst = 0.0
            for i in range(n):
                worst = max(worst, fabs(2 * (supply[i] - demand[i]) / (supply[i] + demand[i])))
            if worst < threshold:
                break
            for i in range(n):
                price[i] = price[i] * exp(-eta * log(supply[i] / demand[i]))
    return rounds
