/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ipclab lab new NAME: a folder with a lab that holds what a lab must, and what editors and
 * continuous integration need for it. It is made beside its place, and put there whole; what is
 * there already is left alone. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sys/stat.h>

#include "base/folder.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/whole.h"
#include "front/authors.h"

enum { ID_MAX = 40, TEMPLATE_MAX = 65536 };

/* In the folder of templates, of all kinds and of each. */
static const char *const common[] = {".luarc.json", ".luacheckrc", ".gitlab-ci.yml",
                                     ".github/workflows/lab.yml", NULL};
static const char *const of_kind[] = {"lab.lua", "README.md", NULL};

struct making {
    const struct places *places;
    char *folder; /* where it is made */
    const char *id;
};

static int
read_template(const char *path, struct buf *text, struct err *err)
{
    char block[4096];
    ssize_t got = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    while (fd >= 0 && text->len < TEMPLATE_MAX && (got = read(fd, block, sizeof block)) > 0)
        buf_put(text, block, (size_t)got);
    if (fd < 0 || got < 0)
        err_errno(err, STATUS_MACHINE, path);
    if (fd >= 0)
        close(fd);
    return fd < 0 || got < 0 ? -1 : 0;
}

/* What stands in a template between two @. */
static void
put_value(const struct making *m, const char *name, size_t n, struct buf *out)
{
    if (n == strlen("ID") && memcmp(name, "ID", n) == 0) {
        buf_puts(out, m->id);
    } else if (n == strlen("DEFINITIONS") && memcmp(name, "DEFINITIONS", n) == 0) {
        json_t *path = json_string(m->places->definitions);
        char *text = json_dumps(path, JSON_ENCODE_ANY);

        buf_puts(out, text != NULL ? text : "\"\"");
        free(text);
        json_decref(path);
    }
}

static void
fill_in(const struct making *m, const char *text, struct buf *out)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    while (*text != '\0') {
        size_t n = *text == '@' ? strspn(text + 1, letters) : 0;

        if (n > 0 && text[1 + n] == '@') {
            put_value(m, text + 1, n, out);
            text += n + 2;
        } else {
            buf_putc(out, *text++);
        }
    }
}

/* The folders in which it stands, too. */
static int
make_file(const struct making *m, const char *templates, const char *name, struct err *err)
{
    struct buf path = {0}, text = {0}, out = {0};
    int result;

    buf_printf(&path, "%s/%s/%s", m->places->templates, templates, name);
    result = read_template(buf_text(&path), &text, err);
    fill_in(m, buf_text(&text), &out);
    buf_clear(&path);
    buf_printf(&path, "%s/%s", m->folder, name);
    for (char *slash = path.data + strlen(m->folder) + 1;
         result == 0 && (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        mkdir(path.data, 0777);
        *slash = '/';
    }
    if (result == 0)
        result = whole_write(buf_text(&path), &out, false, err);
    buf_release(&path);
    buf_release(&text);
    buf_release(&out);
    return result;
}

static int
make_all(const struct making *m, const char *kind, struct err *err)
{
    int result = 0;

    for (int i = 0; common[i] != NULL && result == 0; i++)
        result = make_file(m, "common", common[i], err);
    for (int i = 0; of_kind[i] != NULL && result == 0; i++)
        result = make_file(m, kind, of_kind[i], err);
    return result;
}

/* The name of the folder without a number before it. */
static int
read_id(const char *path, const char **id, struct err *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    size_t digits = strspn(name, "0123456789");

    *id = digits > 0 && name[digits] == '-' ? name + digits + 1 : name;
    if ((*id)[0] >= 'a' && (*id)[0] <= 'z' && (*id)[strspn(*id, letters)] == '\0' &&
        strlen(*id) <= ID_MAX)
        return 0;
    return err_set(err, STATUS_USAGE,
                   "the name of a lab is a letter a-z, then letters a-z, digits, - and _, at most "
                   "%d; a number and a - may stand before it: 07-my-lab",
                   ID_MAX);
}

static int
put_in_place(const char *folder, const char *path, struct err *err)
{
    mode_t mask = umask(0);

    umask(mask);
    if (chmod(folder, 0777 & ~mask) == 0 &&
        renameat2(AT_FDCWD, folder, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno == EEXIST)
        return err_set(err, STATUS_USAGE, "%.300s is there already, and is left as it is", path);
    return err_errno(err, STATUS_MACHINE, path);
}

/* A plain name would be looked for among the labs that came with the shell. */
static void
say(const char *kind, const char *path)
{
    struct buf shown = {0};

    text_escape(&shown, path, strlen(path), console_is_ascii());
    printf("%s: a lab of the kind %s; `ipclab run %s%s` starts it, `ipclab lab check %s%s` has it "
           "prove "
           "itself\n",
           buf_text(&shown), kind, strchr(path, '/') == NULL ? "./" : "", buf_text(&shown),
           strchr(path, '/') == NULL ? "./" : "", buf_text(&shown));
    buf_release(&shown);
}

enum status
authors_new(const struct options *o, const struct places *places, struct err *err)
{
    const char *kind = option_find("kind")->choices[o->kind].name;
    char *path = mem_copy(o->args[1]);
    struct making m = {.places = places};
    int result;

    for (size_t n = strlen(path); n > 1 && path[n - 1] == '/'; n--)
        path[n - 1] = '\0';
    result = read_id(path, &m.id, err);
    if (result == 0 && access(path, F_OK) == 0)
        result = err_set(err, STATUS_USAGE, "%.300s is there already, and is left as it is", path);
    if (result == 0 && asprintf(&m.folder, "%s.XXXXXX", path) < 0)
        result = err_set(err, STATUS_MACHINE, "out of memory");
    if (result == 0 && mkdtemp(m.folder) == NULL) {
        result = err_errno(err, STATUS_USAGE, path);
    } else if (result == 0) {
        result = make_all(&m, kind, err);
        if (result == 0)
            result = put_in_place(m.folder, path, err);
        if (result < 0)
            folder_remove(AT_FDCWD, m.folder);
    }
    if (result == 0)
        say(kind, path);
    free(m.folder);
    free(path);
    return result < 0 ? err->status : STATUS_OK;
}
