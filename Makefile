# Two commands do everything on a fresh machine: `make demo` runs the product, `make test` passes its tests.
SWIFT ?= swift
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
RELEASE := .build-release
# The tests and what they test, in one build: optimised as the product is, so that a clean test needs no second one.
TESTED := -c release -Xswiftc -enable-testing
# What is packaged. -Osize costs no measurable time (`cupel-bench load`, 6 000 tags each 200 ms: 7.8 and 8.1 % of a core,
# 7.9 and 8.6 % without) and takes 9 MB less of memory; functions that nobody calls, or that are equal and have no
# address of their own, go; relative relocations take a fortieth (glibc 2.36).
SMALL := -Xswiftc -Osize -Xswiftc -Xfrontend -Xswiftc -function-sections -Xswiftc -use-ld=lld \
	-Xlinker --icf=safe -Xlinker -z -Xlinker pack-relative-relocs
TSAN := .build-tsan
ASAN := .build-asan
LIBFUZZER := .build-libfuzzer
EXTENSION := .build-extension
VENV := .build-venv
CUPEL := $(RELEASE)/release/cupel
STATIC := .build-static
MANUAL := .build-manual
PACKAGE := .build-deb
SERVICE := .build-service
DEB := $(PACKAGE)/cupel.deb
# What the build needs of Debian, and what the tests use as independent readers and servers.
BUILD_PACKAGES := libmodbus-dev libsqlite3-dev libcurl4-openssl-dev libmosquitto-dev libssl-dev \
	libglib2.0-dev tzdata pkg-config
# The fault tests compile a library and make disks of their own. Of systemd its look at unit files is used, nothing runs.
TEST_PACKAGES := sqlite3 mbpoll python3-venv gcc libc6-dev e2fsprogs mount util-linux mosquitto mosquitto-clients \
	rsyslog openssl curl systemd iproute2
DEB_PACKAGES := debhelper lintian chrpath
SERVICE_PACKAGES := systemd-container mmdebstrap
# What a plant's machine has beside the package, and what the tests look through.
SERVICE_TREE := systemd,systemd-sysv,dbus,iproute2,procps,python3-minimal,sqlite3
# What the package depends on.
SERVICE_TREE := $(SERVICE_TREE),tzdata,libmodbus5,libcurl4,libglib2.0-0,libmosquitto1

# Inputs of `make fuzz`; the inputs that libFuzzer grows cost five times as much each.
FUZZ_INPUTS := 10000000
FUZZ_GROWN := 1000000

.PHONY: demo build extension test built lint unit race process fuzz fuzz-short static deb test-service bench format clean \
	tools test-tools deb-tools service-tools

demo: build
	$(CUPEL) demo --config config

build: tools
	$(SWIFT) build -c release --scratch-path $(RELEASE) --product cupel

# The history's tables for other programs with SQLite inside. The Swift runtime is in it, so that it runs where there is
# no Swift, and hidden, so that it never meets another one; nothing of SQLite is in it or asked of the system, so that it
# runs in programs with an SQLite of their own: a call without a forwarder in Sources/CExtensionEntry fails here (-z defs).
# A runtime cannot leave a process again (-z nodelete). Its own scratch path: its flags are not those of the product.
extension: tools
	$(SWIFT) build -c release --scratch-path $(EXTENSION) --product cupel-extension -Xswiftc -static-stdlib \
		-Xswiftc -Xfrontend -Xswiftc -disable-autolink-library -Xswiftc -Xfrontend -Xswiftc sqlite3 \
		-Xlinker --version-script=$(abspath Sources/HistoryExtension/exports.map) $(SMALL) \
		-Xlinker -z -Xlinker defs -Xlinker -z -Xlinker nodelete -Xlinker -s
	mkdir -p $(RELEASE)
	cp $(EXTENSION)/release/libcupel-extension.so $(RELEASE)/cupel.so
	@echo "Built $(RELEASE)/cupel.so. Load it in the shell:"
	@echo "  sqlite3 -readonly history.db -cmd '.load $(abspath $(RELEASE))/cupel' 'SELECT * FROM reading LIMIT 5'"
	@echo "and in Python: connection.enable_load_extension(True); connection.load_extension('$(abspath $(RELEASE))/cupel')"

# Everything: format, unit and property tests, race tests under ThreadSanitizer, a short run of hostile replies, and the
# built binary against real peers.
test: lint unit race fuzz-short process

lint:
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests

# The servers of ConsoleTests share their threads with whatever runs beside them, so nothing does.
unit: built test-tools $(VENV)/ready
	CUPEL_PYTHON=$(abspath $(VENV))/bin/python \
		$(SWIFT) test $(TESTED) --disable-xctest --skip-build --skip ProcessTests --skip RaceTests --skip ConsoleTests --skip '^SystemTests'
	$(SWIFT) test $(TESTED) --disable-xctest --skip-build --filter ConsoleTests

built: tools
	$(SWIFT) build $(TESTED) --build-tests --explicit-target-dependency-import-check error

