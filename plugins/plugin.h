/* SPDX-License-Identifier: MIT
 *
 * plugin.h - the contract between ipclab and its plugins.
 *
 * HOW TO ADD A PLUGIN
 *
 *   1. Copy hello.c to NAME.c. One file is one mechanism; its stem is the word of the man page.
 *   2. Write one `struct ipclab_call` for each system call. It is pure data and everything is
 *      derived from it: the parser, completion, help, man pages, the Lua method, trace labels.
 *   3. Write its handler. It runs inside the student's process: arguments are checked, pointers
 *      are real addresses of that process. Do the system call, report facts through the host,
 *      return the result as the system call does (-1 and errno). Never print, exit, or fork but
 *      through the host: what you do there happens to the student's process.
 *   4. If the mechanism has kernel objects (a pipe, a queue), write one `struct ipclab_kind`: how
 *      to recognise one, its state, and why a call on it waits. For each reason to wait write one
 *      `struct ipclab_blocking`: the call, its non-blocking form and its timed form, side by side.
 *   5. Export one object:  const struct ipclab_plugin ipclab_plugin = { IPCLAB_PLUGIN_HEAD, ... };
 *   6. Inside the tree `make` finds the file by itself. Outside it:
 *          cc -shared -fPIC $(pkg-config --cflags ipclab) -o NAME.so NAME.c
 *          ipclab --plugin-path=. -c 'spawn a; a mycall(1)'
 *   7. `ipclab plugins -v` lists what was found and says why a file was refused.
 *
 * The tests that will check you: every `example` of every record is executed; every error and
 * every argument has a sentence; `nm` shows no printing, forking or exiting symbol; the name is
 * the file's stem; every call that may wait has an object kind or a reason of its own.
 *
 * This is the only header of the project that a plugin includes. It is under the MIT licence so
 * that a plugin may have any licence that is compatible with the program that loads it.
 */
#ifndef IPCLAB_PLUGIN_H
#define IPCLAB_PLUGIN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define IPCLAB_MAGIC 0x42414c435049ULL /* "IPCLAB" */
#define IPCLAB_ABI_MAJOR 1             /* differs: refused */
#define IPCLAB_ABI_MINOR 15            /* the host's is older than the plugin's: refused */
#define IPCLAB_MAX_ARGS 12             /* arguments of one call, repeated ones included */

struct ipclab_frame; /* one call in the making; opaque */
struct ipclab_look;  /* one look at an object; opaque */

/* ---- Arguments --------------------------------------------------------------------------- */

enum ipclab_type {
    IPCLAB_END = 0, /* ends an array of arguments */
    IPCLAB_INT,     /* a number */
    IPCLAB_SIZE,    /* a count of bytes, never negative */
    IPCLAB_FLAGS,   /* constants joined with |, and permission bits if IPCLAB_HAS_MODE */
    IPCLAB_MODE,    /* permission bits, octal */
    IPCLAB_FD,      /* a descriptor; the host names the object behind it */
    IPCLAB_OBJECT,  /* the id of a kernel object, such as a shmid */
    IPCLAB_POINTER, /* an address in the process, for the call to use as it is */
    IPCLAB_BYTES,   /* address of bytes that the call reads; size_arg counts them */
    IPCLAB_BUFFER,  /* address of a buffer that the call fills; size_arg gives its room */
    IPCLAB_STRING,  /* NUL-terminated text */
    IPCLAB_PATH,    /* NUL-terminated file name */
    IPCLAB_SIGNAL,  /* a signal number */
    IPCLAB_PROCESS, /* a pid; an actor's name stands for its pid */
    IPCLAB_INTS,    /* address of `count` ints that the call fills, such as pipefd */
    IPCLAB_STREAM,  /* a FILE * of the process */
    IPCLAB_NEWNAME, /* the name of the actor that the call makes; a C string or NULL */
    IPCLAB_ANY,     /* a number, or an address of a string or variable, as printf takes */
    IPCLAB_VOID,    /* only as a result: nothing is returned */
    IPCLAB_HANDLER, /* what takes a signal: a constant of `constants` (SIG_IGN), a number that a
                       call returned, or any name that is no variable: then the address of that
                       name. Since 1.5 */
};

enum {
    IPCLAB_OPTIONAL = 1 << 0, /* may be left out; `def` is used then */
    IPCLAB_REST = 1 << 1,     /* last in the array: repeats, none included */
    IPCLAB_HAS_MODE = 1 << 2, /* flags that carry permission bits, as shmget's */
    IPCLAB_NULLABLE = 1 << 3, /* NULL is welcome */
    IPCLAB_COUNTED = 1 << 4,  /* a size left out is the length of the string before it */
    IPCLAB_ALONG = 1 << 5,    /* a descriptor that is sent along: the call never waits on what is
                                 behind it, and who receives it has it, too. Since 1.8 */
    IPCLAB_HOSTS = 1 << 6,    /* a text that may begin with the name of a host and a colon. Since
                                 1.11 */
};

