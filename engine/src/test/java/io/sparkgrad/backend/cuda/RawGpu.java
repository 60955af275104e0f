package io.sparkgrad.backend.cuda;

import static jcuda.driver.JCudaDriver.cuCtxSetCurrent;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRelease;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRetain;
import static jcuda.driver.JCudaDriver.cuInit;
import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemFreeHost;
import static jcuda.driver.JCudaDriver.cuMemHostAlloc;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoH;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoD;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoadData;
import static jcuda.driver.JCudaDriver.cuModuleUnload;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import jcuda.Pointer;
import jcuda.Sizeof;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;

/** A device by JCuda's own calls, without the backend: to try the driver itself. */
final class RawGpu implements AutoCloseable {
  /** The bytes of {@code EmulationArgs}: two pointers and an int. */
  static final int ARGS_BYTES = 24;

  private final CUdevice device = new CUdevice();
  private final CUcontext context = new CUcontext();
  private final List<CUdeviceptr> memory = new ArrayList<>();
  private final List<Pointer> pinned = new ArrayList<>();
  private final List<CUmodule> modules = new ArrayList<>();

  RawGpu(int ordinal) {
    try {
      Natives.load("jcuda.driver.JCudaDriver", "JCudaDriver");
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    check(cuInit(0));
    check(cuDeviceGet(device, ordinal));
    check(cuDevicePrimaryCtxRetain(context, device));
    enter();
  }

  void enter() {
    check(cuCtxSetCurrent(context));
  }

  static void check(int result) {
    assertEquals("CUDA_SUCCESS", CUresult.stringFor(result));
  }

  /* ---- memory ---- */

  Address floats(int n) {
    Address memory = new Address();
    check(cuMemAlloc(memory, (long) n * Sizeof.FLOAT));
    this.memory.add(memory);
    return memory;
  }

  Address floats(float... values) {
    Address memory = floats(values.length);
    check(cuMemcpyHtoD(memory, Pointer.to(values), (long) values.length * Sizeof.FLOAT));
    return memory;
  }

  float[] read(CUdeviceptr memory, int n) {
    float[] values = new float[n];
    check(cuMemcpyDtoH(Pointer.to(values), memory, (long) n * Sizeof.FLOAT));
    return values;
  }

  /** Pinned host memory; {@code view} gives its numbers. */
  Pointer pinnedFloats(int n) {
    Pointer host = new Pointer();
    check(cuMemHostAlloc(host, (long) n * Sizeof.FLOAT, 0));
    pinned.add(host);
    return host;
  }

  static FloatBuffer view(Pointer host, int n) {
    return host.getByteBuffer(0, (long) n * Sizeof.FLOAT)
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  /** A device pointer whose number can be read. */
  static final class Address extends CUdeviceptr {
    long value() {
      return getNativePointer() + getByteOffset();
    }
  }

  /* ---- kernels ---- */

  /** What nvcc would write, as far as the emulated driver reads it. */
  static String ptx(String kernel, int bytes, int largestBlock) {
    return String.format(
        java.util.Locale.ROOT,
        ".version 7.0\n.target sm_75\n.address_size 64\n"
            + ".visible .entry %1$s(\n\t.param .align 8 .b8 %1$s_param_0[%2$d]\n)\n"
            + ".maxntid %3$d, 1, 1\n{\n\tret;\n}\n",
        kernel,
        bytes,
        largestBlock);
  }

  CUmodule module(String ptx) {
    CUmodule module = new CUmodule();
    check(cuModuleLoadData(module, (ptx + "\0").getBytes(StandardCharsets.US_ASCII)));
    modules.add(module);
    return module;
  }

  CUfunction kernel(String name) {
    CUfunction function = new CUfunction();
    String ptx = ptx(name, ARGS_BYTES, 256).replaceFirst("\\.maxntid.*\n", "");
    check(cuModuleGetFunction(function, module(ptx), name));
    return function;
  }

  static ByteBuffer args(long x, long y, int n) {
    ByteBuffer args = ByteBuffer.allocateDirect(ARGS_BYTES).order(ByteOrder.nativeOrder());
    return args.putLong(x).putLong(y).putInt(n).putInt(0).rewind();
  }

  /** The result of a launch over {@code blocks} blocks of {@code threads}. */
  int launch(
      CUfunction kernel, int blocks, int threads, int shared, CUstream stream, ByteBuffer args) {
    Pointer parameters = Pointer.to(Pointer.to(args));
    return cuLaunchKernel(kernel, blocks, 1, 1, threads, 1, 1, shared, stream, parameters, null);
  }

  int launch(String kernel, int blocks, int threads, CUdeviceptr x, CUdeviceptr y, int n) {
    ByteBuffer args = args(((Address) x).value(), ((Address) y).value(), n);
    return launch(kernel(kernel), blocks, threads, 0, null, args);
  }

  /** Gives everything back, also after an error that the device does not recover from. */
  @Override
  public void close() {
    EmulatedDriver.reset();
    enter();
    for (CUmodule module : modules) check(cuModuleUnload(module));
    for (CUdeviceptr each : memory) check(cuMemFree(each));
    for (Pointer each : pinned) check(cuMemFreeHost(each));
    check(cuDevicePrimaryCtxRelease(device));
  }
}
