# SPDX-License-Identifier: Apache-2.0
# The x86 monitor.  HOST_TESTABLE: touches no hardware, so unit tests link it too.

MONITOR_SOURCES += \
	arch/x86/monitor/ap_start.S \
	arch/x86/monitor/apic.c \
	arch/x86/monitor/backend.c \
	arch/x86/monitor/board.c \
	arch/x86/monitor/boot_cpu.c \
	arch/x86/monitor/cell_cpu.c \
	arch/x86/monitor/clock.c \
	arch/x86/monitor/console.c \
	arch/x86/monitor/control_registers.c \
	arch/x86/monitor/cpu_features.c \
	arch/x86/monitor/cpuid_filter.c \
	arch/x86/monitor/decode.c \
	arch/x86/monitor/exceptions.S \
	arch/x86/monitor/exceptions.c \
	arch/x86/monitor/exits.c \
	arch/x86/monitor/guest_memory.c \
	arch/x86/monitor/head.S \
	arch/x86/monitor/insn.c \
	arch/x86/monitor/ioapic.c \
	arch/x86/monitor/ioapic_hw.c \
	arch/x86/monitor/ipi.c \
	arch/x86/monitor/lapic.c \
	arch/x86/monitor/machine_check.c \
	arch/x86/monitor/machine_check_exit.c \
	arch/x86/monitor/mailbox.c \
	arch/x86/monitor/memory.c \
	arch/x86/monitor/memory_fault.c \
	arch/x86/monitor/msr.c \
	arch/x86/monitor/multiboot.c \
	arch/x86/monitor/pci_hw.c \
	arch/x86/monitor/port.c \
	arch/x86/monitor/quiesce.c \
	arch/x86/monitor/requests.c \
	arch/x86/monitor/smp.c \
	arch/x86/monitor/startup.c \
	arch/x86/monitor/stop.c \
	arch/x86/monitor/switch.S \
	arch/x86/monitor/targets.c \
	arch/x86/monitor/xcr0.c

MONITOR_SOURCES_$(CONFIG_TEST_INJECT_MC) += arch/x86/monitor/machine_check_test.c

MONITOR_SOURCES_$(CONFIG_X86_AMDVI) += arch/x86/monitor/iommu/amdvi.c
MONITOR_SOURCES_$(CONFIG_X86_VTD) += arch/x86/monitor/iommu/vtd.c

MONITOR_SOURCES_$(CONFIG_X86_SVM) += \
	arch/x86/monitor/svm/cr4.c \
	arch/x86/monitor/svm/exit.c \
	arch/x86/monitor/svm/launch.c \
	arch/x86/monitor/svm/length.c \
	arch/x86/monitor/svm/nmi.c \
	arch/x86/monitor/svm/opcode.c \
	arch/x86/monitor/svm/run.S \
	arch/x86/monitor/svm/state.c \
	arch/x86/monitor/svm/vmcb_check.c

MONITOR_SOURCES_$(CONFIG_X86_VMX) += \
	arch/x86/monitor/vmx/capability.c \
	arch/x86/monitor/vmx/exit.c \
	arch/x86/monitor/vmx/launch.c \
	arch/x86/monitor/vmx/run.S \
	arch/x86/monitor/vmx/state.c \
	arch/x86/monitor/vmx/vmcs_check.c

# Cells with PCI functions.
ifeq ($(CONFIG_PCI),y)
MONITOR_SOURCES += \
	arch/x86/monitor/devices.c \
	arch/x86/monitor/dma_fault.c \
	arch/x86/monitor/ecam.c \
	arch/x86/monitor/ioapic_remap.c \
	arch/x86/monitor/iommu/iommu.c \
	arch/x86/monitor/msi.c \
	arch/x86/monitor/pci.c
endif

HOST_TESTABLE += \
	arch/x86/monitor/control_registers.c \
	arch/x86/monitor/cpuid_filter.c \
	arch/x86/monitor/decode.c \
	arch/x86/monitor/guest_memory.c \
	arch/x86/monitor/ioapic.c \
	arch/x86/monitor/ioapic_remap.c \
	arch/x86/monitor/lapic.c \
	arch/x86/monitor/machine_check.c \
	arch/x86/monitor/mailbox.c \
	arch/x86/monitor/msi.c \
	arch/x86/monitor/multiboot.c \
	arch/x86/monitor/pci.c \
	arch/x86/monitor/port.c \
	arch/x86/monitor/svm/cr4.c \
	arch/x86/monitor/svm/opcode.c \
	arch/x86/monitor/svm/vmcb_check.c \
	arch/x86/monitor/targets.c \
	arch/x86/monitor/vmx/capability.c \
	arch/x86/monitor/vmx/vmcs_check.c \
	arch/x86/monitor/xcr0.c
