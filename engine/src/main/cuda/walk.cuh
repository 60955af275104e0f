/* Positions of operands while an index runs over a shape; sizes and steps innermost first. */
#pragma once
#include "kernel.cuh"

#define WALK_RANK 8

struct Walk {
  int rank;
  int size[WALK_RANK];
};

/* Where the i-th element lies, from steps that walk with it. Unrolled: arrays of an argument are read where they lie. */
template <int K> inline __device__ void walk(const Walk& w, const int (&step)[K][WALK_RANK], unsigned i, int (&at)[K]) {
#pragma unroll
  for (int k = 0; k < K; k++) at[k] = 0;
#pragma unroll
  for (int d = 0; d < WALK_RANK; d++) {
    if (d >= w.rank) break;
    const unsigned outer = i / unsigned(w.size[d]);
    const int index = int(i - outer * unsigned(w.size[d]));
    i = outer;
#pragma unroll
    for (int k = 0; k < K; k++) at[k] += index * step[k][d];
  }
}
