# stillboot: one Makefile, not recursive but for the modes of `make test`.
#
#   make                 release binary at build/stillboot
#   make demo            everything from nothing: watch it save a machine that kexec -e kills
#   make test            everything from nothing: all tests
#   make MODE=debug|release|asan|coverage|fuzz [unit]
#   make setup           install what building and testing need (Debian; root or sudo)
#   make soak [SUITE=trixie]   the package in a Debian with a newer systemd; a quarter of an hour, not in `make test`
#   make fuzz [SECONDS_EACH=60]   run every fuzz target
#   make bench           measure against a bare loop; fails where a limit is passed
#   make golden          the plans of tests/machines against tests/golden; UPDATE=1 writes them
#   make image [WITH="luks lvm md network shell"] [MODULES=DIR] [FILES=DIR]   build/stillboot.cpio.xz, the appliance;
#     with KERNEL=FILE [CMDLINE=TEXT] also build/stillboot.efi; configs/image/build tells more
#   make pictures        take what the README shows of the menu from a terminal
#   make man             write the lists of fields in the manual page from the schemas
#   make pot             write the template of translations from the sources, and merge it into each
#   make check-layers    devices <- boot <- policy <- ui
#   make install [DESTDIR=] [prefix=/usr/local], make uninstall
#   make deb             the Debian package, build/stillboot_VERSION_amd64.deb

MODE ?= release
B := build/$(MODE)

prefix ?= /usr/local
sbindir ?= $(prefix)/sbin
completiondir ?= $(prefix)/share/bash-completion/completions
docdir ?= $(prefix)/share/doc/stillboot
mandir ?= $(prefix)/share/man
localedir ?= $(prefix)/share/locale
systemddir ?= $(prefix)/lib/systemd
# initramfs-tools reads scripts from two places only: /usr/share for packages, /etc for everybody.
initramfsdir ?= $(if $(filter /usr,$(prefix)),/usr/share,/etc)/initramfs-tools

VERSION := 0.1
LUA ?= lua5.4
LIBS := libpci blkid libudev $(LUA) talloc jansson zlib liblzma libzstd libelf libbpf ncursesw libcrypt libmd

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2
CFLAGS_release := -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
LDFLAGS_release := -pie -Wl,-z,relro,-z,now -Wl,--as-needed
CFLAGS_debug := -O0 -g3
CFLAGS_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
LDFLAGS_asan := -fsanitize=address,undefined
CFLAGS_coverage := -O0 -g --coverage
LDFLAGS_coverage := --coverage
CFLAGS_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
LDFLAGS_fuzz := -fsanitize=address,undefined
ifeq ($(MODE),fuzz)
CC := clang
endif

# Asked for only when something is compiled, so that `make setup` runs on an empty machine.
PC_CFLAGS = $(eval PC_CFLAGS := $$(shell pkg-config --cflags $(LIBS)))$(PC_CFLAGS)
PC_LIBS = $(eval PC_LIBS := $$(shell pkg-config --libs $(LIBS)))$(PC_LIBS)

ALL_CFLAGS = -std=gnu17 $(WARN) $(WERROR) -I. -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 \
	-DSTILLBOOT_VERSION='"$(VERSION)"' -DSTILLBOOT_LOCALEDIR='"$(localedir)"' -MMD -MP $(CFLAGS_$(MODE)) $(PC_CFLAGS) $(CFLAGS)
ALL_LDFLAGS = $(LDFLAGS_$(MODE)) $(LDFLAGS)

