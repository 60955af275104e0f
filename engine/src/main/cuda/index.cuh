/* Elements picked along a dimension by an index of int64. */
#pragma once
#include "fault.cuh"
#include "half.cuh"
#include "strided.cuh"

struct GatherArgs {
  const void* x;
  const long long* index;
  void* y;
  FaultArgs faults;
  int n;
  int size; /* of x along the dimension */
  int x_dim_step;
  StridedShape all;
  int step[3][MAX_RANK]; /* of x (0 along the dimension), index and y */
};

template <class T> inline __device__ void gather(const GatherArgs& args) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < args.n; i += gridDim.x * blockDim.x) {
    int at[3];
    strided_offsets(args.all, args.step, i, at);
    const long long k = args.index[at[1]];
    if (k < 0 || k >= args.size) {
      fault(args.faults, k);
      continue;
    }
    static_cast<T*>(args.y)[at[2]] = static_cast<const T*>(args.x)[at[0] + int(k) * args.x_dim_step];
  }
}

struct ScatterArgs {
  void* y;
  const long long* index;
  const void* src;
  FaultArgs faults;
  int lines; /* along the dimension */
  int n;     /* elements of index along it */
  int size;  /* of y along it */
  int y_dim_step;
  int index_dim_step;
  int src_dim_step;
  StridedShape others;
  int step[3][MAX_RANK]; /* of y, index and src, from line to line */
};

/* One thread a line, in the order of src: no two threads meet at an element, and the bits stay the same. */
template <class T, class F> inline __device__ void scatter(const ScatterArgs& args, F join) {
  for (int line = blockIdx.x * blockDim.x + threadIdx.x; line < args.lines; line += gridDim.x * blockDim.x) {
    int at[3];
    strided_offsets(args.others, args.step, line, at);
    T* y = static_cast<T*>(args.y) + at[0];
    const T* src = static_cast<const T*>(args.src) + at[2];
    for (int i = 0; i < args.n; i++) {
      const long long k = args.index[at[1] + i * args.index_dim_step];
      if (k < 0 || k >= args.size) {
        fault(args.faults, k);
        continue;
      }
      T& place = y[k * args.y_dim_step];
      place = join(place, src[(long long)i * args.src_dim_step]);
    }
  }
}
