/*
 * Elementwise kernels: y[i] = f(x0[i], x1[i], x2[i]) over operands that are broadcast together. Each op brings f.
 */
#pragma once
#include "pack.cuh"

#define POINTWISE_OPERANDS 3
#define POINTWISE_RANK 8

/* An operand without a pointer is one number, the same for every element. */
struct PointwiseArgs {
  const void* x[POINTWISE_OPERANDS];
  void* y;
  long long number[POINTWISE_OPERANDS]; /* bits of a long long for integers, else of a double */
  long long attribute[4]; /* as number */
  int n;
  int rank;    /* 0: everything lies as y does, one after the other */
  int aligned; /* whether vectors of 16 bytes may be read */
  int size[POINTWISE_RANK]; /* innermost first */
  int x_step[POINTWISE_OPERANDS][POINTWISE_RANK];
  int y_step[POINTWISE_RANK];
};

template <class T> struct Number {
  static __device__ T of(long long bits) {
    double d;
    memcpy(&d, &bits, sizeof d);
    return T(d);
  }
};
template <> struct Number<long long> {
  static __device__ long long of(long long bits) { return bits; }
};

template <class T> struct Operand {
  const T* x;
  T number;

  __device__ Operand(const PointwiseArgs& args, int k)
      : x(static_cast<const T*>(args.x[k])), number(Number<T>::of(args.number[k])) {}

  __device__ T at(int i) const { return x ? x[i] : number; }

  template <int N> __device__ Pack<T, N> pack(int i) const {
    if (x) return reinterpret_cast<const Pack<T, N>*>(x)[i];
    Pack<T, N> same;
    for (int k = 0; k < N; k++) same.at[k] = number;
    return same;
  }
};

template <class T, class R, class F> __device__ void pointwise_plain(const PointwiseArgs& args, F f) {
  constexpr int N = 16 / sizeof(T);
  const Operand<T> a(args, 0), b(args, 1), c(args, 2);
  R* y = static_cast<R*>(args.y);
  const int first = blockIdx.x * blockDim.x + threadIdx.x;
  const int stride = gridDim.x * blockDim.x;
  const int packs = args.aligned ? args.n / N : 0;
  for (int i = first; i < packs; i += stride) {
    const Pack<T, N> pa = a.template pack<N>(i), pb = b.template pack<N>(i), pc = c.template pack<N>(i);
    Pack<R, N> out;
#pragma unroll
    for (int k = 0; k < N; k++) out.at[k] = f(pa.at[k], pb.at[k], pc.at[k]);
    reinterpret_cast<Pack<R, N>*>(y)[i] = out;
  }
  for (int i = packs * N + first; i < args.n; i += stride) y[i] = f(a.at(i), b.at(i), c.at(i));
}

template <class T, class R, class F> __device__ void pointwise_strided(const PointwiseArgs& args, F f) {
  const Operand<T> a(args, 0), b(args, 1), c(args, 2);
  R* y = static_cast<R*>(args.y);
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < args.n; i += gridDim.x * blockDim.x) {
    unsigned rest = i;
    int at[POINTWISE_OPERANDS] = {0, 0, 0};
    int out = 0;
    /* Unrolled, so that the arrays of the argument are read where they lie. */
#pragma unroll
    for (int d = 0; d < POINTWISE_RANK; d++) {
      if (d >= args.rank) break;
      const unsigned size = args.size[d];
      const unsigned outer = rest / size;
      const int index = int(rest - outer * size);
      rest = outer;
#pragma unroll
      for (int k = 0; k < POINTWISE_OPERANDS; k++) at[k] += index * args.x_step[k][d];
      out += index * args.y_step[d];
    }
    y[out] = f(a.at(at[0]), b.at(at[1]), c.at(at[2]));
  }
}

template <class T, class R, class F> __device__ void pointwise(const PointwiseArgs& args, F f) {
  if (args.rank == 0) pointwise_plain<T, R>(args, f);
  else pointwise_strided<T, R>(args, f);
}

/* Names that several ops' expressions use; P(i) is the op's i-th attribute. */
#define P(i) Number<T>::of(args.attribute[i])

template <class T> __device__ T power(T x, T e) { return e == T(2) ? x * x : pow(x, e); }
inline __device__ long long power(long long x, long long e) {
  unsigned long long square = x, result = 1;
  for (; e > 0; e >>= 1, square *= square)
    if (e & 1) result *= square;
  return (long long)result;
}
