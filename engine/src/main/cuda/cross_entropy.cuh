/* The loss of a row and its gradient, by a warp or a block a row: see CrossEntropy. */
#pragma once
#include "fault.cuh"
#include "rows.cuh"

struct LossArgs {
  const void* x;
  const long long* target;
  void* losses;
  void* log_sums;
  FaultArgs faults;
  long long ignored;
  int rows;
  int n; /* classes */
  int x_step;
  StridedShape outer;
  int step[1][MAX_RANK];
};

template <class T>
inline __device__ void finish(const LossArgs& args, int row, const T* x, T most, T sum) {
  const T log_sum = most + log(sum);
  const long long k = args.target[row];
  T loss = 0;
  if (k != args.ignored) {
    if (k < 0 || k >= args.n) fault(args.faults, k);
    else loss = log_sum - x[k * args.x_step];
  }
  static_cast<T*>(args.log_sums)[row] = log_sum;
  static_cast<T*>(args.losses)[row] = loss;
}

template <class T> inline __device__ void loss_warp(const LossArgs& args) {
  constexpr int HELD = Held<T>::A_LANE;
  const int lane = threadIdx.x % 32;
  for (int row = blockIdx.x * 4 + threadIdx.x / 32; row < args.rows; row += gridDim.x * 4) {
    int at[1];
    strided_offsets(args.outer, args.step, row, at);
    const T* x = static_cast<const T*>(args.x) + at[0];
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
    if (lane == 0) finish(args, row, x, most, sum);
  }
}

template <class T> inline __device__ void loss_block(const LossArgs& args) {
  for (int row = blockIdx.x; row < args.rows; row += gridDim.x) {
    int at[1];
    strided_offsets(args.outer, args.step, row, at);
    const T* x = static_cast<const T*>(args.x) + at[0];
    T most = row_least<T>();
    for (int i = threadIdx.x; i < args.n; i += 256) most = larger(most, x[(long long)i * args.x_step]);
    most = block_fold(most, [](T a, T b) { return larger(a, b); });
    T sum = 0;
    for (int i = threadIdx.x; i < args.n; i += 256) sum += exp(x[(long long)i * args.x_step] - most);
    sum = block_fold(sum, [](T a, T b) { return a + b; });
    if (threadIdx.x == 0) finish(args, row, x, most, sum);
  }
}

struct GradientArgs {
  const void* x;
  const long long* target;
  const void* log_sums;
  const void* g;
  void* dx;
  long long ignored;
  int rows;
  int n;
  int g_step; /* 0 where one gradient serves all rows */
  int x_step;
  int dx_step;
  StridedShape outer;
  int step[2][MAX_RANK]; /* of x and dx, from row to row */
};

/* Every width-th element of a row, from the first on. */
template <class T>
inline __device__ void gradient(const GradientArgs& args, int row, int first, int width) {
  int at[2];
  strided_offsets(args.outer, args.step, row, at);
  const T* x = static_cast<const T*>(args.x) + at[0];
  T* dx = static_cast<T*>(args.dx) + at[1];
  const T log_sum = static_cast<const T*>(args.log_sums)[row];
  const T g = static_cast<const T*>(args.g)[(long long)row * args.g_step];
  const long long k = args.target[row];
  for (int i = first; i < args.n; i += width) {
    const T y = g * exp(x[(long long)i * args.x_step] - log_sum);
    dx[(long long)i * args.dx_step] = k == args.ignored ? T(0) : i == k ? y - g : y;
  }
}
