/*
 * Rows turned into rows: each result needs the row's maximum and Σ exp(x - max). A warp holds a short row in registers;
 * a block reads a long one three times, the last two from the cache.
 */
#pragma once
#include "strided.cuh"

/* Elements of a row that a warp holds: as many registers as leave room for enough warps. */
template <class T> struct Held {
  static constexpr int A_LANE = sizeof(T) == 4 ? 32 : 4;
};

struct RowsArgs {
  const void* x;
  void* y;
  int rows;
  int n;      /* elements of a row */
  int x_step; /* between them */
  int y_step;
  StridedShape outer;
  int step[2][MAX_RANK]; /* of x and y, from row to row */
};

template <class T> inline __device__ T row_least() { return T(-1) / T(0); }

template <class T> inline __device__ T larger(T a, T b) { return a != a || a > b ? a : b; }

template <class T, class F> inline __device__ T warp_fold(T v, F join) {
#pragma unroll
  for (int o = 16; o > 0; o /= 2) v = join(v, __shfl_xor_sync(0xffffffffu, v, o));
  return v;
}

/* 4 warps a block, a row each. */
template <class T, class F> inline __device__ void rows_warp(const RowsArgs& args, F f) {
  constexpr int HELD = Held<T>::A_LANE;
  const int lane = threadIdx.x % 32;
  for (int row = blockIdx.x * 4 + threadIdx.x / 32; row < args.rows; row += gridDim.x * 4) {
    int at[2];
    strided_offsets(args.outer, args.step, row, at);
    const T* x = static_cast<const T*>(args.x) + at[0];
    T* y = static_cast<T*>(args.y) + at[1];
    T v[HELD];
    T most = row_least<T>();
#pragma unroll
    for (int k = 0; k < HELD; k++) {
      const int i = lane + k * 32;
      if (i < args.n) most = larger(most, v[k] = x[(long long)i * args.x_step]);
    }
    most = warp_fold(most, [](T a, T b) { return larger(a, b); });
    T sum = 0;
#pragma unroll
    for (int k = 0; k < HELD; k++)
      if (lane + k * 32 < args.n) sum += exp(v[k] - most);
    sum = warp_fold(sum, [](T a, T b) { return a + b; });
#pragma unroll
    for (int k = 0; k < HELD; k++) {
      const int i = lane + k * 32;
      if (i < args.n) y[(long long)i * args.y_step] = f(v[k], most, sum);
    }
  }
}

/* A block's fold of one value a thread, given to all of them. */
template <class T, class F> inline __device__ T block_fold(T v, F join) {
  SHARED T part[256];
  part[threadIdx.x] = v;
  __syncthreads();
  for (int half = 128; half > 0; half /= 2) {
    if (threadIdx.x < half) part[threadIdx.x] = join(part[threadIdx.x], part[threadIdx.x + half]);
    __syncthreads();
  }
  const T all = part[0];
  __syncthreads();
  return all;
}

template <class T, class F> inline __device__ void rows_block(const RowsArgs& args, F f) {
  for (int row = blockIdx.x; row < args.rows; row += gridDim.x) {
    int at[2];
    strided_offsets(args.outer, args.step, row, at);
    const T* x = static_cast<const T*>(args.x) + at[0];
    T* y = static_cast<T*>(args.y) + at[1];
    T most = row_least<T>();
    for (int i = threadIdx.x; i < args.n; i += 256) most = larger(most, x[(long long)i * args.x_step]);
    most = block_fold(most, [](T a, T b) { return larger(a, b); });
    T sum = 0;
    for (int i = threadIdx.x; i < args.n; i += 256) sum += exp(x[(long long)i * args.x_step] - most);
    sum = block_fold(sum, [](T a, T b) { return a + b; });
    for (int i = threadIdx.x; i < args.n; i += 256)
      y[(long long)i * args.y_step] = f(x[(long long)i * args.x_step], most, sum);
  }
}

/* The kernels of one op and type; the expression of a result in x, most and sum comes last. */
#define ROWS(unit, type, T, ...)                                                   \
  KERNEL(unit##_warp_##type, 128, RowsArgs) {                                      \
    rows_warp<T>(args, [](T x, T most, T sum) -> T { return __VA_ARGS__; });       \
  }                                                                                \
  KERNEL(unit##_block_##type, 256, RowsArgs) {                                     \
    rows_block<T>(args, [](T x, T most, T sum) -> T { return __VA_ARGS__; });      \
  }
