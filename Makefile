# Two commands do everything on a fresh machine: `make demo` runs the product, `make test` passes its tests.
SWIFT ?= swift
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
RELEASE := .build-release
TSAN := .build-tsan
VENV := .build-venv
CUPEL := $(RELEASE)/release/cupel
# What the build needs of Debian, and what the tests use as independent readers and servers.
BUILD_PACKAGES := libmodbus-dev libsqlite3-dev pkg-config
TEST_PACKAGES := sqlite3 mbpoll python3-venv

.PHONY: demo build test lint unit race process bench format clean tools test-tools

demo: build
	$(CUPEL) demo --config config

build: tools
	$(SWIFT) build -c release --scratch-path $(RELEASE) --product cupel

# Everything: format, unit and property tests, race tests under ThreadSanitizer, and the built binary against real peers.
test: lint unit race process

lint:
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests

unit: tools test-tools
	$(SWIFT) build --build-tests --explicit-target-dependency-import-check error
	$(SWIFT) test --disable-xctest --skip-build --skip ProcessTests --skip RaceTests

# Debug ThreadSanitizer misses relaxed atomics in generic code (it runs unspecialised); release sees them, but only with
# what memcpy touches looked at too.
race: tools
	TSAN_OPTIONS=ignore_interceptors_accesses=0 $(SWIFT) test --disable-xctest -c release -Xswiftc -enable-testing \
		--sanitize=thread --scratch-path $(TSAN) --filter RaceTests

process: build test-tools $(VENV)/ready
	CUPEL_BINARY=$(abspath $(CUPEL)) CUPEL_PYTHON=$(abspath $(VENV))/bin/python \
		$(SWIFT) test --disable-xctest --filter ProcessTests

bench: tools
	$(SWIFT) build -c release --scratch-path $(RELEASE)
	for part in ring floor load latency kill; do \
		$(RELEASE)/release/cupel-bench $$part $$([ $$part = ring ] || echo --cupel $(CUPEL)) || exit 1; done

format:
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests

tools:
	@missing=; for p in $(BUILD_PACKAGES); do dpkg -s $$p >/dev/null 2>&1 || missing="$$missing $$p"; done; \
	[ -z "$$missing" ] || { $(SUDO) apt-get update && $(SUDO) apt-get install -y --no-install-recommends $$missing; }

test-tools:
	@missing=; for p in $(TEST_PACKAGES); do dpkg -s $$p >/dev/null 2>&1 || missing="$$missing $$p"; done; \
	[ -z "$$missing" ] || { $(SUDO) apt-get update && $(SUDO) apt-get install -y --no-install-recommends $$missing; }

$(VENV)/ready:
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet pymodbus==3.16.1
	touch $@

clean:
	rm -rf .build .build-release .build-tsan .build-venv
