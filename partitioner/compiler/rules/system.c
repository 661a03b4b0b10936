/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about the system as a whole. */
#include "rules.h"
#include "span.h"

#include <string.h>
#include <strings.h>

void rule_board_match(const struct model *m, struct diag_sink *sink)
{
	if (m->for_board[0] != '\0' && m->board[0] != '\0' && strcmp(m->for_board, m->board) != 0)
		diag_add(sink, "board-match", DIAG_ERROR, m->system_pos,
			 "system '%s' is written for board '%s', but includes board '%s' (%s); "
			 "include the other board or correct septum,board",
			 m->system, m->for_board, m->board, pos_text(m->board_pos).text);
}

/* Reports name cells and the monitor: nobody may take one for the other. */
static const struct model_cell *earlier_namesake(const struct model *m, size_t later)
{
	for (size_t i = 0; i < later; i++)
		if (strcasecmp(m->cells[i].name, m->cells[later].name) == 0)
			return &m->cells[i];
	return NULL;
}

void rule_name_unique(const struct model *m, struct diag_sink *sink)
{
	for (size_t c = 0; c < m->cell_count; c++) {
		const struct model_cell *other = earlier_namesake(m, c);

		if (strcasecmp(m->cells[c].name, "monitor") == 0)
			diag_add(sink, "name-unique", DIAG_ERROR, m->cells[c].pos,
				 "cell '%s' has the name of the monitor (%s); rename the cell",
				 m->cells[c].name, pos_text(m->monitor.pos).text);
		if (other != NULL)
			diag_add(sink, "name-unique", DIAG_ERROR, m->cells[c].pos,
				 "cell '%s' has the name of cell '%s' (%s); rename one of them",
				 m->cells[c].name, other->name, pos_text(other->pos).text);
	}
}

void rule_empty_system(const struct model *m, struct diag_sink *sink)
{
	if (m->cell_count == 0)
		diag_add(sink, "empty-system", DIAG_ERROR, m->system_pos,
			 "system '%s' has no cell; add one under /cells", m->system);
}

void rule_cell_count(const struct model *m, struct diag_sink *sink)
{
	if (m->cell_count > PLAN_MAX_CELLS)
		diag_add(sink, "cell-count", DIAG_ERROR, m->cells[PLAN_MAX_CELLS].pos,
			 "system has %zu cells but a plan holds %u, and '%s' is one too many; "
			 "remove %zu of them",
			 m->cell_count, PLAN_MAX_CELLS, m->cells[PLAN_MAX_CELLS].name,
			 m->cell_count - PLAN_MAX_CELLS);
}
