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

int
judged_become(uid_t uid, gid_t gid)
{
    int sig = 0;

    if (geteuid() != 0)
        return 0;
    prctl(PR_GET_PDEATHSIG, &sig);
    if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
        return -1;
    if (setresuid(0, 0, 0) == 0) { /* it must not be possible to go back */
        errno = EPERM;
        return -1;
    }
    return prctl(PR_SET_PDEATHSIG, sig); /* another user forgets it */
}
