/* The driver's results that occur here, with CUDA's numbers and texts. */
#pragma once

#include <string>

/* X(name, number, text) */
#define EMULATED_RESULTS(X)                                                              \
  X(CUDA_SUCCESS, 0, "no error")                                                         \
  X(CUDA_ERROR_INVALID_VALUE, 1, "invalid argument")                                     \
  X(CUDA_ERROR_OUT_OF_MEMORY, 2, "out of memory")                                        \
  X(CUDA_ERROR_NOT_INITIALIZED, 3, "initialization error")                               \
  X(CUDA_ERROR_NO_DEVICE, 100, "no CUDA-capable device is detected")                     \
  X(CUDA_ERROR_INVALID_DEVICE, 101, "invalid device ordinal")                            \
  X(CUDA_ERROR_INVALID_IMAGE, 200, "device kernel image is invalid")                     \
  X(CUDA_ERROR_INVALID_CONTEXT, 201, "invalid device context")                           \
  X(CUDA_ERROR_INVALID_PTX, 218, "a PTX JIT compilation failed")                         \
  X(CUDA_ERROR_INVALID_HANDLE, 400, "invalid resource handle")                           \
  X(CUDA_ERROR_NOT_FOUND, 500, "named symbol not found")                                 \
  X(CUDA_ERROR_NOT_READY, 600, "device not ready")                                       \
  X(CUDA_ERROR_ILLEGAL_ADDRESS, 700, "an illegal memory access was encountered")         \
  X(CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED, 712,                                      \
    "part or all of the requested memory range is already mapped")                       \
  X(CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED, 713,                                          \
    "pointer does not correspond to a registered memory region")                         \
  X(CUDA_ERROR_MISALIGNED_ADDRESS, 716, "misaligned address")                            \
  X(CUDA_ERROR_LAUNCH_FAILED, 719, "unspecified launch failure")                         \
  X(CUDA_ERROR_NOT_SUPPORTED, 801, "operation not supported")                            \
  X(CUDA_ERROR_UNKNOWN, 999, "unknown error")

#define EMULATED_ENUMERATOR(name, number, text) name = number,
enum CUresult : int { EMULATED_RESULTS(EMULATED_ENUMERATOR) };
#undef EMULATED_ENUMERATOR

namespace emulated {

/* A result and, if it is an error, what a person needs to find its cause. */
struct Outcome {
  CUresult result = CUDA_SUCCESS;
  std::string problem;

  bool failed() const { return result != CUDA_SUCCESS; }
};

}  // namespace emulated
