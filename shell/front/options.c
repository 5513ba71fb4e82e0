/* SPDX-License-Identifier: GPL-3.0-or-later
 * See options.h. */
#include "front/options.h"

#include <errno.h>
#include <getopt.h>

#include "base/text.h"
#include "proc/runtime.h"

const char options_usage[] =
    "usage: ipclab [OPTION]...                a session at the terminal\n"
    "       ipclab [OPTION]... -c 'LINE; LINE'  lines, then exit\n"
    "       ipclab [OPTION]... FILE | -       a script\n"
    "       ipclab run LAB                    a lab\n"
    "       ipclab replay TRACE               run a trace again and compare\n"
    "       ipclab show TRACE [--as VIEW]     a trace as lines, lanes, gutter, json ...\n"
    "       ipclab plugins [-v | --json]      the mechanisms and their calls\n"
    "       ipclab doctor                     what this machine allows\n"
    "       ipclab gc                         remove what killed sessions left (shared worlds)\n"
    "       ipclab help [TOPIC]\n"
    "\n"
    "  --trace FILE        write the trace there (else to the sessions folder)\n"
    "  --json              the trace on standard output and nothing else\n"
    "  --stable            leave out what differs from run to run\n"
    "  -x  echo lines      -k  keep going after an error      -q  only what matters\n"
    "  --world KIND        auto, sealed or shared\n"
    "  --timeout SECONDS   for one step outside the prompt (10; 0: no limit)\n"
    "  --plugin-path DIR   further plugins, before $IPCLAB_PLUGIN_PATH\n"
    "  --seed N   --student ID   --trust (replay in a shared world)\n"
    "  --width N           columns of what show prints\n"
    "  --color auto|always|never   --version   --help\n";

enum {
    OPT_TRACE = 256,
    OPT_JSON,
    OPT_STABLE,
    OPT_SEED,
    OPT_STUDENT,
    OPT_PLUGIN_PATH,
    OPT_WORLD,
    OPT_TIMEOUT,
    OPT_COLOR,
    OPT_AS,
    OPT_WIDTH,
    OPT_VERSION,
    OPT_TRUST
};

static const struct option longopts[] = {
    {"trace", required_argument, NULL, OPT_TRACE},
    {"json", no_argument, NULL, OPT_JSON},
    {"stable", no_argument, NULL, OPT_STABLE},
    {"seed", required_argument, NULL, OPT_SEED},
    {"student", required_argument, NULL, OPT_STUDENT},
    {"plugin-path", required_argument, NULL, OPT_PLUGIN_PATH},
    {"world", required_argument, NULL, OPT_WORLD},
    {"timeout", required_argument, NULL, OPT_TIMEOUT},
    {"color", required_argument, NULL, OPT_COLOR},
    {"colour", required_argument, NULL, OPT_COLOR},
    {"as", required_argument, NULL, OPT_AS},
    {"width", required_argument, NULL, OPT_WIDTH},
    {"trust", no_argument, NULL, OPT_TRUST},
    {"version", no_argument, NULL, OPT_VERSION},
    {"help", no_argument, NULL, 'h'},
    {"verbose", no_argument, NULL, 'v'},
    {"quiet", no_argument, NULL, 'q'},
    {"keep-going", no_argument, NULL, 'k'},
    {0},
};

static const struct {
    const char *name;
    enum command command;
    int min, max; /* arguments */
} commands[] = {
    {"run", COMMAND_RUN, 1, 1},       {"replay", COMMAND_REPLAY, 1, 1},
    {"show", COMMAND_SHOW, 1, 1},     {"plugins", COMMAND_PLUGINS, 0, 0},
    {"doctor", COMMAND_DOCTOR, 0, 0}, {"help", COMMAND_HELP, 0, 1},
    {"gc", COMMAND_GC, 0, 0},
};

static int
read_number(const char *option, const char *text, int64_t min, int64_t max, int64_t *to,
            struct err *err)
{
    char *end;

    errno = 0;
    *to = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || *to < min || *to > max || *text == ' ' ||
        *text == '+')
        return err_set(err, STATUS_USAGE, "%s takes a whole number from %lld to %lld", option,
                       (long long)min, (long long)max);
    return 0;
}

static int
read_world(struct options *o, const char *text, struct err *err)
{
    if (strcmp(text, "auto") == 0)
        o->world = -1;
    else if (strcmp(text, "sealed") == 0)
        o->world = WORLD_SEALED;
    else if (strcmp(text, "shared") == 0)
        o->world = WORLD_SHARED;
    else
        return err_set(err, STATUS_USAGE, "--world takes auto, sealed or shared");
    return 0;
}

