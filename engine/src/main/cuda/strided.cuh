/* Positions of operands while an index runs over a shape; sizes and steps innermost first. */
#pragma once
#include "kernel.cuh"

#define MAX_RANK 8

struct StridedShape {
  int rank;
  int size[MAX_RANK];
};

/* Where the i-th element lies, from steps along each dimension. Unrolled: arrays of an argument are read where they lie. */
template <int K>
inline __device__ void strided_offsets(const StridedShape& shape, const int (&step)[K][MAX_RANK], unsigned i, int (&at)[K]) {
#pragma unroll
  for (int k = 0; k < K; k++) at[k] = 0;
#pragma unroll
  for (int d = 0; d < MAX_RANK; d++) {
    if (d >= shape.rank) break;
    const unsigned outer = i / unsigned(shape.size[d]);
    const int index = int(i - outer * unsigned(shape.size[d]));
    i = outer;
#pragma unroll
    for (int k = 0; k < K; k++) at[k] += index * step[k][d];
  }
}
