/*
 * What a kernel sees when g++ compiles it for the emulated driver, in place of nvcc's built-in names.
 *
 *   emulated.h       the thread model: threadIdx, barriers, warp exchanges, shared memory, KERNEL's registration
 *   vectors.h        float4, make_float4, ..., bfloat16
 *   intrinsics.h     __fmul_rn, __umulhi, __float_as_int, atomics on integers, ...
 *   thread_model.*   runs a grid: a fiber for each CUDA thread that waits, one block after another
 *   memory.*         the memory of one device: addresses of its own, ledger, guard zones
 *   streams.*        devices, streams and events: work in order, at once or deferred until somebody synchronises
 *   driver.cpp       the functions of libcuda.so.1 that the project calls; absent.cpp: all others, which say so
 *   controls.cpp     what a test sets and reads (the Java class EmulatedDriver)
 *
 * One block runs at a time in a process, so the built-in variables and static shared memory are plain globals.
 */
#pragma once

#include <float.h>
#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#define __global__
#define __device__
#define __host__
#define __constant__ static const
#define __forceinline__ inline __attribute__((always_inline))
#define __align__(bytes) __attribute__((aligned(bytes)))
#define __launch_bounds__(...)

#include "vectors.h"

#include "intrinsics.h"

extern uint3 threadIdx, blockIdx;
extern dim3 blockDim, gridDim;
constexpr int warpSize = 32;

