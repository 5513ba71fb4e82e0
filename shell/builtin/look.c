/* SPDX-License-Identifier: GPL-3.0-or-later
 * See look.h. */
#include "builtin/look.h"

#include <langinfo.h>

#include "base/mem.h"
#include "session/builtin.h"

bool
look_wants_json(const char **rest)
{
    size_t n = strcspn(*rest, " \t");

    if (n != strlen("--json") || strncmp(*rest, "--json", n) != 0)
        return false;
    *rest += n + strspn(*rest + n, " \t");
    return true;
}

void
look_tell_json(struct session *s, json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENSURE_ASCII);
    struct buf line = {0};

    if (text != NULL)
        buf_printf(&line, "%s\n", text);
    session_page(s, buf_text(&line), line.len);
    buf_release(&line);
    free(text);
    json_decref(value);
}

bool
look_ascii(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
}

const char *
look_text(const json_t *facts, const char *name)
{
    const char *text = json_string_value(json_object_get(facts, name));

    return text != NULL ? text : "";
}

/* ---- The state in words -------------------------------------------------------------------- */

/* Names of those who hold it in this mode ('\0': any), each once. */
static void
put_holders(const json_t *object, char mode, struct buf *out)
{
    const json_t *list = json_object_get(object, "holders"), *h;
    const char *last = "";
    size_t i;

    json_array_foreach(list, i, h)
    {
        const char *name = look_text(h, "actor"), *has = look_text(h, "mode");

        if ((mode != '\0' && has[0] != mode && has[0] != 'u') || strcmp(name, last) == 0)
            continue;
        buf_printf(out, "%s%s", last[0] != '\0' ? " " : "", name);
        last = name;
    }
    if (last[0] == '\0')
        buf_putc(out, '-');
}

static void
put_field(const json_t *object, const char *name, struct buf *out)
{
    const json_t *value = json_object_get(json_object_get(object, "state"), name);

    if (strcmp(name, "w") == 0 || strcmp(name, "r") == 0)
        put_holders(object, name[0], out);
    else if (strcmp(name, "holders") == 0)
        put_holders(object, '\0', out);
    else if (json_is_integer(value))
        buf_int(out, json_integer_value(value));
    else if (json_is_string(value))
        buf_puts(out, json_string_value(value));
}

/* A kind that brought no words: its fields one after the other. */
static void
put_plain(const json_t *object, struct buf *out)
{
    json_t *state = json_object_get(object, "state"), *value;
    const char *name;

    json_object_foreach(state, name, value)
    {
        buf_printf(out, "%s%s ", out->len > 0 ? "  " : "", name);
        put_field(object, name, out);
    }
}

void
look_state(const struct ipclab_kind *kind, const json_t *object, struct buf *out)
{
    const char *at = kind != NULL && kind->line != NULL ? kind->line : NULL;

    if (at == NULL) {
        put_plain(object, out);
        return;
    }
    while (*at != '\0') {
        size_t plain = strcspn(at, "$"), n;
        char name[64];

        buf_put(out, at, plain);
        at += plain;
        if (*at == '\0')
            break;
        n = strspn(at + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
        snprintf(name, sizeof name, "%.*s", (int)n, at + 1);
        put_field(object, name, out);
        at += n + 1;
    }
    while (out->len > 0 && out->data[out->len - 1] == ' ')
        out->data[--out->len] = '\0'; /* a field at the end that is not in this state */
}

/* ---- Who ----------------------------------------------------------------------------------- */

struct actor **
look_actors(struct session *s, const char *words, int *n, struct err *err)
{
    struct actor **list = mem_alloc(sizeof(struct actor *) * (size_t)(s->world.nactors + 1));
    char *copy = mem_copy(words), *save = NULL;
    int max = s->world.nactors;

    *n = 0;
    for (char *w = strtok_r(copy, " \t,", &save); w != NULL; w = strtok_r(NULL, " \t,", &save)) {
        struct actor *a = session_actor(s, w, err);
        bool again = false;

        for (int i = 0; i < *n; i++)
            again |= list[i] == a;
        if (a == NULL) {
            err->col = (int)(w - copy) + 1;
            err->end = err->col + (int)strlen(w) - 1;
            free(list);
            free(copy);
            return NULL;
        }
        if (!again && *n < max)
            list[(*n)++] = a;
    }
    free(copy);
    for (int i = 0; i < max && words[strspn(words, " \t,")] == '\0'; i++)
        if (actor_alive(s->world.actors[i]))
            list[(*n)++] = s->world.actors[i];
    return list;
}
