#pragma once
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __align__(bytes) __attribute__((aligned(bytes)))
#define __launch_bounds__(...)
struct uint3 { unsigned x, y, z; };
extern uint3 threadIdx, blockIdx, blockDim, gridDim;
#define SHARED static
#define DYNAMIC_SHARED(type, name) type* const name = static_cast<type*>(emulated::dynamic_shared())
namespace emulated { void* dynamic_shared(); }
#define KERNEL(name, largest_block, ...) static void name(const __VA_ARGS__& args)
