// SPDX-License-Identifier: GPL-2.0-or-later
/* The sections of PE files, and headers that lie. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "boot/bls/pe.h"
#include "tests/unit/made_pe.h"

static void finds_sections(void **state)
{
	struct made_pe made;
	struct err err;
	struct pe pe;

	(void)state;
	made_pe_begin(&made, MADE_PE_X86_64);
	made_pe_text(&made, ".osrel", "ID=x\n");
	made_pe_text(&made, ".profile", "ID=long name");
	assert_true(pe_is(made.bytes, made.len));
	assert_int_equal(pe_parse(made.bytes, made.len, made.len, &pe, &err), 0);
	assert_int_equal(pe.count, 2);
	assert_string_equal(pe_machine(&pe), "x86_64");
	assert_string_equal(pe.sections[0].name, ".osrel");
	assert_int_equal(pe.sections[0].offset, 4096);
	assert_int_equal(pe.sections[0].size, 5);
	assert_string_equal(pe.sections[1].name, ".profile");
	assert_int_equal(pe.sections[1].offset, 4096 + 512);
	assert_int_equal(pe.sections[1].size, 12);
}

/* Memory may be larger than the file's part, or smaller. */
static void knows_the_two_sizes(void **state)
{
	static const struct {
		uint32_t virtual, raw, offset;
		uint64_t size;
		bool is_cut;
	} cases[] = {
		{100, 512, 4096, 100, false},
		{1000, 512, 4096, 512, false},
		{0, 512, 4096, 512, false},
		{512, 0, 0, 0, false},
		{512, 512, 4096, 512, false},
		{513, 513, 4096, 0, true},
		{1, 512, 4608, 0, true},
		{0xffffffff, 0xffffffff, 0xffffffff, 0, true},
		{0xffffffff, 0xffffffff, 1, 0, true},
	};
	struct made_pe made;
	struct err err;
	struct pe pe;

	(void)state;
	made_pe_begin(&made, MADE_PE_X86_64);
	made_pe_text(&made, ".linux", "k");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint8_t *header = made_pe_header(&made, 0);

		made_pe_put32(header + 8, cases[i].virtual);
		made_pe_put32(header + 16, cases[i].raw);
		made_pe_put32(header + 20, cases[i].offset);
		assert_int_equal(pe_parse(made.bytes, made.len, 4608, &pe, &err), 0);
		if (pe.sections[0].size != cases[i].size ||
			pe.sections[0].is_cut != cases[i].is_cut)
			fail_msg("case %zu gives %llu", i, (unsigned long long)pe.sections[0].size);
	}
}

static void refuses_headers_that_lie(void **state)
{
	struct made_pe made;
	struct err err;
	struct pe pe;

	(void)state;
	assert_int_equal(pe_parse((const uint8_t *)"MZ", 2, 2, &pe, &err), -EINVAL);
	made_pe_begin(&made, MADE_PE_X86_64);
	made_pe_put32(made.bytes + 0x3c, 0xfffffff0);
	assert_int_equal(pe_parse(made.bytes, made.len, made.len, &pe, &err), -EINVAL);
	made_pe_begin(&made, MADE_PE_X86_64);
	made.bytes[MADE_PE_HEADER + 6] = 97;
	assert_int_equal(pe_parse(made.bytes, made.len, made.len, &pe, &err), -EBADMSG);
	assert_string_equal(err.text, "its header is damaged: it names 97 sections");
	made.bytes[MADE_PE_HEADER + 6] = 96;
	assert_int_equal(pe_parse(made.bytes, made.len, made.len, &pe, &err), 0);
	assert_int_equal(
		pe_parse(made.bytes, MADE_PE_TABLE + 96 * 40 - 1, made.len, &pe, &err), -EBADMSG);
	assert_string_equal(err.text, "its header is damaged: the section table is not in it");
	made.bytes[MADE_PE_HEADER + 20] = made.bytes[MADE_PE_HEADER + 21] = 0xff;
	assert_int_equal(pe_parse(made.bytes, made.len, made.len, &pe, &err), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_sections),
		cmocka_unit_test(knows_the_two_sizes),
		cmocka_unit_test(refuses_headers_that_lie),
	};

	return cmocka_run_group_tests_name("pe", tests, NULL, NULL);
}
