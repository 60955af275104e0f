/*
 * Reductions: y[o] = the fold of x over some dimensions, in a fixed order, so that bits do not change from run to run.
 * An op brings a Fold:
 *   struct Fold { using A; static A none(); static A of(T x, int index); static A join(A, A); static R result(A); };
 * where `index` counts the folded elements of one result. Where results are few, their folded elements are cut into
 * parts whose folds are joined by a second kernel.
 */
#pragma once
#include "strided.cuh"

struct ReduceArgs {
  const void* x;
  void* y; /* results, or [parts][outputs] accumulators */
  int outputs;
  int folded;
  int parts;
  StridedShape kept;
  int kept_step[1][MAX_RANK];
  StridedShape inner;
  int inner_step[1][MAX_RANK];
};

struct JoinArgs {
  const void* accumulators;
  void* y;
  int outputs;
  int parts;
};

template <class R, class F> inline __device__ void put(const ReduceArgs& args, int output, int part, typename F::A sum) {
  if (args.parts == 1) static_cast<R*>(args.y)[output] = F::result(sum);
  else static_cast<typename F::A*>(args.y)[(long long)part * args.outputs + output] = sum;
}

/* One block a result and part: for folded elements that lie together. */
template <class T, class R, class F> inline __device__ void reduce_block(const ReduceArgs& args) {
  using A = typename F::A;
  SHARED unsigned char bytes[256 * sizeof(A)];
  A* const sums = reinterpret_cast<A*>(bytes);
  const T* x = static_cast<const T*>(args.x);
  const int part = blockIdx.y;
  const int chunk = (args.folded + args.parts - 1) / args.parts;
  const int end = min(args.folded, (part + 1) * chunk);
  for (int output = blockIdx.x; output < args.outputs; output += gridDim.x) {
    int base[1];
    strided_offsets(args.kept, args.kept_step, output, base);
    A sum = F::none();
    for (int i = part * chunk + threadIdx.x; i < end; i += 256) {
      int at[1];
      strided_offsets(args.inner, args.inner_step, i, at);
      sum = F::join(sum, F::of(x[base[0] + at[0]], i));
    }
    sums[threadIdx.x] = sum;
    __syncthreads();
    for (int half = 128; half > 0; half /= 2) {
      if (threadIdx.x < half) sums[threadIdx.x] = F::join(sums[threadIdx.x], sums[threadIdx.x + half]);
      __syncthreads();
    }
    if (threadIdx.x == 0) put<R, F>(args, output, part, sums[0]);
    __syncthreads();
  }
}

/* One thread a result and part: for results that lie together, as in a sum of columns, and for short folds. */
template <class T, class R, class F> inline __device__ void reduce_thread(const ReduceArgs& args) {
  const T* x = static_cast<const T*>(args.x);
  const int part = blockIdx.y;
  const int chunk = (args.folded + args.parts - 1) / args.parts;
  const int end = min(args.folded, (part + 1) * chunk);
  for (int output = blockIdx.x * blockDim.x + threadIdx.x; output < args.outputs; output += gridDim.x * blockDim.x) {
    int base[1];
    strided_offsets(args.kept, args.kept_step, output, base);
    typename F::A sum = F::none();
    for (int i = part * chunk; i < end; i++) {
      int at[1];
      strided_offsets(args.inner, args.inner_step, i, at);
      sum = F::join(sum, F::of(x[base[0] + at[0]], i));
    }
    put<R, F>(args, output, part, sum);
  }
}

template <class R, class F> inline __device__ void reduce_join(const JoinArgs& args) {
  using A = typename F::A;
  const A* a = static_cast<const A*>(args.accumulators);
  for (int output = blockIdx.x * blockDim.x + threadIdx.x; output < args.outputs; output += gridDim.x * blockDim.x) {
    A sum = a[output];
    for (int part = 1; part < args.parts; part++) sum = F::join(sum, a[(long long)part * args.outputs + output]);
    static_cast<R*>(args.y)[output] = F::result(sum);
  }
}

/* The three kernels of one op and type; the Fold comes last, since it may hold commas. */
#define REDUCE(unit, type, T, R, ...)                                                        \
  KERNEL(unit##_block_##type, 256, ReduceArgs) { reduce_block<T, R, __VA_ARGS__>(args); }    \
  KERNEL(unit##_thread_##type, 256, ReduceArgs) { reduce_thread<T, R, __VA_ARGS__>(args); }  \
  KERNEL(unit##_join_##type, 256, JoinArgs) { reduce_join<R, __VA_ARGS__>(args); }

/* The largest element, NaN largest of all, and where it came first. */
template <class T> struct Largest {
  struct A {
    T value;
    int index; /* -1: no element yet */
  };
  static __device__ A none() { return A{T(0), -1}; }
  static __device__ A of(T x, int index) { return A{x, index}; }
  static __device__ A join(A a, A b) {
    if (b.index < 0) return a;
    if (a.index < 0) return b;
    const bool a_nan = a.value != a.value, b_nan = b.value != b.value;
    const bool same = a_nan || b_nan ? a_nan == b_nan : a.value == b.value;
    if (same) return a.index < b.index ? a : b;
    return b_nan || (!a_nan && b.value > a.value) ? b : a;
  }
};
