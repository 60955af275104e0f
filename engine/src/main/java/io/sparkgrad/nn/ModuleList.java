package io.sparkgrad.nn;

import io.sparkgrad.Tensor;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** Modules by their place, which another module calls: {@code layers.0.weight}. */
public class ModuleList extends Module implements Iterable<Module> {
  private static final long serialVersionUID = 1;

  private final ArrayList<Module> modules;

  public ModuleList(Module... modules) {
    this.modules = new ArrayList<>();
    for (Module m : modules) append(m);
  }

  public Module get(int i) {
    return modules.get(i);
  }

  public int size() {
    return modules.size();
  }

  /** Adds one behind the others, and returns this. */
  public final ModuleList append(Module module) {
    Sequential.checkThere("ModuleList", modules.size(), module);
    modules.add(module);
    return this;
  }

  @Override
  public Iterator<Module> iterator() {
    return modules.iterator();
  }

  /** There is none: the modules are called one by one. */
  @Override
  public Tensor forward(Tensor x) {
    throw new UnsupportedOperationException(
        "ModuleList: it has no forward; call its modules, or make it a Sequential");
  }

  @Override
  protected Map<String, Module> children() {
    Map<String, Module> children = new LinkedHashMap<>();
    for (int i = 0; i < modules.size(); i++) children.put(Integer.toString(i), modules.get(i));
    return children;
  }
}
