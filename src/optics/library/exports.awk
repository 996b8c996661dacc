# exports: the functions that headers declare, as a version script for the linker: all else of the
# library is its own. A declaration stands at the margin, its name before the first parenthesis.
BEGIN {
	print "{\nglobal:"
}
/^[a-z].*\(/ && !/^static / {
	match($0, /[a-z0-9_]+\(/)
	print "\t" substr($0, RSTART, RLENGTH - 1) ";"
}
END {
	print "local:\n\t*;\n};"
}
