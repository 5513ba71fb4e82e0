/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ipclab replay: a trace is run again in a fresh world and compared. What a timer may have done is
 * tried again, and then could not be judged. */
#include "builtin/builtins.h"
#include "front/commands.h"
#include "front/handover.h"
#include "front/replay.h"

enum { TRIES = 3 }; /* of a trace with timers */

/* One try; *again: a timer may be the reason of the difference. */
static enum status
run_once(const struct options *o, const struct places *places, const struct recorded *r, bool last,
         bool *again, struct buf *said, struct err *err)
{
    struct launcher_options launcher = places_launcher(places);
    struct judged judged = {0};
    struct session s = {.wanted_world = o->world, .builtins = builtins};
    struct replay p;
    enum status status;

    if (o->judged) {
        judged_choose(&judged, NULL);
        launcher.judged = &judged;
    }
    replay_prepare(&s, o, r);
    *again = false;
    if (session_launch(&s, &launcher, err) < 0 || session_begin(&s, err) < 0 ||
        replay_check_world(&s, o, err) < 0) {
        session_release(&s);
        return err->status;
    }
    replay_start(&p, &s, r);
    while (replay_line(&p))
        ;
    replay_end(&p);
    status = replay_judge(&p, o, last, said, err);
    *again = p.differs && p.by_time && !p.interrupted;
    session_release(&s);
    replay_release(&p);
    return status;
}

enum status
recorded_replay(const struct options *o, const struct places *places, const struct recorded *r,
                struct buf *said, struct err *err)
{
    enum status status = STATUS_OK;
    bool again = true;

    for (int try = 1; try <= TRIES && again; try++) {
        err_clear(err);
        status = run_once(o, places, r, try == TRIES, &again, said, err);
    }
    return status;
}

enum status
command_replay(const struct options *o, const struct places *places, struct err *err)
{
    struct recorded r = {0};
    struct buf said = {0};
    enum status status = STATUS_TRACE; /* whatever it is, a trace to be run again it is not */

    if (recorded_read(&r, o->args[0], err) == 0 && recorded_may_run(&r, o->args[0], err) == 0)
        status = o->to >= 0 || o->step ? (enum status)handover_run(o, places, &r, err)
                                       : recorded_replay(o, places, &r, &said, err);
    printf("%s", buf_text(&said));
    buf_release(&said);
    recorded_release(&r);
    return status;
}
