/* optics_plans: files that planning reads, on the network of optics_world: refused, or planned by
 * and what comes out looked at. `how` is bits that choose among options. */
#pragma once

void plans_try_services(const char *path, unsigned int how);
void plans_try_risks(const char *path, unsigned int how);
void plans_try_lit(const char *path, unsigned int how);
