/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The picture of interface 2, and what lanes and gutter do with all else: events on the left, what
 * stands on the screen on the right. */
#include <locale.h>

#include "base/mem.h"
#include "trace/parse.h"
#include "trace_check.h"
#include "view/story.h"
#include "view/view.h"
#include "view_fixture.h"

static struct buf out;

/* Quotes in events are single ones here, so that they can be read. */
static void
feed(const char *events, void (*each)(void *ctx, const struct event *e), void *ctx)
{
    struct event e;
    char why[256];

    event_init(&e);
    while (*events != '\0') {
        size_t n = strcspn(events, "\n");
        char *line = mem_copy_n(events, n);

        for (char *c = line; *c != '\0'; c++)
            *c = *c == '\'' ? '"' : *c;
        if (trace_parse(&e, line, n, why) != 0) {
            fprintf(stderr, "%s: %s\n", why, line);
            check_failures++;
        }
        each(ctx, &e);
        free(line);
        events += n + (events[n] == '\n');
    }
    event_release(&e);
}

struct drawing {
    const struct view_kind *kind;
    void *view;
};

static void
draw_one(void *ctx, const struct event *e)
{
    struct drawing *d = ctx;

    d->kind->event(d->view, e, &out);
}

static const char *
draw(const struct view_kind *kind, const char *events, struct view_options options)
{
    struct drawing d = {.kind = kind};

    options.catalog = &catalog;
    buf_clear(&out);
    d.view = kind->start(&options);
    feed(events, draw_one, &d);
    kind->finish(d.view, &out);
    return buf_text(&out);
}

#define ENTER(step, actor, call, args)                                                             \
    "{'ev':'enter','step':" #step ",'actor':'" actor "','call':'" call "','args':[" args "]}\n"
#define EXIT(step, actor, call, ret, more)                                                         \
    "{'ev':'exit','step':" #step ",'actor':'" actor "','call':'" call "','ret':" #ret more "}\n"
#define PIPE(bytes, w, r) ",'obj':'pipe#1','state':{'bytes':" #bytes ",'w':[" w "],'r':[" r "]}"
#define FORK(step, parent, child, pid)                                                             \
    ENTER(step, parent, "fork", "'" child "'")                                                     \
    "{'ev':'process','actor':'" child "','what':'fork','parent':'" parent "','pid':" #pid          \
    ",'fds':[{'fd':3,'mode':'r','obj':'pipe#1'},{'fd':4,'mode':'w','obj':'pipe#1'}]}\n" EXIT(      \
        step, parent, "fork", pid, "")

#define BEGINNING                                                                                  \
    "{'ev':'session','ipclab':1}\n" ENTER(1, "main", "pipe", "'p'")                                \
        EXIT(1, "main", "pipe", 0, PIPE(0, "'main'", "'main'")) FORK(2, "main", "writer", 3)       \
            FORK(3, "main", "reader", 4)                                                           \
                ENTER(4, "main", "exit",                                                           \
                      "0") "{'ev':'process','actor':'main','what':'exit','status':0}\n"

#define WRITER                                                                                     \
    ENTER(5, "writer", "close", "3")                                                               \
    EXIT(5, "writer", "close", 0, PIPE(0, "'writer','reader'", "'reader'"))                        \
    ENTER(6, "writer", "write", "4,'hello',5")                                                     \
    EXIT(6, "writer", "write", 5, ",'flow':5" PIPE(5, "'writer','reader'", "'reader'"))            \
    ENTER(7, "writer", "close", "4")                                                               \
    EXIT(7, "writer", "close", 0, PIPE(5, "'reader'", "'reader'"))                                 \
    ENTER(8, "writer", "exit", "0")                                                                \
    "{'ev':'process','actor':'writer','what':'exit','status':0}\n"

#define READER                                                                                     \
    ENTER(9, "reader", "read", "3,'buf',64")                                                       \
    EXIT(9, "reader", "read", 5,                                                                   \
         ",'flow':-5,'out':{'buf':'hello'}" PIPE(0, "'reader'", "'reader'"))                       \
    ENTER(10, "reader", "read", "3,'buf',64")                                                      \
    "{'ev':'block','step':10,'actor':'reader','call':'read','why':'empty-self','waits':'the pipe " \
    "is empty'" PIPE(0, "'reader'", "'reader'") "}\n"

