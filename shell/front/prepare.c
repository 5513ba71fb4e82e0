/* SPDX-License-Identifier: GPL-3.0-or-later
 * See prepare.h. */
#include "front/prepare.h"

#include "builtin/builtins.h"
#include "builtin/settings.h"
#include "builtin/topics.h"
#include "front/progress.h"
#include "front/shell_out.h"
#include "front/signals.h"

/* Of the texts of a lab. */
static const char *
language(const struct options *o)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    const char *value = o->language;

    for (size_t i = 0; i < sizeof names / sizeof *names && (value == NULL || *value == '\0'); i++)
        value = getenv(names[i]);
    return value;
}

void
prepare_session(struct session *s, const struct options *o, const struct places *places)
{
    bool labs = o->command == COMMAND_RUN; /* whose lines are not always the person's own */

    *s = (struct session){.wanted_world = o->world,
                          .builtins = builtins,
                          .setting_records = settings,
                          .topics = topics,
                          .outside = labs ? NULL : shell_out,
                          .language = language(o),
                          .progress = progress_show,
                          .man_folder = places->man,
                          .seed = o->seed,
                          .student = o->student,
                          .interrupted = front_signals_interrupted};
    settings_default(&s->settings);
    options_settings(o, &s->settings);
}
