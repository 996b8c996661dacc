/* address: see address.h. */
#include "http/address.h"

#include "base/number.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum { HOST_BYTES = 64 };

bool http_address_read(const char *text, struct sockaddr_storage *address) {
	struct sockaddr_in *four = (struct sockaddr_in *)address;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)address;
	const char *colon = strrchr(text, ':'), *port = colon ? colon + 1 : text;
	size_t length = colon ? (size_t)(colon - text) : 0;
	char host[HOST_BYTES];
	uint64_t number;

	memset(address, 0, sizeof(*address));
	if (!number_parse(port, 0, UINT16_MAX, &number) || length >= sizeof(host))
		return false;
	memcpy(host, text, length);
	host[length] = '\0';
	if (length > 2 && host[0] == '[' && host[length - 1] == ']') {
		host[length - 1] = '\0';
		six->sin6_family = AF_INET6;
		six->sin6_port = htons((uint16_t)number);
		return inet_pton(AF_INET6, host + 1, &six->sin6_addr) == 1;
	}
	four->sin_family = AF_INET;
	four->sin_port = htons((uint16_t)number);
	return inet_pton(AF_INET, colon ? host : "127.0.0.1", &four->sin_addr) == 1;
}

bool http_address_is_right(const char *text) {
	struct sockaddr_storage address;

	return http_address_read(text, &address);
}

bool http_address_is_loopback(const struct sockaddr_storage *address) {
	const struct sockaddr_in *four = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;

	return address->ss_family == AF_INET ? ntohl(four->sin_addr.s_addr) >> 24 == 127
					     : IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

void http_address_write(
	const struct sockaddr_storage *address, unsigned int port, char url[HTTP_URL_BYTES]) {
	const struct sockaddr_in *four = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;
	bool is_six = address->ss_family == AF_INET6;
	char host[INET6_ADDRSTRLEN] = "";

	inet_ntop(address->ss_family,
		is_six ? (const void *)&six->sin6_addr : (const void *)&four->sin_addr, host,
		sizeof(host));
	snprintf(url, HTTP_URL_BYTES, "http://%s%s%s:%u/", is_six ? "[" : "", host,
		is_six ? "]" : "", port);
}
