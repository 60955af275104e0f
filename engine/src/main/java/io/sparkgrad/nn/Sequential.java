package io.sparkgrad.nn;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Checkpoint;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** One module after the other; children are named by their place: {@code 0.weight}. */
public class Sequential extends Module {
  private static final long serialVersionUID = 1;

  private final Module[] modules; // an array: no Kryo reads what List.of makes
  private int segments = 1; // of a forward pass that is recorded

  public Sequential(Module... modules) {
    this.modules = modules.clone();
    for (int i = 0; i < modules.length; i++) checkThere("Sequential", i, modules[i]);
  }

  static void checkThere(String in, int place, Module module) {
    if (module == null)
      throw new NullPointerException("%s: module %d is null".formatted(in, place));
  }

  /**
   * Keeps for backward what lies between so many segments, and in the last; the others are computed
   * again when backward gets there: less memory, for a second forward pass. {@link Checkpoint}
   *
   * @param segments 1, as it is at first, to the count of modules
   */
  public Sequential checkpointed(int segments) {
    if (segments < 1 || segments > Math.max(1, modules.length))
      throw new IllegalArgumentException(
          "Sequential: %d modules make 1 to %d segments, not %d"
              .formatted(modules.length, modules.length, segments));
    this.segments = segments;
    return this;
  }

  @Override
  public Tensor forward(Tensor x) {
    if (segments > 1) return Checkpoint.sequential(functions(), segments, x);
    for (Module m : modules) x = m.apply(x);
    return x;
  }

  private List<UnaryOperator<Tensor>> functions() {
    return Arrays.stream(modules).<UnaryOperator<Tensor>>map(m -> m::apply).toList();
  }

  @Override
  protected Map<String, Module> children() {
    Map<String, Module> children = new LinkedHashMap<>();
    for (int i = 0; i < modules.length; i++) children.put(Integer.toString(i), modules[i]);
    return children;
  }
}
