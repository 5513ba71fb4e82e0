/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A call as strace has it when it is entered. Where the C library enters the kernel by another name
 * or with other arguments than the program called it, a form says so; all other calls read as their
 * record has them. */
#include "view/strace_call.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

static const struct strace_form forms[] = {
    {"open", "O_CREAT", "openat", "AT_FDCWD, $0, $1, $2"},
    {"open", NULL, "openat", "AT_FDCWD, $0, $1"},
    {"pread", NULL, "pread64", "$*"},
    {"pwrite", NULL, "pwrite64", "$*"},
    {"pipe", NULL, "pipe2", "$0, 0"},
    {"fcntl", "F_GETFD", "fcntl", "$0, $1"},
    {"fcntl", "F_GETFL", "fcntl", "$0, $1"},
    {"fcntl", "F_GETPIPE_SZ", "fcntl", "$0, $1"},
    {"fcntl", "F_SETFL", "fcntl", "$0, $1, $a2"},
    {"fcntl", "F_SETLK", "fcntl", "$0, $1, {l_type=$2, l_whence=SEEK_SET, l_start=$3, l_len=$4}"},
    {"fcntl", "F_SETLKW", "fcntl", "$0, $1, {l_type=$2, l_whence=SEEK_SET, l_start=$3, l_len=$4}"},
    {"fcntl", "F_GETLK", "fcntl", "$0, $1, {l_type=${type}, ...}"},
    {"fcntl", NULL, "fcntl", "$0, $1, $2"},
    {"ioctl", "FIONREAD", "ioctl", "$0, $1, [${bytes}]"},
    {"fstat", NULL, "newfstatat",
     "$0, \"\", {st_mode=${mode}, st_size=${size}, ...}, AT_EMPTY_PATH"},
    {"poll", NULL, "poll", "$P"},
    {"fork", NULL, "clone",
     "child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD"},
    {"execve", NULL, "execve", "$0, [$1+], ..."},
    {"exit", NULL, "exit_group", "$0"},
    {"_exit", NULL, "exit_group", "$0"},
    {"wait", NULL, "wait4", "-1, $s0, 0, NULL"},
    {"waitpid", NULL, "wait4", "$0, $s1, $2, NULL"},
    {"waitid", NULL, "waitid", "$0, $1, {si_code=${code}, ...}, $3, NULL"},
    {"sleep", NULL, "clock_nanosleep", "CLOCK_REALTIME, 0, {tv_sec=$0, tv_nsec=0}, ..."},
    {"nanosleep", NULL, "clock_nanosleep", "CLOCK_REALTIME, 0, {tv_sec=$0, tv_nsec=$1}, NULL"},
    {"getrlimit", NULL, "prlimit64", "0, $0, NULL, {rlim_cur=${soft}, rlim_max=${hard}}"},
    {"setrlimit", NULL, "prlimit64", "0, $0, {rlim_cur=$1, rlim_max=$2}, NULL"},
    {"shmctl", "IPC_RMID", "shmctl", "$0, $1, NULL"},
    {"shmctl", "IPC_SET", "shmctl", "$0, $1, {shm_perm={mode=$2, ...}, ...}"},
    {"shmctl", "IPC_STAT", "shmctl",
     "$0, $1, {shm_perm={mode=${mode}, ...}, shm_segsz=${size}, shm_nattch=${nattch}, ...}"},
    {0},
};

static const struct strace_form *
form_of(const struct strace_call *c, const char *second)
{
    for (const struct strace_form *f = forms; f->call != NULL; f++) {
        size_t n = f->word != NULL ? strlen(f->word) : 0;
        const char *at = second;

        if (strcmp(f->call, c->name) != 0)
            continue;
        if (f->word == NULL)
            return f;
        while ((at = strstr(at, f->word)) != NULL && at[n] != '\0' && at[n] != '|')
            at++;
        if (at != NULL)
            return f;
    }
    return NULL;
}

/* Is it one that enters the kernel, by the section of its man page? One that no record knows is
 * given the benefit of the doubt. */
static bool
enters_kernel(const struct strace_call *c)
{
    static const char *const statements[] = {"=", "print", "await"};

    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
        if (strcmp(c->name, statements[i]) == 0)
            return false;
    return c->form != NULL || c->record == NULL ||
           (c->record->man != NULL && strstr(c->record->man, "(2)") != NULL);
}

/* ---- Arguments ----------------------------------------------------------------------------- */

void
strace_quote(struct buf *out, const struct event *e, const struct item *i)
{
    static const char named[] = "\t\n\v\f\r", letters[] = "tnvfr";
    const unsigned char *s = (const unsigned char *)item_text(e, i);

    buf_putc(out, '"');
    for (size_t k = 0; k < i->len; k++) {
        const char *at = s[k] != '\0' ? strchr(named, s[k]) : NULL;
        bool digit = k + 1 < i->len && s[k + 1] >= '0' && s[k + 1] <= '7';

        if (at != NULL)
            buf_printf(out, "\\%c", letters[at - named]);
        else if (s[k] == '"' || s[k] == '\\')
            buf_printf(out, "\\%c", s[k]);
        else if (s[k] >= 0x20 && s[k] < 0x7f)
            buf_putc(out, (char)s[k]);
        else
            buf_printf(out, digit ? "\\%03o" : "\\%o", s[k]);
    }
    buf_puts(out, i->cut ? "\"..." : "\"");
}

