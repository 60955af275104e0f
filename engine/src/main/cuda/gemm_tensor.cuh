/*
 * Matrix products of float32 operands on the tensor cores: rounded to TF32 (10 bits of mantissa) or to bfloat16 (7), the
 * products summed in float32. An opt-in, since it gives up digits.
 *
 * A block computes 128 x 128 of c, each of its four warps 64 x 64. Tiles of a and b travel from global to shared memory
 * without passing registers (cp.async), the next step's while this one's are multiplied. They lie in shared memory as they
 * lie in global memory, by k or by outer, with the rows padded such that a warp's 32 reads meet 32 banks either way.
 */
#pragma once
#include "gemm.cuh"

/* ---- the instructions, and what they do where there are none ---- */

#ifdef SPARKGRAD_EMULATED

inline void copy_16(float* to, const float* from, int bytes) {
  for (int i = 0; i < 4; i++) to[i] = i < bytes / 4 ? from[i] : 0.0f;
}
inline void copy_4(float* to, const float* from, int bytes) { *to = bytes ? *from : 0.0f; }
inline void copies_end() {}
template <int PENDING> void copies_wait() {}

inline uint32_t tf32(float x) {
  const uint32_t bits = __float_as_uint(x);
  return (bits & 0x7f800000u) == 0x7f800000u ? bits : (bits + 0x1000u) & 0xffffe000u;
}
inline uint32_t bf16(float x) {
  const uint32_t bits = __float_as_uint(x);
  if (x != x) return 0x7fff;
  return (bits + 0x7fffu + (bits >> 16 & 1)) >> 16;
}
inline uint32_t bf16_pair(float low, float high) { return bf16(high) << 16 | bf16(low); }

/* The lane of group g = lane / 4 and place t = lane % 4 holds rows g and g + 8 and columns 2t and 2t + 1 of the sums. */
struct Fragments {
  const uint32_t (&a)[4];
  const uint32_t (&b)[2];
};
template <class F> void mma(float (&sum)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], F product) {
  const int lane = threadIdx.x % 32, group = lane / 4, place = lane % 4;
  emulated::with_warp(Fragments{a, b}, [&](auto of) {
    for (int t = 0; t < 4; t++) {
      const Fragments &row = of(4 * group + t), &left = of(8 * place + t), &right = of(8 * place + 4 + t);
      for (int half = 0; half < 2; half++) {
        sum[0] += product(row.a[2 * half], left.b[half]);
        sum[1] += product(row.a[2 * half], right.b[half]);
        sum[2] += product(row.a[2 * half + 1], left.b[half]);
        sum[3] += product(row.a[2 * half + 1], right.b[half]);
      }
    }
  });
}
inline void mma_tf32(float (&sum)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  mma(sum, a, b, [](uint32_t x, uint32_t y) { return __uint_as_float(x) * __uint_as_float(y); });
}
inline void mma_bf16(float (&sum)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  mma(sum, a, b, [](uint32_t x, uint32_t y) {
    return __uint_as_float(x << 16) * __uint_as_float(y << 16) +
           __uint_as_float(x & 0xffff0000u) * __uint_as_float(y & 0xffff0000u);
  });
}

#else

inline __device__ unsigned shared_address(const void* p) { return static_cast<unsigned>(__cvta_generic_to_shared(p)); }

/* Copies the first `bytes` and fills up with zeros. */
inline __device__ void copy_16(float* to, const float* from, int bytes) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared_address(to)), "l"(from), "r"(bytes) : "memory");
}
inline __device__ void copy_4(float* to, const float* from, int bytes) {
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(shared_address(to)), "l"(from), "r"(bytes) : "memory");
}
/* Ends a group of copies; waits for all groups but the last few. */
inline __device__ void copies_end() { asm volatile("cp.async.commit_group;" ::: "memory"); }
template <int PENDING> __device__ void copies_wait() { asm volatile("cp.async.wait_group %0;" ::"n"(PENDING) : "memory"); }

inline __device__ uint32_t tf32(float x) {
  uint32_t bits;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(x));
  return bits;
}
inline __device__ uint32_t bf16_pair(float low, float high) {
  uint32_t bits;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(bits) : "f"(high), "f"(low));
  return bits;
}

#define MMA(shape_and_types)                                                               \
  asm volatile("mma.sync.aligned." shape_and_types " {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};" \
               : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])                    \
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]))
inline __device__ void mma_tf32(float (&sum)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  MMA("m16n8k8.row.col.f32.tf32.tf32.f32");
}
inline __device__ void mma_bf16(float (&sum)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  MMA("m16n8k16.row.col.f32.bf16.bf16.f32");
}

#endif

/* ---- the two precisions: how numbers become a fragment ---- */

/*
 * A lane reads, for each 8 of k, places t and t + 4 of rows g and g + 8 of a, and of column g of b. That is the fragment
 * of m16n8k8 as it is. m16n8k16 wants pairs of neighbours in k; a sum does not care for the order of its terms, so the
 * four numbers of two such reads serve as the pairs, as long as a and b agree.
 */
