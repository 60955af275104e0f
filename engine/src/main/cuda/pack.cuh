/* Neighbours that are read and written at once: 16 bytes are what a thread moves best. */
#pragma once
#include "kernel.cuh"

template <class T, int N> struct alignas(sizeof(T) * N) Pack {
  T at[N];
};
