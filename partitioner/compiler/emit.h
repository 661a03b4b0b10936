/* SPDX-License-Identifier: Apache-2.0 */
/* From a placed model to septum.elf. */
#ifndef SEPTUM_COMPILER_EMIT_H
#define SEPTUM_COMPILER_EMIT_H

#include "model.h"

/**
 * emit_image() - build the plan, join it with the monitor, write the image.
 * @model: placed, and without errors.
 * @monitor_path: the linked monitor.
 * @output_path: septum.elf; whole or absent afterwards, whatever happens.
 * @report_path: layout.json, or NULL.
 * @work_dir: folder for generated sources; made if it is missing.
 * Return: false after reporting to @sink; then neither output exists, not even
 * one of an earlier run.
 */
bool emit_image(const struct model *model, const char *monitor_path, const char *output_path,
		const char *report_path, const char *work_dir, struct diag_sink *sink);

/** emit_discard() - remove the outputs of an earlier run: they are stale now. */
void emit_discard(const char *output_path, const char *report_path);

#endif
