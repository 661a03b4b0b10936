/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about CPUs: each has one owner, and owners share no core. */
#include "rules.h"
#include "span.h"

struct claim { /* one entry of a cell's septum,cpus */
	const struct model_cell *cell;
	const struct model_ref *ref;
	const struct model_cpu *cpu;
};

typedef bool (*claims_conflict)(const struct claim *earlier, const struct claim *later);

static const struct model_cpu *cpu_of(const struct model *m, const struct model_ref *ref)
{
	if (ref->index < 0 || (size_t)ref->index >= m->cpu_count)
		return NULL;
	return &m->cpus[ref->index];
}

/* The claim after @c and @i in source order that names a CPU of the board. */
static bool next_claim(const struct model *m, size_t *c, size_t *i, struct claim *claim)
{
	for (; *c < m->cell_count; (*c)++, *i = 0) {
		while (*i < m->cells[*c].cpu_count) {
			claim->cell = &m->cells[*c];
			claim->ref = &claim->cell->cpus[(*i)++];
			claim->cpu = cpu_of(m, claim->ref);
			if (claim->cpu != NULL)
				return true;
		}
	}
	return false;
}

/* The first claim before @later that stands in @conflict with it. */
static bool earlier_conflict(const struct model *m, const struct claim *later,
			     claims_conflict conflict, struct claim *found)
{
	size_t c = 0, i = 0;

	while (next_claim(m, &c, &i, found) && found->ref != later->ref)
		if (conflict(found, later))
			return true;
	return false;
}

static bool same_cpu(const struct claim *a, const struct claim *b)
{
	return a->cpu == b->cpu;
}

static bool split_core(const struct claim *a, const struct claim *b)
{
	return a->cell != b->cell && a->cpu != b->cpu && a->cpu->core != MODEL_NONE &&
	       a->cpu->core == b->cpu->core && a->cpu->cluster == b->cpu->cluster;
}

static bool split_cluster(const struct claim *a, const struct claim *b)
{
	return a->cell != b->cell && a->cpu != b->cpu && a->cpu->cluster != MODEL_NONE &&
	       a->cpu->cluster == b->cpu->cluster &&
	       (a->cpu->core != b->cpu->core || a->cpu->core == MODEL_NONE);
}

static bool same_cell_and_cluster(const struct claim *a, const struct claim *b)
{
	return a->cell == b->cell && a->cpu->cluster == b->cpu->cluster;
}

/* A disabled first CPU is the subject of cpu-boot. */
static void check_cpu_ref(const struct model *m, const struct model_cell *cell, size_t i,
			  struct diag_sink *sink)
{
	const struct model_ref *ref = &cell->cpus[i];
	const struct model_cpu *cpu = cpu_of(m, ref);

	if (cpu == NULL)
		diag_add(sink, "cpu-exists", DIAG_ERROR, ref->pos,
			 "cell '%s': entry %zu of septum,cpus is no CPU of the board; "
			 "name one of the board's cpu nodes",
			 cell->name, i + 1);
	else if (!cpu->enabled && i > 0)
		diag_add(sink, "cpu-exists", DIAG_ERROR, ref->pos,
			 "cell '%s': %s is disabled on the board (%s); name another CPU",
			 cell->name, cpu->name, pos_text(cpu->pos).text);
}

void rule_cpu_exists(const struct model *m, struct diag_sink *sink)
{
	for (size_t c = 0; c < m->cell_count; c++)
		for (size_t i = 0; i < m->cells[c].cpu_count; i++)
			check_cpu_ref(m, &m->cells[c], i, sink);
}

void rule_cpu_unique(const struct model *m, struct diag_sink *sink)
{
	struct claim claim, other;
	size_t c = 0, i = 0;

	while (next_claim(m, &c, &i, &claim)) {
		if (!earlier_conflict(m, &claim, same_cpu, &other))
			continue;
		if (other.cell == claim.cell)
			diag_add(sink, "cpu-unique", DIAG_ERROR, claim.ref->pos,
				 "cell '%s': %s is listed twice (%s); list it once",
				 claim.cell->name, claim.cpu->name, pos_text(other.ref->pos).text);
		else
			diag_add(sink, "cpu-unique", DIAG_ERROR, claim.ref->pos,
				 "cell '%s': %s already belongs to cell '%s' (%s); "
				 "take it from one of them",
				 claim.cell->name, claim.cpu->name, other.cell->name,
				 pos_text(other.ref->pos).text);
	}
}

