package io.sparkgrad.backend.cuda;

import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUresult;

/** The driver's answers turned into exceptions, and device addresses as numbers. */
final class Driver {
  private Driver() {}

  /** A device pointer whose number can be read: kernels get pointers inside their one struct. */
  static final class Address extends CUdeviceptr {
    long value() {
      return getNativePointer() + getByteOffset();
    }
  }

  static CUdeviceptr pointer(long address) {
    return new CUdeviceptr().withByteOffset(address);
  }

  /**
   * @throws CudaException if the result is an error; one after which a device takes no more work
   *     marks it as lost
   */
  static void check(int result, CudaDevice device, String what) {
    if (result == CUresult.CUDA_SUCCESS) return;
    String name = CUresult.stringFor(result);
    boolean fatal = isFatal(result);
    CudaException e =
        new CudaException(
            "%s: %s on %s%s"
                .formatted(
                    what,
                    name,
                    device,
                    fatal ? "; the device takes no more work from this process" : ""),
            fatal);
    if (fatal) device.lose(e);
    throw e;
  }

  /* After these the context is gone: every later call fails, whatever it is. */
  private static boolean isFatal(int result) {
    return switch (result) {
      case CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
          CUresult.CUDA_ERROR_LAUNCH_FAILED,
          CUresult.CUDA_ERROR_LAUNCH_TIMEOUT,
          CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION,
          CUresult.CUDA_ERROR_MISALIGNED_ADDRESS,
          CUresult.CUDA_ERROR_INVALID_ADDRESS_SPACE,
          CUresult.CUDA_ERROR_INVALID_PC,
          CUresult.CUDA_ERROR_HARDWARE_STACK_ERROR,
          CUresult.CUDA_ERROR_ECC_UNCORRECTABLE,
          CUresult.CUDA_ERROR_ASSERT,
          CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED,
          CUresult.CUDA_ERROR_DEINITIALIZED,
          CUresult.CUDA_ERROR_UNKNOWN ->
          true;
      default -> false;
    };
  }
}
