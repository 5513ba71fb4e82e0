/* SPDX-License-Identifier: GPL-3.0-or-later
 * See names.h. */
#include "grade/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static bool
cut_ending(char *name, const char *ending)
{
    size_t n = strlen(name), m = strlen(ending);

    if (n <= m || strcmp(name + n - m, ending) != 0)
        return false;
    name[n - m] = '\0';
    return true;
}

bool
name_cut_trace(char *name)
{
    cut_ending(name, ".partial");
    return cut_ending(name, ".trace") || cut_ending(name, ".jsonl");
}

bool
name_cut_archive(char *name)
{
    static const char *const endings[] = {".zip",    ".tar",     ".tar.gz", ".tgz",
                                          ".tar.xz", ".tar.bz2", NULL};

    for (int i = 0; endings[i] != NULL; i++)
        if (cut_ending(name, endings[i]))
            return true;
    return false;
}

static bool
is(const char *name, bool (*cut)(char *name))
{
    char *copy = mem_copy(name);
    bool result = cut(copy);

    free(copy);
    return result;
}

bool
name_is_trace(const char *name)
{
    return is(name, name_cut_trace);
}

bool
name_is_archive(const char *name)
{
    return is(name, name_cut_archive);
}

const char *
name_last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

char *
name_student(const char *path, const char *lab)
{
    char *name = mem_copy(name_last_part(path)), *result;
    size_t n = strlen(lab);

    if (!name_cut_trace(name))
        name_cut_archive(name);
    if (strncmp(name, lab, n) == 0 && name[n] == '-' && name[n + 1] != '\0')
        result = mem_copy(name + n + 1);
    else
        result = mem_copy(name);
    free(name);
    return result;
}
