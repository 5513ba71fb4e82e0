/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Answers to questions, in whatever form they are typed, and lab lines with their marks. */
#include "lesson/lesson.h"

#include <assert.h>

static const struct guided_predict choice = {
    .kind = QUESTION_CHOICE, .choices = {"it waits", "it returns 0", "b"}, .nchoices = 3};
static const struct guided_predict order = {
    .kind = QUESTION_ORDER, .choices = {"read", "write", "close"}, .nchoices = 3};
static const struct guided_predict value = {.kind = QUESTION_VALUE};

/* "" stands for what is no answer. */
static void
reads(const struct guided_predict *p, const char *typed, const char *wanted)
{
    struct buf out = {0};
    struct err err;
    int result = question_read(p, typed, &out, &err);

    if (result < 0 ? wanted[0] != '\0' : strcmp(buf_text(&out), wanted) != 0) {
        fprintf(stderr, "answer '%s': expected '%s', got '%s'\n", typed, wanted,
                result < 0 ? err.text : buf_text(&out));
        exit(1);
    }
    assert(result == 0 || err.status == STATUS_USAGE);
    buf_release(&out);
}

static void
says(const struct guided_predict *p, const char *answer, const char *wanted)
{
    struct buf out = {0};

    question_words(p, answer, &out);
    if (strcmp(buf_text(&out), wanted) != 0) {
        fprintf(stderr, "'%s' in words: expected '%s', got '%s'\n", answer, wanted, buf_text(&out));
        exit(1);
    }
    buf_release(&out);
}

int
main(void)
{
    reads(&choice, "a", "1");
    reads(&choice, "A)", "1");
    reads(&choice, "(2)", "2");
    reads(&choice, "3", "3");
    reads(&choice, "IT RETURNS 0", "2");
    reads(&choice, "b", "2"); /* a letter is a letter, also where a choice reads so */
    reads(&choice, "d", "");
    reads(&choice, "0", "");
    reads(&choice, "4", "");
    reads(&choice, "", "");
    reads(&choice, "ab", "");
    reads(&order, "c a b", "3 1 2");
    reads(&order, "3,1,2", "3 1 2");
    reads(&order, "cab", "3 1 2");
    reads(&order, "a < b", "");
    reads(&order, "a b b", "");
    reads(&order, "a b c d", "");
    reads(&order, "", "");
    reads(&value, "  = 27 ", "27");
    reads(&value, "\"two words\"", "two words");
    reads(&value, "EAGAIN", "EAGAIN");
    reads(&value, " ", "");
    says(&choice, "2", "b) it returns 0");
    says(&order, "3 1 2", "c, a, b");
    says(&value, "27", "27");
    return 0;
}
