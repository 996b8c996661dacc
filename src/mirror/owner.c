/* owner: see owner.h. */
#include "mirror/owner.h"

#include "mirror/mirror_private.h"

#include <stdlib.h>
#include <string.h>

static int grow(struct owners *owners, uint32_t id) {
	size_t capacity = owners->capacity ? owners->capacity : 256;
	struct owner *by_id;

	while (capacity <= id)
		capacity *= 2;
	by_id = realloc(owners->by_id, capacity * sizeof(*by_id));
	if (!by_id)
		return -1;
	memset(by_id + owners->capacity, 0, (capacity - owners->capacity) * sizeof(*by_id));
	owners->by_id = by_id;
	owners->capacity = capacity;
	return 0;
}

void owner_set(struct mirror *mirror, uint32_t id, struct owner owner) {
	struct owners *owners = &mirror->owners;

	if (id >= owners->capacity && grow(owners, id))
		return;
	owners->by_id[id] = owner;
}

struct owner owner_of(const struct mirror *mirror, uint32_t id) {
	return id < mirror->owners.capacity ? mirror->owners.by_id[id] : (struct owner){0};
}

void owners_free(struct owners *owners) {
	free(owners->by_id);
}
