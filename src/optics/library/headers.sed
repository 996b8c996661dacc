# headers: what a header includes of its own tree, by the name that it is installed under.
s,^#include "\(base\|optics\)/,#include "heddle/\1/,
