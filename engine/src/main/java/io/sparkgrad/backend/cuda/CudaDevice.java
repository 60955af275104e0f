package io.sparkgrad.backend.cuda;

import io.sparkgrad.backend.MemoryScope;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;

/**
 * A GPU: its memory, its kernels, and the streams of the threads that use it. One a process and
 * ordinal, for the life of the process. Thread-safe.
 */
public final class CudaDevice {
  /* Threads beyond them share streams, which stays right and loses some overlap. */
  private static final int STREAMS = 32;
  private static final Map<Integer, CudaDevice> DEVICES = new HashMap<>();
  private static final ThreadLocal<CudaDevice> CURRENT = new ThreadLocal<>();

  private final int ordinal;
  private final String name;
  private final int processors;
  private final int capability;
  private final CUcontext context = new CUcontext();
  private final CachingAllocator allocator = new CachingAllocator(this);
  private final CudaStream[] streams = new CudaStream[STREAMS];
  private final CudaStream[] copyStreams = new CudaStream[STREAMS];
  private final AtomicInteger threads = new AtomicInteger();
  private final ThreadLocal<Integer> seat =
      ThreadLocal.withInitial(() -> threads.getAndIncrement() % STREAMS);
  private final ThreadLocal<KernelArgs> args =
      ThreadLocal.withInitial(() -> new KernelArgs(stream()));
  private final Map<String, CUmodule> modules = new HashMap<>();
  private final Map<String, CudaKernel> kernels = new ConcurrentHashMap<>();
  final Faults faults;
  private volatile CudaException lost;

  private CudaDevice(int ordinal) {
    this.ordinal = ordinal;
    CUdevice device = new CUdevice();
    Driver.check(JCudaDriver.cuDeviceGet(device, ordinal), this, "opening");
    byte[] text = new byte[256];
    Driver.check(JCudaDriver.cuDeviceGetName(text, text.length, device), this, "asking its name");
    name = new String(text, java.nio.charset.StandardCharsets.UTF_8).trim().replace("\0", "");
    processors = attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
    capability =
        10 * attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
            + attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
    /* The primary context, since cuBLAS and other users of the process share it. Never released: threads may be in it. */
    Driver.check(
        JCudaDriver.cuDevicePrimaryCtxRetain(context, device), this, "opening its context");
    enter();
    faults = new Faults(this);
  }

  private int attribute(CUdevice device, int which) {
    int[] value = new int[1];
    Driver.check(JCudaDriver.cuDeviceGetAttribute(value, which, device), this, "asking what it is");
    return value[0];
  }

  /**
   * The device of the given ordinal.
   *
   * @throws IllegalStateException if there is none, with the reason
   */
  public static CudaDevice of(int ordinal) {
    Cuda.Availability found = Cuda.availability();
    if (!found.present())
      throw new IllegalStateException("cuda is not available: " + found.reason());
    if (ordinal < 0 || ordinal >= found.devices()) {
      throw new IllegalArgumentException(
          "cuda:%s does not exist: this process sees %s devices"
              .formatted(ordinal, found.devices()));
    }
    synchronized (DEVICES) {
      CudaDevice device = DEVICES.get(ordinal);
      if (device == null) DEVICES.put(ordinal, device = new CudaDevice(ordinal));
      return device;
    }
  }

  /** Makes this the device of the calling thread, as the driver's calls need it. */
  void enter() {
    if (lost != null) throw new CudaException("lost earlier: " + lost.getMessage(), true);
    if (CURRENT.get() == this) return;
    Driver.check(JCudaDriver.cuCtxSetCurrent(context), this, "entering its context");
    CURRENT.set(this);
  }

  /** The queue of the calling thread's kernels. */
  CudaStream stream() {
    enter();
    return seated(streams);
  }

  /** The queue of the calling thread's copies to the device, beside its kernels. */
  CudaStream copyStream() {
    enter();
    return seated(copyStreams);
  }

