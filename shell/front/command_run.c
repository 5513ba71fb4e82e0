/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ipclab run LAB. The file is found and read before the session is told of, which names it and its
 * digest; it runs once the session stands. */
#include "front/commands.h"
#include "lua/lab.h"

/* The lab of this process. */
static struct lab_file lab;

int
command_run_open(const struct options *o, const struct places *places, struct session *s,
                 struct err *err)
{
    if (lab_file_open(&lab, o->args[0], places->labs, err) < 0)
        return -1;
    s->lab = lab.name;
    s->lab_sha256 = lab.sha256;
    return 0;
}

enum status
command_run(struct console *c, const struct places *places, const struct options *o)
{
    enum status status;
    struct err err;

    if (lab.data == NULL && command_run_open(o, places, c->session, &err) < 0) {
        console_message("%s", err.text);
        return err.status;
    }
    status = lab_run(c->session, &lab, console_message);
    c->session->lab = c->session->lab_sha256 = NULL;
    lab_file_release(&lab);
    return status;
}
