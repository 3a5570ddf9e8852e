# SPDX-License-Identifier: Apache-2.0
# The front door. `make help` lists what there is.
SHELL := /bin/bash
JOBS ?= $(shell nproc)
FARPOINT := build/release/bin/farpoint
# Of tests/fuzz, what links no more than the other STRANGERS and the pipeline: `plan` has all jobs.
FUZZED := safetensors model_config model_folder record record_file npy parquet clean_text block_list dictionary yaml table shard \
  made_shard run_json run_status
# What reads bytes that strangers wrote, and what carries them from rank to rank: CI compiles and runs these with the
# sanitizers. All of it twice would take longer than all the rest; `make asan-test` does that.
STRANGERS := base_test comm_local_test comm_test corpus_files_test corpus_records_test store_test store_damage_test \
  corpus_parquet_test report_test text_test clean_text_test model_files_test model_files_fuzz_test $(addprefix fuzz_,$(FUZZED))
# Labels of what takes too long under a sanitizer; what runs on two ranks stays.
LONG := ranks-1|ranks-3|ranks-4|ranks-5|ranks-7|long
empty :=
space := $(empty) $(empty)
SOURCES = $(shell git ls-files '*.cpp' '*.hpp')

.PHONY: help setup test-tools program build quickstart minilm test quick-test strangers-test asan-test tsan-test fuzz bench soak docs format format-check tidy clean

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | column -t -s "$$(printf '\t')"

setup:  ## installs what is missing (Debian 12, root or sudo)
	@scripts/setup.sh
	@scripts/libtorch.sh
	@scripts/plot.sh
	@scripts/arrow.sh

test-tools:  ## installs what only tests need: a browser, shells, Slurm, Python packages
	@scripts/setup.sh --tests
	@scripts/test_tools.sh

program: setup  ## builds build/release/bin/farpoint alone, which is all that choosing needs
	@scripts/build.sh release farpoint

build: setup  ## builds build/release/bin/farpoint and everything else: tests, benchmarks
	@scripts/build.sh release

quickstart: setup  ## builds and runs the main job on a small generated corpus
	@scripts/build.sh release farpoint
	@examples/quickstart.sh

minilm: setup  ## chooses from the data of the recipes by the vectors of a model, all-MiniLM-L6-v2 (fetches 90 MB)
	@scripts/build.sh release farpoint
	@scripts/minilm.sh
	@python3 examples/make_data.py
	$(FARPOINT) run configs/minilm.yaml

test: test-tools build  ## all tests, as CI runs them
	ctest --preset release -j $(JOBS)
	@$(MAKE) --no-print-directory strangers-test

quick-test: setup  ## the tests of single functions and classes, seconds; builds these alone
	@scripts/build.sh release unit_tests
	ctest --preset release -j $(JOBS) -L unit

strangers-test: setup  ## the tests of what reads foreign bytes, under AddressSanitizer and UndefinedBehaviorSanitizer
	@scripts/build.sh asan $(STRANGERS)
	ctest --preset asan -j $(JOBS) -R '^($(subst $(space),|,$(strip $(STRANGERS))))(\.2)?$$'

asan-test: setup  ## all but the longest tests under the sanitizers, before a merge that touches memory or threads (an hour)
	@scripts/build.sh asan
	ctest --preset asan -j $(JOBS) -LE '$(LONG)'

tsan-test: setup  ## the same under ThreadSanitizer, with clang
	@scripts/setup.sh --fuzz
	@scripts/build.sh tsan
	ctest --preset tsan -j $(JOBS) -LE '$(LONG)'

fuzz:  ## each fuzzer of tests/fuzz for SECONDS (600); TARGETS="record npy" for some (tests/fuzz/README.md)
	@scripts/setup.sh --fuzz
	@scripts/build.sh fuzz $(addprefix fuzz_,$(or $(TARGETS),$(FUZZED)))
	@scripts/fuzz.sh $(or $(SECONDS),600) $(or $(TARGETS),$(FUZZED))

bench: build  ## the measurements of benchmarks/README.md
	@benchmarks/run.sh

soak: setup  ## kills ranks of full runs N times (100), or for SECONDS, and compares what they chose (docs/faults.md)
	@scripts/build.sh release farpoint
	@tests/faults/soak.sh $(or $(N),$(if $(SECONDS),1000000,100)) $(or $(SECONDS),inf)

docs: setup  ## what is made of the sources: docs/configuration.md, the picture in docs/architecture.md
	@scripts/build.sh release farpoint_document
	build/release/bin/farpoint_document > docs/configuration.md
	scripts/layers.py --write

format:  ## formats all sources
	@scripts/setup.sh --developer
	clang-format-14 -i $(SOURCES)

format-check:
	clang-format-14 --dry-run -Werror $(SOURCES)

tidy:  ## clang-tidy over all sources, over FILES='...', or over what differs from a revision of git, SINCE=main
	@scripts/setup.sh
	@scripts/tidy.sh $(if $(SINCE),--since $(SINCE),$(FILES))

clean:  ## removes what was built
	rm -rf build
