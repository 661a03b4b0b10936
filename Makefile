# SPDX-License-Identifier: Apache-2.0
# `make help' says what there is.  Each subject has its rules in its own folder.

O ?= build
V ?= 0
JOBS ?= $(shell nproc)
PACKAGES ?= yes
PYTHON ?= /usr/bin/python3
ifeq ($(origin CC),default)
CC := gcc
endif
override O := $(patsubst %/,%,$(O))
PAYLOAD_DIR := $(O)/payloads
export CC PYTHON

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: FORCE
FORCE:

ifeq ($(V),1)
Q :=
say = :
else
Q := @
say = printf '  %-8s%s\n' '$(1)' '$(patsubst $(O)/%,%,$(2))'
endif

# $(call stamp,text): recipe of a file that changes only when the text does.
# Objects depend on such files, so that a changed flag rebuilds them.
define stamp
	@mkdir -p $(@D)
	@printf '%s\n' '$(1)' | cmp -s - $@ || printf '%s\n' '$(1)' >$@
endef

HOUSE_FLAGS := -std=gnu11 -Wall -Wextra -Werror -Wconversion -Wsign-conversion -Wshadow -Wvla \
	-Wcast-qual -Wmissing-prototypes -Wswitch-enum -Wundef

.DEFAULT_GOAL := all

# Goals that work without a configuration, some of them on a machine that still
# has no tools.  Together with other goals they run one after the other.
NO_CONFIG_GOALS := help clean packages check demo bench check-configs \
	menuconfig oldconfig olddefconfig savedefconfig %_defconfig
GOALS := $(or $(MAKECMDGOALS),all)

ifneq ($(and $(filter $(NO_CONFIG_GOALS),$(GOALS)),$(word 2,$(GOALS))),)

.PHONY: $(GOALS) one-by-one
$(GOALS): one-by-one
	@:
one-by-one:
	+@for goal in $(GOALS); do $(MAKE) $$goal; done

else

include configs/Makefile.inc
include tests/Makefile.inc
ifeq ($(filter $(NO_CONFIG_GOALS),$(GOALS)),)
-include $(O)/include/config/auto.conf
include partitioner/compiler/Makefile.inc
include partitioner/monitor/Makefile.inc
include tests/cells/Makefile.inc
include tests/payloads/Makefile.inc
include dts/Makefile.inc
include tests/unit/Makefile.inc
include tests/lint.mk
endif

endif

.PHONY: all packages clean help
all: image

packages:
ifeq ($(PACKAGES),no)
	@echo 'packages: not looked at (PACKAGES=no)'
else
	@.ci/packages
endif

clean:
	$(Q)rm -rf '$(O)'

help:
	@sed -n 's/^#? \{0,1\}//p' configs/Makefile.inc tests/Makefile.inc Makefile

#? Building (products go to O=dir, default build/)
#?   all              the disk image of the configured system: build/septum.img
#?   partitioner      the build-time half: build/septum-partitioner
#?   monitor          the boot-time half, linked for the configured system
#?   image            as all; SYSTEM=file.dts takes another system file
#?   images           the images of all systems in dts/systems
#?   explain          who owns what, and why; check-system only checks. Both take
#?                    SYSTEM=file.dts and make no image
#?   clean            remove the output folder
#?
#? Variables
#?   O=dir            output folder           V=1   print whole commands
#?   CC=clang         compiler (default gcc)  SYSTEM=file.dts   system file
#?   PACKAGES=no      demo and check leave the machine's packages alone
