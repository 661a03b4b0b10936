/* SPDX-License-Identifier: Apache-2.0 */
/* Source text turned into a model by way of dtc, for the tests of the reader. */
#ifndef TESTS_SOURCE_TREE_H
#define TESTS_SOURCE_TREE_H

#include "model.h"

/* Line 1 to 27; a test's own lines follow from 28 on. */
#define BOARD                                                                            \
	"/dts-v1/;\n"                                                                    \
	"/ {\n"                                                                          \
	"#address-cells = <2>; #size-cells = <2>;\n"                                     \
	"septum,board-name = \"bench-board\";\n"                                         \
	"cpus {\n"                                                                       \
	"#address-cells = <1>; #size-cells = <0>;\n"                                     \
	"septum,phys-bits = <40>;\n"                                                     \
	"septum,cpu-features = \"svm\", \"npt\", \"x2apic\", \"1g-pages\";\n"            \
	"cpu0: cpu@0 { reg = <0>; septum,core = <0>; };\n"                               \
	"cpu5: cpu@5 { reg = <5>; septum,core = <1>; septum,cluster = <7>; };\n"         \
	"cpu6: cpu@6 { reg = <6>; septum,core = <1>; status = \"disabled\";\n"           \
	"septum,cpu-features = \"svm\"; };\n"                                            \
	"};\n"                                                                           \
	"memory@0 { reg = <0 0 0 0x40000000>, <1 0 0 0x80000000>; };\n"                  \
	"reserved-memory { #address-cells = <2>; #size-cells = <2>; ranges;\n"           \
	"acpi@3f000000 { reg = <0 0x3f000000 0 0x1000000>; no-map; };\n"                 \
	"};\n"                                                                           \
	"soc { #address-cells = <1>; #size-cells = <1>; ranges;\n"                       \
	"lapic@fee00000 { reg = <0xfee00000 0x1000>; };\n"                               \
	"};\n"                                                                           \
	"isa { #address-cells = <2>; #size-cells = <1>;\n"                               \
	"com1: serial@3f8 { compatible = \"ns16550a\"; reg = <1 0x3f8 8>; };\n"          \
	"com2: serial@2f8 { compatible = \"ns16550a\"; reg = <1 0x2f8 8>;\n"             \
	"clock-frequency = <3686400>; status = \"disabled\"; };\n"                       \
	"pm: timer@608 { compatible = \"septum,acpi-pm-timer\"; reg = <1 0x608 4>; };\n" \
	"};\n"                                                                           \
	"};\n"

#define NAMES "/ { septum,system = \"s\"; septum,board = \"bench-board\"; septum,version = <1>;\n"
#define MONITOR                                                                            \
	"monitor@10000000 { reg = <0 0x10000000 0 0x1000000>; septum,console = <&com1>;\n" \
	"septum,boot-page = <0x8000>; septum,crash = <0 0x20000000 0 0x10000>; };\n"
#define PAYLOAD "payload { compatible = \"septum,elf\"; septum,image = \"none.elf\"; };\n"
/* The cell's own text stands on line 32. */
#define SYSTEM(cell)                                  \
	BOARD NAMES MONITOR "cells { rt: rt {\n" cell \
			    " memory { septum,size = <0x200000>; };\n" PAYLOAD "}; }; };\n"
#define CELL_LINE 32

struct tree_text {
	char *dtb;
	size_t dtb_bytes;
	char *lines;
};

struct fixture {
	struct tree_text text;
	struct model *model;
	struct diag_sink sink;
};

/* dtc runs in a folder of its own, so that positions name "s.dts".  The caller frees both texts. */
struct tree_text compile_tree(const char *source);

/* Compiles and reads; the caller ends with done(). */
struct fixture read_source(const char *source);
void done(struct fixture *f);

/* No finding at all. */
void assert_clean(const struct fixture *f);

/* Exactly one finding, at that line, with both words in its text. */
void assert_refused(const char *source, const char *rule, unsigned int line, const char *word,
		    const char *other_word);

#endif
