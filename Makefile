SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c

.PHONY: build demo test execution bench fuzz lint deps

# The binary, in bin/.
build:
	go build -o bin/imdsscan ./cmd/imdsscan

# The main job on the example notebooks: scan, --diff, --fix on a copy, scan;
# then plan, apply and check on an emulated workspace.
demo: build
	.ci/demo

# All tests; first what they run besides Go (Debian packages, if root).
# TESTFLAGS=-v tells what was skipped and why.
test: deps
	go test $(TESTFLAGS) -timeout 45m ./...

# The execution suite alone, with its account of what ran and what was skipped.
execution: deps
	go test -count=1 -timeout 45m -v -run '^TestExecution' ./cmd/imdsscan | grep -v '^=== '

bench: build
	go test -run '^$$' -bench . -benchmem -timeout 20m ./...

# Every fuzz target for FUZZTIME.
FUZZTIME ?= 10s
fuzz:
	@for pkg in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
			echo "$$pkg $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$pkg || exit 1; \
		done; \
	done

lint:
	@test -z "$$(gofmt -l .)" || { gofmt -l .; exit 1; }
	go vet ./...
	go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...

deps:
	@.ci/deps
