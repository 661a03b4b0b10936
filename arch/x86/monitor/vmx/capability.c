/* SPDX-License-Identifier: Apache-2.0 */
#include "capability.h"

#include <septum/x86/registers.h>
#include <septum/x86/vmcs.h>

#include <stddef.h>

/* IA32_VMX_BASIC, A.1: the VMCS's size in bytes (44:32), its memory type, TRUE controls */
#define BASIC_SIZE(basic) ((basic) >> 32 & 0x1fff)
#define BASIC_SIZE_FIRST (1ull << 32)
#define BASIC_TYPE_FIRST (1ull << 50)
#define BASIC_TYPE (15ull << 50)
#define BASIC_WRITE_BACK (6ull << 50)
#define BASIC_TRUE_CONTROLS (1ull << 55)

/* IA32_VMX_EPT_VPID_CAP, A.10: the bits that have names below */
#define EPT_1G (1ull << 17)
#define EPT_VPID_NEEDED 0x60106314040ull

#define WORD_BITS 56u /* the highest bit of any word that matters is 55 */

const struct vmx_control vmx_controls[VMX_WORD_CONTROLS] = {
	{ VMCS_PIN_CONTROLS, MSR_VMX_TRUE_PIN, VMX_PIN_RESERVED, VMX_PIN_PREEMPTION_TIMER },
	{ VMCS_PRIMARY_CONTROLS, MSR_VMX_TRUE_PRIMARY, VMX_PRIMARY_RESERVED,
	  VMX_PRIMARY_NMI_WINDOW },
	{ VMCS_SECONDARY_CONTROLS, MSR_VMX_SECONDARY, 0, 0 },
	{ VMCS_EXIT_CONTROLS, MSR_VMX_TRUE_EXIT, VMX_EXIT_RESERVED, 0 },
	/* VM exits and the cell's EFER writes switch it with EFER.LMA (24.8.1). */
	{ VMCS_ENTRY_CONTROLS, MSR_VMX_TRUE_ENTRY, VMX_ENTRY_RESERVED, VMX_ENTRY_IA32E },
};

/* By word and bit number: what a cell needs, as the manual names it. */
static const char *const names[][WORD_BITS] = {
	[VMX_WORD_PIN] = { [3] = "NMI exiting",
			   [5] = "virtual NMIs",
			   [6] = "VMX-preemption timer" },
	[VMX_WORD_PRIMARY] = { [10] = "MWAIT exiting",
			       [11] = "RDPMC exiting",
			       [22] = "NMI-window exiting",
			       [25] = "I/O bitmaps",
			       [28] = "MSR bitmaps",
			       [29] = "MONITOR exiting",
			       [31] = "secondary controls" },
	[VMX_WORD_SECONDARY] = { [1] = "EPT",
				 [3] = "RDTSCP",
				 [5] = "VPID",
				 [6] = "WBINVD exiting",
				 [7] = "unrestricted guest",
				 [12] = "INVPCID",
				 [20] = "XSAVES" },
	[VMX_WORD_EXIT] = { [2] = "save debug controls",
			    [9] = "host address-space size",
			    [18] = "save IA32_PAT",
			    [19] = "load IA32_PAT",
			    [20] = "save IA32_EFER",
			    [21] = "load IA32_EFER" },
	[VMX_WORD_ENTRY] = { [2] = "load debug controls",
			     [9] = "IA-32e mode guest",
			     [14] = "load IA32_PAT",
			     [15] = "load IA32_EFER" },
	[VMX_WORD_BASIC] = { [32] = "a VMCS of at most 4096 bytes",
			     [50] = "a VMCS in write-back memory",
			     [55] = "TRUE controls" },
	[VMX_WORD_EPT_VPID] = { [6] = "EPT page-walk length 4",
				[14] = "EPT structures in write-back memory",
				[16] = "2 MiB pages in EPT",
				[17] = "1 GiB pages in EPT",
				[20] = "INVEPT",
				[21] = "accessed and dirty flags for EPT",
				[25] = "single-context INVEPT",
				[26] = "all-context INVEPT",
				[32] = "INVVPID",
				[41] = "single-context INVVPID",
				[42] = "all-context INVVPID" },
};

/* Does @bits, the bits that stand in the way, leave none?  The first is reported. */
static bool none(enum vmx_word word, uint64_t bits, bool insists, struct vmx_refusal *refusal)
{
	static const char *const words[] = {
		"pin control",	 "primary control", "secondary control",     "exit control",
		"entry control", "IA32_VMX_BASIC",  "IA32_VMX_EPT_VPID_CAP",
	};

	if (bits == 0)
		return true;
	refusal->bit = (unsigned int)__builtin_ctzll(bits);
	refusal->name = names[word][refusal->bit] ?: "a control that cells do without";
	refusal->word = words[word];
	refusal->insists = insists;
	return false;
}

bool vmx_control_word(enum vmx_word word, uint32_t wanted, uint64_t capability, uint32_t *control,
		      struct vmx_refusal *refusal)
{
	const uint32_t must_be_1 = (uint32_t)capability, may_be_1 = (uint32_t)(capability >> 32);

	if (!none(word, (wanted | vmx_controls[word].switched) & ~may_be_1, false, refusal) ||
	    !none(word, must_be_1 & ~wanted & ~vmx_controls[word].reserved, true, refusal))
		return false;
	*control = wanted | must_be_1;
	return true;
}

bool vmx_basic_holds(uint64_t basic, struct vmx_refusal *refusal)
{
	uint64_t lacking = ~basic & BASIC_TRUE_CONTROLS;

	if (BASIC_SIZE(basic) > 4096)
		lacking |= BASIC_SIZE_FIRST;
	if ((basic & BASIC_TYPE) != BASIC_WRITE_BACK)
		lacking |= BASIC_TYPE_FIRST;
	return none(VMX_WORD_BASIC, lacking, false, refusal);
}

bool vmx_ept_vpid_holds(uint64_t capability, bool huge, struct vmx_refusal *refusal)
{
	const uint64_t needed = EPT_VPID_NEEDED | (huge ? EPT_1G : 0);

	return none(VMX_WORD_EPT_VPID, needed & ~capability, false, refusal);
}

bool vmx_feature_control(uint64_t value, uint64_t *next)
{
	*next = value;
	if (!(value & FEATURE_CONTROL_LOCK))
		*next |= FEATURE_CONTROL_LOCK | FEATURE_CONTROL_VMXON;
	return *next & FEATURE_CONTROL_VMXON;
}
