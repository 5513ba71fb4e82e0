/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What can be known of a plugin without running any of it. dlopen dies of SIGBUS on a file that
 * was cut short and runs the constructors of one that was built for another ABI, so the file is
 * read by hand first: the header, where its segments lie, and through the dynamic section the
 * symbol ipclab_plugin. The numbers that its object starts with need no relocation, so they are
 * in the file as they will be in memory. Every read is bounded by the file. */
#include <elf.h>
#include <link.h>

#include "base/mem.h"
#include "call/catalog.h"
#include "proc/loader_parts.h"

#define SYMBOL "ipclab_plugin"

enum {
    MAX_SEGMENTS = 64,
    MAX_DYNAMIC = 4096,
    MAX_CHAIN = 65536,
    BLOCK = 32,
    BEGINNING = 4096, /* bytes that are read at once: most of what is looked at lies there */
};

struct elf {
    int fd;
    uint64_t size; /* of the file */
    size_t known;  /* bytes of beginning */
    char beginning[BEGINNING];
    ElfW(Ehdr) head;
    ElfW(Phdr) segments[MAX_SEGMENTS];
    uint64_t symtab, strtab, hash, gnu_hash; /* addresses; 0: none */
};

/* The header of the running program, which the linker puts there: what this machine runs. */
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

static bool
read_at(const struct elf *e, uint64_t offset, void *to, size_t n)
{
    if (offset > e->size || n > e->size - offset)
        return false;
    if (offset + n > e->known)
        return pread(e->fd, to, n, (off_t)offset) == (ssize_t)n;
    memcpy(to, e->beginning + offset, n);
    return true;
}

/* n bytes that will be at this address once the file is loaded. */
static bool
read_address(const struct elf *e, uint64_t address, void *to, size_t n)
{
    for (int i = 0; i < e->head.e_phnum; i++) {
        const ElfW(Phdr) *p = &e->segments[i];

        if (p->p_type == PT_LOAD && address >= p->p_vaddr && address - p->p_vaddr <= p->p_filesz &&
            n <= p->p_filesz - (address - p->p_vaddr))
            return read_at(e, p->p_offset + (address - p->p_vaddr), to, n);
    }
    return false;
}

static int
read_head(struct elf *e, struct err *err)
{
    const ElfW(Ehdr) *h = &e->head;

    if (!read_at(e, 0, &e->head, sizeof e->head))
        return err_set(err, STATUS_MACHINE,
                       "is no plugin: %llu bytes are too few for a shared object",
                       (unsigned long long)e->size);
    if (memcmp(h->e_ident, ELFMAG, SELFMAG) != 0)
        return err_set(err, STATUS_MACHINE, "is no plugin: not an ELF file");
    if (h->e_ident[EI_CLASS] != __ehdr_start.e_ident[EI_CLASS] ||
        h->e_ident[EI_DATA] != __ehdr_start.e_ident[EI_DATA] ||
        h->e_machine != __ehdr_start.e_machine)
        return err_set(err, STATUS_MACHINE,
                       "is built for another machine (ELF class %d, machine %d; here %d, %d)",
                       h->e_ident[EI_CLASS], h->e_machine, __ehdr_start.e_ident[EI_CLASS],
                       __ehdr_start.e_machine);
    if (h->e_type != ET_DYN)
        return err_set(err, STATUS_MACHINE, "is no shared object: link it with -shared");
    if (h->e_phentsize != sizeof(ElfW(Phdr)) || h->e_phnum == 0 || h->e_phnum > MAX_SEGMENTS ||
        !read_at(e, h->e_phoff, e->segments, h->e_phnum * sizeof(ElfW(Phdr))))
        return err_set(err, STATUS_MACHINE, "is damaged: its program headers cannot be read");
    return 0;
}