#define STUCK                                                                                      \
    "{'ev':'verdict','kind':'stuck','actors':['reader'],'obj':'pipe#1','text':'x',"                \
    "'waits':[{'actor':'reader','call':'read','step':10}],"                                        \
    "'holders':[{'actor':'reader','fd':4,'mode':'w','obj':'pipe#1','since':3,'how':'fork'}],"      \
    "'says':['reader cannot go on: the pipe is empty, and read(2) reports end of file only when "  \
    "no write end is open.','Nobody who could write is left: writer has exited, reader waits for " \
    "itself.'],'next':['undo 2','reader close(4)'],'undo':2}\n"

/* interface 2 */
static void
test_picture(void)
{
    static const char *const only[] = {"writer", "reader", NULL};

    CHECK_TEXT(draw(&view_lanes, BEGINNING WRITER READER STUCK,
                    (struct view_options){.width = 78, .only = only}),
               "  # │ writer                    │ reader                    │ pipe#1\n"
               "────┼───────────────────────────┼───────────────────────────┼─────────────────\n"
               "  2 │ inherits r=3 w=4          │                           │   0 B  W2 R2\n"
               "  3 │                           │ inherits r=3 w=4          │   0 B  W3 R3\n"
               "  5 │ close(3) = 0              │                           │   0 B  W2 R1\n"
               "  6 │ write(4,\"hello\",5) = 5 ─▶ │                           │   5 B  W2 R1\n"
               "  7 │ close(4) = 0              │                           │   5 B  W1 R1\n"
               "  8 │ exit(0)  ×                │                           │\n"
               "  9 │                           │ read(3, 64) = 5       ◀── │   0 B  W1 R1\n"
               "    │                           │   \"hello\"                 │\n"
               " 10 │                           │ read(3, 64)       ▒ waits │   0 B  W1 R1\n"
               "════╧═ STUCK ═══════════════════╧═══════════════════════════╧═════════════════\n"
               " reader cannot go on: the pipe is empty, and read(2) reports end of file only\n"
               " when no write end is open. One write end (W1) is still open:\n"
               "     reader  fd 4   inherited in step 3, never closed    ◀ reader itself\n"
               " Nobody who could write is left: writer has exited, reader waits for itself.\n"
               " Next:  `undo 2`, then `reader close(4)` before the read.\n");
}

static void
test_ascii(void)
{
    const char *s = draw(&view_lanes, BEGINNING WRITER READER STUCK,
                         (struct view_options){.width = 78, .ascii = true});

    CHECK(strstr(s, "# waits") != NULL);
    CHECK(strstr(s, "->") != NULL && strstr(s, "<--") != NULL && strstr(s, "exit(0)  x") != NULL);
    CHECK(strstr(s, "====") != NULL && strstr(s, "+- NEVER") == NULL);
    for (; *s != '\0'; s++)
        CHECK((unsigned char)*s < 0x80);
}

#define TWO                                                                                        \
    "{'ev':'session','ipclab':1}\n"                                                                \
    "{'ev':'process','actor':'a','what':'spawn','pid':2}\n"                                        \
    "{'ev':'process','actor':'b','what':'spawn','pid':3}\n"
#define A_WAITS                                                                                    \
    ENTER(1, "a", "read", "3,'buf',9")                                                             \
    "{'ev':'block','step':1,'actor':'a','call':'read','obj':'pipe#1'}\n"
#define A_COMES_BACK EXIT(1, "a", "read", 1, ",'flow':-1,'by':2,'out':{'buf':'x'}")

