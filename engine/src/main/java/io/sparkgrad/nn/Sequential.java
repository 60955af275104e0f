package io.sparkgrad.nn;

import io.sparkgrad.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/** One module after the other; children are named by their place: {@code 0.weight}. */
public class Sequential extends Module {
  private static final long serialVersionUID = 1;

  private final Module[] modules; // an array: no Kryo reads what List.of makes

  public Sequential(Module... modules) {
    this.modules = modules.clone();
    for (int i = 0; i < modules.length; i++) checkThere("Sequential", i, modules[i]);
  }

  static void checkThere(String in, int place, Module module) {
    if (module == null)
      throw new NullPointerException("%s: module %d is null".formatted(in, place));
  }

  @Override
  public Tensor forward(Tensor x) {
    for (Module m : modules) x = m.apply(x);
    return x;
  }

  @Override
  protected Map<String, Module> children() {
    Map<String, Module> children = new LinkedHashMap<>();
    for (int i = 0; i < modules.length; i++) children.put(Integer.toString(i), modules[i]);
    return children;
  }
}
