/*
 * How a kernel is written, so that one text serves nvcc (PTX for the card) and g++ (the emulated driver of the tests).
 *
 *   struct AddArgs { const float* a; const float* b; float* out; int n; };
 *
 *   KERNEL(add_f32, 256, AddArgs) {
 *     for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < args.n; i += gridDim.x * blockDim.x)
 *       args.out[i] = args.a[i] + args.b[i];
 *   }
 *
 * A kernel takes exactly one parameter, the struct `args`, by value. Inline PTX stands behind a small inline function
 * that has an `#ifdef SPARKGRAD_EMULATED` twin.
 */
#pragma once

#ifdef SPARKGRAD_EMULATED
#include "emulated.h"
#else

#include <stdint.h>

/* KERNEL(name, largest block, type of the parameter); the type comes last, so it may hold commas. */
#define KERNEL(name, largest_block, ...) \
  extern "C" __global__ void __launch_bounds__(largest_block) name(const __VA_ARGS__ args)

/* Shared memory whose size the launch gives; 16-byte aligned, so that it can be read by float4. */
#define DYNAMIC_SHARED(type, name)                                   \
  extern __shared__ __align__(16) unsigned char sparkgrad_dynamic[]; \
  type* const name = reinterpret_cast<type*>(sparkgrad_dynamic)

/* SHARED float part[32]; */
#define SHARED __shared__

#endif