struct ipclab_constant {
    const char *name; /* "IPC_CREAT"; NULL ends the array */
    int64_t value;
    const char *summary; /* a few words for completion and help */
};

struct ipclab_arg {
    const char *name;      /* as in the man page */
    enum ipclab_type type; /* IPCLAB_END ends the array */
    unsigned flags;        /* IPCLAB_OPTIONAL ... */
    const char *summary;   /* what it is for, a few words */
    int64_t def;           /* used when left out */
    int64_t min, max;      /* refused outside, by name; both 0: no bounds */
    int size_arg;          /* BYTES, BUFFER: index of the size argument; -1: NUL-terminated */
    int count;             /* INTS: how many; since 1.9 BUFFER without size_arg: how many bytes */
    const struct ipclab_constant *constants; /* what may be ored or named here */
};

/* ---- Calls ------------------------------------------------------------------------------- */

enum {
    IPCLAB_WAITS = 1 << 0,         /* may wait in the kernel: say why in the kind's explain, or here
                                      in `explain` */
    IPCLAB_MAKES_PROCESS = 1 << 1, /* obliges the handler to use host->fork, once */
    IPCLAB_ENDS = 1 << 2,          /* does not return when it succeeds (exit, execve) */
    IPCLAB_FDS = 1 << 3,           /* may change which descriptors the process has */
    IPCLAB_TOUCHES_ALL = 1 << 4,   /* may wake processes that wait for anything; default: those who
                                      wait on the objects of its descriptor and object arguments */
    IPCLAB_PURE = 1 << 5,          /* wakes nobody and changes nothing another process can see */
    IPCLAB_VOLATILE = 1 << 6,      /* the result differs from run to run (an address, a time) */
    IPCLAB_EXECS = 1 << 8,         /* with IPCLAB_ENDS: the process becomes another program */
    IPCLAB_SIGNALS = 1 << 9,       /* may send signals: the handler tells each by host->sends. Since
                                      1.5 */
    IPCLAB_PIDS = 1 << 7, /* the result is a pid or kernel id: repeats in a sealed world only */
    IPCLAB_ERROR_NUMBER = 1 << 10, /* the result is 0 or the number of the error, and errno is left
                                      alone, as pthread_mutex_lock does. Since 1.6 */
};

struct ipclab_error {
    const char *name;     /* "ENOENT"; NULL ends the array */
    const char *sentence; /* what it means here, lower case, no full stop. $ARG is replaced by that
                             argument as it was given: "no segment has key $key" */
};

/* A value that a handler gets. Numbers in i, addresses of the process in p, texts in s. */
union ipclab_value {
    int64_t i;
    void *p;
    const char *s;
};

struct ipclab_args {
    int n; /* how many, defaults filled in */
    union ipclab_value v[IPCLAB_MAX_ARGS];
};

/* MINOR VERSIONS. Structures only grow at their end, and what a plugin was built with says so
 * (IPCLAB_PLUGIN_HEAD), so a plugin of an older minor is loaded as if it had left out what is new:
 *   1.1  ipclab_call.returns, waits; ipclab_wait.births; ipclab_look_host.rule, before, could_end
 *   1.2  ipclab_host.message; IPCLAB_ON_MQUEUE
 *   1.3  ipclab_kind.list, detail, maps; ipclab_look_host.found
 *   1.4  ipclab_kind.linked; ipclab_wait.linked; ipclab_look_host.descriptor_of
 *   1.5  IPCLAB_HANDLER, IPCLAB_SIGNALS; ipclab_host.sends, handled, timer,
 *        fact_process, reaches; ipclab_kind.link, identify; ipclab_wait.early
 *   1.6  IPCLAB_ERROR_NUMBER; ipclab_host.object_at, hold; ipclab_wait.holds, waiters;
 *        ipclab_look_host.memory, address, pid_name, waits_on, shares,
 *        holder; $0 in next and before
 *   1.7  ipclab_plugin.blocking
 *   1.8  IPCLAB_ALONG; ipclab_look_host.other_end; texts in ipclab_wait.args
 *   1.9  ipclab_kind.link without identify, timed; IPCLAB_WATCHES; ipclab_arg.count of a BUFFER;
 *        ipclab_look_host.fdinfo, sharers, ends_by_itself, runs_out
 *   1.10 ipclab_plugin.benches, bench_size
 *   1.11 IPCLAB_HOSTS; ipclab_network; ipclab_host.resolve, network, own_network;
 *        ipclab_wait.networks, nnetworks, network_of; ipclab_look_host.later, enter_network,
 *        socket_network
 *   1.12 ipclab_kind.watched; ipclab_look_host.watched, others
 *   1.13 ipclab_plugin.fields
 *   1.14 ipclab_host.may_run
 *   1.15 ipclab_call.reads; wait->linked in ipclab_kind.watched;
 *        ipclab_look_host.left_alone; IPCLAB_MARK_BASE */

/* One signal is the host's own: `interrupt` ends calls with it. No call of a student may send,
 * block or catch it. */
