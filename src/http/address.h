/* address: where to listen, as people write it: "ADDRESS:PORT", "[ADDRESS]:PORT", or "PORT", which
 * is 127.0.0.1's; port 0 is any that is free. */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

enum { HTTP_URL_BYTES = 96 };

bool http_address_is_right(const char *text);

/* False, and nothing of use in *address, unless the text is one. */
bool http_address_read(const char *text, struct sockaddr_storage *address);

/* Whether only this machine reaches it. */
bool http_address_is_loopback(const struct sockaddr_storage *address);

/* "http://127.0.0.1:8080/" */
void http_address_write(
	const struct sockaddr_storage *address, unsigned int port, char url[HTTP_URL_BYTES]);
