/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * As whom strangers' lines are run: never as root. See judged.h. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proc/judged.h"

enum { NOBODY = 65534 }; /* where there is no user of that name */

void
judged_choose(struct judged *j, const char *folder)
{
    const struct passwd *nobody;
    struct stat st;

    j->uid = geteuid();
    j->gid = getegid();
    if (j->uid != 0)
        return;
    if (folder != NULL && stat(folder, &st) == 0 && st.st_uid != 0) {
        j->uid = st.st_uid;
        j->gid = st.st_gid;
        return;
    }
    nobody = getpwnam("nobody");
    j->uid = nobody != NULL ? nobody->pw_uid : NOBODY;
    j->gid = nobody != NULL ? nobody->pw_gid : NOBODY;
}

struct tie
judged_tie(void)
{
    struct tie tie = {.parent = getppid()};

    prctl(PR_GET_PDEATHSIG, &tie.sig);
    return tie;
}

void
judged_retie(const struct tie *tie)
{
    prctl(PR_SET_PDEATHSIG, tie->sig);
    if (tie->sig != 0 && getppid() != tie->parent)
        raise(tie->sig); /* it died meanwhile */
}

int
judged_become(uid_t uid, gid_t gid)
{
    struct tie tie = judged_tie();

    if (geteuid() != 0)
        return 0;
    if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
        return -1;
    if (setresuid(0, 0, 0) == 0) { /* it must not be possible to go back */
        errno = EPERM;
        return -1;
    }
    judged_retie(&tie);
    return 0;
}
