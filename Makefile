# The front door: meson and ninja do the work. `make help` lists the targets.

PREFIX ?= /usr/local
SETUP  ?= ./setup

# bpftool lies in /usr/sbin, which ordinary users have not in their path.
export PATH := $(PATH):/usr/sbin:/sbin

RELEASE = build
ASAN    = build-asan
FUZZ    = build-fuzz

C_FILES = $$(find src tests bench demo examples -name '*.[ch]' 2>/dev/null)
SCRIPTS = $$(grep -lsE '^\#!.*[/ ](ba)?sh$$' setup .ci/* demo/* bench/* tests/* tests/net/* \
	tests/guest/* tests/unit/*/* web/*)

.DEFAULT_GOAL = build
.PHONY: help setup-build setup-test build asan fuzz test demo demo-router bench soak lint lint-format \
	lint-shell tidy install clean

help:
	@echo 'make build     the binary, build/heddle'
	@echo 'make demo      two data centers and the light between them, cut and mended: a minute (root)'
	@echo 'make demo-router  a router, a full table, real FRR: two minutes (root)'
	@echo 'make test      all tests; one summary line at the end'
	@echo 'make bench     every figure that the README quotes, peers in the same run (root)'
	@echo 'make soak      ten minutes of traffic, churn, flaps and restarts (root)'
	@echo 'make lint      formatting and scripts; make tidy: clang-tidy, slower'
	@echo 'make install   binary, manual pages, unit, documents; honours PREFIX and DESTDIR'
	@echo 'make clean     removes the build directories'
	@echo
	@echo 'Missing packages are installed first (Debian, root); make SETUP=true ... skips that.'

setup-build:
	@$(SETUP) build

setup-test:
	@$(SETUP) test

build: setup-build
	@test -f $(RELEASE)/build.ninja || CC=gcc meson setup $(RELEASE) --buildtype=release
	ninja -C $(RELEASE)

# All user-space code under AddressSanitizer and UndefinedBehaviorSanitizer.
asan: setup-test
	@test -f $(ASAN)/build.ninja || CC=gcc meson setup $(ASAN) --buildtype=debugoptimized \
		-Db_sanitize=address,undefined -Db_lundef=false
	ninja -C $(ASAN)

# The fuzzers alone; every library is instrumented for coverage.
FUZZ_FLAGS = -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
fuzz: setup-test
	@test -f $(FUZZ)/build.ninja || CC=clang meson setup $(FUZZ) --buildtype=debugoptimized \
		-Dfuzz=true -Db_lundef=false -Dc_args='$(FUZZ_FLAGS)' \
		-Dc_link_args='-fsanitize=address,undefined'
	ninja -C $(FUZZ) fuzz

# One after the other: on a small machine they would only slow each other down.
test: setup-test
	@$(MAKE) --no-print-directory build SETUP=true
	@$(MAKE) --no-print-directory asan SETUP=true
	@$(MAKE) --no-print-directory fuzz SETUP=true
	tests/run

demo: setup-test
	@$(MAKE) --no-print-directory build SETUP=true
	demo/run

demo-router: setup-test
	@$(MAKE) --no-print-directory build SETUP=true
	demo/router

bench: setup-test
	@$(MAKE) --no-print-directory build SETUP=true
	bench/run
	bench/wire
	bench/fabric
	bench/optics

soak: setup-test
	@$(MAKE) --no-print-directory build SETUP=true
	HEDDLE=$(CURDIR)/$(RELEASE)/heddle SOAK_SECONDS=600 tests/net/soak_test.sh

lint: setup-test lint-format lint-shell

lint-format:
	@clang-format --dry-run --Werror $(C_FILES)

lint-shell:
	@shellcheck --external-sources --source-path=SCRIPTDIR --severity=warning $(SCRIPTS)

tidy: build
	clang-tidy -p $(RELEASE) --quiet $$(find src -name '*.c' ! -name '*.bpf.c')

install: build
	meson configure $(RELEASE) --prefix=$(abspath $(PREFIX))
	meson install -C $(RELEASE)

clean:
	rm -rf $(RELEASE) $(ASAN) $(FUZZ)
