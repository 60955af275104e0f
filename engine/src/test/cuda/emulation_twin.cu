/* Has names of emulation.cu and means something else by them. */
#include "kernel.cuh"

struct EmulationArgs {
  const float* x;
  float* y;
  int n;
};

__device__ long long ceil(long long x) { return x + 200; }
template <class T> __device__ T twin(T x) { return x + 2; }

KERNEL(emulation_twin_names, 32, EmulationArgs) {
  args.y[0] = ceil(0.5f);
  args.y[1] = ceil(7ll);
  args.y[2] = twin(1.0f);
}
