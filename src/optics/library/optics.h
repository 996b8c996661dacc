/*
 * heddle/optics.h: what becomes of wavelengths between data centers, for programs: all public
 * headers of libheddle-optics.
 *
 * Files are read into a library of equipment (equipment_read) and a network (network_read); the
 * network is designed (design_network) or taken as it is (design_accept); a load of channels
 * (load_full, load_read) is sent along a way (route_shortest_way, propagation_run), and received
 * (propagation_receive). Plans of services, capacities, cuts and trials stand on these.
 *
 * Functions return 0 or a negative errno; what is wrong with a file is told on standard error, all
 * of it, with lines (log_set_level makes it silent). Structures belong to whoever declares them,
 * and are freed by the function of their name. The library starts no thread and keeps nothing
 * outside of what it is given: what is only read may be read by any number of threads.
 */
#pragma once

#include "base/log.h"

#include "optics/capacity.h"
#include "optics/design.h"
#include "optics/load.h"
#include "optics/montecarlo.h"
#include "optics/plan.h"
#include "optics/plan_write.h"
#include "optics/propagation.h"
#include "optics/statistics.h"
#include "optics/survive.h"
#include "optics/topology_write.h"
#include "optics/trace.h"