/* The bar is in every row of the lane until the call comes back. */
static void
test_bar(void)
{
    CHECK_TEXT(
        draw(&view_lanes,
             TWO A_WAITS ENTER(2, "b", "getpid", "")
                 EXIT(2, "b", "getpid", 3,
                      "") "{'ev':'output','actor':'b','fd':1,'text':'one\\ntwo\\n'}\n" A_COMES_BACK
                     ENTER(3, "b", "getpid", "") EXIT(3, "b", "getpid", 3, ""),
             (struct view_options){.width = 60}),
        "  # │ a                  │ b                  │ pipe#1\n"
        "────┼────────────────────┼────────────────────┼─────────────\n"
        "    │ begins, pid 2      │                    │\n"
        "    │                    │ begins, pid 3      │\n"
        "  1 │ read(3, 9) ▒ waits │                    │\n"
        "  2 │            ▒       │ getpid() = 3       │\n"
        "    │            ▒       │ | one              │\n"
        "    │            ▒       │ | two              │\n"
        "  1 │ <... read> = 1 ◀── │                    │\n"
        "    │   \"x\"              │                    │\n"
        "    │   [by step 2]      │                    │\n"
        "  3 │                    │ getpid() = 3       │\n");
}

/* What was undone is left out, and what was before goes on: a waits again. */
static void
test_undo(void)
{
    const char *s =
        draw(&view_lanes,
             TWO A_WAITS "{'ev':'input','text':'b getpid()'}\n" ENTER(2, "b", "getpid", "")
                 EXIT(2, "b", "getpid", 3, "") A_COMES_BACK
             "{'ev':'input','text':'undo'}\n"
             "{'ev':'undo','lines':1,'to':4,'first':'b getpid()'}\n" ENTER(3, "b", "close", "0")
                 EXIT(3, "b", "close", 0, ""),
             (struct view_options){.width = 60});

    CHECK(strstr(s, "getpid() =") == NULL);
    CHECK(strstr(s, "<... read>") == NULL);
    CHECK(strstr(s, "1 line was undone: `b getpid()`") != NULL);
    CHECK(strstr(s, "  3 │            ▒       │ close(0) = 0       │\n") != NULL);
}

static void
test_live_undo(void)
{
    const char *s =
        draw(&view_lanes,
             TWO A_WAITS "{'ev':'input','text':'b getpid()'}\n" ENTER(2, "b", "getpid", "")
                 EXIT(2, "b", "getpid", 3, "") A_COMES_BACK
             "{'ev':'undo','lines':1,'to':4,'first':'b getpid()'}\n" ENTER(3, "b", "close", "0")
                 EXIT(3, "b", "close", 0, "") EXIT(1, "a", "read", 0, ",'by':3"),
             (struct view_options){.width = 60, .live = true});
    const char *undone = strstr(s, "1 line was undone");

    CHECK(undone != NULL && strstr(undone, "▒       │ close(0) = 0") != NULL);
    CHECK(undone != NULL && strstr(undone, "<... read> = 0") != NULL);
    /* A header again when b comes, and no other. */
    CHECK(strstr(strstr(s, "│ a ") + 1, "│ a ") != NULL);
}

static void
test_gutter(void)
{
    CHECK_TEXT(draw(&view_gutter, BEGINNING WRITER, (struct view_options){.width = 60}),
               "  1 ●      main    pipe(\"p\") = 0         pipe#1   0 B  W1 R1\n"
               "  2 ├─╮    main    fork(writer) = 3\n"
               "    │ │    writer  inherits r=3 w=4      pipe#1   0 B  W2 R2\n"
               "  3 ├─┼─╮  main    fork(reader) = 4\n"
               "    │ │ │  reader  inherits r=3 w=4      pipe#1   0 B  W3 R3\n"
               "  4 × │ │  main    exit(0)               pipe#1   0 B  W2 R2\n"
               "  5   ● │  writer  close(3) = 0          pipe#1   0 B  W2 R1\n"
               "  6   ● │  writer  write(4, \"hello\", 5) = 5\n"
               "      │ │                                pipe#1   5 B  W2 R1\n"
               "  7   ● │  writer  close(4) = 0          pipe#1   5 B  W1 R1\n"
               "  8   × │  writer  exit(0)\n");
}

