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

# Versions of clang-format disagree about the same rules, and the sources can
# please but one of them.
CLANG_FORMAT ?= clang-format
FORMAT_VERSION := 14
# Shell: sets "other" to a remark if the tool's version is another one.
format_version = version=$$($(CLANG_FORMAT) --version); version=$${version\#\#*version }; other=; \
	[ "$${version%%.*}" = $(FORMAT_VERSION) ] || \
		other="$(CLANG_FORMAT) is version $${version%%.*} here, the sources follow version $(FORMAT_VERSION)"

lint-format:
	@rm -f $(JUNIT)/lint-format.xml
	@$(call say,FORMAT,$(words $(LINT_SOURCES) $(LINT_HEADERS)) files)
	$(Q)$(format_version); \
	if [ -z "$$other" ]; then \
		$(CLANG_FORMAT) --dry-run -Werror $(LINT_SOURCES) $(LINT_HEADERS); \
	else \
		echo "  SKIPPED lint-format: $$other"; \
		mkdir -p $(JUNIT); \
		printf '<testsuite name="lint"><testcase classname="lint" name="format"><skipped message="%s"/></testcase></testsuite>\n' \
			"$$other" >$(JUNIT)/lint-format.xml; \
	fi

format:
	$(Q)$(format_version); [ -z "$$other" ] || { echo "$$other" >&2; exit 1; }; \
	$(CLANG_FORMAT) -i $(LINT_SOURCES) $(LINT_HEADERS)

# System headers are not cppcheck's business, and symbols that the linker script
# or assembly puts around one object look to it like two objects.  Unit tests run
# under the address sanitizer, whose malloc() ends the program when memory does.
# Some versions remark that they did not follow every branch.  cppcheck 2.10 cannot
# expand the list of faults in test_vmcb_check.c, which both compilers and clang-tidy can.
CPPCHECK_SUPPRESS := missingIncludeSystem comparePointers subtractPointers \
	nullPointerOutOfMemory:tests/unit/* nullPointerArithmeticOutOfMemory:tests/unit/* \
	normalCheckLevelMaxBranches syntaxError:tests/unit/arch/x86/monitor/svm/test_vmcb_check.c

lint-cppcheck:
	@$(call say,CPPCHK,$(words $(LINT_SOURCES)) files)
	$(Q)cppcheck --quiet --std=c11 --platform=unix64 --enable=warning,performance,portability \
		--inline-suppr --error-exitcode=1 $(CPPCHECK_SUPPRESS:%='--suppress=%') -j $(JOBS) \
		-Itests/lint $(HOST_INCLUDES) -Ipartitioner/monitor -Iarch/x86/monitor -Itests/cells/lib -Itests/unit \
		-DCONFIG_LOG_LEVEL=1 -D__x86_64__ $(LINT_SOURCES)

lint-tidy: $(TIDY_STAMPS)

$(LINT_HOST:%=$(O)/lint/%.tidy): tidy_flags = $(HOST_FLAGS)
$(LINT_MONITOR:%=$(O)/lint/%.tidy): tidy_flags = $(filter-out -Wstack-usage=%,$(MONITOR_FLAGS))
$(LINT_CELLS:%=$(O)/lint/%.tidy): tidy_flags = $(CELL_FLAGS)
$(LINT_UNIT:%=$(O)/lint/%.tidy): tidy_flags = -Itests/lint $(filter-out -fsanitize% -fno-sanitize%,$(UNIT_FLAGS))

# A list of assertions is long without being hard to read, and tests multiply
# small constants.
$(LINT_UNIT:%=$(O)/lint/%.tidy): tidy_checks = --checks=-readability-function-size,-bugprone-implicit-widening-of-multiplication-result

$(TIDY_STAMPS): $(O)/lint/%.tidy: % $(LINT_HEADERS) .clang-tidy $(O)/include/generated/autoconf.h
	@mkdir -p $(@D)
	@$(call say,TIDY,$<)
	$(Q)clang-tidy --quiet --warnings-as-errors='*' $(tidy_checks) $< -- $(tidy_flags) -Wno-unused-command-line-argument \
		>$@.log 2>&1 || { cat $@.log >&2; exit 1; }
	$(Q)touch $@
