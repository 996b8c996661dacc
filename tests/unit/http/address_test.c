/* address_test: addresses as people write them, and as they do not. */
#include "capture.h"

#include "http/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static void expect(const char *text, const char *url, bool is_loopback) {
	struct sockaddr_storage address;
	char written[HTTP_URL_BYTES];
	uint16_t port;

	assert_true(http_address_is_right(text));
	assert_true(http_address_read(text, &address));
	port = address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
					     : ((struct sockaddr_in *)&address)->sin_port;
	http_address_write(&address, ntohs(port), written);
	assert_string_equal(written, url);
	assert_int_equal(http_address_is_loopback(&address), is_loopback);
}

static void each_form_is_read(void **state) {
	expect("8080", "http://127.0.0.1:8080/", true);
	expect("0", "http://127.0.0.1:0/", true);
	expect("65535", "http://127.0.0.1:65535/", true);
	expect("127.0.0.1:80", "http://127.0.0.1:80/", true);
	expect("127.255.0.9:80", "http://127.255.0.9:80/", true);
	expect("0.0.0.0:80", "http://0.0.0.0:80/", false);
	expect("192.0.2.1:80", "http://192.0.2.1:80/", false);
	expect("[::1]:80", "http://[::1]:80/", true);
	expect("[::]:80", "http://[::]:80/", false);
	expect("[2001:db8::1]:443", "http://[2001:db8::1]:443/", false);
	expect("[::ffff:127.0.0.1]:80", "http://[::ffff:127.0.0.1]:80/", false);
}

static void what_is_none_is_refused(void **state) {
	static const char *const wrong[] = {"", " ", ":", "x", "80x", "80 ", " 80", "-1", "+80",
		"0x50", "65536", "99999999999999999999", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x",
		"127.0.0.1:65536", ":80", "localhost:80", "1.2.3:80", "1.2.3.4.5:80", "::1",
		"::1:80", "[::1]", "[::1]:", "[]:80", "[:80", "]:80", "[127.0.0.1]:80",
		"[fe80::1%lo]:80", "[::1]x:80", "http://127.0.0.1:80", "127.0.0.1:80/",
		"[::1]:80:80"};
	char endless[300];

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(http_address_is_right(wrong[i]));
	memset(endless, '1', sizeof(endless));
	strcpy(endless + sizeof(endless) - 4, ":80");
	assert_false(http_address_is_right(endless));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_form_is_read),
		cmocka_unit_test(what_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
