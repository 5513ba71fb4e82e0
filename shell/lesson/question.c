/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Questions about what will happen. An answer may be given in whatever form a person finds natural;
 * it is kept in one: the number of a choice, numbers in order, a value. */
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"
#include "lesson/lesson.h"

/* ---- Answers ------------------------------------------------------------------------------- */

/* "b", "2", "b)", "(2)"; 0: it is no choice. */
static int
choice_number(const struct guided_predict *p, const char *word, size_t n)
{
    int number = 0;

    while (n > 0 && (*word == '(' || *word == ' ')) {
        word++;
        n--;
    }
    while (n > 0 && strchr("). ", word[n - 1]) != NULL)
        n--;
    if (n == 1 && ((*word | 0x20) >= 'a' && (*word | 0x20) < 'a' + p->nchoices))
        return (*word | 0x20) - 'a' + 1;
    if (n == 1 && *word >= '1' && *word <= '0' + p->nchoices)
        number = *word - '0';
    for (int i = 0; i < p->nchoices && number == 0; i++)
        if (strlen(p->choices[i]) == n && strncasecmp(p->choices[i], word, n) == 0)
            number = i + 1;
    return number;
}

/* "2 1 3", "b, a, c", "bac". */
static bool
read_order(const struct guided_predict *p, const char *text, struct buf *out)
{
    bool seen[GUIDED_CHOICES] = {false};
    int n = 0;

    for (const char *c = text; *c != '\0'; c++) {
        int number;

        if (strchr(" \t,;.)(>-", *c) != NULL)
            continue;
        number = choice_number(p, c, 1);
        if (number == 0 || seen[number - 1])
            return false;
        seen[number - 1] = true;
        buf_printf(out, "%s%d", n++ > 0 ? " " : "", number);
    }
    return n == p->nchoices;
}

/* Without blanks around it, without the quotes of a text. */
static void
read_value(const char *text, struct buf *out)
{
    size_t n;

    text += strspn(text, " \t=");
    n = strlen(text);
    while (n > 0 && strchr(" \t", text[n - 1]) != NULL)
        n--;
    if (n >= 2 && text[0] == '"' && text[n - 1] == '"') {
        text++;
        n -= 2;
    }
    buf_put(out, text, n);
}

int
question_read(const struct guided_predict *p, const char *text, struct buf *out, struct err *err)
{
    int number;

    buf_clear(out);
    if (p->kind == QUESTION_CHOICE) {
        number = choice_number(p, text, strlen(text));
        if (number == 0)
            return err_set(err, STATUS_USAGE, "answer takes one of a to %c", 'a' + p->nchoices - 1);
        buf_printf(out, "%d", number);
    } else if (p->kind == QUESTION_ORDER) {
        if (!read_order(p, text, out))
            return err_set(err, STATUS_USAGE,
                           "answer takes all of a to %c in the order in which it will happen",
                           'a' + p->nchoices - 1);
    } else {
        read_value(text, out);
        if (out->len == 0)
            return err_set(err, STATUS_USAGE, "answer takes what you expect: answer 27");
    }
    return 0;
}

/* ---- Words --------------------------------------------------------------------------------- */

void
question_words(const struct guided_predict *p, const char *text, struct buf *out)
{
    int number = p->kind == QUESTION_CHOICE ? choice_number(p, text, strlen(text)) : 0;

    if (number > 0) {
        buf_printf(out, "%c) %s", 'a' + number - 1, p->choices[number - 1]);
    } else if (p->kind == QUESTION_ORDER) {
        for (const char *c = text; *c != '\0'; c++)
            if (*c >= '1' && *c <= '0' + p->nchoices)
                buf_printf(out, "%s%c", c > text ? ", " : "", 'a' + *c - '1');
    } else {
        buf_puts(out, text);
    }
}

void
question_tell(struct lesson *l, int task)
{
    const struct guided_task *g = &l->g->tasks[task];
    const struct guided_predict *p = &g->predict;
    struct event *e = &l->s->event;
    struct buf text = {0};

    buf_puts(&text, p->ask);
    for (int i = 0; i < p->nchoices; i++)
        buf_printf(&text, "\n%c) %s", 'a' + i, p->choices[i]);
    event_start(e, "predict");
    event_text(e, "task", g->id);
    event_text(e, "what", "asks");
    event_int(e, "max", p->points);
    event_text(e, "text", buf_text(&text));
    session_tell(l->s);
    buf_release(&text);
}

/* ---- Judging ------------------------------------------------------------------------------- */

static bool
is_number(const char *text, long long *value)
{
    char *end;

    *value = strtoll(text, &end, 0);
    return end != text && *end == '\0';
}

static bool
is_right(const struct guided_predict *p, const char *answer, const char *truth)
{
    long long a, b;

    if (p->kind == QUESTION_CHOICE)
        return choice_number(p, truth, strlen(truth)) == choice_number(p, answer, strlen(answer));
    if (p->kind == QUESTION_VALUE && is_number(answer, &a) && is_number(truth, &b))
        return a == b;
    return strcasecmp(answer, truth) == 0;
}

void
question_judge(struct lesson *l, int task, const char *truth)
{
    const struct guided_task *g = &l->g->tasks[task];
    const char *answer = l->tasks[task].answer;
    bool right = answer != NULL && is_right(&g->predict, answer, truth);
    struct event *e = &l->s->event;
    struct buf text = {0};

    if (answer != NULL) {
        buf_printf(&text, "%s: you said ", right ? "right" : "not so");
        question_words(&g->predict, answer, &text);
        buf_puts(&text, ", and it was ");
    } else {
        buf_puts(&text, "not answered: it was ");
    }
    question_words(&g->predict, truth, &text);
    event_start(e, "predict");
    event_text(e, "task", g->id);
    event_text(e, "what", "judged");
    if (answer != NULL)
        event_text(e, "answer", answer);
    event_text(e, "truth", truth);
    event_bool(e, "right", right);
    event_int(e, "points", right ? g->predict.points : 0);
    event_int(e, "max", g->predict.points);
    event_text(e, "text", buf_text(&text));
    session_tell(l->s);
    buf_release(&text);
}