static int
check_segments(const struct elf *e, struct err *err)
{
    for (int i = 0; i < e->head.e_phnum; i++) {
        const ElfW(Phdr) *p = &e->segments[i];

        if (p->p_type == PT_NULL)
            continue;
        if (p->p_offset > e->size || p->p_filesz > e->size - p->p_offset)
            return err_set(err, STATUS_MACHINE,
                           "is cut short: %llu bytes, but a part of it should end at byte %llu",
                           (unsigned long long)e->size,
                           (unsigned long long)(p->p_offset + p->p_filesz));
        if (p->p_type == PT_INTERP)
            return err_set(err, STATUS_MACHINE, "is a program, not a plugin: link it with -shared");
    }
    return 0;
}

static bool
read_dynamic(struct elf *e)
{
    const ElfW(Phdr) *p = NULL;
    ElfW(Dyn) block[BLOCK], d;

    for (int i = 0; i < e->head.e_phnum; i++)
        if (e->segments[i].p_type == PT_DYNAMIC)
            p = &e->segments[i];
    if (p == NULL)
        return false;
    for (unsigned i = 0; i < MAX_DYNAMIC && (i + 1) * sizeof d <= p->p_filesz; i++) {
        if (i % BLOCK == 0) {
            uint64_t left = p->p_filesz - i * sizeof d;

            if (!read_at(e, p->p_offset + i * sizeof d, block,
                         left < sizeof block ? left - left % sizeof d : sizeof block))
                break;
        }
        d = block[i % BLOCK];
        if (d.d_tag == DT_NULL)
            break;
        if (d.d_tag == DT_SYMTAB)
            e->symtab = d.d_un.d_ptr;
        else if (d.d_tag == DT_STRTAB)
            e->strtab = d.d_un.d_ptr;
        else if (d.d_tag == DT_HASH)
            e->hash = d.d_un.d_ptr;
        else if (d.d_tag == DT_GNU_HASH)
            e->gnu_hash = d.d_un.d_ptr;
    }
    return e->symtab != 0 && e->strtab != 0 && (e->hash != 0 || e->gnu_hash != 0);
}

/* Is symbol number i the one that is looked for? */
static bool
is_symbol(const struct elf *e, uint32_t i, ElfW(Sym) * sym)
{
    char name[sizeof SYMBOL];

    return read_address(e, e->symtab + (uint64_t)i * sizeof *sym, sym, sizeof *sym) &&
           sym->st_shndx != SHN_UNDEF &&
           read_address(e, e->strtab + sym->st_name, name, sizeof name) &&
           memcmp(name, SYMBOL, sizeof name) == 0;
}

/* Through DT_GNU_HASH: a table of buckets, each the first of a run of symbols whose hashes lie
 * side by side; the last of a run has its lowest bit set. */
static bool
find_by_gnu_hash(const struct elf *e, ElfW(Sym) * sym)
{
    uint32_t head[4], i, hash = 5381;
    uint64_t buckets;

    for (const char *s = SYMBOL; *s != '\0'; s++)
        hash = hash * 33 + (unsigned char)*s;
    if (!read_address(e, e->gnu_hash, head, sizeof head) || head[0] == 0)
        return false;
    buckets = e->gnu_hash + sizeof head + (uint64_t)head[2] * sizeof(ElfW(Addr));
    if (!read_address(e, buckets + 4ULL * (hash % head[0]), &i, sizeof i) || i < head[1])
        return false;
    for (int steps = 0; steps < MAX_CHAIN; steps++, i++) {
        uint32_t h;

        if (!read_address(e, buckets + 4ULL * head[0] + 4ULL * (i - head[1]), &h, sizeof h))
            return false;
        if ((h | 1) == (hash | 1) && is_symbol(e, i, sym))
            return true;
        if (h & 1)
            return false;
    }
    return false;
}

