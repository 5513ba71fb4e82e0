/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A statement to its steps. The symbol table is changed as the line is compiled and put back when
 * the line turns out to be wrong, so that a wrong line leaves nothing behind. */
#include "lang/plan.h"

#include <string.h>

#include "base/mem.h"
#include "lang/eval.h"
#include "lang/plan_in.h"

static struct node *
plain_target(const struct line *line)
{
    return line->target != NULL && line->target->kind == NODE_NAME ? line->target : NULL;
}

/* May a value of this type go there? C's compilers refuse what would cut an address. */
static int
check_store(struct gen *g, struct type to, struct type from, const struct node *value)
{
    const struct node *target = g->line->target, *name = plain_target(g->line);
    char a[32], b[32];
    int64_t number;

    if (to.count > 0)
        return gen_error(g, target, "an array cannot be assigned to; %s",
                         to.base == TYPE_CHAR ? "strcpy writes into it" : "its elements can");
    if (type_size(to) == 0)
        return gen_error(g, target, "this has no size, nothing can be put there");
    if (type_is_address(from) && type_size(to) < 8 && !gen_is_null(value))
        return gen_error(g, target,
                         "%s%sa place of type %s cannot hold an address (%s); declare char *NAME",
                         name != NULL ? name->text : "", name != NULL ? ": " : "",
                         gen_type_text(to, a), gen_type_text(from, b));
    if (type_is_address(to) && !type_is_address(from) && !gen_const(g, value, &number))
        return gen_error(g, value, "a %s cannot hold a number; a cast says that it is meant",
                         gen_type_text(to, a));
    return 0;
}

/* The place that the value goes to; a name that is none yet becomes a variable of this type. */
static int
compile_target(struct gen *g, struct plan_step *step, struct type value, const struct node *from,
               struct symtab_mark *mark)
{
    const struct line *line = g->line;
    const struct node *name = plain_target(line);
    const struct var *var;
    struct type type = value;

    if (name != NULL && line->statement == STATEMENT_DECLARE) {
        if (check_store(g, line->declared, value, from) < 0)
            return -1;
        symtab_mark_retype(mark, g->env->symtab, name->text);
        if (gen_new_var(g, name, line->declared, &var) < 0)
            return -1;
    } else if (name != NULL && symtab_find(g->env->symtab, name->text) == NULL) {
        if (type_is_address(value) && value.base == TYPE_VOID)
            type.base = TYPE_CHAR; /* a pointer that nobody declared is a char * */
        if (type_size(name->type) > 0)
            type = name->type;
        if (type.base == TYPE_CHAR && type.stars == 0)
            type.base = TYPE_INT;
        if (gen_new_var(g, name, type, &var) < 0)
            return -1;
    }
    if (gen_address(g, line->target, &step->target, &step->target_type) < 0)
        return -1;
    if (name == NULL || type_size(name->type) == 0 || step->kind != STEP_CALL) {
        if (check_store(g, step->target_type, value, from) < 0)
            return -1;
    } else if (check_store(g, step->target_type, name->type, from) < 0) {
        return -1;
    }
    step->target_text = gen_text(g, line->target);
    return 0;
}

/* x = call(): the result is the call's, there is no step for the assignment. */
static int
compile_call(struct gen *g, struct plan_step *step, struct symtab_mark *mark)
{
    const struct node *call = g->line->expr;

    if (g->line->target != NULL && call->call->result == IPCLAB_VOID)
        return gen_error(g, call, "%s returns nothing", call->text);
    if (gen_call(g, call, step) < 0)
        return -1;
    return g->line->target == NULL
               ? 0
               : compile_target(g, step, gen_result_type(call->call), call, mark);
}

static int
compile_set(struct gen *g, struct plan_step *step, struct symtab_mark *mark)
{
    struct type type;

    step->kind = STEP_SET;
    step->name = "=";
    step->nargs = 1;
    if (gen_value(g, g->line->expr, &step->args[0].prog, &type) < 0)
        return -1;
    step->value_type = type;
    step->args[0].text = gen_text(g, g->line->expr);
    return compile_target(g, step, type, g->line->expr, mark);
}

static int
compile_look(struct gen *g, struct plan_step *step)
{
    bool print = g->line->statement == STATEMENT_PRINT;

    step->kind = print ? STEP_PRINT : STEP_AWAIT;
    step->name = print ? "print" : "await";
    step->nargs = 1;
    if (!print)
        g->no_calls = "await looks again and again, and makes no calls";
    step->args[0].text = gen_text(g, g->line->expr);
    if (print)
        return gen_object(g, g->line->expr, &step->args[0].prog, &step->value_type);
    return gen_value(g, g->line->expr, &step->args[0].prog, &step->value_type);
}

static int
compile(struct gen *g, struct symtab_mark *mark)
{
    const struct line *line = g->line;
    struct plan_step step = {0};
    const struct var *var;
    int got;

    if (line->statement == STATEMENT_DECLARE && line->expr == NULL) {
        symtab_mark_retype(mark, g->env->symtab, line->target->text);
        return gen_new_var(g, line->target, line->declared, &var);
    }
    if (line->statement == STATEMENT_PRINT || line->statement == STATEMENT_AWAIT)
        got = compile_look(g, &step);
    else if (line->expr->kind == NODE_CALL)
        got = compile_call(g, &step, mark);
    else
        got = compile_set(g, &step, mark);
    if (got < 0) {
        plan_step_release(&step);
        return -1;
    }
    if (gen_append(g, line->expr, &step) == NULL)
        return -1;
    g->plan->steps[0].pokes = g->pokes;
    buf_init(&g->pokes);
    return 0;
}

int
plan_compile(struct plan *plan, const struct line *line, const struct plan_env *env,
             struct err *err)
{
    struct symtab_mark mark = symtab_mark(env->symtab);
    struct gen g = {.plan = plan, .line = line, .env = env, .err = err};

    *plan = (struct plan){0};
    err_clear(err);
    if (line->kind != LINE_STATEMENT)
        return err_set(err, STATUS_USAGE, "this line is for no actor");
    if (compile(&g, &mark) < 0) {
        symtab_rollback(env->symtab, &mark);
        buf_release(&g.pokes);
        plan_release(plan);
        return -1;
    }
    plan->source = mem_copy(line->source);
    plan->before = mark;
    return 0;
}

void
plan_release(struct plan *plan)
{
    for (int i = 0; i < plan->n; i++)
        plan_step_release(&plan->steps[i]);
    free(plan->steps);
    free(plan->source);
    *plan = (struct plan){0};
}
