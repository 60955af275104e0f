package io.sparkgrad.backend.cuda;

import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuDeviceGetAttribute;
import static jcuda.driver.JCudaDriver.cuDeviceGetCount;
import static jcuda.driver.JCudaDriver.cuDeviceGetName;
import static jcuda.driver.JCudaDriver.cuDriverGetVersion;
import static jcuda.driver.JCudaDriver.cuInit;

import io.sparkgrad.backend.cuda.Cuda.Availability;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUresult;

/**
 * Looks for a GPU. Apart from {@link Cuda}, which must be loadable where JCuda's jars are absent.
 */
final class Probe {
  private static final int DRIVER = 12_000; // CUDA 12.0, which came with driver 525
  private static final int CAPABILITY = 75; // what the kernels are compiled for: 7.5

  private Probe() {}

  static Availability run() {
    String platform = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    if (!platform.matches("Linux (amd64|x86_64)"))
      return Availability.absent("JCuda's natives are for Linux on x86-64, this is " + platform);
    try {
      Class.forName("jcuda.driver.JCudaDriver", false, Probe.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      return Availability.absent("the jar org.jcuda:jcuda is not on the class path");
    }
    try {
      Natives.load("jcuda.driver.JCudaDriver", "JCudaDriver");
    } catch (IOException e) {
      return Availability.absent("JCuda's natives cannot be unpacked: " + e.getMessage());
    } catch (UnsatisfiedLinkError e) {
      return Availability.absent(unlinked(e.getMessage()));
    }
    return devices();
  }

  private static String unlinked(String message) {
    return message.contains("libcuda.so.1")
        ? "the NVIDIA driver's libcuda.so.1 cannot be loaded (" + message + ")"
        : "JCuda's natives cannot be loaded: " + message;
  }

  private static Availability devices() {
    int code = cuInit(0);
    if (code == CUresult.CUDA_ERROR_NO_DEVICE)
      return Availability.absent("the NVIDIA driver sees no GPU" + visible());
    if (code != CUresult.CUDA_SUCCESS) return refused("cuInit", code);
    int[] version = new int[1];
    code = cuDriverGetVersion(version);
    if (code != CUresult.CUDA_SUCCESS) return refused("cuDriverGetVersion", code);
    if (version[0] < DRIVER)
      return Availability.absent(
          "the NVIDIA driver is for CUDA " + cuda(version[0]) + ", 12.0 is needed: driver 525 on");
    int[] count = new int[1];
    code = cuDeviceGetCount(count);
    if (code != CUresult.CUDA_SUCCESS) return refused("cuDeviceGetCount", code);
    if (count[0] == 0) return Availability.absent("the NVIDIA driver sees no GPU" + visible());
    return capable(count[0], version[0]);
  }

  private static Availability capable(int count, int version) {
    for (int i = 0; i < count; i++) {
      int capability = capability(i);
      if (capability < CAPABILITY)
        return Availability.absent(
            String.format(
                Locale.ROOT,
                "GPU %d (%s) has compute capability %d.%d, 7.5 is needed; CUDA_VISIBLE_DEVICES can hide it from the others",
                i,
                name(i),
                capability / 10,
                capability % 10));
    }
    String first = count + " x " + name(0) + ", CUDA " + cuda(version);
    return new Availability(true, first, count);
  }

  private static int capability(int device) {
    return 10 * attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
        + attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
  }

  private static int attribute(int device, int which) {
    int[] value = new int[1];
    check("cuDeviceGetAttribute", cuDeviceGetAttribute(value, which, handle(device)));
    return value[0];
  }

  private static String name(int device) {
    byte[] name = new byte[256];
    check("cuDeviceGetName", cuDeviceGetName(name, name.length, handle(device)));
    return new String(name, StandardCharsets.UTF_8).split("\0", 2)[0];
  }

  private static CUdevice handle(int device) {
    CUdevice handle = new CUdevice();
    check("cuDeviceGet", cuDeviceGet(handle, device));
    return handle;
  }

  private static void check(String call, int code) {
    if (code != CUresult.CUDA_SUCCESS)
      throw new IllegalStateException(refused(call, code).reason());
  }

  private static Availability refused(String call, int code) {
    return Availability.absent(
        "the NVIDIA driver refuses " + call + ": " + CUresult.stringFor(code) + " (" + code + ")");
  }

  private static String visible() {
    String visible = System.getenv("CUDA_VISIBLE_DEVICES");
    return visible == null ? "" : " (CUDA_VISIBLE_DEVICES=" + visible + ")";
  }

  private static String cuda(int version) {
    return version / 1000 + "." + version % 1000 / 10;
  }
}
