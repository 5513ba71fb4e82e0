/* SPDX-License-Identifier: GPL-3.0-or-later
 * See shell_out.h. */
#include "front/shell_out.h"

#include <errno.h>
#include <termios.h>

#include "front/child.h"
#include "front/editor.h"

int
shell_out(void *ctx, const char *const *argv, struct err *err)
{
    const struct console *c = ctx;
    struct termios terminal;
    bool is_terminal;
    int status = 0, error;
    pid_t pid;

    fflush(NULL);
    if (c->session->interactive)
        editor_lend();
    is_terminal = tcgetattr(0, &terminal) == 0;
    error = child_start(argv, -1, c->shows ? -1 : 2, &pid); /* stdout may be the trace */
    if (error == 0)
        status = child_wait(pid);
    if (is_terminal)
        tcsetattr(0, TCSADRAIN, &terminal);
    if (c->session->interactive)
        editor_take_back();
    if (error == EINTR)
        return err_set(err, STATUS_INTERRUPTED, "interrupted before %.200s ran", argv[0]);
    if (error != 0)
        return err_set(err, STATUS_MACHINE, "%.200s cannot be run: %s (%s)", argv[0],
                       strerrorname_np(error), strerror(error));
    return status;
}
