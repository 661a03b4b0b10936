# SPDX-License-Identifier: Apache-2.0
# Static checks.  clang-tidy runs per file, and again only when the file, a
# header or the rules changed.

LINT_HOST := $(PARTITIONER_SOURCES)
LINT_MONITOR := $(wildcard $(filter %.c,$(MONITOR_SOURCES)))
LINT_CELLS := $(sort $(wildcard tests/cells/*/*.c))
LINT_UNIT := $(UNIT_SOURCES) $(UNIT_SUPPORT)
LINT_SOURCES := $(LINT_HOST) $(LINT_MONITOR) $(LINT_CELLS) $(LINT_UNIT)
LINT_HEADERS := $(sort $(shell find partitioner arch tests -name '*.h'))
TIDY_STAMPS := $(LINT_SOURCES:%=$(O)/lint/%.tidy)

.PHONY: lint lint-tidy lint-cppcheck lint-format format
lint: lint-format lint-cppcheck lint-tidy

lint-format:
	@$(call say,FORMAT,$(words $(LINT_SOURCES) $(LINT_HEADERS)) files)
	$(Q)clang-format --dry-run -Werror $(LINT_SOURCES) $(LINT_HEADERS)

format:
	$(Q)clang-format -i $(LINT_SOURCES) $(LINT_HEADERS)

# System headers are not cppcheck's business, and symbols that the linker script
# or assembly puts around one object look to it like two objects.
lint-cppcheck:
	@$(call say,CPPCHK,$(words $(LINT_SOURCES)) files)
	$(Q)cppcheck --quiet --std=c11 --platform=unix64 --enable=warning,performance,portability \
		--inline-suppr --error-exitcode=1 --suppress=missingIncludeSystem --suppress=comparePointers -j $(JOBS) \
		$(HOST_INCLUDES) -Ipartitioner/monitor -Iarch/x86/monitor -Itests/cells/lib -Itests/unit \
		-DCONFIG_LOG_LEVEL=1 -D__x86_64__ $(LINT_SOURCES)

lint-tidy: $(TIDY_STAMPS)

$(LINT_HOST:%=$(O)/lint/%.tidy): tidy_flags = $(HOST_FLAGS)
$(LINT_MONITOR:%=$(O)/lint/%.tidy): tidy_flags = $(filter-out -Wstack-usage=%,$(MONITOR_FLAGS))
$(LINT_CELLS:%=$(O)/lint/%.tidy): tidy_flags = $(CELL_FLAGS)
$(LINT_UNIT:%=$(O)/lint/%.tidy): tidy_flags = $(filter-out -fsanitize% -fno-sanitize%,$(UNIT_FLAGS))

# cmocka's assertions are branches to a function that the analyzer believes to
# return, and tests multiply small constants.
$(LINT_UNIT:%=$(O)/lint/%.tidy): tidy_checks = --checks=-readability-function-size,-clang-analyzer-core.NullDereference,-bugprone-implicit-widening-of-multiplication-result

$(TIDY_STAMPS): $(O)/lint/%.tidy: % $(LINT_HEADERS) .clang-tidy $(O)/include/generated/autoconf.h
	@mkdir -p $(@D)
	@$(call say,TIDY,$<)
	$(Q)clang-tidy --quiet --warnings-as-errors='*' $(tidy_checks) $< -- $(tidy_flags) -Wno-unused-command-line-argument \
		>$@.log 2>&1 || { cat $@.log >&2; exit 1; }
	$(Q)touch $@
