/*
 * What the matrix products have in common: c[m, n] = a[m, k] * b[k, n] (+ bias[n] in each row), for a batch of them.
 * c is row-major. a and b lie by rows or by columns; their k need not be the direction that is contiguous.
 */
#pragma once
#include "kernel.cuh"

/* Grid: x the tiles of c, y the parts that k is cut into, z the batch. */
template <class T> struct GemmArgs {
  const T* a;
  const T* b;
  T* c;
  const T* bias; /* or null */
  long long a_batch, b_batch, c_batch; /* from one product to the next, in elements */
  long long c_part;                    /* from one part's sums to the next's */
  int m, n, k;
  int a_step, b_step, c_step; /* between rows; for an operand that lies by columns, between columns */
  int a_by_rows, b_by_rows;
  int k_part; /* the length of a part of k: a multiple of every tile's */
};

/* How a block may ask for a second one beside it on a multiprocessor; it bounds the registers. */
#ifdef SPARKGRAD_EMULATED
#define TWO_PER_PROCESSOR(threads) threads
#else
#define TWO_PER_PROCESSOR(threads) threads, 2
#endif

/* 16 bytes, moved as one. */
template <class T> struct alignas(16) Wide {
  static constexpr int COUNT = 16 / sizeof(T);
  T at[COUNT];
};

/* The tile of c that a block computes. Blocks that run at the same time share rows of a and columns of b in the L2 cache. */
template <int TILE_M, int TILE_N> struct Place {
  int row, column;

  __device__ Place(int m, int n) {
    constexpr int BAND = 8;
    const int tiles_m = (m + TILE_M - 1) / TILE_M, tiles_n = (n + TILE_N - 1) / TILE_N;
    const int tile = blockIdx.x;
    const int band = tile / (BAND * tiles_n), first = band * BAND;
    const int rows = tiles_m - first < BAND ? tiles_m - first : BAND;
    const int inside = tile - band * BAND * tiles_n;
    row = (first + inside % rows) * TILE_M;
    column = inside / rows * TILE_N;
  }
};

/* An operand as a block sees it: `outer` counts rows of a or columns of b, from the tile's first. */
template <class T> struct Side {
  const T* from;
  int step, outer;
  bool along_k; /* whether k is the contiguous direction */
  bool aligned; /* whether 16 bytes can be read at once */

  __device__ Side(const T* start, long long batch, int step, bool along_k, int first, int size)
      : from(start + blockIdx.z * batch + (along_k ? (long long)first * step : first)),
        step(step),
        outer(size - first),
        along_k(along_k),
        aligned(((uintptr_t)from | (uintptr_t)(step * sizeof(T))) % 16 == 0) {}
};

/* Where a run of contiguous elements of an operand lies, and how many of them exist. */
template <class T> struct Run {
  const T* from;
  int count;

  __device__ Run(const Side<T>& side, int outer, int k, int k_end) {
    const int major = side.along_k ? outer : k, minor = side.along_k ? k : outer;
    const bool exists = side.along_k ? outer < side.outer : k < k_end;
    from = side.from + (size_t)major * side.step + minor;
    count = exists ? (side.along_k ? k_end : side.outer) - minor : 0;
  }
};
