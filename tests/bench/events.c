/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an event costs of the CPU, from its fields to its bytes in a file: built, made JSON,
 * counted into the digest, written. The events are those of a pipe's write.
 *
 *   events FILE ROUNDS     prints "event microseconds", one line a round */
#include <sys/stat.h>

#include "trace/writer.h"

enum { STEPS = 5000, EVENTS_A_STEP = 3 };

static double
cpu_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void
one_step(struct writer *w, struct event *e, int64_t step)
{
    event_start(e, "input");
    event_text(e, "text", "a write(p[1], \"x\", 1)");
    writer_event(w, e);

    event_start(e, "enter");
    event_int(e, "step", step);
    event_text(e, "actor", "a");
    event_text(e, "call", "write");
    event_array(e, "args");
    event_int(e, NULL, 4);
    event_data(e, NULL, "x", 1, 1);
    event_int(e, NULL, 1);
    event_close(e);
    writer_event(w, e);

    event_start(e, "exit");
    event_int(e, "step", step);
    event_text(e, "actor", "a");
    event_text(e, "call", "write");
    event_int(e, "ret", 1);
    event_text(e, "obj", "pipe#1");
    event_int(e, "flow", 1);
    event_object(e, "state");
    event_int(e, "bytes", 1);
    event_int(e, "capacity", 65536);
    for (int end = 0; end < 2; end++) {
        event_array(e, end == 0 ? "w" : "r");
        event_text(e, NULL, "a");
        event_text(e, NULL, "b");
        event_close(e);
    }
    event_close(e);
    writer_event(w, e);
}

int
main(int argc, char **argv)
{
    struct writer w;
    struct event e;
    struct err err;
    int64_t step = 0;

    if (argc != 3) {
        fputs("usage: events FILE ROUNDS\n", stderr);
        return 2;
    }
    if (writer_open(&w, argv[1], -1, false, &err) < 0) {
        fprintf(stderr, "events: %s\n", err.text);
        return 1;
    }
    event_init(&e);
    for (int i = (int)strtol(argv[2], NULL, 10); i > 0; i--) {
        double from = cpu_us();

        for (int k = 0; k < STEPS; k++)
            one_step(&w, &e, ++step);
        writer_flush(&w);
        printf("event %.4f\n", (cpu_us() - from) / (STEPS * EVENTS_A_STEP));
    }
    event_release(&e);
    writer_close(&w);
    if (w.lost)
        fprintf(stderr, "events: %s\n", w.reason);
    writer_release(&w);
    return 0;
}