#define IPCLAB_RESERVED_SIGNAL SIGRTMAX

/* The host marks open files that have no inode of their own (eventfd) by read locks from this byte
 * on, where none of them has any: a call on locks leaves these bytes out. Since 1.15. */
#define IPCLAB_MARK_BASE (INT64_C(1) << 61)

/* What a waiting process waits for; given to `explain`. All strings live as long as the call. */
struct ipclab_process {
    const char *name; /* "child"; a process that is no actor: "pid 7 (sleep)" */
    pid_t pid;        /* as the observer can use it: pidfd_open, /proc */
    pid_t world_pid;  /* as students see it */
    pid_t parent;     /* world pid of its parent */
    int waits;        /* 1: it waits in `call`; 0: idle or running */
    const char *call; /* the call in which it waits, or "" */
    int zombie;       /* 1: dead and not waited for */
    int foreign;      /* 1: runs a program of its own after execve */
};

struct ipclab_holder {
    int process; /* index into processes */
    int fd;      /* its number there */
    char mode;   /* 'r', 'w', or 'u' for both */
};

/* How a holder came to its descriptor, and what its process has still to write to it. */
struct ipclab_birth {
    int64_t step;       /* in which; 0: it was there from the beginning */
    const char *how;    /* "call", "fork", "exec", "spawn" */
    int64_t unwritten;  /* bytes that a stream of the process (stdio) holds back from it */
    const char *stream; /* what the process calls that stream, "" when it has no name */
};

/* A descriptor of some object of a linked kind: the other end of a connection, or another one. */
struct ipclab_holding {
    uint64_t key, key2; /* of the object */
    int process;        /* index into processes */
    int fd;             /* its number there */
};

/* A host of the world: a network namespace that a cable connects with the others'. */
struct ipclab_network {
    const char *name; /* "host1" */
    const char *ipv4,
        *ipv6;     /* "10.0.0.1", "fd00::1"; NULL where the kernel has no such addresses */
    int unplugged; /* 1: its cable is not plugged */
};

/* A signal whose handler ran while its process was in no call that waits. */
struct ipclab_early {
    int sig;          /* 0: there was none */
    int64_t step;     /* in which it came; 0: by itself, between steps */
    const char *from; /* who sent it; "" when that is not known */
};

/* What a process took from an object or gave to it, by what ipclab_host.hold told. */
struct ipclab_hold {
    int object;      /* of the objects that the call named, in that order */
    int process;     /* index into processes; -1: it is gone */
    const char *who; /* its name */
    pid_t world_pid;
    int dead;
    int64_t part;   /* of the object, such as a sem_num */
    int64_t amount; /* taken and not given back */
    int64_t since;  /* the step in which it took last */
    int64_t given;  /* what it gave without having taken it */
    int64_t gave;   /* the step in which it gave last */
};

struct ipclab_wait {
    const char *call; /* "read" */
    /* Numbers; since 1.8 also those that are strings or paths, of which long ones are cut. */
    struct ipclab_args args;
    int self; /* index of the waiting process */
    const struct ipclab_process *processes;
    int nprocesses;
    const struct ipclab_holder *holders; /* who holds descriptors of the object */
    int nholders;
    const struct ipclab_birth *births; /* of the holders, in their order; since 1.1 */
    /* Since 1.4, for kinds that are linked: the descriptors of the kind's other objects. */
    const struct ipclab_holding *linked;
    int nlinked;
    struct ipclab_early early; /* the last since its last call that waited; since 1.5 */
    const struct ipclab_hold
        *holds; /* who took what, by the step in which they took last; since 1.6 */
    int nholds;
    const int
        *waiters; /* others that wait on the same object, who waits longest first; since 1.6 */
    int nwaiters;
    /* Since 1.11: the hosts, and on which each process is, in their order; -1: on none, in the
     * network that is the world's own. */
    const struct ipclab_network *networks;
    int nnetworks;
    const int *network_of;
};

/* Who could make ready what a process watches: of several the greatest counts. */
enum ipclab_chance {
    IPCLAB_NOBODY,   /* sure: nobody but the process itself */
    IPCLAB_SOMEBODY, /* those who were told by could_end */
    IPCLAB_A_TIMER,  /* it will be ready by itself */
    IPCLAB_UNKNOWN,  /* somebody, perhaps */
};

