/* CUDA's intrinsics and the mathematical functions that the C library lacks. */
#pragma once

namespace emulated {

/* Keeps the compiler from joining a rounded product with a sum that follows. */
inline float rounded(float value) {
  asm("" : "+x"(value));
  return value;
}
inline double rounded(double value) {
  asm("" : "+x"(value));
  return value;
}

template <class To, class From>
To bits_as(From value) {
  static_assert(sizeof(To) == sizeof(From), "as many bits");
  To result;
  memcpy(&result, &value, sizeof result);
  return result;
}

/* As the card converts: out of range saturates, NaN is 0. */
template <class To, class From>
To saturated(From value) {
  if (value != value) return 0;
  if (value <= static_cast<From>(std::numeric_limits<To>::min())) return std::numeric_limits<To>::min();
  if (value >= static_cast<From>(std::numeric_limits<To>::max())) return std::numeric_limits<To>::max();
  return static_cast<To>(value);
}

}  // namespace emulated

/* ---- arithmetic that is rounded as written ---- */

inline float __fadd_rn(float a, float b) { return emulated::rounded(emulated::rounded(a) + emulated::rounded(b)); }
inline float __fsub_rn(float a, float b) { return emulated::rounded(emulated::rounded(a) - emulated::rounded(b)); }
inline float __fmul_rn(float a, float b) { return emulated::rounded(a * b); }
inline float __fdiv_rn(float a, float b) { return emulated::rounded(a / b); }
inline float __frcp_rn(float a) { return 1.0f / a; }
inline float __fsqrt_rn(float a) { return sqrtf(a); }
inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
inline double __dadd_rn(double a, double b) { return emulated::rounded(emulated::rounded(a) + emulated::rounded(b)); }
inline double __dsub_rn(double a, double b) { return emulated::rounded(emulated::rounded(a) - emulated::rounded(b)); }
inline double __dmul_rn(double a, double b) { return emulated::rounded(a * b); }
inline double __ddiv_rn(double a, double b) { return emulated::rounded(a / b); }
inline double __drcp_rn(double a) { return 1.0 / a; }
inline double __dsqrt_rn(double a) { return sqrt(a); }
inline double __fma_rn(double a, double b, double c) { return fma(a, b, c); }

/* ---- bits ---- */

inline int __float_as_int(float value) { return emulated::bits_as<int>(value); }
inline unsigned __float_as_uint(float value) { return emulated::bits_as<unsigned>(value); }
inline float __int_as_float(int bits) { return emulated::bits_as<float>(bits); }
inline float __uint_as_float(unsigned bits) { return emulated::bits_as<float>(bits); }
inline long long __double_as_longlong(double value) { return emulated::bits_as<long long>(value); }
inline double __longlong_as_double(long long bits) { return emulated::bits_as<double>(bits); }
inline int __double2hiint(double value) { return static_cast<int>(__double_as_longlong(value) >> 32); }
inline int __double2loint(double value) { return static_cast<int>(__double_as_longlong(value)); }
inline double __hiloint2double(int high, int low) {
  return emulated::bits_as<double>(static_cast<uint64_t>(static_cast<unsigned>(high)) << 32 | static_cast<unsigned>(low));
}

inline int __popc(unsigned value) { return __builtin_popcount(value); }
inline int __popcll(unsigned long long value) { return __builtin_popcountll(value); }
inline int __clz(int value) { return value ? __builtin_clz(static_cast<unsigned>(value)) : 32; }
inline int __clzll(long long value) { return value ? __builtin_clzll(static_cast<unsigned long long>(value)) : 64; }
inline int __ffs(int value) { return __builtin_ffs(value); }
inline int __ffsll(long long value) { return __builtin_ffsll(value); }
inline unsigned __brev(unsigned value) {
  unsigned result = 0;
  for (int i = 0; i < 32; i++) result |= (value >> i & 1) << (31 - i);
  return result;
}
inline unsigned __umulhi(unsigned a, unsigned b) { return static_cast<unsigned>(static_cast<uint64_t>(a) * b >> 32); }
inline int __mulhi(int a, int b) { return static_cast<int>(static_cast<int64_t>(a) * b >> 32); }
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
  return static_cast<unsigned long long>(static_cast<unsigned __int128>(a) * b >> 64);
}
inline unsigned __funnelshift_l(unsigned low, unsigned high, unsigned shift) {
  return static_cast<unsigned>(((static_cast<uint64_t>(high) << 32 | low) << (shift & 31)) >> 32);
}
inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
  return static_cast<unsigned>((static_cast<uint64_t>(high) << 32 | low) >> (shift & 31));
}

