/*
 * target: what the stages and the look-ups need from either of the two targets that they are
 * compiled for: user space (gcc or clang) and BPF (clang -target bpf). No libc, no kernel headers.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ALWAYS_INLINE static inline __attribute__((always_inline))

#define LIKELY(condition)   __builtin_expect(!!(condition), 1)
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define NET16(value) ((uint16_t)__builtin_bswap16(value))
#define NET32(value) ((uint32_t)__builtin_bswap32(value))
#define NET64(value) ((uint64_t)__builtin_bswap64(value))
#else
#define NET16(value) ((uint16_t)(value))
#define NET32(value) ((uint32_t)(value))
#define NET64(value) ((uint64_t)(value))
#endif

/* BPF has no population count: clang's expansion costs twelve operations, about 3 ns. */
ALWAYS_INLINE uint32_t population_count(uint32_t word) {
	return __builtin_popcount(word);
}

/*
 * Loads and stores at any alignment. BPF machines that JIT take unaligned words as they are, and
 * clang would take a memcpy apart into bytes there; in user space memcpy is what is defined.
 */
#ifdef __bpf__
#define DEFINE_ACCESS(bits)                                                                        \
	ALWAYS_INLINE uint##bits##_t load##bits(const void *at) {                                  \
		return *(const uint##bits##_t *)at;                                                \
	}                                                                                          \
	ALWAYS_INLINE void store##bits(void *at, uint##bits##_t value) {                           \
		*(uint##bits##_t *)at = value;                                                     \
	}
#else
#define DEFINE_ACCESS(bits)                                                                        \
	ALWAYS_INLINE uint##bits##_t load##bits(const void *at) {                                  \
		uint##bits##_t value;                                                              \
		__builtin_memcpy(&value, at, sizeof(value));                                       \
		return value;                                                                      \
	}                                                                                          \
	ALWAYS_INLINE void store##bits(void *at, uint##bits##_t value) {                           \
		__builtin_memcpy(at, &value, sizeof(value));                                       \
	}
#endif

DEFINE_ACCESS(16)
DEFINE_ACCESS(32)
DEFINE_ACCESS(64)
