/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as what an actor tells: its board (what it entered, its answer) and packets of its
 * control socket. Whatever comes, the shell reads within bounds, keeps its own state whole, and
 * either takes the answer or ends the actor. What it took is told as an event, too. */
#include <sys/socket.h>

#include "call/catalog.h"
#include "proc/facts.h"
#include "proc/pump.h"
#include "session/run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct ipclab_arg args[] = {
    {.name = "fd", .type = IPCLAB_FD, .summary = "a descriptor", .size_arg = -1},
    {.name = "buf", .type = IPCLAB_BUFFER, .summary = "a buffer", .size_arg = 2},
    {.name = "count", .type = IPCLAB_SIZE, .summary = "its room", .size_arg = -1},
    {.type = IPCLAB_END},
};
static const char *const examples[] = {"spawn a", NULL};
static const struct ipclab_call calls[] = {
    {.name = "read",
     .prototype = "ssize_t read(int fd, void *buf, size_t count)",
     .summary = "reads",
     .help = "reads",
     .man = "read(2)",
     .flags = IPCLAB_WAITS | IPCLAB_FDS,
     .result = IPCLAB_SIZE,
     .failure = -1,
     .args = args,
     .examples = examples},
    {0},
};
static const struct ipclab_kind kinds[] = {
    {.name = "pipe", .summary = "a pipe", .level = "bytes", .line = "$bytes B  W: $w  R: $r"},
    {0},
};
static const char *const man[] = {"pipe(7)", NULL};
static const struct ipclab_plugin plugin = {IPCLAB_PLUGIN_HEAD, .name = "pipe",  .version = "1",
                                            .summary = "pipes", .help = "pipes", .man = man,
                                            .calls = calls,     .kinds = kinds};

static struct session s;
static struct board *board;

static void
start(void)
{
    struct catalog_source source = {&plugin, "/pipe.so"};
    struct buf blob = {0};
    struct err err;
    int fd = board_create();

    catalog_encode(&blob, &source, 1, NULL, 0);
    if (catalog_decode(&s.launcher.catalog, blob.data, blob.len, &err) < 0)
        abort();
    buf_release(&blob);
    board = board_map(fd);
    close(fd);
    event_init(&s.event);
    s.world.launcher = &s.launcher;
    s.world.init_sock = s.world.observer = -1;
}

static struct plan *
make_plan(void)
{
    struct plan *plan = calloc(1, sizeof *plan);

    plan->n = 1;
    plan->steps = calloc(1, sizeof *plan->steps);
    plan->steps[0].kind = STEP_CALL;
    plan->steps[0].call = &s.launcher.catalog.plugins[0].p.calls[0];
    plan->steps[0].name = plan->steps[0].call->name;
    plan->steps[0].nargs = 3;
    return plan;
}

/* The first bytes say how long each part is; each may be cut short. */
static size_t
take(const uint8_t **data, size_t *size, size_t max)
{
    size_t n = 0;

    if (*size >= 2) {
        n = ((size_t)(*data)[0] << 8 | (*data)[1]) % (max + 1);
        *data += 2;
        *size -= 2;
    }
    return n < *size ? n : *size;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct actor *list[1];
    struct actor a = {.name = "a",
                      .state = ACTOR_BUSY,
                      .request = 7,
                      .step = 1,
                      .pidfd = -1,
                      .out = -1,
                      .err = -1,
                      .child = -1,
                      .parent = -1};
    int pair[2];
    size_t n;

    if (board == NULL)
        start();
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) < 0)
        return 0;
    list[0] = &a;
    s.world.actors = list;
    s.world.nactors = 1;
    a.control = pair[0];
    a.board = board;
    a.plan = make_plan();
    a.call = a.plan->steps[0].call;
    a.call_name = a.call->name;
    symtab_init(&a.symtab);
    probe_init(&a.probe, 0);

    n = take(&data, &size, 4096);
    memcpy(board->enter, data, n);
    atomic_store(&board->entered, size % 64 == 63 ? UINT32_MAX : (uint32_t)n);
    data += n;
    size -= n;
    n = take(&data, &size, 8192);
    if (n > 0)
        send(pair[1], data, n, MSG_DONTWAIT);
    data += n;
    size -= n;
    board->answered = size % 64 == 62 ? UINT32_MAX : (uint32_t)size;
    memcpy(board->answer, data, size < BOARD_ANSWER_MAX ? size : BOARD_ANSWER_MAX);
    if (size >= 8) { /* most inputs get past the head of the frame */
        const uint32_t head[2] = {FRAME_EXIT, 7};

        memcpy(board->answer, head, sizeof head);
    }
    atomic_store(&board->done, 7);

    pump_actor(&s.world, &a);
    if (!a.replied && !a.violated && a.control >= 0)
        abort(); /* an answer is taken or refused, never left */
    narrate_enter(&s, &a, &a.plan->steps[0]);
    if (a.replied) {
        objects_before_exit(&s, list, 1, 0);
        narrate_exit(&s, &a, 0);
    }
    close(pair[1]);
    if (a.control >= 0)
        close(a.control);
    a.control = -1;
    free(a.plan->steps);
    free(a.plan);
    symtab_release(&a.symtab);
    buf_release(&a.enter);
    buf_release(&a.reply);
    for (int i = 0; i < s.world.nobjects; i++)
        buf_release(&s.world.objects[i].state);
    s.world.nobjects = 0;
    return 0;
}
