package io.sparkgrad.cluster.trained;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.nn.Module;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A model's parameters and buffers as arrays, to be sent to tasks. Thread-safe: nobody writes to
 * it. Plain fields, since Spark may be set to send broadcasts by Kryo, which ignores writeObject.
 */
public final class Weights implements Serializable {
  private static final long serialVersionUID = 1L;

  private final String[] names;
  private final int[][] shapes;
  private final DType[] dtypes;
  private final Object[] numbers; // a float[], double[], ... each

  private Weights(String[] names, int[][] shapes, DType[] dtypes, Object[] numbers) {
    this.names = names;
    this.shapes = shapes;
    this.dtypes = dtypes;
    this.numbers = numbers;
  }

  /** Copies a module's numbers. */
  public static Weights of(Module module) {
    Map<String, Tensor> state = module.stateDict();
    String[] names = state.keySet().toArray(new String[0]);
    int[][] shapes = new int[names.length][];
    DType[] dtypes = new DType[names.length];
    Object[] numbers = new Object[names.length];
    for (int i = 0; i < names.length; i++) {
      Tensor t = state.get(names[i]).clone();
      shapes[i] = t.shape();
      dtypes[i] = t.dtype();
      numbers[i] = t.storage().numbers();
    }
    return new Weights(names, shapes, dtypes, numbers);
  }

  /**
   * Sets these numbers as the data of a module of the same structure, without a copy: read only.
   */
  void shareWith(Module module) {
    Map<String, Tensor> state = tensors();
    Map<String, Tensor> own = new LinkedHashMap<>(module.namedParameters());
    own.putAll(module.namedBuffers());
    if (!own.keySet().equals(state.keySet()))
      throw new IllegalStateException(
          "the model supplier made another model here than on the driver: parameters and buffers %s instead of %s"
              .formatted(own.keySet(), state.keySet()));
    own.forEach((name, t) -> t.setData(state.get(name)));
  }

  private Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (int i = 0; i < names.length; i++)
      tensors.put(names[i], Tensor.of(dtypes[i], numbers[i], shapes[i]));
    return tensors;
  }

  @Override
  public String toString() {
    return "Weights(" + String.join(", ", names) + ")";
  }

  /** Copies the numbers into a module of the same structure. */
  public void copyTo(Module module) {
    module.loadStateDict(tensors());
  }
}
