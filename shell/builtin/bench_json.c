/* SPDX-License-Identifier: GPL-3.0-or-later
 * See bench.h: everything, for programs. */
#include <sys/utsname.h>

#include "builtin/bench.h"

static json_t *
figure(const struct bench_figure *f, double scale)
{
    return json_pack("{s:f, s:f, s:f, s:f, s:f}", "median", f->median * scale, "low",
                     f->low * scale, "high", f->high * scale, "least", f->least * scale, "most",
                     f->most * scale);
}

static json_t *
case_json(const struct bench *b, const struct bench_case *c)
{
    const struct bench_chosen *m = &b->chosen[c->chosen];
    int64_t trips = 0, messages = 0;
    json_t *o = json_pack("{s:s, s:I, s:i, s:b}", "mechanism", m->record->name, "size",
                          (json_int_t)c->size, "cores", c->cores, "measured", c->measured);

    if (!c->measured) {
        json_object_set_new(o, "failed", json_boolean(c->failed));
        json_object_set_new(o, "why", json_string(c->why));
        return o;
    }
    for (int i = 0; i < c->n; i++) {
        trips += c->answers[i].trips;
        messages += c->answers[i].messages;
    }
    json_object_set_new(o, "pieces",
                        json_integer((json_int_t)((c->size + c->piece - 1) / c->piece)));
    json_object_set_new(o, "trips", json_integer(trips));
    json_object_set_new(o, "p50_us", figure(&c->p50, 1));
    json_object_set_new(o, "p99_us", figure(&c->p99, 1));
    if (c->rate.median > 0) {
        json_object_set_new(o, "messages", json_integer(messages));
        json_object_set_new(o, "messages_per_s", figure(&c->rate, 1));
        json_object_set_new(o, "bytes_per_s", figure(&c->rate, (double)c->size));
    }
    return o;
}

json_t *
bench_json(const struct bench *b)
{
    json_t *mechanisms = json_array(), *results = json_array(), *checks = json_array();
    json_t *cpus = json_array(), *all;
    struct utsname os;

    uname(&os);
    for (int i = 0; i < b->places; i++)
        json_array_append_new(cpus, json_integer(b->cpus[i]));
    for (int i = 0; i < b->nchosen; i++) {
        const struct bench_chosen *m = &b->chosen[i];
        json_t *o = json_pack("{s:s, s:s, s:s, s:b}", "name", m->record->name, "plugin",
                              m->plugin_name, "summary", m->record->summary, "memory", m->memory);

        if (m->record->limit != NULL)
            json_object_set_new(o, "limit", json_string(m->record->limit));
        if (m->record->answered != NULL)
            json_object_set_new(o, "answered", json_string(m->record->answered));
        json_array_append_new(mechanisms, o);
    }
    for (int i = 0; i < b->nsizes; i++)
        json_array_append_new(checks, json_pack("{s:I, s:f}", "size", (json_int_t)b->sizes[i],
                                                "compare_us", b->check_us[i]));
    for (int i = 0; i < b->ncases; i++)
        json_array_append_new(results, case_json(b, &b->cases[i]));
    all = json_pack("{s:i, s:s, s:s, s:s, s:i, s:o, s:b, s:f, s:f, s:o, s:o, s:o}", "bench", 1,
                    "kernel", os.release, "arch", os.machine, "world", b->world, "rounds",
                    b->rounds, "cpus", cpus, "one_core_has_both", b->siblings, "part_ms",
                    (double)b->slice_ns / 1e6, "clock_us", b->clock_us, "sizes", checks,
                    "mechanisms", mechanisms, "results", results);
    return all;
}
