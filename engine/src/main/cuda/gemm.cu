/*
 * Matrix products on the ordinary cores, float32 and float64: the fallback where there is no cuBLAS.
 *
 * A block computes a tile of c. It walks along k in steps of TILE_K: while it multiplies one step's tiles of a and b in
 * shared memory, the next step's are on their way from global memory to registers. A thread keeps its part of the tile of
 * c in registers and reads each number of shared memory 16 bytes wide.
 */
#include "gemm.cuh"

/* A tile of one operand, OUTER by DEPTH, on its way to shared memory, where it lies by k: tile[k * PITCH + outer]. */
template <class T, int OUTER, int DEPTH, int THREADS> struct Carrier {
  static constexpr int N = Wide<T>::COUNT;
  static constexpr int PITCH = OUTER + N; /* not a multiple of the 32 banks */
  static constexpr int ELEMENTS = PITCH * DEPTH;
  static constexpr int WIDES = OUTER * DEPTH / N;
  static constexpr int SLOTS = (WIDES + THREADS - 1) / THREADS;

  Side<T> side;
  Wide<T> held[SLOTS];

  __device__ Carrier(const Side<T>& side) : side(side) {}

  template <bool ALONG_K> static __device__ int outer(int wide) {
    return ALONG_K ? wide / (DEPTH / N) : wide % (OUTER / N) * N;
  }

  template <bool ALONG_K> static __device__ int depth(int wide) {
    return ALONG_K ? wide % (DEPTH / N) * N : wide / (OUTER / N);
  }

  template <bool ALONG_K> __device__ void take(int k, int k_end) {
#pragma unroll
    for (int s = 0; s < SLOTS; s++) {
      const int wide = threadIdx.x + s * THREADS;
      if (WIDES % THREADS != 0 && wide >= WIDES) return;
      const Run<T> run(side, outer<ALONG_K>(wide), k + depth<ALONG_K>(wide), k_end);
      if (side.aligned && run.count >= N) {
        held[s] = *reinterpret_cast<const Wide<T>*>(run.from);
      } else {
#pragma unroll
        for (int i = 0; i < N; i++) held[s].at[i] = i < run.count ? run.from[i] : T(0);
      }
    }
  }

  template <bool ALONG_K> __device__ void put(T* tile) const {
#pragma unroll
    for (int s = 0; s < SLOTS; s++) {
      const int wide = threadIdx.x + s * THREADS;
      if (WIDES % THREADS != 0 && wide >= WIDES) return;
      T* to = tile + depth<ALONG_K>(wide) * PITCH + outer<ALONG_K>(wide);
      if (!ALONG_K) {
        *reinterpret_cast<Wide<T>*>(to) = held[s];
      } else {
#pragma unroll
        for (int i = 0; i < N; i++) to[i * PITCH] = held[s].at[i];
      }
    }
  }

  __device__ void take(int k, int k_end) {
    if (side.along_k) take<true>(k, k_end);
    else take<false>(k, k_end);
  }

  __device__ void put(T* tile) const {
    if (side.along_k) put<true>(tile);
    else put<false>(tile);
  }
};

/*
 * WARPS_M x WARPS_N warps share the tile, LANES_M x (32 / LANES_M) lanes share a warp's part of it. A lane computes groups
 * of 16 bytes by 16 bytes, a whole row of lanes apart, so that its neighbours read neighbouring shared memory.
 */
