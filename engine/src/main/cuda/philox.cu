/* Runs of random numbers: element i comes from word i of the counters from `first` on, whatever the grid. */
#include "pack.cuh"
#include "philox.cuh"

struct PhiloxArgs {
  void* y;
  unsigned long long key;
  unsigned long long first;
  unsigned long long low;   /* of whole numbers; unsigned, since sums wrap around */
  unsigned long long range; /* of whole numbers; of a coin the words that make 1, out of 2^32 */
  int n;
};

/* f makes the N numbers of one counter. */
template <class T, int N, class F> inline __device__ void fill(const PhiloxArgs& args, F f) {
  T* y = static_cast<T*>(args.y);
  const int packs = args.n / N + (args.n % N != 0);
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < packs; i += gridDim.x * blockDim.x) {
    const Pack<T, N> pack = f(philox(args.key, args.first + i));
    if (args.n - i * N >= N) {
      reinterpret_cast<Pack<T, N>*>(y)[i] = pack;
    } else {
#pragma unroll
      for (int k = 0; k < N; k++)
        if (i * N + k < args.n) y[i * N + k] = pack.at[k];
    }
  }
}

KERNEL(philox_uniform_f32, 256, PhiloxArgs) {
  fill<float, 4>(args, [](Words w) {
    return Pack<float, 4>{{uniform(w.at[0]), uniform(w.at[1]), uniform(w.at[2]), uniform(w.at[3])}};
  });
}

KERNEL(philox_uniform_f64, 256, PhiloxArgs) {
  fill<double, 2>(args, [](Words w) { return Pack<double, 2>{{uniform(wide(w, 0)), uniform(wide(w, 1))}}; });
}

KERNEL(philox_normal_f32, 256, PhiloxArgs) {
  fill<float, 4>(args, [](Words w) {
    const Normals32 a = normals(w.at[0], w.at[1]), b = normals(w.at[2], w.at[3]);
    return Pack<float, 4>{{a.first, a.second, b.first, b.second}};
  });
}

KERNEL(philox_normal_f64, 256, PhiloxArgs) {
  fill<double, 2>(args, [](Words w) {
    const Normals64 a = normals(wide(w, 0), wide(w, 1));
    return Pack<double, 2>{{a.first, a.second}};
  });
}

KERNEL(philox_ints_i64, 256, PhiloxArgs) {
  fill<long long, 2>(args, [&](Words w) {
    return Pack<long long, 2>{{(long long)(args.low + __umul64hi(wide(w, 0), args.range)),
                               (long long)(args.low + __umul64hi(wide(w, 1), args.range))}};
  });
}

template <class T> inline __device__ void coins(const PhiloxArgs& args) {
  fill<T, 4>(args, [&](Words w) {
    Pack<T, 4> four;
#pragma unroll
    for (int k = 0; k < 4; k++) four.at[k] = T(w.at[k] < args.range);
    return four;
  });
}

KERNEL(philox_bernoulli_f32, 256, PhiloxArgs) { coins<float>(args); }
KERNEL(philox_bernoulli_f64, 256, PhiloxArgs) { coins<double>(args); }
