/* SPDX-License-Identifier: Apache-2.0 */
/* Waivers: a cell's septum,allow lets named findings about that cell pass. */
#include "model.h"
#include "nearest_name.h"

#include <string.h>

static const struct rule *find_rule(const char *id)
{
	for (size_t i = 0; i < rule_count; i++)
		if (strcmp(rules[i].id, id) == 0)
			return &rules[i];
	return NULL;
}

static const char *nearest_waivable(const char *id)
{
	struct nearest nearest = nearest_to(id);

	for (size_t i = 0; i < rule_count; i++)
		if (rules[i].waivable)
			nearest_try(&nearest, rules[i].id);
	return nearest.best;
}

/* Reports a waiver that can never hold. */
static bool is_valid(const struct model_cell *cell, const struct model_waiver *waiver,
		     struct diag_sink *sink)
{
	const struct rule *rule = find_rule(waiver->rule);
	const char *near = nearest_waivable(waiver->rule);

	if (rule == NULL && near != NULL)
		diag_add(sink, "waiver", DIAG_ERROR, waiver->pos,
			 "cell '%s': septum,allow names '%s', which is no rule; write '%s' if you "
			 "meant that",
			 cell->name, waiver->rule, near);
	else if (rule == NULL)
		diag_add(sink, "waiver", DIAG_ERROR, waiver->pos,
			 "cell '%s': septum,allow names '%s', which is no rule; write "
			 "\"rule-id: reason\" with an id from 'septum-partitioner list-rules'",
			 cell->name, waiver->rule);
	else if (!rule->waivable)
		diag_add(sink, "waiver", DIAG_ERROR, waiver->pos,
			 "cell '%s': rule '%s' cannot be waived, because isolation rests on it; "
			 "remove the waiver and mend what it hides",
			 cell->name, waiver->rule);
	else if (waiver->reason[0] == '\0')
		diag_add(sink, "waiver", DIAG_ERROR, waiver->pos,
			 "cell '%s': the waiver of '%s' gives no reason; write \"%s: why this is "
			 "safe here\"",
			 cell->name, waiver->rule, waiver->rule);
	return rule != NULL && rule->waivable && waiver->reason[0] != '\0';
}

/* Findings name cells as: cell 'rt' (see diag_add()). */
static bool names_cell(const char *text, const char *name)
{
	static const char lead[] = "cell '";
	size_t length = strlen(name);

	while ((text = strstr(text, lead)) != NULL) {
		text += sizeof(lead) - 1;
		if (strncmp(text, name, length) == 0 && text[length] == '\'')
			return true;
	}
	return false;
}

/* Number of findings that the waiver lets pass. */
static size_t apply(const struct model_cell *cell, const struct model_waiver *waiver,
		    struct diag_sink *sink)
{
	size_t matches = 0;

	for (size_t i = 0; i < sink->count; i++) {
		struct diag *diag = &sink->items[i];

		if (strcmp(diag->rule, waiver->rule) != 0 || !names_cell(diag->text, cell->name))
			continue;
		diag->waived = true;
		diag->waiver = waiver->reason;
		matches++;
	}
	return matches;
}

static void warn_unneeded(const struct model_cell *cell, struct diag_sink *sink)
{
	for (size_t i = 0; i < cell->waiver_count; i++)
		if (apply(cell, &cell->waivers[i], sink) == 0)
			diag_add(sink, "waiver", DIAG_WARNING, cell->waivers[i].pos,
				 "cell '%s': the waiver of '%s' allows nothing, because nothing "
				 "breaks that rule; remove it",
				 cell->name, cell->waivers[i].rule);
}

void model_apply_waivers(const struct model *model, struct diag_sink *sink)
{
	for (size_t c = 0; c < model->cell_count; c++) {
		const struct model_cell *cell = &model->cells[c];

		for (size_t i = 0; i < cell->waiver_count; i++)
			if (is_valid(cell, &cell->waivers[i], sink))
				apply(cell, &cell->waivers[i], sink);
	}
	/* Errors may have kept rules from running: then "unneeded" cannot be told. */
	if (diag_errors(sink) != 0)
		return;
	for (size_t c = 0; c < model->cell_count; c++)
		warn_unneeded(&model->cells[c], sink);
}
