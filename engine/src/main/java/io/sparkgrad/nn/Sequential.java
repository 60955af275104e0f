package io.sparkgrad.nn;

import io.sparkgrad.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One module after the other; children are named by their place: {@code 0.weight}. */
public class Sequential extends Module {
  private static final long serialVersionUID = 1;

  private final List<Module> modules;

  public Sequential(Module... modules) {
    this.modules = List.of(modules);
  }

  @Override
  public Tensor forward(Tensor x) {
    for (Module m : modules) x = m.forward(x);
    return x;
  }

  @Override
  protected Map<String, Module> children() {
    Map<String, Module> children = new LinkedHashMap<>();
    for (int i = 0; i < modules.size(); i++) children.put(Integer.toString(i), modules.get(i));
    return children;
  }
}
