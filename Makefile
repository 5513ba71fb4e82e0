# SPDX-License-Identifier: GPL-3.0-or-later
#
# One Makefile, no recursion within a build. Every layer of the shell becomes an archive, so that a
# program takes from it what it needs and nothing else: the launcher gets neither readline nor Lua.
#
#   make            build/ipclab, build/ipclab-launcher, build/plugins/*.so
#   make demo       installs what is missing, builds, runs the two programs of the lecture
#   make test       the same, then every test; the last line is "N passed, N failed"
#   make bench fuzz lint asan verdicts install uninstall clean
#
# Useful on the command line: CC=clang BUILD=folder SAN=address,undefined PREFIX=/usr DESTDIR=...
# JOBS=N (tests side by side), FUZZ_SECONDS=N, VERDICT_STEPS=N, T=pattern (only tests whose name has
# it), V=1 (commands in full)

ifeq ($(origin CC),default)
CC := gcc
endif
BUILD ?= build
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
FUZZ_SECONDS ?= 300
VERDICT_STEPS ?= 100000
SAN ?=
T ?=
PYTHON := /usr/bin/python3

VERSION := $(shell git describe --tags --match 'v*' 2>/dev/null | sed 's/^v//')
ifeq ($(VERSION),)
VERSION := $(shell cat VERSION)
endif

bindir := $(PREFIX)/bin
libexecdir := $(PREFIX)/libexec/ipclab
plugindir := $(PREFIX)/lib/ipclab/plugins
includedir := $(PREFIX)/include/ipclab
pkgconfigdir := $(PREFIX)/lib/pkgconfig
datadir := $(PREFIX)/share/ipclab
mandir := $(PREFIX)/share/man

# ---- Flags --------------------------------------------------------------------------------------

warnings := -Wall -Wextra -Werror -Wshadow -Wformat=2 \
	-Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wundef -Wvla
# A cut text is what snprintf is used for; clang does not know the word.
ifeq ($(findstring clang,$(shell $(CC) --version 2>/dev/null)),)
warnings += -Wno-format-truncation
endif
hardening := -fstack-protector-strong -fstack-clash-protection
link_flags := -Wl,-z,relro,-z,now -Wl,-z,noexecstack -Wl,--as-needed
ifeq ($(SAN),)
hardening += -D_FORTIFY_SOURCE=2
else
hardening += -fsanitize=$(SAN) -fno-sanitize-recover=undefined -fno-omit-frame-pointer
link_flags += -fsanitize=$(SAN)
endif
# Each plugin is mapped in two parts and not in four: every world and actor that is forked copies the
# list of them.
plugin_link := -Wl,-z,noseparate-code
ifneq ($(SAN),)
plugin_link += -fno-sanitize=nonnull-attribute # a student may pass NULL, and sees what it does
endif
base_flags := -std=gnu17 -D_GNU_SOURCE -O2 -g $(warnings) $(hardening) $(CFLAGS)
shell_flags := $(base_flags) -Ishell -include shell/base/banned.h
plugin_flags := $(base_flags) -Iplugins -fPIC -fvisibility=hidden
test_flags := $(shell_flags) -Itests/lib -DTEST_BUILD='"$(abspath $(BUILD))"'

# Only these layers know where they were installed and what they are called.
place_flags := -DIPCLAB_VERSION='"$(VERSION)"' -DIPCLAB_LIBEXECDIR='"$(libexecdir)"' \
	-DIPCLAB_PLUGINDIR='"$(plugindir)"' -DIPCLAB_DATADIR='"$(datadir)"' \
	-DIPCLAB_MANDIR='"$(mandir)"'
flags_session := $(place_flags)
flags_lua := $(place_flags)
flags_grade := $(place_flags)
flags_front := $(place_flags)

lua_cflags := $(shell pkg-config --cflags lua5.4 2>/dev/null || echo -I/usr/include/lua5.4)
lua_libs := $(shell pkg-config --libs lua5.4 2>/dev/null || echo -llua5.4)
flags_lua += $(lua_cflags)

