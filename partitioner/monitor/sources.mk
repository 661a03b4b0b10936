# SPDX-License-Identifier: Apache-2.0
# The architecture-neutral monitor.  HOST_TESTABLE: touches no hardware, so
# unit tests link it too.

MONITOR_SOURCES += \
	partitioner/monitor/boot.c \
	partitioner/monitor/crash.c \
	partitioner/monitor/load.c \
	partitioner/monitor/log.c \
	partitioner/monitor/plan_view.c \
	partitioner/monitor/sha256.c

HOST_TESTABLE += \
	partitioner/monitor/crash.c \
	partitioner/monitor/load.c \
	partitioner/monitor/log.c \
	partitioner/monitor/plan_view.c \
	partitioner/monitor/sha256.c