template <class T, int TILE_M, int TILE_N, int TILE_K, int WARPS_M, int WARPS_N, int LANES_M> struct Gemm {
  static constexpr int THREADS = 32 * WARPS_M * WARPS_N;
  static constexpr int LANES_N = 32 / LANES_M;
  static constexpr int N = Wide<T>::COUNT;
  static constexpr int STRIDE_M = LANES_M * N, STRIDE_N = LANES_N * N;
  static constexpr int GROUPS_M = TILE_M / WARPS_M / STRIDE_M, GROUPS_N = TILE_N / WARPS_N / STRIDE_N;
  using CarrierA = Carrier<T, TILE_M, TILE_K, THREADS>;
  using CarrierB = Carrier<T, TILE_N, TILE_K, THREADS>;
  static constexpr int SHARED_ELEMENTS = 2 * (CarrierA::ELEMENTS + CarrierB::ELEMENTS);

  static_assert(GROUPS_M * STRIDE_M * WARPS_M == TILE_M && GROUPS_N * STRIDE_N * WARPS_N == TILE_N, "lanes fill the tile");

  T sum[GROUPS_M * N][GROUPS_N * N] = {};
  int row, column; /* of the lane's first element in the tile */

  __device__ Gemm() {
    const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    row = warp / WARPS_N * (TILE_M / WARPS_M) + lane / LANES_N * N;
    column = warp % WARPS_N * (TILE_N / WARPS_N) + lane % LANES_N * N;
  }

  __device__ void multiply(const T* a, const T* b) {
#pragma unroll
    for (int k = 0; k < TILE_K; k++) {
      Wide<T> x[GROUPS_M], y[GROUPS_N];
#pragma unroll
      for (int g = 0; g < GROUPS_M; g++)
        x[g] = *reinterpret_cast<const Wide<T>*>(a + k * CarrierA::PITCH + row + g * STRIDE_M);
#pragma unroll
      for (int g = 0; g < GROUPS_N; g++)
        y[g] = *reinterpret_cast<const Wide<T>*>(b + k * CarrierB::PITCH + column + g * STRIDE_N);
#pragma unroll
      for (int i = 0; i < GROUPS_M * N; i++)
#pragma unroll
        for (int j = 0; j < GROUPS_N * N; j++) sum[i][j] += x[i / N].at[i % N] * y[j / N].at[j % N];
    }
  }

  /* `c` and `bias` begin at the tile; `rows` and `columns` of it exist. */
  __device__ void store(T* c, int step, const T* bias, int rows, int columns) const {
    const bool aligned = ((uintptr_t)c | (uintptr_t)(step * sizeof(T))) % 16 == 0;
#pragma unroll
    for (int g = 0; g < GROUPS_N; g++) {
      const int from = column + g * STRIDE_N;
      Wide<T> shift;
#pragma unroll
      for (int j = 0; j < N; j++) shift.at[j] = bias && from + j < columns ? bias[from + j] : T(0);
#pragma unroll
      for (int i = 0; i < GROUPS_M * N; i++) {
        const int r = row + i / N * STRIDE_M + i % N;
        if (r >= rows) continue;
        T* to = c + (size_t)r * step + from;
        Wide<T> out;
#pragma unroll
        for (int j = 0; j < N; j++) out.at[j] = sum[i][g * N + j] + shift.at[j];
        if (aligned && from + N <= columns) {
          *reinterpret_cast<Wide<T>*>(to) = out;
        } else {
#pragma unroll
          for (int j = 0; j < N; j++)
            if (from + j < columns) to[j] = out.at[j];
        }
      }
    }
  }

  static __device__ void run(const GemmArgs<T>& args, T* shared) {
    const Place<TILE_M, TILE_N> place(args.m, args.n);
    CarrierA a(Side<T>(args.a, args.a_batch, args.a_step, args.a_by_rows, place.row, args.m));
    CarrierB b(Side<T>(args.b, args.b_batch, args.b_step, !args.b_by_rows, place.column, args.n));
    T* now = shared; /* the tiles of a and of b that are multiplied, and those that are filled */
    T* next = shared + SHARED_ELEMENTS / 2;
    const int begin = blockIdx.y * args.k_part;
    const int end = args.k - begin < args.k_part ? args.k : begin + args.k_part;
    Gemm gemm;
    a.take(begin, end);
    b.take(begin, end);
    for (int k = begin; k < end; k += TILE_K) {
      a.put(now);
      b.put(now + CarrierA::ELEMENTS);
      /* One barrier a step: who writes these tiles two steps on has passed the next one, so all have read them. */
      __syncthreads();
      a.take(k + TILE_K, end);
      b.take(k + TILE_K, end);
      gemm.multiply(now, now + CarrierA::ELEMENTS);
      T* const filled = now;
      now = next;
      next = filled;
    }
    T* c = args.c + blockIdx.z * args.c_batch + blockIdx.y * args.c_part + (size_t)place.row * args.c_step + place.column;
    const T* bias = args.bias ? args.bias + place.column : nullptr;
    gemm.store(c, args.c_step, bias, args.m - place.row, args.n - place.column);
  }
};

#define GEMM(name, threads, T, ...)                         \
  KERNEL(name, TWO_PER_PROCESSOR(threads), GemmArgs<T>) {   \
    using Shape = Gemm<T, __VA_ARGS__>;                     \
    static_assert(Shape::THREADS == threads, "block size"); \
    SHARED __align__(16) T tiles[Shape::SHARED_ELEMENTS];   \
    Shape::run(args, tiles);                                \
  }

GEMM(gemm_large_f32, 256, float, 128, 128, 16, 4, 2, 4)
GEMM(gemm_small_f32, 128, float, 64, 64, 16, 2, 2, 4)
GEMM(gemm_tall_f32, 128, float, 128, 16, 16, 4, 1, 8) /* few columns, such as the logits of a few classes */
GEMM(gemm_wide_f32, 128, float, 16, 128, 16, 1, 4, 4) /* few rows */
GEMM(gemm_small_f64, 128, double, 64, 64, 8, 2, 2, 4)

/* Adds up the parts of k, always from the first to the last. Grid: x elements of c, y nothing, z the batch. */
template <class T> struct GemmSumArgs {
  const T* parts; /* [batch, part, m, n] */
  T* c;
  const T* bias; /* or null */
  long long c_batch;
  int m, n, c_step, count;
};

template <class T> __device__ void sum_parts(const GemmSumArgs<T>& args) {
  const int size = args.m * args.n;
  const T* parts = args.parts + (size_t)blockIdx.z * args.count * size;
  T* c = args.c + blockIdx.z * args.c_batch;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < size; i += gridDim.x * blockDim.x) {
    const int row = i / args.n, column = i - row * args.n;
    T sum = 0;
    for (int p = 0; p < args.count; p++) sum += parts[(size_t)p * size + i];
    c[(size_t)row * args.c_step + column] = args.bias ? sum + args.bias[column] : sum;
  }
}

KERNEL(gemm_sum_f32, 256, GemmSumArgs<float>) { sum_parts(args); }
KERNEL(gemm_sum_f64, 256, GemmSumArgs<double>) { sum_parts(args); }
