/* SPDX-License-Identifier: Apache-2.0 */
/* What each CPU and each cell reaches, walked from the finished plan. */
#include "plan_tables.h"

#include "sample_system.h"

#include "../../arch/x86/compiler/ept_walk.h"
#include "../../arch/x86/compiler/table_walk.h"

#include <septum/x86/vmcb.h>
#include <septum/x86/vmcs.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static bool reaches(const struct built *built, size_t cpu, uint64_t address)
{
	return walk_one(&built->plan.bytes, built->cpus[cpu].cr3, false, address).found;
}

/* Of the block of @other, @cpu sees all but the guard page; a sibling the mailbox alone. */
static void judge_block(const struct built *built, size_t cpu, size_t other)
{
	const uint32_t cell = built->cpus[cpu].cell;
	const bool siblings = cell != PLAN_NO_CELL && cell == built->cpus[other].cell;

	for (uint64_t at = 0; at < CPU_BLOCK_BYTES; at += PLAN_PAGE_BYTES) {
		const uint64_t address = built->cpus[other].block.raw + at;
		const struct walk_query page = walk_one(&built->plan.bytes, built->cpus[cpu].cr3,
							false, address);
		const bool wanted = at == CPU_BLOCK_MAILBOX ? cpu == other || siblings :
							      cpu == other && at != CPU_BLOCK_GUARD;

		assert_int_equal(page.found, wanted);
		assert_true(!page.found ||
			    (page.leaf.write && !page.leaf.execute && page.leaf.output <= address));
	}
}

static void of_blocks_a_cpu_maps_its_own_and_its_siblings_mailboxes_alone(void **state)
{
	struct sample *s = *state;
	struct built built;

	build(s, &built);
	for (size_t cpu = 0; cpu < 4; cpu++)
		for (size_t other = 0; other < 4; other++)
			judge_block(&built, cpu, other);
	built_plan_free(&built.plan);
}

static void no_cpu_maps_another_cells_ram_store_or_crash_page(void **state)
{
	static const uint64_t ram[] = { 0x50000000, 0x60001000, 0x60001000, 0 };
	struct sample *s = *state;
	struct built built;

	build(s, &built);
	for (size_t cpu = 0; cpu < 4; cpu++) {
		for (size_t other = 0; other < 4; other++) {
			const bool same = built.cpus[cpu].cell == built.cpus[other].cell;

			assert_int_equal(reaches(&built, cpu, built.cpus[other].crash.raw),
					 cpu == other);
			if (ram[other])
				assert_int_equal(reaches(&built, cpu, ram[other]), same);
		}
		assert_int_equal(reaches(&built, cpu, built.plan.layout.sources[0].raw), cpu == 0);
		assert_int_equal(reaches(&built, cpu, built.plan.layout.sources[2].raw),
				 cpu == 1 || cpu == 2);
		assert_true(reaches(&built, cpu, built.head->base.raw + built.head->size - 1));
	}
	built_plan_free(&built.plan);
}

#define AMD (PLAN_FEATURE_SVM | PLAN_FEATURE_NPT)
#define INTEL (PLAN_FEATURE_VMX | PLAN_FEATURE_EPT)

static uint64_t vmcs_value(const struct built *built, hpa_t at, uint32_t encoding)
{
	const struct vmcs_template *vmcs = plan_bytes_at(&built->plan.bytes, at);

	assert_int_equal(vmcs->magic, VMCS_TEMPLATE_MAGIC);
	for (uint32_t i = 0; i < vmcs->count; i++)
		if (vmcs->fields[i].encoding == encoding)
			return vmcs->fields[i].value;
	fail_msg("field %04x is missing", encoding);
	return 0;
}

static void a_plan_holds_the_templates_of_the_boards_vendors_alone(void **state)
{
	static const uint32_t boards[] = { AMD, INTEL, AMD | INTEL };
	struct sample *s = *state;

	for (size_t i = 0; i < sizeof(boards) / sizeof(boards[0]); i++) {
		struct built built;

		s->model.features = boards[i];
		build(s, &built);
		assert_int_equal(built.head->cpu_features,
				 boards[i] | PLAN_FEATURE_X2APIC | PLAN_FEATURE_NX);
		for (uint32_t cell = 0; cell < 2; cell++) {
			const struct plan_cell *at = &built.cells[cell];
			const bool amd = boards[i] & PLAN_FEATURE_SVM;
			const bool intel = boards[i] & PLAN_FEATURE_VMX;

			assert_int_equal(at->vmcb_entry.raw != 0, amd);
			assert_int_equal(at->vmcb_init.raw != 0, amd);
			assert_int_equal(at->vmcs_entry.raw != 0, intel);
			assert_int_equal(at->vmcs_init.raw != 0, intel);
			assert_int_equal((at->vmcb_entry.raw | at->vmcb_init.raw |
					  at->vmcs_entry.raw | at->vmcs_init.raw) %
						 PLAN_PAGE_BYTES,
					 0);
		}
		built_plan_free(&built.plan);
	}
}

