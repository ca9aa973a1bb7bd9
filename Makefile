# What people type. `make demo` shows the product, `make test` proves it; both set up what they need.
# Every step of `make test` is a target of its own.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# Build results stay outside the checkout, so that a clean clone builds from what is already there.
CARGO_TARGET_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/baigong/target
export CARGO_TARGET_DIR
# Where nothing has been built yet there is nothing to build on: the first build is faster without the
# notes that later ones are made from.
export CARGO_INCREMENTAL := $(if $(wildcard $(CARGO_TARGET_DIR)/release/incremental),1,0)
# A fresh installation of Rust is not always on the path yet.
export PATH := $(PATH):$(HOME)/.cargo/bin

BAIGONG := $(CARGO_TARGET_DIR)/release/baigong
# Where the demo province is kept: its workbooks are for people to open, so it lies in the open.
DEMO_DIR ?= demo
# Options for `baigong demo`, for example DEMO_ARGS="--listen 127.0.0.1:8080".
DEMO_ARGS ?=

WEB_SOURCES = $(shell find web -path web/node_modules -prune -o -path web/dist -prune -o -type f -print)
STEPS := tidy fmt-check clippy test-rust test-law test-api test-web test-browser test-cluster

# Steps depend on what set-up leaves behind, so they run in order whatever -j says.
.NOTPARALLEL:

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# ---- use ----------------------------------------------------------------------------------------

.PHONY: demo
demo: setup-demo build ## Build, make the demo province, serve it; prints the address and the sign-ins
	"$(BAIGONG)" demo --dir "$(DEMO_DIR)" $(DEMO_ARGS)

.PHONY: build
build: web ## Build the binary with the web app inside
	cargo build --release --package baigong

.PHONY: web
web: web/dist/index.html ## Build the web app when its sources are newer

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	cd web && npm ci --no-audit --no-fund
	@touch $@

web/dist/index.html: web/node_modules/.package-lock.json $(WEB_SOURCES)
	cd web && npm run bundle
	@touch $@

e2e/node_modules/.package-lock.json: e2e/package.json e2e/package-lock.json
	cd e2e && npm ci --no-audit --no-fund
	@touch $@

# ---- proof --------------------------------------------------------------------------------------

.PHONY: test
test: setup-test ## Everything that must hold; ends with a table of the steps
	@bash scripts/test.sh $(STEPS)

.PHONY: tidy
tidy: ## House checks: crate arrows, opening comments, marks, languages, links
	cargo xtask tidy

.PHONY: fmt
fmt: ## Lay out all Rust
	cargo fmt --all

.PHONY: fmt-check
fmt-check: ## Is all Rust laid out?
	cargo fmt --all --check

.PHONY: clippy
clippy: web ## Lints, as errors
	cargo clippy --release --workspace --all-targets -- -D warnings

.PHONY: test-rust
test-rust: setup-test web ## All Rust tests, the store on SQLite and PostgreSQL
	cargo test --release --workspace

.PHONY: test-law
test-law: build ## Check the files under law/ and run their cases
	"$(BAIGONG)" law check
	"$(BAIGONG)" law test
	bash scripts/guide.sh "$(BAIGONG)"

.PHONY: test-api
test-api: build web/node_modules/.package-lock.json ## Are the committed OpenAPI document and the types made from it those of the server?
	"$(BAIGONG)" openapi | diff -u schemas/openapi.json - || { echo "schemas/openapi.json has drifted: make bless"; exit 1; }
	cd web && npx openapi-typescript ../schemas/openapi.json | diff -u src/shared/api/schema.d.ts - \
		|| { echo "web/src/shared/api/schema.d.ts has drifted: make bless"; exit 1; }

.PHONY: test-web
test-web: web/node_modules/.package-lock.json ## Types and unit tests of the web app
	cd web && npm run check && npm test

.PHONY: test-browser
test-browser: setup-test build e2e/node_modules/.package-lock.json ## The whole story in a real browser, on the shipped binary
	cd e2e && BAIGONG="$(BAIGONG)" npm run story

.PHONY: test-cluster
test-cluster: web ## A run on a scheduler with two executors on loopback has the digest of the embedded run
	bash scripts/cluster.sh

.PHONY: bench
bench: build ## Side by side with DuckDB, Polars and pandas; prints a table
	bash bench/run.sh

.PHONY: bless
bless: build web/node_modules/.package-lock.json ## Write expected outputs anew; read the difference before committing it
	mkdir -p schemas
	"$(BAIGONG)" openapi >schemas/openapi.json
	cd web && npm run generate
	UPDATE=1 INSTA_UPDATE=always cargo test --release --workspace

# ---- set-up -------------------------------------------------------------------------------------

.PHONY: setup-demo
setup-demo: ## Install what the demo needs and the machine lacks (Debian)
	@bash scripts/setup.sh demo

.PHONY: setup-test
setup-test: ## Install what the tests need and the machine lacks (Debian)
	@bash scripts/setup.sh test