SOURCES := $(sort $(wildcard devices/*.c boot/*.c boot/*/*.c policy/*.c ui/*.c ui/*/*.c))
OBJECTS := $(SOURCES:%.c=$B/%.o) $B/builtin_default.o $B/builtin_quirks.o
LIBRARY := $B/stillboot.a
UNIT := $(patsubst tests/unit/%.c,$B/tests/unit/%,$(wildcard tests/unit/test_*.c))
SCRIPTED := $(patsubst %.c,$B/%.o,$(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c)))
BENCH := $(patsubst tests/bench/%.c,$B/tests/bench/%,$(wildcard tests/bench/*.c))
FUZZ := $(patsubst tests/fuzz/%.c,$B/tests/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
BINARY := $(if $(filter release,$(MODE)),build/stillboot,$B/stillboot)

# One short line for each file; V=1 shows the whole commands.
ifneq ($(V),1)
Q = @echo '  $@';
endif

.PHONY: all setup demo test soak unit replay golden man fuzz bench coverage check-layers install uninstall clean
.DELETE_ON_ERROR:
.SECONDARY:

# Translations, of all modes alike.
LANGUAGES := $(basename $(notdir $(wildcard ui/po/*.po)))
CATALOGUES := $(LANGUAGES:%=build/locale/%/LC_MESSAGES/stillboot.mo)

all: $(BINARY) $(CATALOGUES)

build/locale/%/LC_MESSAGES/stillboot.mo: ui/po/%.po
	@mkdir -p $(@D)
	$(Q)msgfmt --check -o $@ $<

.PHONY: pot
pot:
	@mkdir -p build
	xgettext --from-code=UTF-8 -k_ -kN_ -kngettext:1,2 -ctranslators: --sort-by-file --no-location --package-name=stillboot \
		--copyright-holder='the authors of stillboot' -o build/stillboot.pot ui/*.c ui/menu/*.c ui/report/*.c
	sed 's/^"POT-Creation-Date:.*$$/"POT-Creation-Date: \\n"/; s/charset=CHARSET/charset=UTF-8/' build/stillboot.pot > ui/po/stillboot.pot
	for po in $(LANGUAGES:%=ui/po/%.po); do msgmerge -q --no-location --sort-by-file -U --backup=none $$po ui/po/stillboot.pot; done

$(LIBRARY): $(filter-out $B/ui/main.o,$(OBJECTS))
	$(Q)rm -f $@; ar rcs $@ $^

$(BINARY): $B/ui/main.o $(LIBRARY)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(PC_LIBS)

$B/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

# The built-in policies, compiled in: stillboot works without any file.
$B/builtin_%.c: configs/%.lua
	@mkdir -p $(@D)
	$(Q){ echo '#include "policy/builtin.h"'; echo 'const char builtin_$*[] = {'; \
	  od -An -v -tx1 $< | sed 's/ \(..\)/0x\1,/g'; echo '0};'; \
	  echo 'const size_t builtin_$*_len = sizeof(builtin_$*) - 1;'; } > $@

$B/builtin_%.o: $B/builtin_%.c
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

$B/tests/unit/test_%: $B/tests/unit/test_%.o $(SCRIPTED) $(LIBRARY)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(PC_LIBS) -lcmocka

# For the lab's guests: one step on one function, ...
RUN_STEP := $B/tests/vm/run_step
$(RUN_STEP): %: %.o $(LIBRARY)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(PC_LIBS)

# And the end of a system, for guests that have no service manager.
LEAVE := $B/tests/vm/leave
$(LEAVE): %: %.o $(LIBRARY)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(PC_LIBS)

.PHONY: run-step
run-step: $(RUN_STEP) $(LEAVE)

# Runs GRUB scripts, for the comparison with GRUB itself.
GRUB_EVAL := $B/tests/grub/eval
$(GRUB_EVAL): $(GRUB_EVAL).o $(LIBRARY)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(PC_LIBS)

.PHONY: grub-eval
grub-eval: $(GRUB_EVAL)

# Plays keys and messages to the menu, and prints its screens.
PLAYER := $B/tests/screens/player
$(PLAYER): $(PLAYER).o $(LIBRARY)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(PC_LIBS)

.PHONY: player
player: $(PLAYER)

# The menu's engine alone, driven by tests.
ENGINE_PLAYER := $B/tests/engine/engine_player
$(ENGINE_PLAYER): %: %.o $(LIBRARY)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(PC_LIBS)

.PHONY: engine-player
engine-player: $(ENGINE_PLAYER)

# The menu on a terminal, with an engine that says what a script has.
FRONT := $B/tests/screens/front
$(FRONT): $(FRONT).o $(LIBRARY)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(PC_LIBS)

.PHONY: front
front: $(FRONT)

# What the README shows of the menu, into tests/screens/pictures.
.PHONY: pictures
pictures: all front engine-player
	/usr/bin/python3 tests/screens/picture

# The appliance: an initramfs in which there is nothing but us. MODULES defaults to those of KERNEL.
.PHONY: image
IMAGE ?= build/stillboot
image: all
	@configs/image/build --binary $(BINARY) --version $(VERSION) --locale build/locale --localedir $(localedir) \
		--out $(IMAGE).cpio.xz --efi $(IMAGE).efi --with "$(WITH)" --from "$(FROM)" --cmdline "$(CMDLINE)" \
		$(if $(KERNEL),--kernel "$(KERNEL)") $(if $(MODULES),--modules "$(MODULES)") $(if $(FILES),--files "$(FILES)") \
		$(if $(MODULE_LIST),--module-list "$(MODULE_LIST)") $(if $(STUB),--stub "$(STUB)")

# Keys, messages and sizes at random to the menu, with COUNT and SEED.
MONKEY := $B/tests/screens/monkey
$(MONKEY): $(MONKEY).o $(LIBRARY)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(PC_LIBS)

.PHONY: monkey
monkey: $(MONKEY)

# A fuzz target is one function; outside MODE=fuzz a small main replays the corpus through it.
FUZZ_MAIN := $(if $(filter fuzz,$(MODE)),,$B/tests/fuzz/replay.o)
FUZZ_SHARED := $B/tests/fuzz/small_machine.o $B/tests/fuzz/menu.o
$B/tests/fuzz/fuzz_%: $B/tests/fuzz/fuzz_%.o $(FUZZ_MAIN) $(FUZZ_SHARED) $(LIBRARY)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(if $(FUZZ_MAIN),,-fsanitize=fuzzer) -o $@ $^ $(PC_LIBS)

.PHONY: unit-programs
unit-programs: $(UNIT)

unit: $(UNIT)
	@tests/run-unit $(UNIT)

replay: $(FUZZ)
	@tests/run-replay $(FUZZ)

golden: $(BINARY)
	@STILLBOOT=$(BINARY) tests/run-golden $(if $(UPDATE),--update)

# The lists of fields in the manual page, from the tables in policy/*_schema.c.
MAN5 := configs/man/stillboot-policy.5
man: $B/tests/unit/test_man
	@$< --print >$B/page && cp $B/page $(MAN5)

fuzz: setup
	$(MAKE) MODE=fuzz fuzz-targets
	tests/run-fuzz $(or $(SECONDS_EACH),60) $(patsubst $B/%,build/fuzz/%,$(FUZZ))

.PHONY: fuzz-targets
fuzz-targets: $(FUZZ)

$B/tests/bench/%: $B/tests/bench/%.o $(LIBRARY)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(PC_LIBS)

.PHONY: bench-programs
bench-programs: $(BENCH)

bench: setup
	@$(MAKE) MODE=release all deb bench-programs
	@tests/run-bench

check-layers:
	@tests/check-layers

setup:
	@tests/setup

demo: setup
	@$(MAKE) MODE=release all
	@tests/demo

test: setup
	@tests/run-all

soak: export SUITE ?= trixie
soak: setup
	@$(MAKE) MODE=release all deb
	/usr/bin/python3 -m pytest tests/vm/test_debian.py tests/vm/soak_*.py

# What is installed, one word for each file: SOURCE|MODE|PLACE. In what comes from configs/ the names of folders
# (@sbindir@, ...) are replaced, and where stillboot is; but in an initramfs it is where it always is.
each = $(foreach file,$(wildcard $(1)),$(file)|$(2)|$(3)/$(notdir $(file)))
PLACES = build/stillboot|755|$(sbindir)/stillboot README.md|644|$(docdir)/README.md \
	configs/completion/stillboot.bash|644|$(completiondir)/stillboot \
	$(call each,configs/*.lua,644,$(docdir)) $(call each,configs/capture-machine,755,$(docdir)) \
	$(call each,configs/examples/*,644,$(docdir)/examples) \
	$(foreach n,5 7 8,$(call each,configs/man/*.$n,644,$(mandir)/man$n)) \
	$(foreach l,$(LANGUAGES),build/locale/$l/LC_MESSAGES/stillboot.mo|644|$(localedir)/$l/LC_MESSAGES/stillboot.mo) \
	$(call each,configs/systemd/*.service,644,$(systemddir)/system) \
	$(call each,configs/systemd/*.preset,644,$(systemddir)/system-preset) \
	$(call each,configs/tmpfiles/*.conf,644,$(prefix)/lib/tmpfiles.d) \
	configs/systemd/stillboot.shutdown|755|/usr/lib/systemd/system-shutdown/stillboot \
	$(foreach when,kernel/postinst.d kernel/postrm.d initramfs/post-update.d,\
		configs/kernel-hooks/zz-stillboot|755|/etc/$(when)/zzz-stillboot) \
	configs/initramfs-tools/hook|755|$(initramfsdir)/hooks/stillboot \
	$(foreach when,init-top init-bottom,configs/initramfs-tools/$(when)|755|$(initramfsdir)/scripts/$(when)/stillboot) \
	$(call each,configs/dracut/95stillboot/*,755,/usr/lib/dracut/modules.d/95stillboot) \
	$(foreach tool,ansible kured,$(call each,configs/fleet/$(tool)/*,644,$(docdir)/fleet/$(tool)))
NAMES = $(foreach folder,sbindir docdir localedir,s|@$(folder)@|$($(folder))|g;)

install: all
	@for place in $(PLACES:%='%'); do \
		mode=$${place#*|}; to=$(DESTDIR)$${place##*|}; \
		install -D -m $${mode%|*} $${place%%|*} $$to || exit 1; \
		case $$place in \
		configs/initramfs-tools/*) sed -i '$(NAMES)' $$to ;; \
		configs/*) sed -i '$(NAMES) s|/usr/sbin/stillboot|$(sbindir)/stillboot|g' $$to ;; \
		esac || exit 1; \
	done

uninstall:
	rm -f $(foreach place,$(PLACES),'$(DESTDIR)$(lastword $(subst |, ,$(place)))')
	-rmdir $(wildcard $(addprefix $(DESTDIR),$(docdir)/examples $(docdir)/fleet/* $(docdir)/fleet) \
		$(DESTDIR)/usr/lib/dracut/modules.d/95stillboot) $(DESTDIR)$(docdir)

# The Debian package. It is built in a copy: there the packaging stands where Debian wants it.
DEB_NAME = stillboot_$(VERSION)_$(shell dpkg --print-architecture).deb
DEB_FOLDER := build/deb/stillboot-$(VERSION)
DEB_SOURCES := Makefile README.md LICENSE devices boot policy ui configs
.PHONY: deb
deb: build/$(DEB_NAME)

build/$(DEB_NAME): $(shell find $(DEB_SOURCES) -type f)
	$(Q)rm -rf build/deb && mkdir -p $(DEB_FOLDER) && cp -R $(DEB_SOURCES) $(DEB_FOLDER) && \
		cp -R configs/debian $(DEB_FOLDER)/debian
	@cd $(DEB_FOLDER) && dpkg-buildpackage -b -us -uc >../build.log 2>&1 || { tail -n 40 ../build.log; exit 1; }
	@lintian --allow-root --fail-on error,warning build/deb/*.changes
	@cp build/deb/$(DEB_NAME) $@

clean:
	rm -rf build/release build/debug build/asan build/coverage build/fuzz build/deb build/stillboot build/*.deb build/stillboot.cpio.xz build/stillboot.efi

-include $(shell find build/$(MODE) -name '*.d' 2>/dev/null)