static void
test_too_many(void)
{
    const char *s =
        draw(&view_lanes, BEGINNING WRITER READER STUCK, (struct view_options){.width = 40});

    CHECK(strncmp(s, "3 processes do not fit beside each other", 40) == 0);
    CHECK(strstr(s, "├─╮") != NULL);
}

/* ---- The story ----------------------------------------------------------------------------- */

static void
tell(void *ctx, const struct event *e)
{
    story_event(ctx, e);
}

static void
test_story(void)
{
    struct view_options options = {.catalog = &catalog};
    const struct moment *m;
    struct story s;

    story_init(&s, &options);
    feed(BEGINNING WRITER READER STUCK, tell, &s);
    story_end(&s);
    CHECK(s.nactors == 3 && s.n == 11);
    m = &s.moments[1];
    CHECK(m->kind == MOMENT_FORK && m->step == 2 && m->actor == 0 && m->other == 1);
    CHECK_TEXT(m->head, "fork(writer) = 3");
    CHECK_TEXT(m->born, "inherits r=3 w=4");
    CHECK(m->nobjects == 1);
    CHECK_TEXT(m->objects[0].name, "pipe#1");
    CHECK_TEXT(m->objects[0].state, "  0 B  W2 R2");
    m = &s.moments[3]; /* the end of a process closes what it held */
    CHECK(m->kind == MOMENT_EXIT && m->step == 4 && !m->cut_short);
    CHECK_TEXT(m->objects[0].state, "  0 B  W2 R2");
    m = &s.moments[5];
    CHECK(m->kind == MOMENT_CALL && m->flow == FLOW_OUT);
    m = &s.moments[8];
    CHECK(m->kind == MOMENT_CALL && m->flow == FLOW_IN);
    CHECK_TEXT(m->more, "\"hello\"");
    m = &s.moments[9];
    CHECK(m->kind == MOMENT_WAIT && s.actors[2].waits && s.actors[2].alive && !s.actors[1].alive);
    CHECK_TEXT(m->head, "read(3, 64)");
    CHECK_TEXT(m->why, "the pipe is empty");
    m = &s.moments[10];
    CHECK(m->kind == MOMENT_VERDICT && m->verdict->nholders == 1 && m->verdict->holders[0].waits);
    CHECK_TEXT(m->verdict->call, "read");
    CHECK_TEXT(m->verdict->next[1], "reader close(4)");
    story_release(&s);
}

/* Back over a reset, and a fork that is taken back: all is as it was. */
static void
test_way_back(void)
{
    struct view_options options = {.catalog = &catalog};
    struct story s;

    story_init(&s, &options);
    feed(TWO A_WAITS "{'ev':'input','text':'reset'}\n{'ev':'reset'}\n", tell, &s);
    CHECK(!s.actors[0].alive && !s.actors[0].waits && !s.actors[1].alive);
    feed("{'ev':'undo','lines':1,'to':4}\n", tell, &s);
    CHECK(s.actors[0].alive && s.actors[0].waits && s.actors[1].alive);
    CHECK(s.moments[s.n - 2].kind == MOMENT_RESET && s.moments[s.n - 2].undone);
    feed("{'ev':'input','text':'b fork(c)'}\n" FORK(2, "b", "c", 4), tell, &s);
    CHECK(s.nactors == 3 && s.actors[2].alive && s.actors[2].parent == 1);
    feed("{'ev':'input','text':'undo 2'}\n{'ev':'undo','lines':1,'to':8}\n", tell, &s);
    CHECK(!s.actors[2].alive && s.actors[0].waits);
    CHECK(s.moments[s.n - 1].lines == 1);
    story_release(&s);
}

static void
test_tight(void)
{
    struct buf b = {0};

    story_tight(&b, "write(4, \"a, b\\\", c\", 5) = 5");
    CHECK_TEXT(buf_text(&b), "write(4,\"a, b\\\", c\",5) = 5");
    buf_release(&b);
}

int
main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    fixture_catalog();
    test_story();
    test_way_back();
    test_tight();
    test_picture();
    test_ascii();
    test_bar();
    test_undo();
    test_live_undo();
    test_gutter();
    test_too_many();
    catalog_release(&catalog);
    buf_release(&out);
    return check_result();
}
