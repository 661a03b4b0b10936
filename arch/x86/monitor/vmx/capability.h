/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a processor's VMX can do, judged from its capability MSRs against what
 * the plan asks: Intel SDM volume 3D, appendix A.  Pure.
 */
#ifndef SEPTUM_X86_VMX_CAPABILITY_H
#define SEPTUM_X86_VMX_CAPABILITY_H

#include <stdbool.h>
#include <stdint.h>

/* Where a bit can be lacking. */
enum vmx_word {
	VMX_WORD_PIN,
	VMX_WORD_PRIMARY,
	VMX_WORD_SECONDARY,
	VMX_WORD_EXIT,
	VMX_WORD_ENTRY,
	VMX_WORD_CONTROLS, /* how many control words there are */
	VMX_WORD_BASIC = VMX_WORD_CONTROLS,
	VMX_WORD_EPT_VPID,
};

/* Bits that are reserved and 1 on every processor even with the TRUE controls (A.2 to A.5). */
#define VMX_PIN_RESERVED 0x16u
#define VMX_PRIMARY_RESERVED 0x04006172u
#define VMX_EXIT_RESERVED 0x36dfbu
#define VMX_ENTRY_RESERVED 0x11fbu

struct vmx_control {
	uint32_t field; /* VMCS field of the word */
	uint32_t msr; /* its capabilities; SECONDARY's exists only if PRIMARY can turn it on */
	uint32_t reserved; /* VMX_*_RESERVED */
	uint32_t switched; /* off at launch, turned on and off by the monitor at run time */
};

/** vmx_controls - by enum vmx_word, in the order in which to judge them. */
extern const struct vmx_control vmx_controls[VMX_WORD_CONTROLS];

/* "the CPU lacks unrestricted guest (secondary control bit 7)" */
struct vmx_refusal {
	const char *name; /* as the manual has it; never NULL */
	const char *word;
	unsigned int bit;
	bool insists; /* it cannot be 0; else: it cannot be 1 */
};

/**
 * vmx_control_word() - the five control words (A.2 to A.5, the TRUE MSRs).
 * @wanted: bits that must be 1.  All others but the reserved ones will be 0: default deny.
 * @capability: value of the word's MSR.
 * @control: the final word; untouched on a refusal.
 *
 * Return: false: @refusal says the first bit that stands in the way.
 */
bool vmx_control_word(enum vmx_word word, uint32_t wanted, uint64_t capability, uint32_t *control,
		      struct vmx_refusal *refusal);

/**
 * vmx_basic_holds() - IA32_VMX_BASIC (A.1): a VMCS of one write-back page, TRUE controls.
 * The first to ask: without TRUE controls their MSRs do not exist.
 */
bool vmx_basic_holds(uint64_t basic, struct vmx_refusal *refusal);

/**
 * vmx_ept_vpid_holds() - IA32_VMX_EPT_VPID_CAP (A.10).
 * @huge: the plan's tables use 1 GiB pages.
 */
bool vmx_ept_vpid_holds(uint64_t capability, bool huge, struct vmx_refusal *refusal);

/**
 * vmx_feature_control() - may VMXON be executed (23.7)?
 * @value: of IA32_FEATURE_CONTROL.
 * @next: what it must hold at VMXON; to be written if it is not @value.
 *
 * Return: false: firmware locked VMX off.
 */
bool vmx_feature_control(uint64_t value, uint64_t *next);

#endif