namespace emulated {

/* A kernel by its name, as the module functions find it. */
struct Kernel {
  const char* name;
  unsigned largest_block;
  size_t parameter_bytes;
  void (*body)(const void* args);
  char* shared_begin;  // the unit's static shared memory, stale from the block before
  char* shared_end;
};

struct Registration {
  explicit Registration(const Kernel& kernel);
};

/* The line of a barrier: threads that wait together must wait at the same one. */
struct Place {
  const char* file;
  int line;
  bool operator==(const Place& other) const { return line == other.line && !strcmp(file, other.file); }
};

enum class Exchange { BARRIER, SHUFFLE, BALLOT };

void* dynamic_shared();
/* Waits for the block; the number of its threads that came with a true predicate. */
int block_barrier(Place place, bool predicate);
/* Waits for the lanes of the mask; the value of lane `source`, or the ballot of nonzero values. */
uint64_t warp_exchange(Exchange kind, Place place, unsigned mask, uint64_t value, int source);
int lane();
/* What a lane of this warp gave to the exchange that was last. */
uint64_t given_by(int lane);

template <class T>
T shuffle(Place place, unsigned mask, T value, int source) {
  static_assert(std::is_trivially_copyable<T>::value && sizeof(T) <= 8, "a shuffle moves at most 8 bytes");
  uint64_t bits = 0;
  memcpy(&bits, &value, sizeof value);
  bits = warp_exchange(Exchange::SHUFFLE, place, mask, bits, source);
  memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace emulated

/* ---- kernels ---- */

#ifdef SPARKGRAD_UNIT
#define __noinline__ __attribute__((noinline))  // in units only: the C++ library uses the word
#else
#define SPARKGRAD_UNIT none
#endif
#define EMULATED_JOIN_(a, b) a##b
#define EMULATED_JOIN(a, b) EMULATED_JOIN_(a, b)

/*
 * A unit's static variables are its shared memory. The script puts them into a section of the unit's own, whose bounds
 * the linker gives: so each block starts with shared memory that nobody has written. Not under the sanitizers, which
 * guard the ends of each variable instead.
 */
#define SHARED static
#define EMULATED_SHARED_BEGIN EMULATED_JOIN(__start_shared_, SPARKGRAD_UNIT)
#define EMULATED_SHARED_END EMULATED_JOIN(__stop_shared_, SPARKGRAD_UNIT)
extern "C" {
extern char EMULATED_SHARED_BEGIN[] __attribute__((weak, visibility("hidden")));
extern char EMULATED_SHARED_END[] __attribute__((weak, visibility("hidden")));
}

#define DYNAMIC_SHARED(type, name) type* const name = static_cast<type*>(emulated::dynamic_shared())

#define KERNEL(name, largest_block, ...)                                                     \
  static void name(const __VA_ARGS__& args);                                                 \
  static void name##_body(const void* args) { name(*static_cast<const __VA_ARGS__*>(args)); } \
  static const emulated::Registration name##_registration(                                   \
      {#name, largest_block, sizeof(__VA_ARGS__), name##_body, EMULATED_SHARED_BEGIN, EMULATED_SHARED_END}); \
  static void name(const __VA_ARGS__& args)

/* ---- barriers and exchanges; each takes its place from the line that calls it ---- */

#define EMULATED_PLACE \
  emulated::Place { file, line }
#define EMULATED_HERE const char *file = __builtin_FILE(), int line = __builtin_LINE()

inline void __syncthreads(EMULATED_HERE) { emulated::block_barrier(EMULATED_PLACE, false); }
inline int __syncthreads_count(int predicate, EMULATED_HERE) {
  return emulated::block_barrier(EMULATED_PLACE, predicate != 0);
}
inline int __syncthreads_or(int predicate, EMULATED_HERE) {
  return emulated::block_barrier(EMULATED_PLACE, predicate != 0) != 0;
}
inline int __syncthreads_and(int predicate, EMULATED_HERE) {
  return emulated::block_barrier(EMULATED_PLACE, predicate == 0) == 0;
}
inline void __syncwarp(unsigned mask = 0xffffffffu, EMULATED_HERE) {
  emulated::warp_exchange(emulated::Exchange::BARRIER, EMULATED_PLACE, mask, 0, 0);
}

template <class T>
T __shfl_sync(unsigned mask, T value, int source, int width = 32, EMULATED_HERE) {
  int first = emulated::lane() & ~(width - 1);
  return emulated::shuffle(EMULATED_PLACE, mask, value, first | (source & (width - 1)));
}
template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32, EMULATED_HERE) {
  int self = emulated::lane(), source = self - static_cast<int>(delta);
  return emulated::shuffle(EMULATED_PLACE, mask, value, source < (self & ~(width - 1)) ? self : source);
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32, EMULATED_HERE) {
  int self = emulated::lane(), source = self + static_cast<int>(delta);
  return emulated::shuffle(EMULATED_PLACE, mask, value, source > (self | (width - 1)) ? self : source);
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int lanes, int width = 32, EMULATED_HERE) {
  int self = emulated::lane(), source = self ^ lanes;
  return emulated::shuffle(EMULATED_PLACE, mask, value, source > (self | (width - 1)) ? self : source);
}
inline unsigned __ballot_sync(unsigned mask, int predicate, EMULATED_HERE) {
  return static_cast<unsigned>(
      emulated::warp_exchange(emulated::Exchange::BALLOT, EMULATED_PLACE, mask, predicate != 0, 0));
}
inline int __any_sync(unsigned mask, int predicate, EMULATED_HERE) {
  return __ballot_sync(mask, predicate, file, line) != 0;
}
inline int __all_sync(unsigned mask, int predicate, EMULATED_HERE) {
  return __ballot_sync(mask, !predicate, file, line) == 0;
}

namespace emulated {

/* For the twins of instructions of a whole warp, such as mma: calls f with a function that gives each lane's `mine`. */
template <class T, class F>
void with_warp(const T& mine, F f, EMULATED_HERE) {
  uint64_t given = reinterpret_cast<uint64_t>(&mine);
  warp_exchange(Exchange::BARRIER, EMULATED_PLACE, 0xffffffffu, given, 0);
  f([](int lane) -> const T& { return *reinterpret_cast<const T*>(given_by(lane)); });
  warp_exchange(Exchange::BARRIER, EMULATED_PLACE, 0xffffffffu, given, 0);  // others may still read it
}

}  // namespace emulated

inline void __threadfence() {}
inline void __threadfence_block() {}
