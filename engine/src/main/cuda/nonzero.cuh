/* Where a mask is not 0: counted a chunk of places at a time, then written behind those before: see Nonzero. */
#pragma once
#include "strided.cuh"

#define EACH 8
#define CHUNK (256 * EACH)

struct NonzeroArgs {
  const unsigned char* found; /* a place each, in row-major order */
  long long* counts;          /* a chunk of places each; summed up before they are written by */
  long long* rows;            /* [count][rank] */
  int n;
  int chunks;
  StridedShape shape;
};

/* How many of a thread's places are found, and in `mine` how many by the threads up to this one. */
inline __device__ int up_to(const NonzeroArgs& args, int chunk, int* mine) {
  const int first = chunk * CHUNK + int(threadIdx.x) * EACH;
  int count = 0;
  for (int i = first; i < min(first + EACH, args.n); i++) count += args.found[i];
  mine[threadIdx.x] = count;
  __syncthreads();
  for (int step = 1; step < 256; step *= 2) {
    const int left = int(threadIdx.x) >= step ? mine[threadIdx.x - step] : 0;
    __syncthreads();
    mine[threadIdx.x] += left;
    __syncthreads();
  }
  return count;
}

inline __device__ void count_found(const NonzeroArgs& args, int* mine) {
  for (int chunk = blockIdx.x; chunk < args.chunks; chunk += gridDim.x) {
    up_to(args, chunk, mine);
    if (threadIdx.x == 255) args.counts[chunk] = mine[255];
    __syncthreads();
  }
}

inline __device__ void write_found(const NonzeroArgs& args, int* mine) {
  for (int chunk = blockIdx.x; chunk < args.chunks; chunk += gridDim.x) {
    const int count = up_to(args, chunk, mine);
    const long long before = chunk == 0 ? 0 : args.counts[chunk - 1];
    long long* row = args.rows + (before + mine[threadIdx.x] - count) * args.shape.rank;
    const int first = chunk * CHUNK + int(threadIdx.x) * EACH;
    for (int i = first; i < min(first + EACH, args.n); i++) {
      if (!args.found[i]) continue;
      int rest = i;
      for (int d = 0; d < args.shape.rank; d++) {
        row[args.shape.rank - 1 - d] = rest % args.shape.size[d];
        rest /= args.shape.size[d];
      }
      row += args.shape.rank;
    }
    __syncthreads();
  }
}
