package io.sparkgrad.cluster.fitting;

import io.sparkgrad.Device;
import io.sparkgrad.backend.cpu.Blas;
import io.sparkgrad.backend.cuda.CudaDevice;
import io.sparkgrad.backend.onednn.OneDnn;
import java.io.Serializable;

/**
 * A processor that computed gradients of a run.
 *
 * @param executor Spark's id
 * @param device {@code cpu}, or {@code cuda:1}: the executor's GPU of that number
 * @param name the GPU's name, by its driver; of a CPU the kernels that computed, which differ in
 *     the last bits from others
 */
public record Processor(String executor, String device, String name) implements Serializable {
  static Processor of(String executor, Device device) {
    String name = device.isCuda() ? CudaDevice.of(device.ordinal()).name() : kernels();
    return new Processor(executor, device.toString(), name);
  }

  private static String kernels() {
    String convolutions = OneDnn.kernels();
    return Blas.kernels() + (convolutions.isEmpty() ? "" : ", " + convolutions);
  }

  public boolean isGpu() {
    return !device.equals(Device.CPU.toString());
  }

  @Override
  public String toString() {
    return "executor " + executor + ": " + device + (isGpu() ? " (" + name + ")" : "");
  }
}