static int
read_colour(struct options *o, const char *text, struct err *err)
{
    static const char *const words[] = {"auto", "never", "always"};

    for (int i = 0; i < 3; i++)
        if (strcmp(text, words[i]) == 0) {
            o->colour = i - 1;
            return 0;
        }
    return err_set(err, STATUS_USAGE, "--color takes auto, always or never");
}

static int
bad_option(char **argv, struct err *err)
{
    const char *given = argv[optind - 1];
    struct buf shown = {0};
    struct near near;

    text_escape(&shown, given, strlen(given), true);
    near_init(&near, strncmp(given, "--", 2) == 0 ? given + 2 : given);
    for (const struct option *l = longopts; l->name != NULL; l++)
        near_offer(&near, l->name);
    err_set(err, STATUS_USAGE, "%s: no such option%s%s%s", buf_text(&shown),
            near.best[0] != '\0' ? "; did you mean --" : "", near.best,
            near.best[0] != '\0' ? "?" : "; --help lists them");
    buf_release(&shown);
    return -1;
}

static int
read_option(struct options *o, int opt, char **argv, struct err *err)
{
    int64_t width;

    switch (opt) {
    case 'c':
        o->lines = optarg;
        return 0;
    case 'x':
        o->echo = true;
        return 0;
    case 'k':
        o->keep_going = true;
        return 0;
    case 'q':
        o->quiet = true;
        return 0;
    case 'v':
        o->verbose = true;
        return 0;
    case 'h':
        o->help = true;
        return 0;
    case OPT_TRACE:
        o->trace = optarg;
        return 0;
    case OPT_JSON:
        o->json = true;
        return 0;
    case OPT_STABLE:
        o->stable = true;
        return 0;
    case OPT_SEED:
        return read_number("--seed", optarg, 0, INT64_MAX, &o->seed, err);
    case OPT_STUDENT:
        o->student = optarg;
        return 0;
    case OPT_PLUGIN_PATH:
        o->plugin_path = optarg;
        return 0;
    case OPT_WORLD:
        return read_world(o, optarg, err);
    case OPT_TIMEOUT:
        if (read_number("--timeout", optarg, 0, 1000000, &o->timeout_ms, err) < 0)
            return -1;
        o->timeout_ms *= 1000;
        return 0;
    case OPT_COLOR:
        return read_colour(o, optarg, err);
    case OPT_AS:
        o->as = optarg;
        return 0;
    case OPT_WIDTH:
        if (read_number("--width", optarg, 20, 1000, &width, err) < 0)
            return -1;
        o->width = (int)width;
        return 0;
    case OPT_TRUST:
        o->trust = true;
        return 0;
    case OPT_VERSION:
        o->version = true;
        return 0;
    case ':':
        return err_set(err, STATUS_USAGE, "%.100s takes a value; --help shows how",
                       argv[optind - 1]);
    default:
        return bad_option(argv, err);
    }
}

static int
read_command(struct options *o, struct err *err)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(o->args[0], commands[i].name) != 0)
            continue;
        o->command = commands[i].command;
        o->args++;
        o->nargs--;
        if (o->nargs < commands[i].min || o->nargs > commands[i].max)
            return err_set(err, STATUS_USAGE, "ipclab %s takes %s; --help shows how",
                           commands[i].name,
                           commands[i].min == 1   ? "one argument"
                           : commands[i].max == 1 ? "at most one argument"
                                                  : "no argument");
        return 0;
    }
    if (o->nargs > 1)
        return err_set(err, STATUS_USAGE, "one script at a time; --help shows how");
    o->file = o->args[0];
    return 0;
}

int
options_read(struct options *o, int argc, char **argv, struct err *err)
{
    int opt;

    *o = (struct options){.world = -1, .timeout_ms = -1, .colour = -1};
    opterr = 0;
    while ((opt = getopt_long(argc, argv, ":c:xkqvh", longopts, NULL)) != -1)
        if (read_option(o, opt, argv, err) < 0)
            return -1;
    o->args = argv + optind;
    o->nargs = argc - optind;
    if (o->lines != NULL && o->nargs > 0)
        return err_set(err, STATUS_USAGE, "-c already says what to run; %.100s is left over",
                       o->args[0]);
    return o->nargs > 0 && o->lines == NULL ? read_command(o, err) : 0;
}