/* What explain may say. All append-only; a field beyond `size` does not exist in this host. */
struct ipclab_look_host {
    size_t size;
    /* A copy of descriptor fd of the waiting process, close-on-exec, closed by the host after the
     * look; -1 and errno (pidfd_getfd(2)). Never re-open /proc/PID/fd/N: that changes pipes. */
    int (*descriptor)(struct ipclab_look *, int fd);
    /* State fields: shown after each step in this order. Bytes, counts, ids as numbers. */
    void (*number)(struct ipclab_look *, const char *name, int64_t value);
    void (*text)(struct ipclab_look *, const char *name, const char *value);
    void (*bytes)(struct ipclab_look *, const char *name, const void *data, size_t n);
    /* The same for what differs from run to run (times, addresses; pids and ids in a shared world).
     */
    void (*volatile_number)(struct ipclab_look *, const char *name, int64_t value);
    /* For a field: a pid of this view as the actor's name, also of one that is dead. A field of a
     * process that is none of the world's is left out by the host. */
    const char *(*process_name)(struct ipclab_look *, pid_t pid);
    /* Explanation: one word for the trace ("empty"), ... */
    void (*why)(struct ipclab_look *, const char *word);
    /* ... what stands in <waits: ...>: one clause, lower case, no full stop, ... */
    void (*waits)(struct ipclab_look *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
    /* ... sentences for `why ACTOR`; each call adds one: the rule of the man page, who could end
     * it, ... */
    void (*say)(struct ipclab_look *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
    /* ... one concrete next line to type, ... Since 1.6, here and in `before`: $0 stands for what
     * was typed as the call's first argument, and the line counts only if who acts has variables
     * of these names. Of several such lines for `next` the first is said, and "interrupt NAME" and
     * "undo 1" only where there is no other. ... */
    void (*next)(struct ipclab_look *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
    /* ... and the promise that nothing that others hold can end this call. Only if sure. */
    void (*never)(struct ipclab_look *);
    /* Since 1.1. The rule in one clause that goes on "NAME cannot go on: ..." and needs nothing
     * else to be understood: what the object is like now and what the call would need. Said by
     * verdicts and, before all sentences, by `why`. */
    void (*rule)(struct ipclab_look *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
    /* A line that should have come before the call: what to do instead once it is taken back
     * (`undo`). Each call adds one. */
    void (*before)(struct ipclab_look *, const char *fmt, ...)
        __attribute__((format(printf, 2, 3)));
    /* The process (an index into wait->processes) could end the call by something it does. Tells
     * who waits for whom; leave it out where anybody could. */
    void (*could_end)(struct ipclab_look *, int process);
    /* Since 1.3. For `list`: there is an object of this identity. The host asks for its state and
     * detail. */
    void (*found)(struct ipclab_look *, uint64_t key, uint64_t key2);
    /* Since 1.4. As `descriptor`, of any process of wait->processes. */
    int (*descriptor_of)(struct ipclab_look *, int process, int fd);
    /* Since 1.6. Of an object that object_at named: n bytes of it, read from a process that has
     * that memory. 1 when others may have it, too, 0 when it is that process's own, -1: nobody that
     * can be asked has it. */
    int (*memory)(struct ipclab_look *, uint64_t key, uint64_t key2, void *to, size_t n);
    /* Where it lies in this process, which must be the actor's; NULL: not here. */
    void *(*address)(struct ipclab_look *, uint64_t key, uint64_t key2);
    /* A pid as students see it as an actor's name, also of one that is dead. */
    const char *(*pid_name)(struct ipclab_look *, pid_t world_pid);
    /* Explanation: of the objects that the call named it waits on this one now (from 0; else the
     * last), and the state told from here on is of that one. The time that a call was given ends no
     * wait that is told so. */
    void (*waits_on)(struct ipclab_look *, int object);
    /* Has this process (an index into wait->processes) that memory now? */
    int (*shares)(struct ipclab_look *, int process, uint64_t key, uint64_t key2);
    /* Explanation: who holds what the call needs, since which step (0: not known). Shown as a
     * holder without a descriptor. */
    void (*holder)(struct ipclab_look *, const char *who, int64_t since);
    /* Since 1.8. Explanation, of a kind that is linked: the object whose descriptors are the other
     * end, so that those who have one are the holders. Without it nobody holds what is needed. */
    void (*other_end)(struct ipclab_look *, uint64_t key, uint64_t key2);
    /* Since 1.9. What the kernel says of a descriptor in /proc/PID/fdinfo: of this process (an
     * index into wait->processes), or with process -1 of one here, such as `state` is given.
     * Returns how many bytes it put into text, which it ends with a NUL; -1: nothing is known. */
    ssize_t (*fdinfo)(struct ipclab_look *, int process, int fd, char *text, size_t room);
    /* Explanation: the descriptors, of all processes, that refer to what fd refers to, a descriptor
     * here (a copy, or as `explain` is given): of a pipe both ends. Returns how many there are, at
     * most room. */
    int (*sharers)(struct ipclab_look *, int fd, struct ipclab_holder *list, int room);
    /* Explanation: a timer of what it waits for will end the call. */
    void (*ends_by_itself)(struct ipclab_look *);
    /* Will a timer of what is behind this descriptor of the process make it ready, by its kind's
     * `timed`? process as for fdinfo. */
    int (*runs_out)(struct ipclab_look *, int process, int fd);
    /* Since 1.11. Explanation: a timer of the kernel may end the call by itself some time, as a
     * retransmission of TCP: nobody is called stuck meanwhile. */
    void (*later)(struct ipclab_look *);
    /* From here on this look is in the network of that host (an index into wait->networks), -1: the
     * world's own. It begins in that of the waiting process. 0, or -1 and errno. */
    int (*enter_network)(struct ipclab_look *, int network);
    /* The name of the host on which this socket was made; "": on none. */
    const char *(*socket_network)(struct ipclab_look *, int fd);
    /* Since 1.12. Explanation: why descriptor fd of the waiting process is not ready for these
     * events of poll(2), by its kind's `watched`. */
    enum ipclab_chance (*watched)(struct ipclab_look *, int fd, unsigned events, char *text,
                                  size_t room);
    /* Explanation: the others that have a descriptor of what is behind fd (as for sharers), of this
     * mode or 'u' for any, as "b (fd 3), c (fd 4)". Each could end the call; does is what the first
     * that is free to should do ("write($0, \"x\")", $0 is its descriptor), for `next`. Returns how
     * many there are. */
    int (*others)(struct ipclab_look *, int fd, char mode, const char *does, char *text,
                  size_t room);
    /* Since 1.15. 1: the memory where the object lies is shared, but only the waiting process has
     * it, and nobody else can come to it any more: it has no name, and no descriptor is open. */
    int (*left_alone)(struct ipclab_look *, uint64_t key, uint64_t key2);
};

/* How a message passes: see ipclab_host.message. */
enum ipclab_passing {
    IPCLAB_PUT,           /* behind all others */
    IPCLAB_PUT_BY_NUMBER, /* behind those whose number is not smaller */
    IPCLAB_TAKE,          /* the first of those with this number */
};

/* What a handler may ask of the host. Append-only, as above. */
struct ipclab_host {
    size_t size;
    /* The call concerns this object of kind (a name of ipclab_kind). key and key2 are the kernel's
     * identity of it, such as an id. Objects behind descriptor arguments are named by themselves;
     * kind NULL names the object behind descriptor `key` where no argument shows it (a FILE's).
     * Does nothing when no kind owns it, or while the host itself captures that descriptor. Name
     * objects before the system call that may wait: who waits, and on what, is known by them. */
    void (*object)(struct ipclab_frame *, const char *kind, uint64_t key, uint64_t key2);
    /* The object named last came into being by this call. */
    void (*created)(struct ipclab_frame *);
    /* Data went into (+) or out of (-) the object named last: bytes or messages, the unit of the
     * kind's `level` field. */
    void (*flow)(struct ipclab_frame *, int64_t amount);
    /* What the call stored through argument arg (index), for the trace. */
    void (*stored)(struct ipclab_frame *, int arg, const void *data, size_t n);
    void (*stored_number)(struct ipclab_frame *, int arg, int64_t value);
    /* One more fact for the exit event: stable, or different from run to run. */
    void (*fact)(struct ipclab_frame *, const char *name, int64_t value);
    void (*fact_text)(struct ipclab_frame *, const char *name, const char *value);
    void (*volatile_fact)(struct ipclab_frame *, const char *name, int64_t value);
    /* One sentence for the student about what just happened. */
    void (*note)(struct ipclab_frame *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
    /* fork(2) of the process: as fork(2) returns, in both. The child becomes an actor. */
    pid_t (*fork)(struct ipclab_frame *);
    /* Before anything that outlives the process is made outside a sealed world. kind is a word of
     * the ledger: "shm" (key), "path" (text, absolute or as the process would open it). 0, or -1
     * with errno when it could not be recorded: then do not make it. */
    int (*intend)(struct ipclab_frame *, const char *kind, uint64_t key, const char *text);
    /* 1 in a sealed world, 0 in a shared one. */
    int (*sealed)(struct ipclab_frame *);
    /* Flush what the host buffers, then _exit(2). Never returns. */
    void (*exit)(struct ipclab_frame *, int status) __attribute__((noreturn));
    /* Ready to become another program: descriptors 1 and 2 stay captured. Call before execve. */
    void (*before_exec)(struct ipclab_frame *);
    /* Since 1.2. A message of n bytes was put into or taken out of the object named last, whose
     * kind's `level` counts messages: this is its flow, too. word says what its number is ("type",
     * "prio"). From these the host knows what is in the object, and shows it after the state that
     * the plugin told as `queue` (at most the first few, `more` says how many are behind them) and,
     * where there is such a field, `bytes`. */
    void (*message)(struct ipclab_frame *, enum ipclab_passing, const char *word, int64_t number,
                    const void *data, size_t n);
    /* Since 1.5. Before a call that sends sig to whom pid stands for in kill(2): who gets it is
     * watched, and told as it is delivered. When the call fails nothing was sent. */
    void (*sends)(struct ipclab_frame *, pid_t pid, int sig);
    /* In a handler of the process, which runs now: it took this signal. As the kernel gave it:
     * si_code, si_pid where it is set, the integer of si_value; name is what the student calls the
     * handler, restarts what SA_RESTART was. Async-signal-safe. */
    void (*handled)(const char *name, int sig, int code, pid_t pid, int64_t value, int restarts);
    /* The process has a timer that sends it a signal after ns nanoseconds and then each interval
     * (0: once); ns 0: none runs any more. Nobody is called stuck while it may change that. */
    void (*timer)(struct ipclab_frame *, int sig, int64_t ns, int64_t interval);
    /* One more fact: a process, by its pid in the world; told by its name. */
    void (*fact_process)(struct ipclab_frame *, const char *name, pid_t pid);
    /* Does what pid stands for in kill(2) reach only processes of this world? 1; or 0, errno EPERM
     * and a note that says so: then do not send. */
    int (*reaches)(struct ipclab_frame *, pid_t pid);
    /* Since 1.6. As object(), for one that lies in memory: it is the same in every process that
     * shares that memory, at whatever address. 1: shared memory, 0: memory of this process alone,
     * -1: no memory is there, and nothing was named. */
    int (*object_at)(struct ipclab_frame *, const char *kind, const void *addr);
    /* The process has taken so much (+) of a part of the object named last, or gives it (-); with
     * until_death the kernel gives back what it has taken when it dies. Amount 0: nobody has
     * anything of this part any more (-1: of all parts). Who holds what is known by these. */
    void (*hold)(struct ipclab_frame *, int64_t part, int64_t amount, int until_death);
    /* Since 1.11. The address of the host of this name, as text, of AF_INET or AF_INET6. NULL, and
     * a note that says why: there is no such host. */
    const char *(*resolve)(struct ipclab_frame *, const char *name, int family);
    /* The n-th host of the world, from 0: 0 and *to, good for this call; -1: there are not so many.
     */
    int (*network)(struct ipclab_frame *, int n, struct ipclab_network *to);
    /* Which of them the process is on; -1: on none. */
    int (*own_network)(struct ipclab_frame *);
    /* Since 1.14. May the process become this program? 1; or 0, errno EPERM and a note that says
     * so: then do not. Where lines of strangers are run, it is what the lab allows. */
    int (*may_run)(struct ipclab_frame *, const char *path);
};

struct ipclab_call {
    const char *name;      /* the system call's */
    const char *prototype; /* C, as in the man page */
    const char *summary;   /* one line, lower case, no full stop */
    const char *help;      /* a paragraph that a student can learn from */
    const char *man;       /* "shmget(2)" */
    unsigned flags;        /* IPCLAB_WAITS ... */
    enum ipclab_type result;
    int64_t failure; /* the value that means failure when errno is set too (-1; NULL: 0) */
    const struct ipclab_arg *args;     /* ends with { 0 } */
    const struct ipclab_error *errors; /* ends with { 0 }; may be NULL */
    const char *const *examples;       /* whole scripts, lines joined by '\n'; NULL ends; each
                                          runs alone and must end with status 0 */
    int64_t (*run)(const struct ipclab_host *, struct ipclab_frame *, struct ipclab_args *);
    /* With IPCLAB_WAITS: does this call end by itself, by a timer of its own? NULL: never does. */
    int (*timed)(const struct ipclab_args *);
    /* With IPCLAB_WAITS, for calls without an object (wait): as ipclab_kind.explain. */
    void (*explain)(const struct ipclab_look_host *, struct ipclab_look *,
                    const struct ipclab_wait *);
    /* Since 1.1, for help; clauses in lower case without a full stop. What the result is when the
     * call succeeds: "how many bytes were read". NULL: its type says it. */
    const char *returns;
    /* With IPCLAB_WAITS: goes on "it waits while ...": "the pipe is empty; data or the end of the
     * last writer ends it". */
    const char *waits;
    /* Since 1.15. With IPCLAB_WAITS, of a call that may watch a descriptor for something else than
     * reading (poll): does it go on when fd becomes readable, as by a timer? NULL: it does. */
    int (*reads)(const struct ipclab_args *, int fd);
};

/* ---- Objects ----------------------------------------------------------------------------- */

/* For ipclab_kind.linked. */
enum {
    IPCLAB_LINKED = 1,  /* what happens to one object may end a wait on any other of the kind, as
                           that on a socket does to its peer. Since 1.4 */
    IPCLAB_WATCHES = 2, /* what happens to any object at all may end a wait on one of the kind, as
                           on an epoll. Since 1.9 */
};

/* To `owns`, of a regular file: it is a queue of mq_open(3). Since 1.2. */
#define IPCLAB_ON_MQUEUE 2

struct ipclab_kind {
    const char *name; /* "pipe": its objects are pipe#1, pipe#2 */
    const char *summary;
    const char *level; /* the state field that `flow` moves ("bytes"), or NULL */
    const char *line;  /* how its state reads at the end of a line: $field is replaced, $w and $r
                          by those who hold a writing or reading end, $holders by all */
    /* Is a descriptor of this st_mode, on file system device dev, of this kind? NULL: kind without
     * descriptors. anonymous is 1 when the kernel, not a path, made it (pipe(2)), and
     * IPCLAB_ON_MQUEUE of a message queue. */
    int (*owns)(mode_t mode, int anonymous);
    /* The state now. fd is a descriptor of it, or -1 for kinds without; key as given to object().
     * Runs in the actor after its call, in the observer otherwise; waits for nothing. Fields with
     * a meaning of their own: `key`, the number that processes agree on; and, of a buffer in the
     * memory of process key2 that stands before a descriptor (a FILE), `fd` and `buffered`, bytes
     * that were not written to it. */
    void (*state)(const struct ipclab_look_host *, struct ipclab_look *, int fd, uint64_t key,
                  uint64_t key2);
    /* Why the call waits. Runs in the observer. fd and keys as above. */
    void (*explain)(const struct ipclab_look_host *, struct ipclab_look *, int fd, uint64_t key,
                    uint64_t key2, const struct ipclab_wait *);
    /* Since 1.3. All objects of the kind that live in the world without a descriptor, by found(),
     * in the kernel's order: some program may have made them. In a shared world all that the
     * machine has: the host keeps those of the world. Runs in the observer. NULL: none are. */
    void (*list)(const struct ipclab_look_host *, struct ipclab_look *);
    /* Since 1.3. What the kernel says of it beyond the state, as fields: mode ("0666"), owner (a
     * uid), creator. Runs in the observer; fd as for state. May be NULL. */
    void (*detail)(const struct ipclab_look_host *, struct ipclab_look *, int fd, uint64_t key,
                   uint64_t key2);
    /* Since 1.3. How the names of its mappings begin in /proc/PID/maps, where the inode is its key
     * ("/SYSV"); NULL: it has none, or their inode and device are its keys anyway. */
    const char *maps;
    /* Since 1.4. IPCLAB_LINKED, IPCLAB_WATCHES or 0: what happens to another object may end a wait
     * on one of the kind. */
    int linked;
    /* Since 1.5. Descriptors without a file of their own share one inode: they are known by what
     * /proc/self/fd says of them ("anon_inode:[signalfd]"), and identify says which object it is.
     * Runs in the process that has the descriptor. 0, or -1: none. Since 1.9 identify may be NULL:
     * then each open file is an object of its own, whoever has descriptors of it. */
    const char *link;
    int (*identify)(int fd, uint64_t *key, uint64_t *key2);
    /* Since 1.9. Will a timer of what is behind the descriptor make it readable? Then a call that
     * waits for that ends by itself. process and fd as for fdinfo. NULL: it has none. */
    int (*timed)(const struct ipclab_look_host *, struct ipclab_look *, int process, int fd);
    /* Since 1.12. The waiting process watches it through its descriptor fd (poll, select, epoll),
     * of which copy is one here: puts a clause into text that says why it is not ready for these
     * events of poll(2), "the pipe is empty; b (fd 4) could write to it", and tells who could make
     * it so. NULL: nothing is said, and anybody could. */
    enum ipclab_chance (*watched)(const struct ipclab_look_host *, struct ipclab_look *,
                                  const struct ipclab_wait *, int fd, int copy, unsigned events,
                                  char *text, size_t room);
};

/* ---- To wait or not to wait -------------------------------------------------------------- */

/* What a program can do at the same point: wait, not wait, or wait for a time at most. */
struct ipclab_form {
    const char *lines;   /* as they are typed, joined by '\n': the last is the call, those before it
                            say how; NULL: there is no such form, and note says what one does */
    const char *returns; /* what that call comes to: "5", "-1 EAGAIN", "16 EBUSY", "pid of b" */
    const char *note;    /* a clause, or NULL */
};

/* One reason to wait, and the three forms side by side. Actor a makes the call. Since 1.7; the
 * tests run each form after `before` and compare what it comes to. */
struct ipclab_blocking {
    const char *when;           /* "read, and the pipe is empty"; NULL ends the array */
    const char *before;         /* lines that bring that about */
    struct ipclab_form waits;   /* waits, and returns this once `ends` was typed */
    const char *ends;           /* lines */
    struct ipclab_form at_once; /* never waits */
    struct ipclab_form timed;   /* waits, and returns this when its time is over */
};

/* ---- Measuring --------------------------------------------------------------------------- */

/* How two processes pass a message by this mechanism, as plain programs do it, for `bench`: the
 * host forks the two, pins them, loops, compares every byte with what was sent and takes the time.
 * One record a way of passing messages; `bench` has it by its name as soon as the file is there.
 * Since 1.10. */

enum {
    IPCLAB_BENCH_CUTS = 1 << 0 /* what is longer than `most` is sent in pieces; else it cannot be
                                  sent */
};

/* Ways of a record with give and take. */
enum ipclab_bench_way {
    IPCLAB_DATA_01, /* side 0 has put a message into the memory for side 1 */
    IPCLAB_DATA_10,
    IPCLAB_ROOM_01, /* side 1 has taken one out, side 0 may use its place again */
    IPCLAB_ROOM_10,
    IPCLAB_BENCH_WAYS,
};

/* One measurement. Each side has its own copy once it is forked. */
struct ipclab_bench_run {
    size_t size;        /* of a message */
    size_t piece;       /* at most so much in one send; setup may make it smaller, not zero */
    int one_way;        /* 1: side 0 sends, side 1 receives; 0: side 1 answers each message with as
                           many bytes, and no other is under way */
    int side;           /* 0 or 1; -1 in setup and teardown */
    pid_t peer;         /* the process of the other side; 0 in setup and teardown */
    size_t memory_size; /* give and take: so much of it is wanted */
    void *memory;       /* ... and here setup says where it is, at one address for both sides */
    void *state;        /* the plugin's own: setup allocates it */
};

/* What they may ask of the host. Append-only. */
struct ipclab_bench_host {
    size_t size;
    /* As those of ipclab_host: before anything is made that outlives its process; 1 in a sealed
     * world. */
    int (*intend)(struct ipclab_bench_run *, const char *kind, uint64_t key, const char *text);
    int (*sealed)(struct ipclab_bench_run *);
    /* Why -1 will be returned, where errno does not say it: a clause. */
    void (*why)(struct ipclab_bench_run *, const char *fmt, ...)
        __attribute__((format(printf, 2, 3)));
};

/* Functions return 0, or -1 and errno. Nothing of it runs in an actor: what is done here leaves no
 * event, and its objects are not the student's. */
struct ipclab_bench {
    const char *name;     /* the word that `bench` takes, [a-z_][a-z0-9_]*; NULL ends the array */
    const char *summary;  /* what a message goes through, a few words */
    unsigned flags;       /* IPCLAB_BENCH_CUTS */
    size_t most;          /* bytes that one send takes; 0: any number */
    const char *limit;    /* with most, or where setup makes piece smaller: why, a clause */
    const char *answered; /* why a message cannot be sent before the last one was answered, a
                             clause: no throughput is measured. NULL: it can */
    /* In the process that will fork both sides. */
    int (*setup)(const struct ipclab_bench_host *, struct ipclab_bench_run *);
    /* In each side before its first message: closes the ends that it does not use, opens what
     * waits for the other side. May be NULL. */
    int (*begin)(const struct ipclab_bench_host *, struct ipclab_bench_run *);
    /* A message or a piece of it, n <= piece, as a whole; receive knows how long it is. */
    int (*send)(struct ipclab_bench_run *, const void *data, size_t n);
    int (*receive)(struct ipclab_bench_run *, void *data, size_t n);
    /* Or, where both sides have run->memory, not send and receive but what hands it over: the host
     * copies a message in, gives; the other side takes (waits for as many as were given), and
     * copies it out. Each way counts by itself, from 0. */
    int (*give)(struct ipclab_bench_run *, enum ipclab_bench_way);
    int (*take)(struct ipclab_bench_run *, enum ipclab_bench_way);
    /* In the process of setup, once both sides have ended: removes what it made. May be NULL. */
    void (*teardown)(struct ipclab_bench_run *);
};

/* ---- The one exported object ------------------------------------------------------------- */

struct ipclab_plugin {
    uint64_t magic;
    uint32_t abi_major, abi_minor;
    uint32_t plugin_size, call_size, arg_size, kind_size; /* as compiled */
    const char *name;                                     /* the file's stem */
    const char *version;                                  /* "1.0" */
    const char *summary;                                  /* one line */
    const char *help;       /* a page: what the mechanism is, when to use it, what goes wrong */
    const char *const *man; /* "pipe(7)", ...; NULL ends */
    const struct ipclab_call *calls;         /* ends with { 0 } */
    const struct ipclab_kind *kinds;         /* ends with { 0 }; may be NULL */
    const struct ipclab_constant *constants; /* further names usable in expressions; may be NULL */
    void (*start)(void);                     /* once in each new actor; may be NULL */
    /* Since 1.7: where calls of the plugin, or calls on its objects, wait; { 0 } ends; may be NULL.
     */
    const struct ipclab_blocking *blocking;
    const struct ipclab_bench *benches; /* ends with { 0 }; may be NULL. Since 1.10 */
    uint64_t bench_size;                /* as compiled */
    /* Since 1.13: names of all facts that its calls report and of all state fields of its kinds, so
     * that a lab may ask for one before there is any, and a misspelt one is refused. Of names that
     * are numbered ("revents_4", "last2") that without its number. NULL ends; NULL: not known. */
    const char *const *fields;
};

#define IPCLAB_PLUGIN_HEAD                                                                         \
    .magic = IPCLAB_MAGIC, .abi_major = IPCLAB_ABI_MAJOR, .abi_minor = IPCLAB_ABI_MINOR,           \
    .plugin_size = sizeof(struct ipclab_plugin), .call_size = sizeof(struct ipclab_call),          \
    .arg_size = sizeof(struct ipclab_arg), .kind_size = sizeof(struct ipclab_kind),                \
    .bench_size = sizeof(struct ipclab_bench)

#ifdef __cplusplus
extern "C"
#endif
    __attribute__((visibility("default"))) extern const struct ipclab_plugin ipclab_plugin;

#endif
