package io.sparkgrad.nn;

import io.sparkgrad.DType;
import io.sparkgrad.Parameter;
import io.sparkgrad.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A module's parameters as one run of float32 numbers, in the order of their names' appearance: the
 * bridge to the parameter server. Not thread-safe; each task has its own module.
 */
public final class FlatParameters {
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();
  private final int numel;
  private Tensor onDevice; // null on the CPU

  /** Takes the parameters that are trained; those with requiresGrad false stay as they are. */
  public FlatParameters(Module module) {
    long n = 0;
    for (Map.Entry<String, Parameter> e : module.namedParameters().entrySet()) {
      Parameter p = e.getValue();
      if (!p.requiresGrad()) continue;
      if (p.dtype() != DType.FLOAT32) {
        throw new IllegalArgumentException(
            "parameter " + e.getKey() + " is " + p.dtype() + ", only float32 is trained");
      }
      parameters.put(e.getKey(), p);
      n += p.numel();
    }
    if (parameters.isEmpty())
      throw new IllegalArgumentException("the model has no parameter to train: " + module);
    if (n > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "the model has " + n + " parameters, more than 2^31 are not supported");
    }
    numel = (int) n;
  }

  public int numel() {
    return numel;
  }

  /** A copy of the numbers. */
  public float[] toFloats() {
    float[] all = new float[numel];
    int at = 0;
    for (Parameter p : parameters.values()) {
      System.arraycopy(p.toFloats(), 0, all, at, p.numel());
      at += p.numel();
    }
    return all;
  }

  /**
   * Lets the parameters show the given numbers from now on, without a copy: they change as the
   * array does.
   */
  public void bind(float[] numbers) {
    if (numbers.length != numel) {
      throw new IllegalArgumentException(
          "the model has "
              + numel
              + " numbers to train, got "
              + numbers.length
              + "; does it differ between calls?");
    }
    int at = 0;
    for (Parameter p : parameters.values()) {
      p.setData(Tensor.slice(numbers, at, p.shape()));
      at += p.numel();
    }
  }

  /** As {@link #bind(float[])}; on a GPU the parameters show a copy, renewed by {@link #upload}. */
  public void bind(float[] numbers, io.sparkgrad.Device device) {
    onDevice = device.isCuda() ? Tensor.of(numbers, numel).to(device) : null;
    if (onDevice == null) {
      bind(numbers);
      return;
    }
    int at = 0;
    for (Parameter p : parameters.values()) {
      p.setData(onDevice.narrow(0, at, p.numel()).reshape(p.shape()).detach());
      at += p.numel();
    }
  }

  /** Copies numbers that changed to the GPU; nothing on the CPU. */
  public void upload(float[] numbers) {
    if (onDevice != null) onDevice.copy_(Tensor.of(numbers, numel));
  }

  /** Copies the gradients, zeros where there is none, and forgets them. */
  public void takeGrads(float[] into) {
    int at = 0;
    for (Parameter p : parameters.values()) {
      Tensor place = Tensor.slice(into, at, p.shape());
      if (p.grad() == null) place.zero_();
      else place.copy_(p.grad());
      p.setGrad(null);
      at += p.numel();
    }
  }
}
