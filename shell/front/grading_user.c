/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * As whom submissions are graded. What students wrote is neither run nor read as root: worlds are
 * always another user's, and the process that grades a submission becomes that user before it
 * opens the file, where that user can reach all that it needs. It writes nothing; who started it
 * does. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>

#include "front/grading.h"
#include "lua/lab.h"

static struct judged judged;

static int
by_name(const char *user, struct err *err)
{
    const struct passwd *known = getpwnam(user);
    char *end;
    unsigned long uid, gid;

    if (known != NULL) {
        judged.uid = known->pw_uid;
        judged.gid = known->pw_gid;
        return 0;
    }
    uid = gid = strtoul(user, &end, 10);
    if (end != user && *end == ':')
        gid = strtoul(user = end + 1, &end, 10);
    if (end == user || *end != '\0' || uid > INT32_MAX || gid > INT32_MAX)
        return err_set(err, STATUS_USAGE, "--user takes a user's name, or UID:GID");
    judged.uid = (uid_t)uid;
    judged.gid = (gid_t)gid;
    return 0;
}

static int
choose(const struct options *o, struct err *err)
{
    judged_choose(&judged, o->out);
    if (geteuid() != 0)
        return 0;
    if (o->user != NULL && by_name(o->user, err) < 0)
        return -1;
    if (judged.uid == 0)
        return err_set(err, STATUS_USAGE,
                       "what students wrote is not run as root; --user names "
                       "another");
    return 0;
}

const struct judged *
grading_user(void)
{
    return &judged;
}

/* As this process may do it at the moment. */
static bool
may(const char *path, int how)
{
    return faccessat(AT_FDCWD, path, how, AT_EACCESS) == 0;
}

static bool
reaches_all(const struct options *o, const struct places *places)
{
    struct lab_file lab;
    struct err err;

    if (!may(places->program, X_OK) || !may(places->plugins, R_OK | X_OK) ||
        !may(o->args[0], R_OK) || lab_file_open(&lab, o->lab, places->labs, &err) < 0)
        return false;
    lab_file_release(&lab);
    return true;
}

int
grading_step_down(const struct options *o, const struct places *places, struct err *err)
{
    struct tie tie = judged_tie();
    bool reaches;

    if (choose(o, err) < 0)
        return -1;
    if (geteuid() != 0)
        return 0;
    if (setgroups(0, NULL) < 0 || setegid(judged.gid) < 0 || seteuid(judged.uid) < 0)
        return err_set(err, STATUS_MACHINE, "becoming user %u: %s", judged.uid, strerror(errno));
    reaches = reaches_all(o, places);
    if (seteuid(0) < 0 || setegid(0) < 0 || (reaches && judged_become(judged.uid, judged.gid) < 0))
        return err_set(err, STATUS_MACHINE, "becoming user %u: %s", judged.uid, strerror(errno));
    judged_retie(&tie);
    return 0;
}