  private CudaStream seated(CudaStream[] all) {
    int i = seat.get();
    synchronized (all) {
      if (all[i] == null) all[i] = new CudaStream(this);
      return all[i];
    }
  }

  /** Memory for kernels of this thread; its content is undefined. */
  public DeviceMemory allocate(long bytes) {
    return allocate(bytes, stream());
  }

  /**
   * Memory to be filled from the host: the copy runs beside the kernels that were queued before,
   * and the kernels that use it wait for it.
   */
  public DeviceMemory allocateForUpload(long bytes) {
    return allocate(bytes, copyStream());
  }

  private DeviceMemory allocate(long bytes, CudaStream stream) {
    DeviceMemory memory = allocator.allocate(bytes, stream, MemoryScope.currentName());
    MemoryScope.made(memory);
    return memory;
  }

  /** Memory of the backend's own, in no scope. */
  DeviceMemory allocateForGood(long bytes, CudaStream stream, String what) {
    return allocator.allocate(bytes, stream, what);
  }

  /** The calling thread's struct of arguments, empty. */
  public KernelArgs args() {
    enter();
    return args.get().reset();
  }

  /** A kernel of a unit, loaded on first use. */
  public CudaKernel kernel(String unit, String kernel) {
    enter();
    CudaKernel k = kernels.get(kernel);
    return k != null ? k : load(unit, kernel);
  }

  private synchronized CudaKernel load(String unit, String kernel) {
    CUfunction function = new CUfunction();
    Driver.check(
        JCudaDriver.cuModuleGetFunction(function, module(unit), kernel), this, "kernel " + kernel);
    CudaKernel k = new CudaKernel(this, kernel, function);
    kernels.put(kernel, k);
    return k;
  }

  private CUmodule module(String unit) {
    CUmodule module = modules.get(unit);
    if (module != null) return module;
    module = new CUmodule();
    Driver.check(
        JCudaDriver.cuModuleLoadData(module, ptx(unit)), this, "loading the kernels of " + unit);
    modules.put(unit, module);
    return module;
  }

  /* The driver wants a final NUL. */
  private static byte[] ptx(String unit) {
    String file = "ptx/" + unit + ".ptx";
    try (InputStream in = CudaDevice.class.getResourceAsStream(file)) {
      if (in == null) throw new IllegalStateException("no kernels of %s: %s".formatted(unit, file));
      byte[] text = in.readAllBytes();
      return java.util.Arrays.copyOf(text, text.length + 1);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(file, e);
    }
  }

  /** Whether a unit of this name has kernels. */
  public static boolean hasUnit(String unit) {
    return CudaDevice.class.getResource("ptx/" + unit + ".ptx") != null;
  }

  /** Blocks until all work of the calling thread is done. */
  public void synchronize() {
    stream().synchronize();
  }

  /** Errors if a kernel that has finished met an index out of bounds. */
  void checkFaults() {
    faults.check(this);
  }

  /** The compute capability: 90 for 9.0. */
  int capability() {
    return capability;
  }

  /** The count of streaming multiprocessors. */
  public int processors() {
    return processors;
  }

  public String name() {
    return name;
  }

  /** Bytes in use by tensors of this process. */
  public long usedBytes() {
    allocator.reclaim();
    return allocator.usedBytes();
  }

  /** Bytes this process has taken from the driver. */
  public long reservedBytes() {
    return allocator.reservedBytes();
  }

  /** Gives memory that no tensor uses back to the driver: PyTorch's empty_cache. */
  public void emptyCache() {
    allocator.reclaim();
    allocator.releaseCached();
    for (CudaStream[] all : new CudaStream[][] {streams, copyStreams}) {
      synchronized (all) {
        for (CudaStream s : all) if (s != null) s.staging.release();
      }
    }
  }

  void lose(CudaException cause) {
    if (lost == null) lost = cause;
  }

  boolean isLost() {
    return lost != null;
  }

  @Override
  public String toString() {
    return "cuda:" + ordinal + (name == null ? "" : " (" + name + ")");
  }
}