/* ---- conversions ---- */

inline int __float2int_rz(float value) { return emulated::saturated<int>(truncf(value)); }
inline int __float2int_rn(float value) { return emulated::saturated<int>(rintf(value)); }
inline int __float2int_rd(float value) { return emulated::saturated<int>(floorf(value)); }
inline int __float2int_ru(float value) { return emulated::saturated<int>(ceilf(value)); }
inline unsigned __float2uint_rz(float value) { return emulated::saturated<unsigned>(truncf(value)); }
inline unsigned __float2uint_rn(float value) { return emulated::saturated<unsigned>(rintf(value)); }
inline long long __float2ll_rz(float value) { return emulated::saturated<long long>(truncf(value)); }
inline long long __float2ll_rn(float value) { return emulated::saturated<long long>(rintf(value)); }
inline int __double2int_rz(double value) { return emulated::saturated<int>(trunc(value)); }
inline int __double2int_rn(double value) { return emulated::saturated<int>(rint(value)); }
inline int __double2int_rd(double value) { return emulated::saturated<int>(floor(value)); }
inline unsigned __double2uint_rz(double value) { return emulated::saturated<unsigned>(trunc(value)); }
inline long long __double2ll_rz(double value) { return emulated::saturated<long long>(trunc(value)); }
inline long long __double2ll_rn(double value) { return emulated::saturated<long long>(rint(value)); }
inline float __double2float_rn(double value) { return static_cast<float>(value); }
inline float __int2float_rn(int value) { return static_cast<float>(value); }
inline float __uint2float_rn(unsigned value) { return static_cast<float>(value); }
inline float __ll2float_rn(long long value) { return static_cast<float>(value); }
inline double __int2double_rn(int value) { return value; }
inline double __uint2double_rn(unsigned value) { return value; }
inline double __ll2double_rn(long long value) { return static_cast<double>(value); }
inline double __ull2double_rn(unsigned long long value) { return static_cast<double>(value); }

/* ---- mathematics: the fast names are exact here, so tests allow for the card's errors where a kernel uses them ---- */

using std::max;
using std::min;

inline float max(float a, float b) { return fmaxf(a, b); }  // a NaN loses, as on the card
inline float min(float a, float b) { return fminf(a, b); }
inline double max(double a, double b) { return fmax(a, b); }
inline double min(double a, double b) { return fmin(a, b); }

inline float __expf(float x) { return expf(x); }
inline float __exp10f(float x) { return powf(10.0f, x); }
inline float __logf(float x) { return logf(x); }
inline float __log2f(float x) { return log2f(x); }
inline float __log10f(float x) { return log10f(x); }
inline float __powf(float x, float y) { return powf(x, y); }
inline float __sinf(float x) { return sinf(x); }
inline float __cosf(float x) { return cosf(x); }
inline float __tanf(float x) { return tanf(x); }
inline float __fdividef(float a, float b) { return a / b; }
inline float fdividef(float a, float b) { return a / b; }
inline float __saturatef(float x) { return x > 0 ? fminf(x, 1.0f) : 0.0f; }
inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
inline double rsqrt(double x) { return 1.0 / sqrt(x); }
inline float __frsqrt_rn(float x) { return static_cast<float>(1.0 / sqrt(static_cast<double>(x))); }
inline float rsqrt(float x) { return rsqrtf(x); }
inline float rcbrtf(float x) { return 1.0f / cbrtf(x); }
inline double rcbrt(double x) { return 1.0 / cbrt(x); }

