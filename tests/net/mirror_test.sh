#!/usr/bin/env bash
# The mirror's tables agree with the kernel at every quiet point of a churn.
# shellcheck source=tests/net/denied.sh
. "$(dirname "$0")/denied.sh"
why=$(denied)
[ -z "$why" ] || { echo "$why" && exit 77; }
exec "$(dirname "$0")/mirror.sh" "${HEDDLE_BUILD:-$(dirname "$0")/../../build}/tests/unit/mirror/mirror_check"
