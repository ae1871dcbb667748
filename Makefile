# SPDX-License-Identifier: Apache-2.0
# One entry point for everything. `make test` is what CI runs, after `make check`.

SWIFT ?= swift
BUILD_FLAGS = --explicit-target-dependency-import-check error
TEST_FLAGS = --disable-xctest
# One section a function and no exported symbols, so that the linker drops what is never called: 34 MB become 28.
SMALL = -Xcc -ffunction-sections -Xcc -fdata-sections -Xswiftc -Xfrontend -Xswiftc -function-sections \
	-Xlinker --version-script=$(CURDIR)/scripts/exports.map -Xlinker --gc-sections -Xlinker --icf=safe
FORMATTED = Package.swift Sources Tests Examples Fuzz

.PHONY: build test check fmt cover tsan asan fuzz linkage bench release examples servers torture big install clean

build: ## debug build of everything
	$(SWIFT) build $(BUILD_FLAGS)

# First those that only compute: beside them, downloads would starve.
test: servers ## every test, with real servers
	$(SWIFT) build --build-tests $(BUILD_FLAGS)
	$(SWIFT) test --skip-build $(TEST_FLAGS) --filter 'SwoopCoreTests|SwoopIOTests'
	$(SWIFT) test --skip-build $(TEST_FLAGS) --skip 'SwoopCoreTests|SwoopIOTests'

check: ## formatting, forbidden constructs, licence lines
	$(SWIFT) format lint --strict --recursive --parallel $(FORMATTED)
	scripts/check-source

fmt: ## format in place
	$(SWIFT) format --in-place --recursive --parallel $(FORMATTED)

servers: ## nginx, Apache httpd and lighttpd for the integration tests
	scripts/install-test-servers

cover: ## line coverage by file
	$(SWIFT) build --build-tests --enable-code-coverage --scratch-path .build-cover
	$(SWIFT) test --skip-build --enable-code-coverage --scratch-path .build-cover $(TEST_FLAGS)
	scripts/coverage .build-cover

# The sanitizer hands a signal over when a thread next makes a call that it intercepts, which may be never.
tsan: ## thread sanitizer over the kernel, the driver and the chaos origin
	$(SWIFT) build --build-tests --sanitize=thread --scratch-path .build-tsan
	TSAN_OPTIONS=suppressions=$(CURDIR)/scripts/tsan.supp $(SWIFT) test --skip-build --sanitize=thread --scratch-path .build-tsan $(TEST_FLAGS) \
		--filter 'SwoopIOTests|SwoopTests' --skip SignalWatcherTests

# Leaks are not looked for: event loops and thread pools live as long as the process. Nor is memory measured: the sanitizer
# takes more than what is measured.
asan: ## address sanitizer over everything but the simulations
	$(SWIFT) build --build-tests --sanitize=address --scratch-path .build-asan
	ASAN_OPTIONS=detect_leaks=0 $(SWIFT) test --skip-build --sanitize=address --scratch-path .build-asan $(TEST_FLAGS) \
		--skip 'Simulat|EveryEvent|StandardOutput/memory'

fuzz: ## each parser under the coverage-guided fuzzer; SECONDS_EACH=60
	Fuzz/run --seconds $(or $(SECONDS_EACH),60)

release: ## static, stripped binary in .build-release/swoop
	$(SWIFT) build -c release --product swoop --static-swift-stdlib $(SMALL) --scratch-path .build-release
	strip -o .build-release/swoop .build-release/release/swoop

linkage: release ## the shipped binary must not need full Foundation
	scripts/check-linkage .build-release/swoop

bench: release ## the comparison with other tools, kept under Benchmarks/results
	Benchmarks/run

examples: ## the library's example programs
	$(SWIFT) build --package-path Examples/Fetch --scratch-path .build-examples

torture: release ## MINUTES=2 of random kills, stops and full disks
	scripts/torture --minutes $(or $(MINUTES),2)

big: release ## 5 GiB over HTTP and HTTPS
	scripts/big-file

install: release ## PREFIX=/usr/local
	install -D -m 755 .build-release/swoop $(DESTDIR)$(or $(PREFIX),/usr/local)/bin/swoop

clean:
	rm -rf .build .build-*
