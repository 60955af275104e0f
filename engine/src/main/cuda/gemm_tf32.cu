// target: compute_80
#include "gemm_tensor.cuh"

TENSOR_GEMMS(tf32, Tf32)