void
strace_words(struct buf *out, const char *s)
{
    text_escape(out, s, strlen(s), true);
}

void
strace_list(struct buf *out, const struct event *e, const struct item *array)
{
    const char *before = "[";

    for (const struct item *i = item_first(e, array); i != NULL; i = item_next(e, i)) {
        buf_puts(out, before);
        if (i->kind == ITEM_INT)
            buf_int(out, i->value);
        else
            buf_puts(out, "...");
        before = ", ";
    }
    buf_puts(out, before[0] == '[' ? "[]" : "]");
}

static bool
is_data(const struct ipclab_arg *arg)
{
    return arg == NULL || arg->type == IPCLAB_BYTES || arg->type == IPCLAB_STRING ||
           arg->type == IPCLAB_PATH || arg->type == IPCLAB_ANY;
}

static void
put_argument(struct buf *out, const struct event *e, const struct item *i,
             const struct ipclab_arg *arg, const struct strace_names *names)
{
    const char *text = i->kind == ITEM_TEXT ? item_text(e, i) : "";
    int64_t pid;

    if (i->kind == ITEM_OBJECT) {
        text = event_get_text(e, i, "name");
        strace_words(out, text != NULL ? text : "...");
    } else if (i->kind == ITEM_ARRAY) {
        strace_list(out, e, i);
    } else if (i->kind == ITEM_TEXT && arg != NULL && (arg->flags & IPCLAB_NULLABLE) != 0 &&
               strcmp(text, "NULL") == 0) {
        buf_puts(out, "NULL");
    } else if (i->kind == ITEM_TEXT && arg != NULL && arg->type == IPCLAB_PROCESS) {
        pid = names->pid_of(names->ctx, text);
        if (pid >= 0)
            buf_int(out, pid);
        else
            strace_words(out, text);
    } else if (i->kind == ITEM_TEXT && is_data(arg)) {
        strace_quote(out, e, i);
    } else if (i->kind == ITEM_TEXT) {
        strace_words(out, text);
    } else if (i->kind == ITEM_INT && arg != NULL && strcmp(arg->name, "key") == 0) {
        buf_printf(out, i->value == 0 ? "IPC_PRIVATE" : "0x%" PRIx32, (uint32_t)i->value);
    } else if (i->kind == ITEM_INT && arg != NULL && arg->type == IPCLAB_SIZE) {
        buf_printf(out, "%" PRIu64, (uint64_t)i->value);
    } else if (i->kind == ITEM_INT) {
        buf_int(out, i->value);
    } else {
        buf_puts(out, "NULL");
    }
}

void
strace_call_enter(struct strace_call *c, const struct event *e, const struct catalog *catalog,
                  const struct strace_names *names)
{
    const char *actor = event_get_text(e, NULL, "actor"), *call = event_get_text(e, NULL, "call");
    const struct item *args = event_get(e, NULL, "args");
    const struct item *i = args != NULL ? item_first(e, args) : NULL;
    const char *text = event_get_text(e, NULL, "text"), *second = "";
    const struct ipclab_arg *arg;

    *c = (struct strace_call){.step = event_get_int(e, NULL, "step", -1), .left = -1};
    c->actor = mem_copy(actor != NULL ? actor : "");
    c->name = mem_copy(call != NULL ? call : "");
    c->record = catalog != NULL ? catalog_call(catalog, c->name, NULL) : NULL;
    arg = c->record != NULL ? c->record->args : NULL;
    for (int n = 0; i != NULL; i = item_next(e, i), n++) {
        if (arg != NULL && arg->type == IPCLAB_END)
            arg = NULL; /* more than the record has, in a trace from elsewhere */
        if (n == 1 && i->kind == ITEM_TEXT)
            second = item_text(e, i);
        buf_put(&c->args, arg != NULL ? arg->name : "", arg != NULL ? strlen(arg->name) + 1 : 1);
        put_argument(&c->args, e, i, arg, names);
        buf_put(&c->args, "", 1);
        if (arg != NULL && (arg->flags & IPCLAB_REST) == 0)
            arg++;
    }
    c->form = form_of(c, second);
    c->is_call = enters_kernel(c);
    if (!c->is_call && text != NULL) { /* a statement: as it was typed */
        buf_clear(&c->args);
        strace_words(&c->args, text);
    }
}

void
strace_call_release(struct strace_call *c)
{
    free(c->actor);
    free(c->name);
    buf_release(&c->args);
}
