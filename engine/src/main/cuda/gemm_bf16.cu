// target: compute_80
#include "gemm_tensor.cuh"

TENSOR_GEMMS(bf16, Bf16)
