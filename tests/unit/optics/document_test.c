/* document_test: a file is read whole or refused with the line and the path in it. */
#include "fixture.h"

#include "../base/capture.h"
#include "optics/document.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int parse(struct document *document, const char *text) {
	return document_parse(document, "file", text, strlen(text));
}

static void assert_refused(const char *text, const char *told) {
	struct document document;
	struct capture capture = capture_begin(stderr);
	int error = parse(&document, text);
	char *said;

	document_free(&document);
	said = capture_end(&capture);
	if (error != -EINVAL || !strstr(said, told))
		fail_msg("'%s': %d, '%s' instead of '%s'", text, error, said, told);
	free(said);
}

static void values_know_their_place(void **state) {
	static const char text[] =
		"{\n \"a\": [1, -2.5e3,\n  {\"b\": \"\\u00e9\\ud83d\\ude00\\n\"}],\n"
		" \"c\": true, \"d\": null}";
	struct document document;
	struct node *list, *object;

	assert_int_equal(parse(&document, text), 0);
	list = document_list(&document, document.root, "a");
	assert_int_equal(list->count, 3);
	assert_int_equal(list->line, 2);
	fixture_near(list->first->next->number, -2500, 0);
	object = list->first->next->next;
	assert_int_equal(object->line, 3);
	assert_string_equal(
		document_text(&document, object, "b", ""), "\xc3\xa9\xf0\x9f\x98\x80\n");
	assert_true(document_bool(&document, document.root, "c", false));
	assert_null(document_member(document.root, "d"));
	assert_int_equal(document_finish(&document), 0);
	document_free(&document);
}

static void what_is_no_json_is_refused(void **state) {
	char deep[256];

	assert_refused("", "ends where a value");
	assert_refused("{\"a\": 1,\n}", "file:2: a key in quotes");
	assert_refused("{\"a\": 1\n\"b\": 2}", "file:2: ',' or '}'");
	assert_refused("[1, 2", "',' or ']'");
	assert_refused("{\"a\": NaN}", "NaN and Infinity");
	assert_refused("{\"a\": Infinity}", "NaN and Infinity");
	assert_refused("[1e999]", "too large");
	assert_refused("[01]", "',' or ']'");
	assert_refused("[+1]", "neither a value");
	assert_refused("[.5]", "neither a value");
	assert_refused("{\"a\": 1, \"a\": 2}", "already in this object");
	assert_refused("\"a", "does not end");
	assert_refused("\"\\x\"", "escape");
	assert_refused("\"\\ud800\"", "escape");
	assert_refused("\"\xff\"", "no UTF-8");
	assert_refused("\"\xc0\xaf\"", "no UTF-8");
	assert_refused("[1] 2", "something follows");
	assert_refused("\"a\tb\"", "control character");
	memset(deep, '[', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = 0;
	assert_refused(deep, "nested too deeply");
}

static void mistakes_are_told_with_line_and_path(void **state) {
	static const char text[] =
		"{\"spans\": [\n {\"length\": -3},\n {\"length\": \"x\", \"odd\": 1}]}";
	struct document document;
	struct capture capture;
	struct node *spans;
	char *said;

	assert_int_equal(parse(&document, text), 0);
	capture = capture_begin(stderr);
	spans = document_list(&document, document.root, "spans");
	for (struct node *span = spans->first; span; span = span->next)
		fixture_near(document_number(&document, span, "length", 0, 10, 7), 7, 0);
	assert_int_equal(document_finish(&document), -EINVAL);
	said = capture_end(&capture);
	assert_non_null(strstr(said, "file:2: $.spans[0].length: -3 is out of range"));
	assert_non_null(strstr(said, "file:3: $.spans[1].length: a number is expected"));
	assert_non_null(strstr(said, "file:3: $.spans[1].odd: unknown key"));
	free(said);
	document_free(&document);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_know_their_place),
		cmocka_unit_test(what_is_no_json_is_refused),
		cmocka_unit_test(mistakes_are_told_with_line_and_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