struct Tf32 {
  static constexpr int DEPTH = 8, READS = 1;

  template <int ROWS> static __device__ void fragment(uint32_t (&to)[2 * ROWS], const float (&x)[READS][2][ROWS]) {
#pragma unroll
    for (int r = 0; r < ROWS; r++)
#pragma unroll
      for (int h = 0; h < 2; h++) to[h * ROWS + r] = tf32(x[0][h][r]);
  }

  static __device__ void multiply(float (&sum)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) { mma_tf32(sum, a, b); }
};

struct Bf16 {
  static constexpr int DEPTH = 16, READS = 2;

  template <int ROWS> static __device__ void fragment(uint32_t (&to)[2 * ROWS], const float (&x)[READS][2][ROWS]) {
#pragma unroll
    for (int r = 0; r < ROWS; r++)
#pragma unroll
      for (int h = 0; h < 2; h++) to[h * ROWS + r] = bf16_pair(x[h][0][r], x[h][1][r]);
  }

  static __device__ void multiply(float (&sum)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) { mma_bf16(sum, a, b); }
};

/* ---- the tiles ---- */

constexpr int TILE = 128, TILE_K = 32, THREADS = 128, WARP_TILE = 64;

/* One operand's tile in shared memory. */
template <bool ALONG_K> struct Tile {
  /* From one group of lanes to the next 4 banks, from one place in a group to the next 1; or 1 and 8. */
  static constexpr int PITCH = ALONG_K ? TILE_K + 4 : TILE + 8;
  static constexpr int ELEMENTS = PITCH * (ALONG_K ? TILE : TILE_K);
  static constexpr int RUNS = (ALONG_K ? TILE_K : TILE) / 4; /* of 4 elements, in a row of the tile */
  static constexpr int SLOTS = TILE * TILE_K / 4 / THREADS;

  const Side<float> side;

  __device__ Tile(const float* start, long long batch, int step, int first, int size)
      : side(start, batch, step, ALONG_K, first, size) {}

  static __device__ int at(int outer, int k) { return ALONG_K ? outer * PITCH + k : k * PITCH + outer; }

  static __device__ int outer(int run) { return ALONG_K ? run / RUNS : run % RUNS * 4; }

  static __device__ int depth(int run) { return ALONG_K ? run % RUNS * 4 : run / RUNS; }

  /* Where nothing is left to read, the address is one that exists all the same. */
  __device__ void fetch(float* tile, int k, int k_end) const {
    if (!side.aligned) return fetch_single(tile, k, k_end);
#pragma unroll
    for (int s = 0; s < SLOTS; s++) {
      const int i = threadIdx.x + s * THREADS;
      const Run<float> run(side, outer(i), k + depth(i), k_end);
      const int count = run.count < 0 ? 0 : run.count < 4 ? run.count : 4;
      copy_16(tile + at(outer(i), depth(i)), count ? run.from : side.from, 4 * count);
    }
  }

  __device__ void fetch_single(float* tile, int k, int k_end) const {
#pragma unroll 1
    for (int i = threadIdx.x; i < SLOTS * THREADS; i += THREADS) {
      const Run<float> run(side, outer(i), k + depth(i), k_end);
      float* to = tile + at(outer(i), depth(i));
#pragma unroll
      for (int e = 0; e < 4; e++) copy_4(to + e, e < run.count ? run.from + e : side.from, e < run.count ? 4 : 0);
    }
  }

  /* The lane's fragment at this place of the tile: 16 rows of a, or 8 columns of b. */
  template <class Precision, int ROWS>
  static __device__ void fragment(uint32_t (&to)[2 * ROWS], const float* tile, int outer, int k) {
    const int group = threadIdx.x % 32 / 4, place = threadIdx.x % 4;
    float x[Precision::READS][2][ROWS];
#pragma unroll
    for (int read = 0; read < Precision::READS; read++)
#pragma unroll
      for (int h = 0; h < 2; h++)
#pragma unroll
        for (int r = 0; r < ROWS; r++) x[read][h][r] = tile[at(outer + group + 8 * r, k + 8 * read + place + 4 * h)];
    Precision::fragment(to, x);
  }
};

