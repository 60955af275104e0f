package io.sparkgrad.backend.cuda;

import jcuda.driver.CUfunction;
import jcuda.driver.JCudaDriver;

/** A function of a module on a device. Thread-safe. */
public final class CudaKernel {
  private final CudaDevice device;
  private final String name;
  private final CUfunction function;

  CudaKernel(CudaDevice device, String name, CUfunction function) {
    this.device = device;
    this.name = name;
    this.function = function;
  }

  /** Queues the kernel on the stream of the thread that the arguments are of. */
  public void launch(KernelArgs args, int blocks, int threads) {
    launch(args, blocks, 1, 1, threads, 0);
  }

  /** As {@link #launch(KernelArgs, int, int)}, on a grid of blocks, with dynamic shared memory. */
  public void launch(KernelArgs args, int x, int y, int z, int threads, int sharedBytes) {
    Driver.check(
        JCudaDriver.cuLaunchKernel(
            function,
            x,
            y,
            z,
            threads,
            1,
            1,
            sharedBytes,
            args.stream().handle,
            args.parameters,
            null),
        device,
        name);
  }

  /** Blocks of the given size for n elements, no more than keep the device busy. */
  public int blocks(long n, int perBlock) {
    long wanted = Math.max(1, (n + perBlock - 1) / perBlock);
    return (int) Math.min(wanted, device.processors() * 32L);
  }

  /** Lets a launch have more than 48 KiB of dynamic shared memory. */
  CudaKernel withSharedMemory(int bytes) {
    Driver.check(
        JCudaDriver.cuFuncSetAttribute(
            function,
            jcuda.driver.CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
            bytes),
        device,
        name);
    return this;
  }
}
