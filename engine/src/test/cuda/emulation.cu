/* Kernels that try the emulated driver itself: some right, some wrong on purpose. */
#include "kernel.cuh"

struct EmulationArgs {
  const float* x;
  float* y;
  int n;
};

/* One block: y[0] = the sum of x, halving in shared memory. */
KERNEL(emulation_sum, 256, EmulationArgs) {
  SHARED float part[256];
  const int t = threadIdx.x;
  float sum = 0;
  for (int i = t; i < args.n; i += blockDim.x) sum += args.x[i];
  part[t] = sum;
  __syncthreads();
  for (int half = blockDim.x / 2; half > 0; half /= 2) {
    if (t < half) part[t] += part[t + half];
    __syncthreads();
  }
  if (t == 0) args.y[0] = part[0];
}

/* As emulation_sum, but nobody waits for the parts to be written. */
KERNEL(emulation_sum_too_early, 256, EmulationArgs) {
  SHARED float part[256];
  const int t = threadIdx.x;
  part[t] = args.x[t];
  if (t == 0) {
    float sum = 0;
    for (int i = 0; i < args.n; i++) sum += part[i];
    args.y[0] = sum;
  }
}

/* y[i] = the sum of the numbers before i, inclusive, within its warp. */
KERNEL(emulation_warp_scan, 256, EmulationArgs) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x, lane = threadIdx.x % 32;
  float sum = args.x[i];
  for (int delta = 1; delta < 32; delta *= 2) {
    const float before = __shfl_up_sync(0xffffffffu, sum, delta);
    if (lane >= delta) sum += before;
  }
  args.y[i] = sum;
}

/* y = the ballot of x > 0, its any and all, and the same for the block. */
KERNEL(emulation_votes, 256, EmulationArgs) {
  const int t = threadIdx.x, yes = args.x[t] > 0;
  const unsigned ballot = __ballot_sync(0xffffffffu, yes);
  const int any = __any_sync(0xffffffffu, yes), all = __all_sync(0xffffffffu, yes);
  const int count = __syncthreads_count(yes), some = __syncthreads_or(yes), each = __syncthreads_and(yes);
  if (t != 0) return;
  args.y[0] = __popc(ballot);
  args.y[1] = any;
  args.y[2] = all;
  args.y[3] = count;
  args.y[4] = some;
  args.y[5] = each;
}

/* y = x backwards, block by block. */
KERNEL(emulation_reverse, 256, EmulationArgs) {
  DYNAMIC_SHARED(float, tile);
  const int first = blockIdx.x * blockDim.x, t = threadIdx.x;
  tile[t] = args.x[first + t];
  __syncthreads();
  args.y[first + t] = tile[blockDim.x - 1 - t];
}

KERNEL(emulation_behind_shared, 256, EmulationArgs) {
  DYNAMIC_SHARED(float, tile);
  tile[threadIdx.x + args.n] = 1;
  args.y[threadIdx.x] = tile[threadIdx.x];
}

KERNEL(emulation_uneven_barrier, 256, EmulationArgs) {
  if (threadIdx.x < 10) __syncthreads();
  args.y[threadIdx.x] = 1;
}

KERNEL(emulation_two_barriers, 256, EmulationArgs) {
  if (threadIdx.x % 2)
    __syncthreads();
  else
    __syncthreads();
  args.y[threadIdx.x] = 1;
}

KERNEL(emulation_uneven_shuffle, 256, EmulationArgs) {
  float x = args.x[threadIdx.x];
  if (threadIdx.x < 7) x = __shfl_xor_sync(0xffffffffu, x, 1);
  else x += __shfl_xor_sync(0xffffffffu, x, 2);
  args.y[threadIdx.x] = x;
}

/* y[i] = x[i] + 1 for all i up to n, and including n: too far if there are n. */
KERNEL(emulation_one_too_far, 256, EmulationArgs) {
  for (int i = threadIdx.x; i <= args.n; i += blockDim.x) args.y[i] = i < args.n ? args.x[i] + 1 : 7;
}

KERNEL(emulation_wild_pointer, 256, EmulationArgs) { args.y[(1ll << 40) * (args.n + 1)] = 1; }

KERNEL(emulation_large_frame, 256, EmulationArgs) {
  volatile float many[1 << 20];
  for (int i = 0; i < 1 << 20; i += 512) many[i] = args.x[0];
  args.y[0] = many[512];
}

/* Each float4 of y is written whole. */
KERNEL(emulation_vectors, 256, EmulationArgs) {
  float4* y = reinterpret_cast<float4*>(args.y);
  for (int i = threadIdx.x; i < args.n; i += blockDim.x) y[i] = make_float4(i, i, i, i);
}

KERNEL(emulation_add_one, 256, EmulationArgs) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < args.n) args.y[i] = args.x[i] + 1;
}

/* Waits for no one: y = the block that came last. */
KERNEL(emulation_last_block, 256, EmulationArgs) { args.y[threadIdx.x] = blockIdx.x; }

/* Philox and the like live on these. */
KERNEL(emulation_integers, 256, EmulationArgs) {
  int* counter = reinterpret_cast<int*>(args.y);
  atomicAdd(counter, 1);
  atomicMax(counter + 1, static_cast<int>(threadIdx.x));
  if (threadIdx.x == 0) {
    counter[2] = __umulhi(0xd2511f53u, 0x12345678u);
    counter[3] = __float2int_rz(1e30f);
    counter[4] = __float_as_int(__fmul_rn(1.1f, 1.1f));
    counter[5] = __bfloat16_as_ushort(__float2bfloat16_rn(1.00390625f));
  }
}

template <class T> __device__ T* scratch() {
  SHARED T memory[32];
  return memory;
}

/* y = what static shared memory holds that nobody wrote, in a kernel and in a template. */
KERNEL(emulation_unwritten, 32, EmulationArgs) {
  SHARED float part[32];
  const int t = threadIdx.x;
  args.y[t] = part[t];
  args.y[32 + t] = scratch<float>()[t];
  __syncthreads();
  part[t] = scratch<float>()[t] = 1;
}

/* An overload of a function of CUDA's, and a name that another unit has too. */
__device__ long long ceil(long long x) { return x + 100; }
template <class T> __device__ T twin(T x) { return x + 1; }

KERNEL(emulation_names, 32, EmulationArgs) {
  args.y[0] = ceil(0.5f);
  args.y[1] = ceil(7ll);
  args.y[2] = twin(1.0f);
}
