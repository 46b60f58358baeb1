/* One round of a participatory procedure, in C: announced prices in, the sums of all councils' answers out.
 *
 * The rounds themselves are made in Python (parecon.capi.Round). From C, with the interpreter at hand:
 *
 *     const parecon_api *api = (const parecon_api *)PyCapsule_Import(PARECON_API_CAPSULE, 0);
 *     if (api == NULL || api->version < PARECON_API_VERSION) ...
 *     parecon_round *round = (parecon_round *)PyCapsule_GetPointer(handle, PARECON_ROUND_CAPSULE);
 *
 * where `handle` is the attribute of that name of a Round. The pointer is good for as long as the Round lives. No function
 * needs the interpreter or its lock. Conventions: docs/embedding.md.
 */
#ifndef PARECON_ROUND_H
#define PARECON_ROUND_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PARECON_API_VERSION 1
#define PARECON_API_CAPSULE "parecon.capi.C_API"
#define PARECON_ROUND_CAPSULE "parecon.capi.Round"

typedef struct parecon_round parecon_round;

/* Later versions add functions at the end and change none that is here. */
typedef struct parecon_api {
    int64_t version;

    /* Number n of goods, and number of councils. */
    int64_t (*goods)(const parecon_round *round);
    int64_t (*councils)(const parecon_round *round);

    /* (n,) what exists of each good, physical units; may be written between two answers. */
    double *(*endowment)(parecon_round *round);

    /* Answer prices (n,) > 0, money per physical unit, with (n,) supply and (n,) demand in physical units (endowment and
     * needs included) and the dual value Phi(price) in money. Each of the three may be NULL.
     *
     * Returns 0, or i + 1 where the price of good i is the first that is not a positive finite number; then nothing is
     * written. One call at a time for one round; any number for different rounds.
     */
    int64_t (*answer)(parecon_round *round, const double *price, double *supply, double *demand, double *dual);

    /* The goods that a council buys or uses, in the order of its quantities; returns how many there are (k). */
    int64_t (*entries)(const parecon_round *round, int64_t council, const int32_t **good);

    /* One council's own best proposal at prices (n,): (k,) quantities used, beyond needs, and what it makes, physical units.
     * Each may be NULL. Returns as `answer` does, and -1 where there is no such council. Any number of calls at a time.
     */
    int64_t (*propose)(const parecon_round *round, int64_t council, const double *price, double *used, double *made);

    /* The good that a council makes, -1 for none. */
    int64_t (*output)(const parecon_round *round, int64_t council);
} parecon_api;

#ifdef __cplusplus
}
#endif

#endif
