/*
 * Philox4x32-10: four random words from a counter and a key. Salmon, Moraes, Dror and Shaw, "Parallel random numbers:
 * as easy as 1, 2, 3", 2011. And numbers made of the words, in the bits of io.sparkgrad.random.Philox: each operation
 * is rounded as written there, so none may be left to the compiler to fuse, and none comes from a library.
 */
#pragma once
#include "kernel.cuh"

struct Words {
  unsigned at[4];
};

inline __device__ Words philox(unsigned long long key, unsigned long long counter) {
  unsigned c0 = unsigned(counter), c1 = unsigned(counter >> 32), c2 = 0, c3 = 0;
  unsigned k0 = unsigned(key), k1 = unsigned(key >> 32);
#pragma unroll
  for (int round = 0; round < 10; round++) {
    const unsigned high0 = __umulhi(0xD2511F53u, c0), low0 = 0xD2511F53u * c0;
    const unsigned high1 = __umulhi(0xCD9E8D57u, c2), low1 = 0xCD9E8D57u * c2;
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return Words{{c0, c1, c2, c3}};
}

inline __device__ unsigned long long wide(const Words& w, int k) {
  return (unsigned long long)w.at[2 * k + 1] << 32 | w.at[2 * k];
}

/* [0, 1), a multiple of 2^-24. */
inline __device__ float uniform(unsigned word) { return __fmul_rn(float(int(word >> 8)), 0x1p-24f); }

/* [0, 1), a multiple of 2^-53. */
inline __device__ double uniform(unsigned long long word) {
  return __dmul_rn(__ll2double_rn((long long)(word >> 11)), 0x1p-53);
}

struct Normals32 {
  float first, second;
};

/* Box and Muller: radius sqrt(-2 ln u), angle a quadrant and x in [-pi/4, pi/4]. */
inline __device__ Normals32 normals(unsigned a, unsigned b) {
  const float u = __fmaf_rn(__uint2float_rn(a), 0x1p-32f, 0x1p-33f);
  const int bits = __float_as_int(u);
  const int e = (bits - 0x3f3504f3) >> 23; /* u = m 2^e, m in [sqrt 1/2, sqrt 2) */
  const float f = __fsub_rn(__int_as_float(bits - e * (1 << 23)), 1.f);
  const float s = __fdiv_rn(f, __fadd_rn(f, 2.f));
  const float zs = __fmul_rn(s, s);
  float p = __fmaf_rn(0x1.31e2fap-2f, zs, 0x1.995ebap-2f);
  p = __fmaf_rn(p, zs, 0x1.55557ap-1f);
  const float log_m = __fmaf_rn(-s, __fmaf_rn(-zs, p, f), f);
  const float log_u = __fmaf_rn(__int2float_rn(e), 0x1.62e43p-1f, log_m);
  const float radius = __fsqrt_rn(__fmul_rn(-2.f, log_u));

  const unsigned quadrant = (b + 0x20000000u) >> 30;
  const float x = __fmul_rn(__int2float_rn(int(b - (quadrant << 30))), 0x1.921fb6p-30f);
  const float z = __fmul_rn(x, x);
  float sine = __fmaf_rn(-0x1.994ebp-13f, z, 0x1.11076p-7f);
  sine = __fmaf_rn(sine, z, -0x1.555546p-3f);
  sine = __fmaf_rn(__fmul_rn(x, z), sine, x);
  float cosine = __fmaf_rn(0x1.9a0254p-16f, z, -0x1.6c0c8cp-10f);
  cosine = __fmaf_rn(cosine, z, 0x1.55554ap-5f);
  cosine = __fmaf_rn(__fmul_rn(z, z), cosine, __fmaf_rn(-0.5f, z, 1.f));
  const float c = quadrant & 1 ? sine : cosine, d = quadrant & 1 ? cosine : sine;
  return Normals32{__fmul_rn(radius, quadrant == 1 || quadrant == 2 ? -c : c), __fmul_rn(radius, quadrant & 2 ? -d : d)};
}

struct Normals64 {
  double first, second;
};

inline __device__ Normals64 normals(unsigned long long a, unsigned long long b) {
  const double u = __fma_rn(__ll2double_rn((long long)(a >> 11)), 0x1p-53, 0x1p-54);
  const long long bits = __double_as_longlong(u);
  const long long e = (bits - 0x3fe6a09e667f3bcdLL) >> 52;
  const double f = __dsub_rn(__longlong_as_double(bits - e * (1LL << 52)), 1.);
  const double s = __ddiv_rn(f, __dadd_rn(f, 2.));
  const double zs = __dmul_rn(s, s);
  double p = __fma_rn(0x1.2f055af44fe62p-3, zs, 0x1.39a1bb58f7509p-3);
  p = __fma_rn(p, zs, 0x1.74663ee505784p-3);
  p = __fma_rn(p, zs, 0x1.c71c52095afb5p-3);
  p = __fma_rn(p, zs, 0x1.24924941f1480p-2);
  p = __fma_rn(p, zs, 0x1.999999997fdb1p-2);
  p = __fma_rn(p, zs, 0x1.5555555555592p-1);
  const double log_m = __fma_rn(-s, __fma_rn(-zs, p, f), f);
  const double log_u = __fma_rn(__ll2double_rn(e), 0x1.62e42fefa39efp-1, log_m);
  const double radius = __dsqrt_rn(__dmul_rn(-2., log_u));

  const unsigned long long quadrant = (b + 0x2000000000000000ULL) >> 62;
  const double x = __dmul_rn(__ll2double_rn((long long)(b - (quadrant << 62))), 0x1.921fb54442d18p-62);
  const double z = __dmul_rn(x, x);
  double sine = __fma_rn(0x1.5d932f6afd454p-33, z, -0x1.ae5e66d60f7f1p-26);
  sine = __fma_rn(sine, z, 0x1.71de357876f29p-19);
  sine = __fma_rn(sine, z, -0x1.a01a019c126f6p-13);
  sine = __fma_rn(sine, z, 0x1.111111110f881p-7);
  sine = __fma_rn(sine, z, -0x1.5555555555549p-3);
  sine = __fma_rn(__dmul_rn(x, z), sine, x);
  double cosine = __fma_rn(-0x1.8faed0a8ac42bp-37, z, 0x1.1ee9ec4afbfe6p-29);
  cosine = __fma_rn(cosine, z, -0x1.27e4f80a7bfacp-22);
  cosine = __fma_rn(cosine, z, 0x1.a01a019cb2782p-16);
  cosine = __fma_rn(cosine, z, -0x1.6c16c16c15185p-10);
  cosine = __fma_rn(cosine, z, 0x1.555555555554cp-5);
  cosine = __fma_rn(__dmul_rn(z, z), cosine, __fma_rn(-0.5, z, 1.));
  const double c = quadrant & 1 ? sine : cosine, d = quadrant & 1 ? cosine : sine;
  return Normals64{__dmul_rn(radius, quadrant == 1 || quadrant == 2 ? -c : c), __dmul_rn(radius, quadrant & 2 ? -d : d)};
}
