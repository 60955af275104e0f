/*
 * float16 and bfloat16, by their bits: numbers are stored in them and computed in float. What a float loses is rounded
 * to the nearest, of two as near to the even one. HalfPrecision.java does the same.
 */
#pragma once
#include "kernel.cuh"

inline __device__ unsigned bits_of(float v) {
  unsigned bits;
  memcpy(&bits, &v, sizeof bits);
  return bits;
}

inline __device__ float float_of(unsigned bits) {
  float v;
  memcpy(&v, &bits, sizeof v);
  return v;
}

/* So that cutting off the lowest bits rounds. */
inline __device__ unsigned rounded_up(unsigned bits, int cut) { return bits + (1u << (cut - 1)) - 1 + (bits >> cut & 1); }

struct float16 {
  unsigned short bits;

  float16() = default;
  explicit __device__ float16(float v) {
    const unsigned sign = bits_of(v) >> 16 & 0x8000, magnitude = bits_of(v) & 0x7fffffff;
    unsigned half;
    if (magnitude > 0x7f800000) half = 0x7e00; /* NaN */
    else if (magnitude >= 0x477ff000) half = 0x7c00; /* 65,520 and more round to infinity */
    else if (magnitude < 0x38800000) half = bits_of(float_of(magnitude) + 0.5f) - 0x3f000000; /* a multiple of 2^-24 */
    else half = rounded_up(magnitude - (112u << 23), 13) >> 13;
    bits = (unsigned short)(sign | half);
  }

  __device__ operator float() const {
    const unsigned sign = (bits & 0x8000u) << 16, exponent = bits >> 10 & 0x1f, fraction = bits & 0x3ff;
    if (exponent == 0) return float_of(sign | bits_of(fraction * 0x1p-24f));
    return float_of(sign | (exponent == 31 ? 255 : exponent + 112) << 23 | fraction << 13);
  }
};

struct bfloat16 {
  unsigned short bits;

  bfloat16() = default;
  explicit __device__ bfloat16(float v) : bits((unsigned short)(v != v ? 0x7fc0 : rounded_up(bits_of(v), 16) >> 16)) {}

  __device__ operator float() const { return float_of(unsigned(bits) << 16); }
};