/* The odd and even multiples of a half are exact, as CUDA promises. */
inline double sinpi(double x) {
  double turns = fmod(fabs(x), 2.0), half = turns > 1 ? turns - 1 : turns;
  double value = sin(M_PI * (half > 0.5 ? 1 - half : half));
  return copysign(1.0, x) * (turns > 1 ? -value : value);
}
inline double cospi(double x) { return sinpi(fmod(fabs(x), 2.0) + 0.5); }
inline float sinpif(float x) { return static_cast<float>(sinpi(static_cast<double>(x))); }
inline float cospif(float x) { return static_cast<float>(cospi(static_cast<double>(x))); }

inline double normcdf(double x) { return 0.5 * erfc(-x * M_SQRT1_2); }
inline float normcdff(float x) { return static_cast<float>(normcdf(static_cast<double>(x))); }

/* Giles' first guess from the tail's size, then Newton on erf, or on erfc where erf is flat. */
inline double erfinv(double y) {
  if (!(fabs(y) < 1)) return fabs(y) == 1 ? copysign(INFINITY, y) : NAN;
  double a = fabs(y), tail = 1 - a, l = log(tail * (1 + a)), t = 2 / (M_PI * 0.147) + 0.5 * l;
  double x = sqrt(sqrt(t * t - l / 0.147) - t);
  for (int i = 0; i < 4 && a > 0; i++) {
    double off = a < 0.5 ? erf(x) - a : tail - erfc(x);
    double step = off * 0.5 * sqrt(M_PI) * exp(x * x);
    x -= step / (1 + x * step);
  }
  return copysign(x, y);
}
inline float erfinvf(float y) { return static_cast<float>(erfinv(static_cast<double>(y))); }

/* ---- memory ---- */

template <class T> T __ldg(const T* address) { return *address; }
template <class T> T __ldcs(const T* address) { return *address; }
template <class T> T __ldcg(const T* address) { return *address; }
template <class T> void __stcs(T* address, T value) { *address = value; }
template <class T> void __stcg(T* address, T value) { *address = value; }

/* One thread runs at a time, so an atomic is a plain step. Sums of floats would depend on the order of threads: none. */
namespace emulated {
template <class T, class F>
T step(T* address, F next) {
  T old = *address;
  *address = next(old);
  return old;
}
}  // namespace emulated

#define EMULATED_ATOMICS(T)                                                                                       \
  inline T atomicAdd(T* address, T value) { return emulated::step(address, [=](T old) { return old + value; }); } \
  inline T atomicMax(T* address, T value) { return emulated::step(address, [=](T old) { return old > value ? old : value; }); } \
  inline T atomicMin(T* address, T value) { return emulated::step(address, [=](T old) { return old < value ? old : value; }); } \
  inline T atomicAnd(T* address, T value) { return emulated::step(address, [=](T old) { return old & value; }); } \
  inline T atomicOr(T* address, T value) { return emulated::step(address, [=](T old) { return old | value; }); }  \
  inline T atomicXor(T* address, T value) { return emulated::step(address, [=](T old) { return old ^ value; }); } \
  inline T atomicExch(T* address, T value) { return emulated::step(address, [=](T) { return value; }); }          \
  inline T atomicCAS(T* address, T expected, T value) {                                                           \
    return emulated::step(address, [=](T old) { return old == expected ? value : old; });                         \
  }
EMULATED_ATOMICS(int)
EMULATED_ATOMICS(unsigned)
EMULATED_ATOMICS(unsigned long long)
#undef EMULATED_ATOMICS
inline unsigned atomicInc(unsigned* address, unsigned limit) {
  return emulated::step(address, [=](unsigned old) { return old >= limit ? 0 : old + 1; });
}
float atomicAdd(float*, float) = delete;
double atomicAdd(double*, double) = delete;