# Debug ThreadSanitizer misses relaxed atomics in generic code (it runs unspecialised); release sees them, but only with
# what memcpy touches looked at too.
race: tools
	CUPEL_RACES_ONLY=1 TSAN_OPTIONS=ignore_interceptors_accesses=0 $(SWIFT) test --disable-xctest -c release \
		-Xswiftc -enable-testing --sanitize=thread --scratch-path $(TSAN) --filter RaceTests

process: built extension test-tools $(VENV)/ready
	CUPEL_BINARY=$(abspath .build/release/cupel) CUPEL_EXTENSION=$(abspath $(RELEASE))/cupel.so \
		CUPEL_PYTHON=$(abspath $(VENV))/bin/python \
		$(SWIFT) test $(TESTED) --disable-xctest --skip-build --filter ProcessTests

# The reply parser under AddressSanitizer: mutated replies from a printed seed, then inputs that libFuzzer grows towards
# code not reached yet.
fuzz: $(ASAN)/release/cupel-fuzz
	$(ASAN)/release/cupel-fuzz $(FUZZ_INPUTS)
	$(SWIFT) build -c release --sanitize=fuzzer --sanitize=address -Xswiftc -DLIBFUZZER \
		--scratch-path $(LIBFUZZER) --product cupel-fuzz
	$(LIBFUZZER)/release/cupel-fuzz -runs=$(FUZZ_GROWN) -artifact_prefix=$(LIBFUZZER)/

fuzz-short: $(ASAN)/release/cupel-fuzz
	$(ASAN)/release/cupel-fuzz 200000

.PHONY: $(ASAN)/release/cupel-fuzz
$(ASAN)/release/cupel-fuzz: tools
	$(SWIFT) build -c release --sanitize=address --scratch-path $(ASAN) --product cupel-fuzz

# The program as it is packaged, with Swift's runtime inside: a plant's machine has no toolchain.
static: tools
	mkdir -p $(STATIC)
	$(dir $(realpath $(shell command -v $(SWIFT))))clang -c -O2 -fPIC -Wall -Werror \
		-o $(STATIC)/no-languages.o systemd/no-languages.c
	$(SWIFT) build -c release --static-swift-stdlib --scratch-path $(STATIC) --product cupel $(SMALL) \
		-Xlinker $(abspath $(STATIC))/no-languages.o -Xlinker --defsym=icudt76_dat=cupel_no_languages \
		-Xlinker --no-export-dynamic \
		-Xlinker -z -Xlinker now -Xlinker -z -Xlinker relro -Xlinker --build-id=sha1

# cupel(1) is made of what the commands say of themselves, by a tool of swift-argument-parser.
deb: static extension deb-tools
	$(SWIFT) build --package-path $(STATIC)/checkouts/swift-argument-parser --scratch-path $(MANUAL) \
		--product generate-manual
	systemd/stage $(STATIC)/release/cupel $(RELEASE)/cupel.so $(MANUAL)/debug/generate-manual $(PACKAGE)/cupel
	cd $(PACKAGE)/cupel && dpkg-buildpackage --build=binary --no-sign
	mv $(PACKAGE)/cupel_*.deb $(DEB)
	lintian --fail-on error,warning $(DEB)

# The package on a real systemd, in a container with a tree of its own. Only root may boot one, and not everywhere.
test-service: built deb service-tools
	systemd/boots $(SERVICE)/tree $(SERVICE_TREE) || exit 0; \
	CUPEL_TREE=$(abspath $(SERVICE))/tree CUPEL_DEB=$(abspath $(DEB)) \
		$(SWIFT) test $(TESTED) --disable-xctest --skip-build --filter '^SystemTests'

bench: tools
	$(SWIFT) build -c release --scratch-path $(RELEASE)
	for part in ring engine restart rate isolation history replay; do $(RELEASE)/release/cupel-bench $$part || exit 1; done
	for part in floor load "load --controllers 500 --tags 20" latency alarms kill; do \
		$(RELEASE)/release/cupel-bench $$part --cupel $(CUPEL) || exit 1; done

format:
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests

tools: WANTED := $(BUILD_PACKAGES)
test-tools: WANTED := $(TEST_PACKAGES)
deb-tools: WANTED := $(DEB_PACKAGES)
service-tools: WANTED := $(SERVICE_PACKAGES)
tools test-tools deb-tools service-tools:
	@missing=; for p in $(WANTED); do dpkg -s $$p >/dev/null 2>&1 || missing="$$missing $$p"; done; \
	[ -z "$$missing" ] || { $(SUDO) apt-get update && $(SUDO) apt-get install -y --no-install-recommends $$missing; }

$(VENV)/ready: Makefile
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet pymodbus==3.16.1 scapy==2.8.0 aiosmtpd==1.4.6
	touch $@

clean:
	rm -rf .build .build-release .build-tsan .build-asan .build-libfuzzer .build-extension .build-venv .build-static \
		.build-manual .build-deb .build-service
