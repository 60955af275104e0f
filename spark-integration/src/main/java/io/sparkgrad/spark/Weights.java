package io.sparkgrad.spark;

import io.sparkgrad.Parameter;
import io.sparkgrad.Tensor;
import io.sparkgrad.nn.Module;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A model's numbers on their way to tasks. Thread-safe: nobody writes to it. Plain fields, since
 * Spark may be told to send broadcasts by Kryo, which ignores writeObject.
 */
final class Weights implements Serializable {
  private static final long serialVersionUID = 1L;

  private final String[] names;
  private final int[][] shapes;
  private final Object[] numbers; // a float[], double[], ... each

  private Weights(String[] names, int[][] shapes, Object[] numbers) {
    this.names = names;
    this.shapes = shapes;
    this.numbers = numbers;
  }

  /** A copy of a module's numbers. */
  static Weights of(Module module) {
    Map<String, Tensor> state = module.stateDict();
    String[] names = state.keySet().toArray(new String[0]);
    int[][] shapes = new int[names.length][];
    Object[] numbers = new Object[names.length];
    for (int i = 0; i < names.length; i++) {
      Tensor t = state.get(names[i]).clone();
      shapes[i] = t.shape();
      numbers[i] =
          switch (t.dtype()) {
            case FLOAT32 -> t.storage().floats();
            case FLOAT64 -> t.storage().doubles();
            case INT64 -> t.storage().longs();
            case INT32 -> t.storage().ints();
            case BOOL -> t.storage().booleans();
          };
    }
    return new Weights(names, shapes, numbers);
  }

  /** Lets a module of the same structure show these numbers, without a copy: for reading only. */
  void lend(Module module) {
    Map<String, Tensor> state = tensors();
    Map<String, Parameter> parameters = module.namedParameters();
    if (!parameters.keySet().equals(state.keySet()))
      throw new IllegalStateException(
          "the model supplier made another model here than on the driver: parameters "
              + parameters.keySet()
              + " instead of "
              + state.keySet());
    parameters.forEach((name, p) -> p.setData(state.get(name)));
  }

  private Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (int i = 0; i < names.length; i++) tensors.put(names[i], tensor(numbers[i], shapes[i]));
    return tensors;
  }

  private static Tensor tensor(Object numbers, int[] shape) {
    if (numbers instanceof float[] floats) return Tensor.of(floats, shape);
    if (numbers instanceof double[] doubles) return Tensor.of(doubles, shape);
    if (numbers instanceof long[] longs) return Tensor.of(longs, shape);
    if (numbers instanceof int[] ints) return Tensor.of(ints, shape);
    return Tensor.of((boolean[]) numbers, shape);
  }

  /** Copies the numbers into a module of the same structure. */
  void copyTo(Module module) {
    module.loadStateDict(tensors());
  }
}