# Only a program that runs while building knows libseccomp; without it judged worlds have no filter
# of system calls, and `ipclab doctor` says so.
seccomp := $(shell pkg-config --exists libseccomp 2>/dev/null && \
	echo -DHAVE_SECCOMP $$(pkg-config --cflags --libs libseccomp))

# Only a small program of its own reads archives; without libarchive there is none.
archive_libs := $(shell pkg-config --exists libarchive 2>/dev/null && pkg-config --libs libarchive)
unpacker := $(if $(archive_libs),$(BUILD)/ipclab-unpack)

launcher_libs := -ldl
shell_libs := $(lua_libs) -lreadline -ljansson -lnettle -lm

# ---- Sources ------------------------------------------------------------------------------------

layers := base call lang proc trace view session lua lesson assist builtin grade front
mains := shell/front/main.c shell/proc/launcher_main.c shell/grade/unpack_main.c

layer_objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(filter-out $(mains),$(wildcard shell/$(1)/*.c)))
archive = $(BUILD)/lib/$(1).a
archives := $(foreach l,$(layers),$(call archive,$(l)))
launcher_archives := $(foreach l,proc lang call base,$(call archive,$(l)))

plugins := $(patsubst plugins/%.c,$(BUILD)/plugins/%.so,$(wildcard plugins/*.c))
unit_tests := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/*.c))
benches := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/*.c))
fuzzers := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/*.c))
links := $(BUILD)/labs $(BUILD)/scripts $(BUILD)/templates

# Pages and completion are made by the program itself, from the records that it reads.
share := $(BUILD)/share
man_pages := man1/ipclab.1 man5/ipclab-trace.5 man7/ipclab-plugin.7 \
	$(patsubst plugins/%.c,man7/ipclab-%.7,$(wildcard plugins/*.c))
completion := bash-completion/completions/ipclab
definitions := lua/ipclab.lua
generated := $(man_pages:%=$(share)/man/%) $(share)/$(completion) $(share)/$(definitions)

# ---- Building -----------------------------------------------------------------------------------

ifeq ($(V),)
say = @printf '  %-4s %s\n' $(1) $@;
else
say =
endif

.PHONY: all deps demo test verdicts bench fuzz lint asan install uninstall clean unit fuzzers benches
.DELETE_ON_ERROR:
.SECONDARY:

all: stale $(BUILD)/ipclab $(BUILD)/ipclab-launcher $(unpacker) $(plugins) $(BUILD)/pkgconfig/ipclab.pc $(links) \
	$(generated)

# A file that changes when its text does: flags and lists of files are dependencies too.
write_if_changed = mkdir -p $(@D) && printf '%s\n' $(1) >$@.new && \
	if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
quote = '$(subst ','\'',$(1))'

.PHONY: always
$(BUILD)/flags: always
	@$(call write_if_changed,$(call quote,$(CC) $(shell_flags) $(plugin_flags) $(link_flags) $(plugin_link)))
$(BUILD)/flags.place: always
	@$(call write_if_changed,$(call quote,$(place_flags)))

define layer_rules
$(BUILD)/lib/$(1).list: always
	@$$(call write_if_changed,$$(call quote,$$(call layer_objects,$(1))))
$(call archive,$(1)): $(call layer_objects,$(1)) $(BUILD)/lib/$(1).list
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(call say,AR)$$(AR) rcs $$@ $$(filter %.o,$$^)
$(if $(flags_$(1)),$(BUILD)/obj/shell/$(1)/%.o: $(BUILD)/flags.place)
$(BUILD)/obj/shell/$(1)/%.o: shell/$(1)/%.c $(BUILD)/flags $(if $(flags_$(1)),$(BUILD)/flags.place)
	@mkdir -p $$(@D)
	$$(call say,CC)$$(CC) $$(shell_flags) $$(flags_$(1)) -MMD -MP -c -o $$@ $$<
endef
$(foreach l,$(layers),$(eval $(call layer_rules,$(l))))

$(BUILD)/ipclab: $(BUILD)/obj/shell/front/main.o $(archives)
	$(call say,LINK)$(CC) $(link_flags) -o $@ $< -Wl,--start-group $(archives) -Wl,--end-group $(shell_libs)

$(BUILD)/ipclab-launcher: $(BUILD)/obj/shell/proc/launcher_main.o $(launcher_archives)
	$(call say,LINK)$(CC) $(link_flags) -o $@ $< -Wl,--start-group $(launcher_archives) -Wl,--end-group \
		$(launcher_libs)

$(BUILD)/flags.seccomp: always
	@$(call write_if_changed,$(call quote,$(seccomp)))
$(BUILD)/gen/seccomp_filter.h: scripts/seccomp_filter.c $(BUILD)/flags.seccomp
	@mkdir -p $(@D)
	$(call say,GEN)$(CC) -std=gnu17 -D_GNU_SOURCE -O1 $(warnings) -o $(@D)/seccomp_filter $< $(seccomp) && \
		$(@D)/seccomp_filter >$@
$(BUILD)/obj/shell/proc/judged_limit.o: $(BUILD)/gen/seccomp_filter.h
$(BUILD)/obj/shell/proc/judged_limit.o: shell_flags += -I$(BUILD)/gen

$(BUILD)/ipclab-unpack: $(BUILD)/obj/shell/grade/unpack_main.o $(call archive,grade) $(call archive,base)
	$(call say,LINK)$(CC) $(link_flags) -o $@ $< -Wl,--start-group $(filter %.a,$^) -Wl,--end-group \
		$(archive_libs)

# A plugin whose source is gone would be loaded for ever.
.PHONY: stale
stale:
	@rm -f $(filter-out $(plugins),$(wildcard $(BUILD)/plugins/*.so))

# Plugins are built as anybody outside would: with plugin.h and nothing else of ours.
$(BUILD)/plugins/%.so: plugins/%.c $(BUILD)/flags
	@mkdir -p $(@D) $(BUILD)/obj/plugins
	$(call say,SO)$(CC) $(plugin_flags) -MMD -MP -MF $(BUILD)/obj/plugins/$*.d -shared $(link_flags) $(plugin_link) -o $@ $<

$(BUILD)/pkgconfig/ipclab.pc: ipclab.pc.in Makefile VERSION
	@mkdir -p $(@D)
	@sed -e 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' \
		-e 's|^plugindir=.*|plugindir=$(abspath $(BUILD))/plugins|' \
		-e 's|^Cflags:.*|Cflags: -I$(CURDIR)/plugins|' $< >$@

# The date on a page is that of the sources.
$(generated): export SOURCE_DATE_EPOCH = $(or $(shell git log -1 --format=%ct 2>/dev/null),\
	$(shell date -r VERSION +%s))
$(generated): export ASAN_OPTIONS ?= detect_leaks=0
$(share)/man/man7/ipclab-plugin.7: page = plugins/plugin.h
$(share)/man/%: page = $(@F)
$(share)/man/%: $(BUILD)/ipclab $(BUILD)/ipclab-launcher $(plugins)
	@mkdir -p $(@D)
	$(call say,MAN)$(BUILD)/ipclab generate man $(page) >$@
$(share)/$(completion): $(BUILD)/ipclab $(BUILD)/ipclab-launcher $(plugins)
	@mkdir -p $(@D)
	$(call say,GEN)$(BUILD)/ipclab generate completion >$@
$(share)/$(definitions): $(BUILD)/ipclab $(BUILD)/ipclab-launcher $(plugins)
	@mkdir -p $(@D)
	$(call say,GEN)$(BUILD)/ipclab generate lua-definitions >$@

# What share/ipclab has when it is installed stands beside the program in the tree.
$(links): $(BUILD)/%:
	@mkdir -p $(@D)
	@ln -sfn $(CURDIR)/$* $@

# ---- Tests --------------------------------------------------------------------------------------

unit: $(unit_tests) $(BUILD)/badplugins/stamp
benches: $(benches)
fuzzers: $(fuzzers)

$(BUILD)/tests/%: tests/%.c $(archives) $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,TEST)$(CC) $(test_flags) $(lua_cflags) -MMD -MP -MF $@.d $(fuzz_flags) $(link_flags) -o $@ $< \
		-Wl,--start-group $(archives) -Wl,--end-group $(shell_libs) $(launcher_libs)
$(fuzzers): fuzz_flags = -fsanitize=fuzzer

# Plugins that misbehave, for the tests of what they must not be able to do.
$(BUILD)/badplugins/stamp: $(wildcard tests/fixtures/badplugins/*) plugins/plugin.h plugins/hello.c
	@rm -rf $(BUILD)/badplugins
	$(call say,SO)sh tests/fixtures/badplugins/mkbad.sh $(BUILD)/badplugins "$(CC)"
	@touch $@

deps:
	@scripts/bootstrap demo

demo:
	@scripts/bootstrap demo
	@$(MAKE) --no-print-directory all
	@scripts/demo.sh $(BUILD)

test:
	@scripts/bootstrap test
	@$(MAKE) --no-print-directory -j $(JOBS) all unit
	@MAKE='$(MAKE)' JOBS=$(JOBS) T='$(T)' scripts/test.sh $(BUILD)

# All the random steps whose verdicts are checked, of which `make test` runs as many as fit.
verdicts: all
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/verdict/verdicts.py $(abspath $(BUILD))/ipclab \
		--steps $(VERDICT_STEPS)

lint: all
	@$(PYTHON) tests/lint/lint.py $(BUILD)

# The whole suite against a build that watches its own memory.
asan:
	@scripts/bootstrap test
	@$(MAKE) --no-print-directory -j $(JOBS) BUILD=$(BUILD)-asan SAN=address,undefined \
		all unit
	@MAKE='$(MAKE)' JOBS=$(JOBS) T='$(T)' IPCLAB_SLOW=10 scripts/test.sh $(BUILD)-asan

fuzz:
	@scripts/bootstrap fuzz
	@MAKE='$(MAKE)' JOBS=$(JOBS) scripts/fuzz.sh $(BUILD)-fuzz $(FUZZ_SECONDS)

bench:
	@scripts/bootstrap bench
	@$(MAKE) --no-print-directory -j $(JOBS) all benches
	@scripts/bench.sh $(BUILD)

# ---- Installing ---------------------------------------------------------------------------------

install: all
	install -d $(DESTDIR)$(bindir) $(DESTDIR)$(libexecdir) $(DESTDIR)$(plugindir) \
		$(DESTDIR)$(includedir) $(DESTDIR)$(pkgconfigdir) $(DESTDIR)$(datadir)
	install -m 755 $(BUILD)/ipclab $(DESTDIR)$(bindir)/ipclab
	install -m 755 $(BUILD)/ipclab-launcher $(DESTDIR)$(libexecdir)/ipclab-launcher
	$(if $(unpacker),install -m 755 $(unpacker) $(DESTDIR)$(libexecdir)/ipclab-unpack)
	install -m 755 $(plugins) $(DESTDIR)$(plugindir)
	install -m 644 plugins/plugin.h $(DESTDIR)$(includedir)/plugin.h
	sed -e 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' ipclab.pc.in \
		>$(DESTDIR)$(pkgconfigdir)/ipclab.pc
	chmod 644 $(DESTDIR)$(pkgconfigdir)/ipclab.pc
	for file in $$(find labs templates -type f) $$(find scripts -name '*.lua'); do \
		install -D -m 644 $$file $(DESTDIR)$(datadir)/$$file || exit 1; done
	for page in $(man_pages); do \
		install -D -m 644 $(share)/man/$$page $(DESTDIR)$(mandir)/$$page || exit 1; done
	install -D -m 644 $(share)/$(completion) $(DESTDIR)$(PREFIX)/share/$(completion)
	install -D -m 644 $(share)/$(definitions) $(DESTDIR)$(datadir)/$(definitions)

uninstall:
	rm -f $(DESTDIR)$(bindir)/ipclab $(DESTDIR)$(pkgconfigdir)/ipclab.pc
	rm -rf $(DESTDIR)$(libexecdir) $(DESTDIR)$(PREFIX)/lib/ipclab $(DESTDIR)$(includedir) \
		$(DESTDIR)$(datadir)
	rm -f $(man_pages:%=$(DESTDIR)$(mandir)/%) $(DESTDIR)$(PREFIX)/share/$(completion)

clean:
	rm -rf $(BUILD) $(BUILD)-asan $(BUILD)-fuzz

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
