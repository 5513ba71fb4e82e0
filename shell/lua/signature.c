/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a call of a plugin stands in Lua: which of its arguments are written, and what comes back, as
 * args.c and call.c have it. */
#include <string.h>

#include "lua/api.h"

bool
signature_returns_argument(const struct ipclab_call *call)
{
    const struct ipclab_arg *first = call->args;

    return first != NULL && first->name != NULL && call->returns != NULL &&
           strcmp(call->returns, first->name) == 0;
}

static bool
is_filled(const struct ipclab_arg *arg)
{
    return arg->type == IPCLAB_BUFFER || arg->type == IPCLAB_INTS;
}

static bool
may_be_address(const struct ipclab_arg *arg)
{
    return arg->type == IPCLAB_POINTER || arg->type == IPCLAB_BYTES || arg->type == IPCLAB_STRING ||
           arg->type == IPCLAB_PATH;
}

/* What a call fills is not written, unless an address behind it would be taken for it: then nil
 * stands there. */
static bool
is_written(const struct ipclab_arg *arg)
{
    if (!is_filled(arg))
        return true;
    for (const struct ipclab_arg *later = arg + 1; later->type != IPCLAB_END; later++)
        if (may_be_address(later))
            return (arg->flags & IPCLAB_REST) == 0;
    return false;
}

static const char *
type_of(const struct ipclab_arg *arg)
{
    switch (arg->type) {
    case IPCLAB_BYTES:
    case IPCLAB_STRING:
    case IPCLAB_PATH:
        return "string|ipclab.Address";
    case IPCLAB_POINTER:
        return "ipclab.Address|integer";
    case IPCLAB_STREAM:
        return "ipclab.Stream";
    case IPCLAB_PROCESS:
        return "ipclab.Actor|integer|string";
    case IPCLAB_NEWNAME:
        return "string";
    case IPCLAB_ANY:
        return "string|integer|ipclab.Address|ipclab.Actor";
    case IPCLAB_FD:
    case IPCLAB_OBJECT:
    case IPCLAB_SIZE:
        return arg->constants == NULL ? "integer" : "integer|string";
    default: /* or words: "IPC_CREAT|0666" */
        return "integer|string";
    }
}

/* May it be nil, or left out with all behind it? */
static bool
may_be_nil(const struct ipclab_arg *arg)
{
    return (arg->flags & (IPCLAB_OPTIONAL | IPCLAB_NULLABLE | IPCLAB_COUNTED)) != 0;
}

static void
put_takes(const struct ipclab_call *call, struct buf *out)
{
    const char *apart = "";

    for (const struct ipclab_arg *arg = call->args; arg != NULL && arg->type != IPCLAB_END; arg++) {
        if (!is_written(arg))
            continue;
        if (is_filled(arg))
            buf_printf(out, "%s%s?: ipclab.Address", apart, arg->name);
        else if ((arg->flags & IPCLAB_REST) != 0)
            buf_printf(out, "%s...: %s", apart, type_of(arg));
        else
            buf_printf(out, "%s%s%s: %s", apart, arg->name, may_be_nil(arg) ? "?" : "",
                       type_of(arg));
        apart = "; ";
    }
    if ((call->flags & IPCLAB_MAKES_PROCESS) != 0)
        buf_printf(out, "%sprogram?: fun(child: ipclab.Actor, s: ipclab.Session): integer?", apart);
}

static void
put_gives(const struct ipclab_call *call, struct buf *out)
{
    const char *apart = "";

    if ((call->flags & IPCLAB_MAKES_PROCESS) != 0) {
        buf_puts(out, "ipclab.Actor child");
        apart = "; ";
    }
    for (const struct ipclab_arg *arg = call->args; arg != NULL && arg->type != IPCLAB_END; arg++) {
        if (is_filled(arg) && (arg->flags & IPCLAB_REST) != 0) {
            buf_printf(out, "%sany ...", apart); /* and behind them the result */
            return;
        }
        for (int i = 0; is_filled(arg) && i < (arg->type == IPCLAB_INTS ? arg->count : 1); i++) {
            buf_printf(out, "%s%s %s", apart, arg->type == IPCLAB_INTS ? "integer" : "string",
                       arg->name);
            if (arg->type == IPCLAB_INTS && arg->count > 1)
                buf_printf(out, "_%d", i);
            apart = "; ";
        }
    }
    if (call->result == IPCLAB_VOID || (call->flags & IPCLAB_ENDS) != 0)
        return;
    if (call->result == IPCLAB_STREAM)
        buf_printf(out, "%sipclab.Stream", apart);
    else if (call->result != IPCLAB_POINTER)
        buf_printf(out, "%sinteger", apart);
    else if (!signature_returns_argument(call))
        buf_printf(out, "%sipclab.Address", apart);
}

struct api_entry
signature_of(const struct ipclab_call *call, struct buf *room)
{
    size_t gives;

    buf_clear(room);
    put_takes(call, room);
    buf_putc(room, '\0');
    gives = room->len;
    put_gives(call, room);
    buf_putc(room, '\0');
    return (struct api_entry){.name = call->name,
                              .takes = room->data,
                              .gives = room->data + gives,
                              .summary = call->summary};
}
