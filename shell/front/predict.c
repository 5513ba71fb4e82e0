/* SPDX-License-Identifier: GPL-3.0-or-later
 * See predict.h. */
#include "front/predict.h"

#include <stdarg.h>
#include <strings.h>

#include "base/columns.h"
#include "base/mem.h"
#include "base/text.h"

enum { STATE_PERCENT = 70 }; /* of the width: where the state column of the lines view begins */

/* ---- What really happened ------------------------------------------------------------------- */

static bool
is_text(const struct event *e, const char *field, const char *value)
{
    const char *text = event_get_text(e, NULL, field);

    return text != NULL && strcmp(text, value) == 0;
}

static void set_truth(struct predict *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
set_truth(struct predict *p, const char *fmt, ...)
{
    char text[128];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    buf_clear(&p->truth);
    buf_puts(&p->truth, text);
}

/* The first text among what the call stored, or what was printed. */
static void
take_text(struct predict *p, const struct event *e)
{
    const struct item *out = event_get(e, NULL, "out"), *value = event_get(e, NULL, "value");

    buf_clear(&p->text);
    if (value == NULL && out != NULL && out->kind == ITEM_OBJECT)
        value = item_first(e, out);
    if (value != NULL && value->kind == ITEM_TEXT)
        buf_put(&p->text, item_text(e, value), value->len);
}

static void
on_event(void *ctx, const struct event *e)
{
    struct predict *p = ctx;
    const char *errno_name = event_get_text(e, NULL, "errno");
    const struct item *value;

    if (!p->watching || !is_text(e, "actor", p->actor))
        return;
    if (is_text(e, "ev", "process") && is_text(e, "what", "killed")) {
        set_truth(p, "killed by %s", event_get_text(e, NULL, "sig"));
        return;
    }
    if (is_text(e, "ev", "process") && is_text(e, "what", "exit")) {
        set_truth(p, "exits");
        return;
    }
    if (!is_text(e, "call", p->call))
        return;
    p->step = event_get_int(e, NULL, "step", p->step);
    if (is_text(e, "ev", "block")) {
        set_truth(p, "waits");
    } else if (is_text(e, "ev", "exit") && p->truth.len == 0) {
        value = event_get(e, NULL, strcmp(p->call, "print") == 0 ? "value" : "ret");
        take_text(p, e);
        if (errno_name != NULL)
            set_truth(p, "%s", errno_name);
        else if (value != NULL && value->kind == ITEM_INT)
            set_truth(p, "%lld", (long long)value->value);
        else if (p->text.len > 0)
            set_truth(p, "\"%.100s\"", p->text.data);
    }
}

/* ---- Asking -------------------------------------------------------------------------------- */

void
predict_init(struct predict *p, struct session *s)
{
    *p = (struct predict){.s = s};
    p->listener = (struct listener){.event = on_event, .ctx = p};
    session_listen(s, &p->listener);
}

void
predict_release(struct predict *p)
{
    free(p->line);
    p->line = NULL;
    buf_release(&p->truth);
    buf_release(&p->text);
}

static bool
foreseeable(struct predict *p, const struct line *line)
{
    const struct actor *a = line->nwho == 1 ? world_actor(&p->s->world, line->who[0]) : NULL;
    bool prints = line->statement == STATEMENT_PRINT;

    if (line->kind != LINE_STATEMENT || a == NULL || a->state != ACTOR_IDLE || a->stopped)
        return false;
    if (!prints && (line->expr == NULL || line->expr->kind != NODE_CALL))
        return false;
    snprintf(p->actor, sizeof p->actor, "%s", a->name);
    snprintf(p->call, sizeof p->call, "%s", prints ? "print" : line->expr->text);
    return true;
}

bool
predict_ask(struct predict *p, const char *line, int width, struct buf *out)
{
    struct parse_env env = session_parse_env(p->s);
    size_t at = out->len, column = (size_t)width * STATE_PERCENT / 100, wide;
    struct line parsed;
    struct err err;
    bool asks;

    if (parse_line(&parsed, line, strlen(line), &env, &err) < 0)
        return false;
    asks = foreseeable(p, &parsed);
    if (asks && p->s->settings.linear) {
        buf_puts(out, "Question: what will come of ");
        text_escape(out, parsed.source, strlen(parsed.source), false);
        buf_puts(out, "?\n");
    } else if (asks) {
        buf_puts(out, "  ?  ");
        text_escape(out, parsed.source, strlen(parsed.source), false);
        wide = columns_of(out->data + at, out->len - at);
        do
            buf_putc(out, ' ');
        while (++wide < column);
        buf_puts(out, " ?\n");
    }
    if (asks) {
        free(p->line);
        p->line = mem_copy(line);
    }
    line_release(&parsed);
    return asks;
}

/* ---- Judging ------------------------------------------------------------------------------- */

void
predict_before(struct predict *p)
{
    buf_clear(&p->truth);
    buf_clear(&p->text);
    p->step = 0;
    p->watching = true;
}

static bool
begins(const char *word, const char *with)
{
    return strncasecmp(word, with, strlen(with)) == 0;
}

/* `-1 EAGAIN`, `= 12`, `"hi"`, `waits`, `blocks`, `error`, `SIGSEGV`: in whatever words. */
static bool
is_right(const struct predict *p, const char *answer)
{
    const char *truth = buf_text(&p->truth);
    size_t n;
    char *end;
    long long number;

    answer += strspn(answer, " \t=");
    n = strlen(answer);
    if (begins(answer, "wait") || begins(answer, "block"))
        return strcmp(truth, "waits") == 0;
    if (begins(answer, "kill") || begins(answer, "die") || begins(answer, "SIG"))
        return begins(truth, "killed") &&
               (!begins(answer, "SIG") || strcasecmp(answer, truth + strlen("killed by ")) == 0);
    if (begins(answer, "exit"))
        return strcmp(truth, "exits") == 0;
    if (begins(answer, "error") || begins(answer, "fail"))
        return truth[0] == 'E';
    if (answer[0] == '"')
        return n >= 2 && p->text.len == n - 2 && memcmp(answer + 1, p->text.data, n - 2) == 0;
    if (begins(answer, "-1"))
        answer += 2 + strspn(answer + 2, " \t");
    if (*answer == '\0')
        return truth[0] == 'E' || strcmp(truth, "-1") == 0;
    number = strtoll(answer, &end, 0);
    if (*end == '\0')
        return number == strtoll(truth, &end, 10) && *end == '\0';
    return strcasecmp(answer, truth) == 0 ||
           (p->text.len == n && memcmp(answer, buf_text(&p->text), n) == 0);
}

void
predict_after(struct predict *p, const char *answer)
{
    struct event *e = &p->s->event;
    const char *truth = buf_text(&p->truth);
    struct buf text = {0}, said = {0};
    bool right;

    p->watching = false;
    answer += strspn(answer, " \t");
    if (answer[0] == '\0' || p->truth.len == 0)
        return;
    buf_puts(&said, answer);
    while (said.len > 0 && strchr(" \t", said.data[said.len - 1]) != NULL)
        said.data[--said.len] = '\0';
    right = is_right(p, buf_text(&said));
    buf_printf(&text, "%s: you said %s, and %s%s", right ? "right" : "not so", buf_text(&said),
               strcmp(truth, "waits") == 0 || truth[0] == 'k' || truth[0] == 'e' ? "it "
                                                                                 : "it was ",
               strncmp(truth, "killed", 6) == 0 ? "was killed" : truth);
    event_start(e, "predict");
    if (p->step > 0)
        event_int(e, "step", p->step);
    event_text(e, "actor", p->actor);
    event_text(e, "call", p->call);
    event_text(e, "answer", buf_text(&said));
    event_text(e, "truth", truth);
    event_bool(e, "right", right);
    event_text(e, "text", buf_text(&text));
    session_tell(p->s);
    buf_release(&text);
    buf_release(&said);
}