void rule_cpu_none(const struct model *m, struct diag_sink *sink)
{
	for (size_t c = 0; c < m->cell_count; c++)
		if (m->cells[c].cpu_count == 0)
			diag_add(sink, "cpu-none", DIAG_ERROR, m->cells[c].pos,
				 "cell '%s' has no CPU; give it one in septum,cpus",
				 m->cells[c].name);
}

void rule_cpu_boot(const struct model *m, struct diag_sink *sink)
{
	for (size_t c = 0; c < m->cell_count; c++) {
		const struct model_cell *cell = &m->cells[c];
		const struct model_cpu *cpu = cell->cpu_count ? cpu_of(m, &cell->cpus[0]) : NULL;

		if (cpu != NULL && !cpu->enabled)
			diag_add(sink, "cpu-boot", DIAG_ERROR, cell->cpus[0].pos,
				 "cell '%s' starts on its first CPU, %s, which the board disables "
				 "(%s); put an enabled CPU first",
				 cell->name, cpu->name, pos_text(cpu->pos).text);
	}
}

void rule_cpu_count(const struct model *m, struct diag_sink *sink)
{
	const struct model_cpu *first_over = NULL;
	size_t enabled = 0;

	for (size_t i = 0; i < m->cpu_count; i++)
		if (m->cpus[i].enabled && ++enabled == PLAN_MAX_CPUS + 1)
			first_over = &m->cpus[i];
	if (first_over != NULL)
		diag_add(sink, "cpu-count", DIAG_ERROR, first_over->pos,
			 "board has %zu CPUs but a plan holds %u, and %s is one too many; "
			 "set the status of %zu of them to \"disabled\"",
			 enabled, PLAN_MAX_CPUS, first_over->name, enabled - PLAN_MAX_CPUS);
}

/*
 * Each pair on its own, not only the first: a waiver of one cell must not hide
 * what two others share.
 */
static void check_siblings(const struct model *m, const struct claim *later, struct diag_sink *sink)
{
	struct claim other;
	size_t c = 0, i = 0;

	while (next_claim(m, &c, &i, &other) && other.ref != later->ref)
		if (split_core(&other, later))
			diag_add(sink, "cpu-smt", DIAG_ERROR, later->ref->pos,
				 "cell '%s': %s is an SMT sibling of %s, which belongs to cell "
				 "'%s' (%s); give both to one cell or leave one unused",
				 later->cell->name, later->cpu->name, other.cpu->name,
				 other.cell->name, pos_text(other.ref->pos).text);
}

void rule_cpu_smt(const struct model *m, struct diag_sink *sink)
{
	struct claim claim;
	size_t c = 0, i = 0;

	while (next_claim(m, &c, &i, &claim))
		check_siblings(m, &claim, sink);
}

/* One warning for each cluster that a cell shares, not one for each CPU. */
void rule_cpu_cluster(const struct model *m, struct diag_sink *sink)
{
	struct claim claim, other, again;
	size_t c = 0, i = 0;

	while (next_claim(m, &c, &i, &claim))
		if (earlier_conflict(m, &claim, split_cluster, &other) &&
		    !earlier_conflict(m, &claim, same_cell_and_cluster, &again))
			diag_add(sink, "cpu-cluster", DIAG_WARNING, claim.ref->pos,
				 "cell '%s': %s shares an L2 cache with %s of cell '%s' (%s), so "
				 "each can slow the other; give whole clusters to cells",
				 claim.cell->name, claim.cpu->name, other.cpu->name,
				 other.cell->name, pos_text(other.ref->pos).text);
}

static bool cpu_is_claimed(const struct model *m, const struct model_cpu *cpu)
{
	struct claim claim;
	size_t c = 0, i = 0;

	while (next_claim(m, &c, &i, &claim))
		if (claim.cpu == cpu)
			return true;
	return false;
}

void rule_cpu_unused(const struct model *m, struct diag_sink *sink)
{
	for (size_t i = 0; i < m->cpu_count; i++)
		if (m->cpus[i].enabled && !cpu_is_claimed(m, &m->cpus[i]))
			diag_add(sink, "cpu-unused", DIAG_WARNING, m->cpus[i].pos,
				 "%s belongs to no cell and will be parked; name it in a cell's "
				 "septum,cpus to use it",
				 m->cpus[i].name);
}

static const struct model_cpu *earlier_apic_id(const struct model *m, size_t later)
{
	for (size_t i = 0; i < later; i++)
		if (m->cpus[i].enabled && m->cpus[i].apic_id == m->cpus[later].apic_id)
			return &m->cpus[i];
	return NULL;
}