template <class Precision, bool A_ALONG_K, bool B_ALONG_K> struct TensorGemm {
  using TileA = Tile<A_ALONG_K>;
  using TileB = Tile<B_ALONG_K>;
  static constexpr int MMAS_M = WARP_TILE / 16, MMAS_N = WARP_TILE / 8;
  static constexpr int SUM_PITCH = TILE + 8;

  static_assert(TILE * SUM_PITCH <= 2 * (TileA::ELEMENTS + TileB::ELEMENTS), "the sums fit where the tiles were");

  float sum[MMAS_M][MMAS_N][4] = {};
  int row, column; /* of the warp's part of the tile */

  __device__ TensorGemm() : row(threadIdx.x / 64 * WARP_TILE), column(threadIdx.x / 32 % 2 * WARP_TILE) {}

  __device__ void multiply(const float* a, const float* b) {
#pragma unroll
    for (int k = 0; k < TILE_K; k += Precision::DEPTH) {
      uint32_t x[MMAS_M][4], y[MMAS_N][2];
#pragma unroll
      for (int i = 0; i < MMAS_M; i++) TileA::template fragment<Precision, 2>(x[i], a, row + 16 * i, k);
#pragma unroll
      for (int j = 0; j < MMAS_N; j++) TileB::template fragment<Precision, 1>(y[j], b, column + 8 * j, k);
#pragma unroll
      for (int i = 0; i < MMAS_M; i++)
#pragma unroll
        for (int j = 0; j < MMAS_N; j++) Precision::multiply(sum[i][j], x[i], y[j]);
    }
  }

  /* The sums go through shared memory, so that a warp writes whole rows of c. */
  __device__ void gather(float* tile) const {
    const int group = threadIdx.x % 32 / 4, place = threadIdx.x % 4;
#pragma unroll
    for (int i = 0; i < MMAS_M; i++)
#pragma unroll
      for (int j = 0; j < MMAS_N; j++)
#pragma unroll
        for (int h = 0; h < 2; h++) {
          float* to = tile + (row + 16 * i + 8 * h + group) * SUM_PITCH + column + 8 * j + 2 * place;
          *reinterpret_cast<float2*>(to) = make_float2(sum[i][j][2 * h], sum[i][j][2 * h + 1]);
        }
  }

  /* `c` and `bias` begin at the tile; `rows` and `columns` of it exist. */
  static __device__ void store(const float* tile, float* c, int step, const float* bias, int rows, int columns) {
    const bool aligned = ((uintptr_t)c | (uintptr_t)(step * sizeof(float))) % 16 == 0;
#pragma unroll 1
    for (int i = threadIdx.x; i < TILE * TILE / 4; i += THREADS) {
      const int r = i / (TILE / 4), from = i % (TILE / 4) * 4;
      if (r >= rows) break;
      Wide<float> out = *reinterpret_cast<const Wide<float>*>(tile + r * SUM_PITCH + from);
#pragma unroll
      for (int e = 0; e < 4; e++)
        if (bias && from + e < columns) out.at[e] += bias[from + e];
      float* to = c + (size_t)r * step + from;
      if (aligned && from + 4 <= columns) {
        *reinterpret_cast<Wide<float>*>(to) = out;
      } else {
#pragma unroll
        for (int e = 0; e < 4; e++)
          if (from + e < columns) to[e] = out.at[e];
      }
    }
  }

  static __device__ void run(const GemmArgs<float>& args, float* shared) {
    const Place<TILE, TILE> place(args.m, args.n);
    const TileA a(args.a, args.a_batch, args.a_step, place.row, args.m);
    const TileB b(args.b, args.b_batch, args.b_step, place.column, args.n);
    float* now = shared; /* the tiles of a and of b that are multiplied, and those that are filled */
    float* next = shared + TileA::ELEMENTS + TileB::ELEMENTS;
    const int begin = blockIdx.y * args.k_part;
    const int end = args.k - begin < args.k_part ? args.k : begin + args.k_part;
    TensorGemm gemm;
    const bool is_in_c = gemm.row < args.m - place.row && gemm.column < args.n - place.column; /* a warp at the edge may not be */
    a.fetch(now, begin, end);
    b.fetch(now + TileA::ELEMENTS, begin, end);
    copies_end();
    for (int k = begin; k < end; k += TILE_K) {
      a.fetch(next, k + TILE_K, end);
      b.fetch(next + TileA::ELEMENTS, k + TILE_K, end);
      copies_end();
      copies_wait<1>();
      __syncthreads();
      if (is_in_c) gemm.multiply(now, now + TileA::ELEMENTS);
      __syncthreads(); /* all have read these tiles; they may be filled */
      float* const read = now;
      now = next;
      next = read;
    }
    copies_wait<0>();
    __syncthreads();
    gemm.gather(shared);
    __syncthreads();
    float* c = args.c + blockIdx.z * args.c_batch + blockIdx.y * args.c_part + (size_t)place.row * args.c_step + place.column;
    const float* bias = args.bias ? args.bias + place.column : nullptr;
    store(shared, c, args.c_step, bias, args.m - place.row, args.n - place.column);
  }
};

/* n: lies by rows, t: by columns; of a, then of b. */
#define TENSOR_GEMM(name, Precision, A_ALONG_K, B_ALONG_K)             \
  KERNEL(name, TWO_PER_PROCESSOR(THREADS), GemmArgs<float>) {          \
    DYNAMIC_SHARED(float, tiles);                                      \
    TensorGemm<Precision, A_ALONG_K, B_ALONG_K>::run(args, tiles);     \
  }
#define TENSOR_GEMMS(type, Precision)                          \
  TENSOR_GEMM(gemm_##type##_nn_f32, Precision, true, false)    \
  TENSOR_GEMM(gemm_##type##_nt_f32, Precision, true, true)     \
  TENSOR_GEMM(gemm_##type##_tn_f32, Precision, false, false)   \
  TENSOR_GEMM(gemm_##type##_tt_f32, Precision, false, true)
