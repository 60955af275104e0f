package io.sparkgrad.nn;

import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Parameter;
import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ObjIntConsumer;

/**
 * A module's parameters as one run of float32 numbers, in the order of their names' appearance: the
 * bridge to the parameter server. Not thread-safe; each task has its own module.
 */
public final class FlatParameters {
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();
  private final int numel;
  /* The run that the parameters are slices of since bind, and on a GPU one to gather gradients in. */
  private Tensor weights;
  private Tensor grads;

  /** Takes the parameters that are trained; those with requiresGrad false stay as they are. */
  public FlatParameters(Module module) {
    long n = 0;
    for (Map.Entry<String, Parameter> e : module.namedParameters().entrySet()) {
      Parameter p = e.getValue();
      if (!p.requiresGrad()) continue;
      if (p.dtype() != DType.FLOAT32) {
        throw new IllegalArgumentException(
            "parameter %s is %s, only float32 is trained".formatted(e.getKey(), p.dtype()));
      }
      parameters.put(e.getKey(), p);
      n += p.numel();
    }
    if (parameters.isEmpty())
      throw new IllegalArgumentException("the model has no parameter to train: " + module);
    if (n > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "the model has %s parameters, more than 2^31 are not supported".formatted(n));
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
    check(numbers);
    weights = Tensor.of(numbers, numel);
    grads = null;
    share();
  }

  /**
   * As {@link #bind(float[])} on a device. On a GPU the parameters become slices of one run there,
   * which {@link #upload} changes.
   */
  public void bind(float[] numbers, Device device) {
    bind(numbers);
    if (!device.isCuda()) return;
    weights = weights.to(device);
    grads = Tensor.empty(device, DType.FLOAT32, numel);
    share();
  }

  private void share() {
    each((p, at) -> p.setData(slice(weights, p, at)));
  }

  /** Gives the parameters these numbers, after {@link #bind}; one copy to a GPU. */
  public void upload(float[] numbers) {
    check(numbers);
    if (weights == null) throw new IllegalStateException("upload: bind the parameters first");
    if (!weights.device().isCuda() && weights.storage().floats() == numbers) return;
    weights.copy_(Tensor.of(numbers, numel));
    each((p, at) -> p.storage().bumpVersion()); // each has a counter of its own
  }

  /** Copies the gradients, zeros where there is none, and forgets them; one copy from a GPU. */
  public void takeGrads(float[] into) {
    check(into);
    Tensor all = Tensor.of(into, numel);
    Tensor gathered = grads == null ? all : grads;
    each(
        (p, at) -> {
          if (p.grad() == null) slice(gathered, p, at).zero_();
          else slice(gathered, p, at).copy_(p.grad().toDense());
          p.setGrad(null);
        });
    if (gathered != all) all.copy_(gathered);
  }

  /**
   * Finds the first NaN or infinity among numbers of the parameters, or of their gradients.
   *
   * @return "parameter 'weight' is NaN at [0, 3]"; null if all are finite
   */
  public String notFinite(float[] numbers) {
    check(numbers);
    if (allFinite(numbers)) return null;
    int at = 0;
    for (Map.Entry<String, Parameter> e : parameters.entrySet()) {
      Parameter p = e.getValue();
      for (int i = 0; i < p.numel(); i++) {
        if (!Float.isFinite(numbers[at + i]))
          return "parameter '%s' is %s at %s"
              .formatted(e.getKey(), numbers[at + i], Arrays.toString(index(i, p.shape())));
      }
      at += p.numel();
    }
    throw new AssertionError("a number is not finite, and all are");
  }

  private static boolean allFinite(float[] a) {
    // 0 unless NaN or infinite; four sums, because each addition waits for the one before.
    float p = 0;
    float q = 0;
    float r = 0;
    float s = 0;
    int i = 0;
    for (; i + 4 <= a.length; i += 4) {
      p += a[i] * 0f;
      q += a[i + 1] * 0f;
      r += a[i + 2] * 0f;
      s += a[i + 3] * 0f;
    }
    for (; i < a.length; i++) p += a[i] * 0f;
    return p + q + r + s == 0;
  }

  private static int[] index(int flat, int[] shape) {
    int[] index = new int[shape.length];
    for (int d = shape.length - 1; d >= 0; d--) {
      index[d] = flat % shape[d];
      flat /= shape[d];
    }
    return index;
  }

  private static Tensor slice(Tensor run, Parameter p, int at) {
    return run.alias(p.shape(), Shape.strides(p.shape()), at);
  }

  private void each(ObjIntConsumer<Parameter> action) {
    int at = 0;
    for (Parameter p : parameters.values()) {
      action.accept(p, at);
      at += p.numel();
    }
  }

  private void check(float[] numbers) {
    if (numbers.length != numel) {
      throw new IllegalArgumentException(
          "the model has %s numbers to train, got %s; does it differ between calls?"
              .formatted(numel, numbers.length));
    }
  }

  @Override
  public String toString() {
    return "FlatParameters(%d numbers of %d parameters)".formatted(numel, parameters.size());
  }
}
