package io.sparkgrad.nn;

import io.sparkgrad.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tensors by name, in order: the inputs of a {@link NamedModule}, and the outputs of any module.
 * Immutable, but for the tensors.
 */
public final class Tensors {
  private final LinkedHashMap<String, Tensor> tensors;

  private Tensors(LinkedHashMap<String, Tensor> tensors) {
    this.tensors = tensors;
  }

  /** A single one, which nobody asks for by name. */
  public static Tensors of(Tensor only) {
    return of("output", only);
  }

  public static Tensors of(String name, Tensor tensor) {
    return new Tensors(new LinkedHashMap<>()).and(name, tensor);
  }

  public static Tensors of(Map<String, Tensor> tensors) {
    Tensors all = new Tensors(new LinkedHashMap<>());
    for (Map.Entry<String, Tensor> e : tensors.entrySet()) all = all.and(e.getKey(), e.getValue());
    return all;
  }

  /** These and one more. */
  public Tensors and(String name, Tensor tensor) {
    if (name == null || tensor == null)
      throw new IllegalArgumentException(
          "neither a tensor nor its name can be null: %s, %s".formatted(name, tensor));
    LinkedHashMap<String, Tensor> more = new LinkedHashMap<>(tensors);
    if (more.put(name, tensor) != null)
      throw new IllegalArgumentException("there is a tensor '%s' already".formatted(name));
    return new Tensors(more);
  }

  /**
   * @throws IllegalArgumentException if there is none of this name; the text lists those there are
   */
  public Tensor get(String name) {
    Tensor found = tensors.get(name);
    if (found == null)
      throw new IllegalArgumentException(
          "there is no tensor '%s' among %s".formatted(name, tensors.keySet()));
    return found;
  }

  /**
   * The single one.
   *
   * @throws IllegalArgumentException if there are several
   */
  public Tensor only() {
    if (tensors.size() != 1)
      throw new IllegalArgumentException(
          "one tensor is wanted, and there are %s: take them by name".formatted(tensors.keySet()));
    return first();
  }

  public Tensor first() {
    if (tensors.isEmpty()) throw new IllegalArgumentException("there is no tensor");
    return tensors.values().iterator().next();
  }

  public List<String> names() {
    return List.copyOf(tensors.keySet());
  }

  public List<Tensor> values() {
    return List.copyOf(tensors.values());
  }

  @Override
  public String toString() {
    return tensors.toString();
  }
}
