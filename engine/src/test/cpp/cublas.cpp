/*
 * What the backend calls of cuBLAS, over the memory of the emulated driver, which the host can read. Stands in for a
 * library that no CI machine has: it shows that JCublas2 reaches it and passes what it should.
 */
#include <stdint.h>
#include <stdio.h>

struct Handle {
  void* stream;
  void* workspace;
};

template <class T>
static void multiply(bool ta, bool tb, int m, int n, int k, const T* a, int lda, const T* b, int ldb, T* c, int ldc) {
  for (int j = 0; j < n; j++)
    for (int i = 0; i < m; i++) {
      T sum = 0;
      for (int l = 0; l < k; l++) sum += (ta ? a[i * lda + l] : a[l * lda + i]) * (tb ? b[l * ldb + j] : b[j * ldb + l]);
      c[j * ldc + i] = sum;
    }
}

template <class T>
static int multiply_batch(bool ta, bool tb, int m, int n, int k, const void* one, const void* a, int lda, int64_t sa,
                          const void* b, int ldb, int64_t sb, const void* zero, void* c, int ldc, int64_t sc, int batch) {
  if (*static_cast<const T*>(one) != 1 || *static_cast<const T*>(zero) != 0) return 7;
  for (int z = 0; z < batch; z++)
    multiply(ta, tb, m, n, k, static_cast<const T*>(a) + z * sa, lda, static_cast<const T*>(b) + z * sb, ldb,
             static_cast<T*>(c) + z * sc, ldc);
  return 0;
}

extern "C" {
int cublasCreate_v2(Handle** handle) {
  *handle = new Handle();
  return 0;
}
int cublasDestroy_v2(Handle* handle) {
  delete handle;
  return 0;
}
int cublasGetVersion_v2(Handle*, int* version) {
  *version = VERSION;
  return 0;
}
int cublasSetStream_v2(Handle* handle, void* stream) {
  handle->stream = stream;
  return 0;
}
int cublasSetWorkspace_v2(Handle* handle, void* workspace, size_t) {
  handle->workspace = workspace;
  return 0;
}
#ifndef WITHOUT_PRODUCTS
int cublasGemmStridedBatchedEx(Handle* handle, int ta, int tb, int m, int n, int k, const void* one, const void* a,
                               int a_type, int lda, long long sa, const void* b, int b_type, int ldb, long long sb,
                               const void* zero, void* c, int c_type, int ldc, long long sc, int batch, int compute,
                               int algorithm) {
  if (!handle->stream || !handle->workspace || a_type != b_type || a_type != c_type || algorithm != -1) return 7;
  fprintf(stderr, "compute type %d\n", compute);
  return a_type == 0
             ? multiply_batch<float>(ta, tb, m, n, k, one, a, lda, sa, b, ldb, sb, zero, c, ldc, sc, batch)
             : multiply_batch<double>(ta, tb, m, n, k, one, a, lda, sa, b, ldb, sb, zero, c, ldc, sc, batch);
}
#endif
}
