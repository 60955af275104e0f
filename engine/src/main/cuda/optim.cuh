/* Optimizers: a rule brings the update of one number, which reads its gradient and changes it and its slots in place. */
#pragma once
#include "pack.cuh"

#define OPTIM_SLOTS 3
#define OPTIM_SETTINGS 12

struct OptimArgs {
  void* w;
  const void* g;
  void* slot[OPTIM_SLOTS]; /* null for one that the rule does not have under its settings */
  double setting[OPTIM_SETTINGS];
  int n;
  int aligned; /* whether vectors of 16 bytes may be read */
};

template <class T, int N, class F> inline __device__ void update_pack(const OptimArgs& args, int i, F f) {
  using P = Pack<T, N>;
  P w = static_cast<P*>(args.w)[i];
  const P g = static_cast<const P*>(args.g)[i];
  P slot[OPTIM_SLOTS] = {};
#pragma unroll
  for (int s = 0; s < OPTIM_SLOTS; s++)
    if (args.slot[s]) slot[s] = static_cast<P*>(args.slot[s])[i];
#pragma unroll
  for (int k = 0; k < N; k++) f(w.at[k], g.at[k], slot[0].at[k], slot[1].at[k], slot[2].at[k]);
  static_cast<P*>(args.w)[i] = w;
#pragma unroll
  for (int s = 0; s < OPTIM_SLOTS; s++)
    if (args.slot[s]) static_cast<P*>(args.slot[s])[i] = slot[s];
}

template <class T, class F> inline __device__ void update(const OptimArgs& args, F f) {
  constexpr int N = 16 / sizeof(T);
  const int first = blockIdx.x * blockDim.x + threadIdx.x;
  const int stride = gridDim.x * blockDim.x;
  const int packs = args.aligned ? args.n / N : 0;
  for (int i = first; i < packs; i += stride) update_pack<T, N>(args, i, f);
  for (int i = packs * N + first; i < args.n; i += stride) update_pack<T, 1>(args, i, f);
}
