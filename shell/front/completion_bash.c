/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Completion of the command line in bash, from the records: what is fixed stands in the script;
 * names of topics and labs are asked of the program itself when they are wanted. */
#include "front/generate.h"
#include "grade/adapt.h"
#include "view/view.h"

static void
put_options(const struct command_record *r, struct buf *out)
{
    for (int i = 0; r->options[i] != NULL; i++) {
        const struct option_record *o = option_find(r->options[i]);

        if (o->name != NULL)
            buf_printf(out, "--%s ", o->name);
        if (o->letter != 0)
            buf_printf(out, "-%c ", o->letter);
    }
    buf_puts(out, "--help");
}

/* The function of the script that offers words of this kind. */
static void
put_offer(enum word_kind kind, const struct option_choice *choices, struct buf *out)
{
    switch (kind) {
    case WORD_IS_FILE:
        buf_puts(out, "_ipclab_files -f");
        break;
    case WORD_IS_FOLDER:
        buf_puts(out, "_ipclab_files -d");
        break;
    case WORD_IS_CHOICE:
        buf_puts(out, "_ipclab_words \"");
        for (const struct option_choice *c = choices; c->name != NULL; c++)
            buf_printf(out, "%s%s", c > choices ? " " : "", c->name);
        buf_putc(out, '"');
        break;
    case WORD_IS_FORMATS:
        buf_puts(out, "_ipclab_words \"");
        for (const struct option_choice *c = choices; c->name != NULL; c++)
            if (adapter_find(c->name) == NULL)
                buf_printf(out, "%s ", c->name);
        for (int i = 0; adapters[i] != NULL; i++)
            buf_printf(out, "%s%s", i > 0 ? " " : "", adapters[i]->name);
        buf_putc(out, '"');
        break;
    case WORD_IS_VIEW:
        buf_puts(out, "_ipclab_words \"");
        for (int i = 0; view_kinds[i] != NULL; i++)
            buf_printf(out, "%s%s", i > 0 ? " " : "", view_kinds[i]->name);
        buf_putc(out, '"');
        break;
    case WORD_IS_LAB:
        buf_puts(out, "_ipclab_asked labs; _ipclab_files -f");
        break;
    case WORD_IS_TOPIC:
        buf_puts(out, "_ipclab_asked topics");
        break;
    case WORD_IS_BENCH:
        buf_puts(out, "_ipclab_asked benches");
        break;
    default:
        buf_putc(out, ':');
        break;
    }
}

static void
put_values(struct buf *out)
{
    buf_puts(out, "    case $before in\n");
    for (const struct option_record *o = option_records; o->name != NULL || o->letter != 0; o++) {
        struct buf spelled = {0};

        if (o->kind == WORD_IS_FLAG)
            continue;
        if (o->name != NULL)
            buf_printf(&spelled, "--%s", o->name);
        if (o->alias != NULL)
            buf_printf(&spelled, " | --%s", o->alias);
        if (o->letter != 0)
            buf_printf(&spelled, "%s-%c", spelled.len > 0 ? " | " : "", o->letter);
        buf_printf(out, "    %s) ", buf_text(&spelled));
        put_offer(o->kind, o->choices, out);
        buf_puts(out, "; return ;;\n");
        buf_release(&spelled);
    }
    buf_puts(out, "    esac\n");
}

/* Options that take a value, so that the value is not taken for the command. */
static void
put_skipping(struct buf *out)
{
    buf_puts(out, "        case ${COMP_WORDS[i]} in\n        ");
    for (const struct option_record *o = option_records, *first = NULL;
         o->name != NULL || o->letter != 0; o++) {
        if (o->kind == WORD_IS_FLAG)
            continue;
        if (o->name != NULL)
            buf_printf(out, "%s--%s", first != NULL ? " | " : "", o->name);
        if (o->alias != NULL)
            buf_printf(out, " | --%s", o->alias);
        first = o;
        if (o->letter != 0)
            buf_printf(out, "%s-%c", o->name != NULL ? " | " : "", o->letter);
    }
    buf_puts(out, ") ((i++)) ;;\n        -*) ;;\n"
                  "        *) command=${COMP_WORDS[i]}; break ;;\n        esac\n");
}

void
generate_completion(struct buf *out)
{
    buf_puts(out,
             "# Completion of ipclab for bash, written by `ipclab generate completion`.\n\n"
             "_ipclab_words() {\n"
             "    local word\n"
             "    for word in $1; do\n"
             "        [[ $word == \"$current\"* ]] && COMPREPLY+=(\"$word\")\n"
             "    done\n"
             "}\n\n"
             "_ipclab_files() {\n"
             "    local name\n"
             "    while IFS= read -r name; do\n"
             "        COMPREPLY+=(\"$name\")\n"
             "    done < <(compgen \"$1\" -- \"$current\")\n"
             "    compopt -o filenames 2>/dev/null\n"
             "}\n\n"
             "_ipclab_asked() {\n"
             "    _ipclab_words \"$(\"${COMP_WORDS[0]/#\\~/$HOME}\" generate \"$1\" "
             "2>/dev/null | sort -u)\"\n"
             "}\n\n"
             "_ipclab() {\n"
             "    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
             "    local command='' i\n"
             "    COMPREPLY=()\n");
    put_values(out);
    buf_puts(out, "    for ((i = 1; i < COMP_CWORD; i++)); do\n");
    put_skipping(out);
    buf_puts(out, "    done\n    case $command in\n");
    for (const struct command_record *r = command_records + 1; r->name != NULL; r++) {
        buf_printf(out, "    %s)\n        if [[ $current == -* ]]; then _ipclab_words \"", r->name);
        put_options(r, out);
        buf_puts(out, "\"; else ");
        if (r->then != WORD_IS_FLAG) {
            buf_puts(out, "if [[ $before != \"$command\" ]]; then ");
            put_offer(r->then, NULL, out);
            buf_puts(out, "; else ");
        }
        put_offer(r->max > 0 ? r->word : WORD_IS_FLAG, r->choices, out);
        buf_printf(out, "; fi%s\n        ;;\n", r->then != WORD_IS_FLAG ? "; fi" : "");
    }
    buf_puts(out, "    '')\n        if [[ $current == -* ]]; then _ipclab_words \"");
    for (const struct option_record *o = option_records; o->name != NULL || o->letter != 0; o++) {
        if (o->name != NULL)
            buf_printf(out, "--%s ", o->name);
        if (o->letter != 0)
            buf_printf(out, "-%c%s", o->letter, o[1].name != NULL ? " " : "");
    }
    buf_puts(out, "\"; else _ipclab_words \"");
    for (const struct command_record *r = command_records + 1; r->name != NULL; r++)
        buf_printf(out, "%s%s", r > command_records + 1 ? " " : "", r->name);
    buf_puts(out, "\"; _ipclab_files -f; fi\n        ;;\n    esac\n}\n\n"
                  "complete -F _ipclab ipclab\n");
}
