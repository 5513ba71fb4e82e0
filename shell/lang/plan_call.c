/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A call becomes a step of its own; calls among its arguments become steps before it, whose
 * results its programs refer to. */
#include <string.h>

#include "base/mem.h"
#include "lang/plan_in.h"

struct type
gen_result_type(const struct ipclab_call *call)
{
    switch (call->result) {
    case IPCLAB_POINTER:
    case IPCLAB_BYTES:
    case IPCLAB_BUFFER:
    case IPCLAB_STRING:
    case IPCLAB_PATH:
        return (struct type){.base = TYPE_CHAR, .stars = 1};
    case IPCLAB_STREAM:
        return (struct type){.base = TYPE_FILE, .stars = 1};
    case IPCLAB_SIZE:
        return (struct type){.base = TYPE_LONG};
    case IPCLAB_VOID:
        return (struct type){.base = TYPE_VOID};
    default:
        return (struct type){.base = TYPE_INT};
    }
}

char *
gen_text(struct gen *g, const struct node *node)
{
    struct buf out = {0};

    line_slice(g->line, (size_t)node->col - 1, (size_t)node->end, &out);
    return out.data != NULL ? out.data : mem_copy("");
}

void
plan_step_release(struct plan_step *step)
{
    for (int i = 0; i < IPCLAB_MAX_ARGS; i++) {
        free(step->args[i].text);
        buf_release(&step->args[i].prog);
    }
    free(step->target_text);
    free(step->new_actor);
    buf_release(&step->target);
    buf_release(&step->pokes);
    *step = (struct plan_step){0};
}

/* Steps move into the plan one by one; there are few, and most plans have one. */
struct plan_step *
gen_append(struct gen *g, const struct node *node, struct plan_step *step)
{
    struct plan *plan = g->plan;

    if (plan->n == PLAN_MAX_STEPS) {
        plan_step_release(step);
        gen_error(g, node, "the line has more than %d steps", PLAN_MAX_STEPS);
        return NULL;
    }
    plan->steps = mem_grow(plan->steps, ((size_t)plan->n + 1) * sizeof *plan->steps);
    plan->steps[plan->n] = *step;
    return &plan->steps[plan->n++];
}

static int
too_many(struct gen *g, const struct node *node, const struct ipclab_call *call, int n)
{
    if (n == 0) /* the prototype may have a place for what is shown on the line here */
        return gen_error(g, node, "%s takes no arguments here: %s()", call->name, call->name);
    return gen_error(g, node, "%s takes at most %d argument%s: %s", call->name, n,
                     n == 1 ? "" : "s", call->prototype);
}

/* Lines the arguments up with the record; *n is how many the call gets. */
static int
line_up(struct gen *g, const struct node *call, struct arg_site *site, int *n)
{
    const struct ipclab_arg *arg = call->call->args;
    const struct node *node = call->first;

    for (*n = 0; arg != NULL && arg->type != IPCLAB_END; arg++) {
        if (arg->flags & IPCLAB_REST) {
            for (; node != NULL && *n < IPCLAB_MAX_ARGS; node = node->next)
                site->given[(*n)++] = node;
            break;
        }
        if (*n == IPCLAB_MAX_ARGS)
            break;
        site->given[(*n)++] = node;
        node = node != NULL ? node->next : NULL;
    }
    return node != NULL ? too_many(g, node, call->call, *n) : 0;
}

static int
arguments(struct gen *g, const struct node *node, struct plan_step *step)
{
    struct arg_site site = {.call = node->call, .arg = node->call->args, .step = step};

    if (line_up(g, node, &site, &step->nargs) < 0)
        return -1;
    for (; site.index < step->nargs; site.index++) {
        site.node = site.given[site.index];
        g->arg = site.arg;
        if (site.node == NULL && !(site.arg->flags & (IPCLAB_OPTIONAL | IPCLAB_COUNTED)))
            return gen_error(g, node, "%s: %s is missing: %s", node->call->name, site.arg->name,
                             node->call->prototype);
        if ((site.node != NULL ? gen_argument(g, &site) : gen_left_out(g, &site)) < 0)
            return -1;
        if (!(site.arg->flags & IPCLAB_REST))
            site.arg++;
    }
    return 0;
}

int
gen_call(struct gen *g, const struct node *node, struct plan_step *step)
{
    const struct ipclab_arg *outer = g->arg;
    int got;

    step->kind = STEP_CALL;
    step->call = node->call;
    step->ref = node->ref;
    step->name = node->call->name;
    step->value_type = gen_result_type(node->call);
    got = arguments(g, node, step);
    g->arg = outer;
    if (got < 0)
        plan_step_release(step);
    return got;
}
