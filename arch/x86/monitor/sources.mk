# SPDX-License-Identifier: Apache-2.0
# The x86 monitor.  HOST_TESTABLE: touches no hardware, so unit tests link it too.

MONITOR_SOURCES += \
	arch/x86/monitor/ap_start.S \
	arch/x86/monitor/board.c \
	arch/x86/monitor/boot_cpu.c \
	arch/x86/monitor/clock.c \
	arch/x86/monitor/console.c \
	arch/x86/monitor/control_registers.c \
	arch/x86/monitor/cpu_features.c \
	arch/x86/monitor/cpuid_filter.c \
	arch/x86/monitor/decode.c \
	arch/x86/monitor/exceptions.S \
	arch/x86/monitor/exceptions.c \
	arch/x86/monitor/guest_memory.c \
	arch/x86/monitor/head.S \
	arch/x86/monitor/lapic.c \
	arch/x86/monitor/memory.c \
	arch/x86/monitor/msr.c \
	arch/x86/monitor/multiboot.c \
	arch/x86/monitor/port.c \
	arch/x86/monitor/quiesce.c \
	arch/x86/monitor/smp.c \
	arch/x86/monitor/switch.S \
	arch/x86/monitor/xcr0.c

MONITOR_SOURCES_$(CONFIG_X86_SVM) += \
	arch/x86/monitor/svm/exit.c \
	arch/x86/monitor/svm/launch.c \
	arch/x86/monitor/svm/nested_fault.c \
	arch/x86/monitor/svm/resume.c \
	arch/x86/monitor/svm/run.S \
	arch/x86/monitor/svm/stop.c \
	arch/x86/monitor/svm/svm_fetch.c \
	arch/x86/monitor/svm/vmcb_check.c

HOST_TESTABLE += \
	arch/x86/monitor/control_registers.c \
	arch/x86/monitor/cpuid_filter.c \
	arch/x86/monitor/decode.c \
	arch/x86/monitor/guest_memory.c \
	arch/x86/monitor/lapic.c \
	arch/x86/monitor/multiboot.c \
	arch/x86/monitor/port.c \
	arch/x86/monitor/svm/vmcb_check.c \
	arch/x86/monitor/xcr0.c