/* Through DT_HASH, the older form, which says how many symbols there are: all are looked at. */
static bool
find_by_hash(const struct elf *e, ElfW(Sym) * sym)
{
    uint32_t head[2];

    if (!read_address(e, e->hash, head, sizeof head))
        return false;
    for (uint32_t i = 1; i < head[1] && i < MAX_CHAIN; i++)
        if (is_symbol(e, i, sym))
            return true;
    return false;
}

static bool
find_symbol(struct elf *e, ElfW(Sym) * sym)
{
    if (!read_dynamic(e))
        return false;
    return e->gnu_hash != 0 ? find_by_gnu_hash(e, sym) : find_by_hash(e, sym);
}

/* Is this a size that a structure has had, whose first version ended at `oldest`? It has grown by
 * pointers only. */
static bool
grew_to(uint32_t size, size_t oldest, size_t newest)
{
    return size >= oldest && size <= newest && (size - oldest) % sizeof(void *) == 0;
}

int
loader_check_head(const struct ipclab_plugin *head, struct err *err)
{
    if (head->magic != IPCLAB_MAGIC)
        return err_set(err, STATUS_MACHINE,
                       "its ipclab_plugin does not begin with IPCLAB_PLUGIN_HEAD");
    if (head->abi_major != IPCLAB_ABI_MAJOR)
        return err_set(err, STATUS_MACHINE,
                       "built for plugin ABI %u, this ipclab has %d: rebuild it with this ipclab's "
                       "plugin.h",
                       head->abi_major, IPCLAB_ABI_MAJOR);
    if (head->abi_minor > IPCLAB_ABI_MINOR)
        return err_set(err, STATUS_MACHINE,
                       "built for plugin ABI %u.%u, this ipclab has %d.%d: rebuild it with this "
                       "ipclab's plugin.h, or use a newer ipclab",
                       head->abi_major, head->abi_minor, IPCLAB_ABI_MAJOR, IPCLAB_ABI_MINOR);
    /* These have grown since 1.0: loader.c gives older ones what they lack. */
    if (!grew_to(head->plugin_size, offsetof(struct ipclab_plugin, blocking),
                 sizeof(struct ipclab_plugin)) ||
        head->arg_size != sizeof(struct ipclab_arg) ||
        !grew_to(head->call_size, offsetof(struct ipclab_call, returns),
                 sizeof(struct ipclab_call)) ||
        !grew_to(head->kind_size, offsetof(struct ipclab_kind, list), sizeof(struct ipclab_kind)))
        return err_set(
            err, STATUS_MACHINE,
            "its structures have other sizes (%u %u %u %u, here %zu %zu %zu %zu): rebuild "
            "it with this ipclab's plugin.h",
            head->plugin_size, head->call_size, head->arg_size, head->kind_size,
            sizeof(struct ipclab_plugin), sizeof(struct ipclab_call), sizeof(struct ipclab_arg),
            sizeof(struct ipclab_kind));
    return 0;
}

int
loader_check_elf(int fd, struct err *err)
{
    static struct elf e; /* of several pages */
    struct ipclab_plugin head = {0};
    ElfW(Sym) sym;
    struct stat st;
    ssize_t n;

    if (fstat(fd, &st) < 0)
        return err_set(err, STATUS_MACHINE, "cannot be looked at");
    e.fd = fd;
    e.size = (uint64_t)st.st_size;
    e.symtab = e.strtab = e.hash = e.gnu_hash = 0;
    n = pread(fd, e.beginning, sizeof e.beginning, 0);
    e.known = n > 0 ? (size_t)n : 0;
    if (read_head(&e, err) < 0 || check_segments(&e, err) < 0)
        return -1;
    if (!find_symbol(&e, &sym))
        return err_set(err, STATUS_MACHINE, "has no " SYMBOL);
    /* From an older plugin.h the object may be smaller: its sizes say so. */
    if (!read_address(&e, sym.st_value, &head, offsetof(struct ipclab_plugin, name)))
        return err_set(err, STATUS_MACHINE, "its " SYMBOL " is not a constant of the file");
    return loader_check_head(&head, err);
}