static void entry_and_init_of_both_vendors_share_the_cells_own_tables(void **state)
{
	struct sample *s = *state;
	struct built built;
	uint64_t roots[2];

	s->model.features = AMD | INTEL;
	build(s, &built);
	for (uint32_t cell = 0; cell < 2; cell++) {
		const struct plan_cell *at = &built.cells[cell];
		const struct vmcb *entry = plan_bytes_at(&built.plan.bytes, at->vmcb_entry);
		const struct vmcb *init = plan_bytes_at(&built.plan.bytes, at->vmcb_init);

		assert_memory_equal(&entry->control, &init->control, sizeof(entry->control));
		/* One map of ports for both vendors. */
		assert_int_equal(vmcs_value(&built, at->vmcs_entry, 0x2000),
				 entry->control.iopm_base);
		assert_int_equal(vmcs_value(&built, at->vmcs_entry, 0x2002),
				 entry->control.iopm_base + 4096);
		roots[cell] = vmcs_value(&built, at->vmcs_entry, 0x201a);
		assert_int_equal(vmcs_value(&built, at->vmcs_init, 0x201a), roots[cell]);
		assert_int_equal(vmcs_value(&built, at->vmcs_init, 0x2004),
				 vmcs_value(&built, at->vmcs_entry, 0x2004));
		assert_int_equal(vmcs_value(&built, at->vmcs_entry, 0x681e),
				 s->images[cell].entry.rip.raw);
	}
	assert_int_not_equal(roots[0], roots[1]);
	built_plan_free(&built.plan);
}

static void each_vmcs_leads_to_its_own_cells_memory(void **state)
{
	struct sample *s = *state;
	struct ept_query at;
	struct built built;
	hpa_t roots[2];

	s->model.features = INTEL;
	build(s, &built);
	for (uint32_t i = 0; i < 2; i++)
		roots[i].raw = vmcs_value(&built, built.cells[i].vmcs_entry, 0x201a) & ~0xfffull;
	at = ept_one(&built.plan.bytes, roots[0], 0x800000);
	assert_true(at.found);
	assert_int_equal(at.output, 0x40000000);
	at = ept_one(&built.plan.bytes, roots[1], 0x2ff000);
	assert_true(at.found);
	assert_int_equal(at.output, 0x60300000);
	assert_false(ept_one(&built.plan.bytes, roots[1], 0x300000).found);
	built_plan_free(&built.plan);
}

static void each_template_leads_to_its_own_cells_memory(void **state)
{
	struct sample *s = *state;
	const struct vmcb *vmcb;
	struct walk_query at;
	struct built built;

	build(s, &built);
	vmcb = plan_bytes_at(&built.plan.bytes, built.cells[0].vmcb_entry);
	at = walk_one(&built.plan.bytes, (hpa_t){ vmcb->control.nested_cr3 }, true, 0x800000);
	assert_int_equal(at.leaf.output, 0x40000000);
	vmcb = plan_bytes_at(&built.plan.bytes, built.cells[1].vmcb_entry);
	at = walk_one(&built.plan.bytes, (hpa_t){ vmcb->control.nested_cr3 }, true, 0x2ff000);
	assert_int_equal(at.leaf.output, 0x60300000);
	assert_false(walk_one(&built.plan.bytes, (hpa_t){ vmcb->control.nested_cr3 }, true,
			      0x300000)
			     .found);
	built_plan_free(&built.plan);
}

static void the_boot_tables_protect_what_must_not_change(void **state)
{
	struct sample *s = *state;
	struct built built;

	build(s, &built);
	for (unsigned int i = 0; i < built.plan.layout.count; i++) {
		const struct layout_segment *segment = &built.plan.layout.segments[i];
		const struct walk_query at = walk_one(&built.plan.bytes, built.head->boot_cr3,
						      false, segment->start.raw);

		assert_true(at.found);
		assert_int_equal(at.leaf.write, (segment->rights & PLAN_RIGHT_WRITE) != 0);
		assert_int_equal(at.leaf.execute, i == 0);
	}
	built_plan_free(&built.plan);
}

#define WITH_SAMPLE(test) cmocka_unit_test_setup_teardown(test, sample_setup, sample_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SAMPLE(of_blocks_a_cpu_maps_its_own_and_its_siblings_mailboxes_alone),
		WITH_SAMPLE(no_cpu_maps_another_cells_ram_store_or_crash_page),
		WITH_SAMPLE(a_plan_holds_the_templates_of_the_boards_vendors_alone),
		WITH_SAMPLE(entry_and_init_of_both_vendors_share_the_cells_own_tables),
		WITH_SAMPLE(each_vmcs_leads_to_its_own_cells_memory),
		WITH_SAMPLE(each_template_leads_to_its_own_cells_memory),
		WITH_SAMPLE(the_boot_tables_protect_what_must_not_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