void rule_apic_id_unique(const struct model *m, struct diag_sink *sink)
{
	for (size_t i = 0; i < m->cpu_count; i++) {
		const struct model_cpu *cpu = &m->cpus[i];
		const struct model_cpu *other = cpu->enabled ? earlier_apic_id(m, i) : NULL;

		if (other != NULL)
			diag_add(sink, "apic-id-unique", DIAG_ERROR, cpu->pos,
				 "%s has APIC id %u, and so has %s (%s); correct one reg",
				 cpu->name, cpu->apic_id, other->name, pos_text(other->pos).text);
	}
}

void rule_apic_id_x2apic(const struct model *m, struct diag_sink *sink)
{
	for (size_t i = 0; i < m->cpu_count; i++)
		if (m->cpus[i].enabled && !(m->cpus[i].features & PLAN_FEATURE_X2APIC))
			diag_add(sink, "apic-id-x2apic", DIAG_ERROR, m->cpus[i].pos,
				 "%s has no x2APIC, the only mode the monitor drives; use a CPU "
				 "with x2APIC and say so in septum,cpu-features",
				 m->cpus[i].name);
}

/* A technology and the tables without which the monitor cannot use it. */
static const struct technology {
	const char *name, *tables, *extra;
	uint32_t name_bit, tables_bit, extra_bit;
} technologies[] = {
	{ "svm", "npt", NULL, PLAN_FEATURE_SVM, PLAN_FEATURE_NPT, 0 },
	{ "vmx", "ept", "ept-1g", PLAN_FEATURE_VMX, PLAN_FEATURE_EPT, PLAN_FEATURE_EPT_1G },
};
#define TECHNOLOGIES (sizeof(technologies) / sizeof(technologies[0]))

/* A feature that is there without the one it builds on.  Return: true after reporting it. */
static bool half_technology(const struct model_cpu *cpu, const struct technology *tech,
			    struct diag_sink *sink)
{
	const bool name = cpu->features & tech->name_bit, tables = cpu->features & tech->tables_bit;
	const bool extra = cpu->features & tech->extra_bit;

	if (name != tables)
		diag_add(sink, "cpu-virtualization", DIAG_ERROR, cpu->pos,
			 "%s has \"%s\" but not \"%s\", and neither is of use alone; name both "
			 "in septum,cpu-features or none",
			 cpu->name, name ? tech->name : tech->tables,
			 name ? tech->tables : tech->name);
	else if (extra && !tables)
		diag_add(sink, "cpu-virtualization", DIAG_ERROR, cpu->pos,
			 "%s has \"%s\" but not \"%s\"; name both in septum,cpu-features or none",
			 cpu->name, tech->extra, tech->tables);
	return name != tables || (extra && !tables);
}

static bool has_technology(uint32_t features)
{
	for (size_t i = 0; i < TECHNOLOGIES; i++)
		if (features & technologies[i].name_bit && features & technologies[i].tables_bit)
			return true;
	return false;
}

static bool check_technologies(const struct model_cpu *cpu, struct diag_sink *sink)
{
	bool found = false;

	for (size_t i = 0; i < TECHNOLOGIES; i++)
		if (half_technology(cpu, &technologies[i], sink))
			found = true;
	if (!found && !has_technology(cpu->features)) {
		diag_add(sink, "cpu-virtualization", DIAG_ERROR, cpu->pos,
			 "%s has no virtualization that the monitor drives; name \"svm\" and "
			 "\"npt\" (AMD) or \"vmx\" and \"ept\" (Intel) in septum,cpu-features",
			 cpu->name);
		found = true;
	}
	return found;
}

/* The CPU with which nothing is left that all CPUs up to it have. */
static void report_mixed(const struct model *m, struct diag_sink *sink)
{
	uint32_t common = UINT32_MAX;

	for (size_t i = 0; i < m->cpu_count; i++) {
		const struct model_cpu *cpu = &m->cpus[i];

		if (!cpu->enabled)
			continue;
		common &= cpu->features;
		if (has_technology(common))
			continue;
		diag_add(sink, "cpu-virtualization", DIAG_ERROR, cpu->pos,
			 "%s has no virtualization in common with the CPUs before it, and a system "
			 "runs on one kind; disable it, or those",
			 cpu->name);
		return;
	}
}

void rule_cpu_virtualization(const struct model *m, struct diag_sink *sink)
{
	bool found = false;

	for (size_t i = 0; i < m->cpu_count; i++)
		if (m->cpus[i].enabled && check_technologies(&m->cpus[i], sink))
			found = true;
	if (!found)
		report_mixed(m, sink);
}
