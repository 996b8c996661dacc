/* iptables: the chains of legacy iptables on the way of forwarded packets. */
#pragma once

struct mirror;

/* Adds a hold for each chain that has rules or does not accept by policy: between hold_begin and
 * hold_end. 0, or a negative errno if they cannot be read. */
int iptables_read(struct mirror *mirror);
