# Everything that people and CI run. `make` alone lists it.
# `test`, `demo` and `build` need Go and make only; `check` also needs git, a C compiler (for the race detector)
# and the Go module proxy, from which it builds its pinned tools into .tools; `test-browser` and `screenshots` need Chromium.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

TOOLS := $(CURDIR)/.tools
GOLANGCI_VERSION := v2.15.0
GOLANGCI := $(TOOLS)/golangci-lint-$(GOLANGCI_VERSION)/golangci-lint
# The opa command is of the version that go.mod links, so that both judge policies alike.
OPA_VERSION := $(shell sed -n 's|.*github.com/open-policy-agent/opa \(v[0-9.]*\).*|\1|p' go.mod)
OPA := $(TOOLS)/opa-$(OPA_VERSION)/opa
# Regal pins an older OPA of its own, hence a modfile of its own.
REGAL := go tool -modfile=.ci/regal.mod regal

# Files that `make docs` writes, as folders.
GENERATED ?= docs policies/schemas
# Packages whose tests define -update, in the order of the line: each one's output is the next one's input.
GOLDEN_PKGS ?= ./reports ./cmd/leastwise
GOLDEN_RUN ?= Golden
BENCH_PKG ?= ./fixtures/bench
BENCH_ARGS ?=
FUZZTIME ?= 5s
MUTATE_ARGS ?=

##@ Use

.PHONY: demo
demo: ## audit the embedded tenant; reports land in ./leastwise-demo
	go run ./cmd/leastwise demo

.PHONY: build
build: ## build bin/leastwise
	go build -trimpath -o bin/leastwise ./cmd/leastwise

.PHONY: bench
bench: ## measure against plain OPA; the last line is name=value pairs
	go run $(BENCH_PKG) $(BENCH_ARGS)

.PHONY: bench-collect
bench-collect: ## collect generated tenants of three sizes; the last line is name=value pairs
	go run ./fixtures/bench/collect $(BENCH_ARGS)

.PHONY: bench-events
bench-events: ## turn a million audit events into a snapshot; the last line is name=value pairs
	go run ./fixtures/bench/events $(BENCH_ARGS)

.PHONY: bench-usage
bench-usage: ## pipe a gigabyte of calls through collect; the last line is name=value pairs
	go run ./fixtures/bench/usage $(BENCH_ARGS)

.PHONY: bench-gate
bench-gate: ## judge 200 pipeline files in new processes; the last line is name=value pairs
	go run ./fixtures/bench/gate $(BENCH_ARGS)

.PHONY: bench-least
bench-least: ## find smallest sets for 10,000 call profiles, PERMISSIONS=FILE adds operations; the last line is name=value pairs
	go run ./fixtures/bench/least $(if $(PERMISSIONS),-permissions "$(PERMISSIONS)") $(BENCH_ARGS)

.PHONY: bench-reports
bench-reports: ## draw 300,000 findings in every format, open the page in Chromium; the last line is name=value pairs
	go run ./fixtures/bench/reports $(BENCH_ARGS)

.PHONY: conformance
conformance: ## read published answers: SAMPLES=DIR; the last line is name=value pairs
	go run ./fixtures/conformance "$(SAMPLES)"

##@ Change

.PHONY: test
test: ## run all tests, offline
	go test ./...

.PHONY: fmt
fmt: $(GOLANGCI) $(OPA) ## format Go and Rego
	$(GOLANGCI) fmt
	$(OPA) fmt --write policies

.PHONY: docs
docs: ## regenerate docs, JSON Schemas and the pages of the controls
	go generate ./...
	go run ./cmd/leastwise policies docs --dir docs/controls

.PHONY: screenshots
screenshots: ## draw the demo's HTML report in Chromium, for docs/images
	@command -v chromium >/dev/null || { echo "no Chromium; hint: apt-get install chromium" >&2; exit 1; }
	dir=$$(mktemp -d); trap 'rm -rf "$$dir"' EXIT; go run ./cmd/leastwise demo --dir "$$dir" >/dev/null; mkdir -p docs/images; \
	go test -tags browser -count=1 -run '^TestBrowserPictures$$' ./reports -args -pictures "$(CURDIR)/docs/images" -report "$$dir/report.json"

.PHONY: golden
golden: ## rewrite golden files; look at the diff before committing it
	for package in $(GOLDEN_PKGS); do go test "$$package" -run '$(GOLDEN_RUN)' -update; done

.PHONY: fuzz
fuzz: ## run every fuzz test for FUZZTIME (5s)
	{ grep -rlE --include='*_test.go' '^func Fuzz' . || true; } | while read -r file; do \
		grep -oE '^func Fuzz[A-Za-z0-9_]*' "$$file" | while read -r _ name; do \
			go test "$$(dirname "$$file")" -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME); \
		done; \
	done

##@ Check

.PHONY: check
check: tidy vet arch generated rego-check lint race ## everything that CI demands
	@echo "check: all good"

.PHONY: vet
vet: ## go vet
	go vet ./...

.PHONY: arch
arch: ## packages import only what design allows them; one doc comment each
	go test -count=1 -run '^TestArchitecture' ./cmd/leastwise

.PHONY: lint
lint: $(GOLANGCI) ## golangci-lint: linters and formatting
	$(GOLANGCI) run --timeout 15m

.PHONY: rego-check
rego-check: $(OPA) ## Rego: formatting, types against the schemas, Regal
	$(OPA) fmt --list --fail policies
	$(OPA) check --strict --schema policies/schemas $$(find policies -name '*.rego')
	$(REGAL) lint policies

.PHONY: generated
generated: ## fail when `make docs` would change something
	@state() { find $(GENERATED) -type f -exec cksum {} + 2>/dev/null | LC_ALL=C sort -k3 || true; }; \
	before=$$(state); $(MAKE) --no-print-directory docs; after=$$(state); \
	diff <(echo "$$before") <(echo "$$after") >&2 || { \
		echo "generated files were out of date; hint: commit what 'make docs' has just changed" >&2; exit 1; }

.PHONY: test-browser
test-browser: ## the HTML report in Chromium: keyboard, accessibility, print, hostile names, 50,000 findings
	@command -v chromium >/dev/null || { echo "no Chromium; hint: apt-get install chromium" >&2; exit 1; }
	go test -tags browser -count=1 -timeout 15m -run '^TestBrowser' ./reports

.PHONY: mutate
mutate: ## change each condition of each control: does a test notice? the last line is name=value pairs
	go run ./fixtures/mutate $(MUTATE_ARGS)

.PHONY: tidy
tidy: ## fail when go.mod or go.sum need `go mod tidy`
	go mod tidy -diff

.PHONY: race
race: ## what may race, under the race detector
	@command -v "$$(go env CC)" >/dev/null || { \
		echo "the race detector needs a C compiler; hint: apt-get install gcc libc6-dev" >&2; exit 1; }
	CGO_ENABLED=1 go test -race -timeout 20m $$(go list ./... | grep -v '/fixtures/bench$$')

##@ Housekeeping

.PHONY: tools
tools: $(GOLANGCI) $(OPA) ## build the pinned tools into .tools
	$(REGAL) version >/dev/null

$(GOLANGCI):
	GOBIN=$(@D) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)

$(OPA):
	GOBIN=$(@D) go install github.com/open-policy-agent/opa@$(OPA_VERSION)

.PHONY: clean
clean: ## remove what the other targets wrote
	rm -rf bin leastwise-demo $(TOOLS)

.PHONY: help
help: ## list the targets
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
