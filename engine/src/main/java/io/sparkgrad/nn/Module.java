package io.sparkgrad.nn;

import io.sparkgrad.Device;
import io.sparkgrad.Parameter;
import io.sparkgrad.Tensor;
import io.sparkgrad.files.SafeTensors;
import java.io.IOException;
import java.io.Serializable;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A function with parameters: PyTorch's nn.Module. Fields of type {@link Parameter} and {@link
 * Module} are its parameters and children by the field's name, so that {@code model.fc = new
 * Linear(512, 10)} replaces one. Parts held in another way (in an array, a list, a lazy val of
 * Scala) are an error when parameters are asked for, unless {@link #children} names them; a
 * transient field is not looked into.
 *
 * <pre>{@code
 * class Net extends Module {
 *   Linear fc1 = new Linear(784, 128), fc2 = new Linear(128, 10);
 *   public Tensor forward(Tensor x) { return fc2.forward(fc1.forward(x).relu()); }
 * }
 * }</pre>
 */
public abstract class Module implements Serializable {
  private static final long serialVersionUID = 1;

  /** The output for a batch; rows first. */
  public abstract Tensor forward(Tensor x);

  /** The modules this one is made of, by name, in the order of their fields. */
  protected Map<String, Module> children() {
    return fields(Module.class);
  }

  /**
   * Every parameter of this module and its children by its dotted name; one used in two places
   * comes once.
   *
   * @throws IllegalStateException if a field holds parts in a way that would miss them
   */
  public final Map<String, Parameter> namedParameters() {
    Map<String, Parameter> named = new LinkedHashMap<>();
    Set<Object> parts = Collections.newSetFromMap(new IdentityHashMap<>());
    collect("", named, parts);
    UnregisteredParts.check(parts);
    return named;
  }

  public final List<Parameter> parameters() {
    return new ArrayList<>(namedParameters().values());
  }

  /**
   * The tensors in the fields of this module and its children, parameters and others; to be kept by
   * a {@link io.sparkgrad.TensorScope} around a forward that may have set them.
   */
  public final Tensor[] tensors() {
    List<Tensor> held = new ArrayList<>();
    collect(held, Collections.newSetFromMap(new IdentityHashMap<>()));
    return held.toArray(Tensor[]::new);
  }

  /** This module and those within it, each once, as PyTorch's modules(). */
  public final List<Module> modules() {
    Set<Module> found = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Module> inOrder = new ArrayList<>();
    collect(found, inOrder);
    return inOrder;
  }

  private void collect(Set<Module> seen, List<Module> into) {
    if (!seen.add(this)) return;
    into.add(this);
    children().values().forEach(child -> child.collect(seen, into));
  }

  private void collect(List<Tensor> held, Set<Object> seen) {
    if (!seen.add(this)) return;
    held.addAll(fields(Tensor.class).values());
    children().values().forEach(child -> child.collect(held, seen));
  }

  /**
   * The parameters' numbers by dotted name, in the order of {@link #namedParameters}: tensors
   * without history that share the numbers, so they change as training goes on.
   */
  public final Map<String, Tensor> stateDict() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    namedParameters().forEach((name, p) -> state.put(name, p.detach()));
    return state;
  }

  /**
   * Copies numbers over the parameters of the same names. Other floating types are cast, as in
   * PyTorch.
   *
   * @throws IllegalArgumentException unless names and shapes are just those of {@link #stateDict},
   *     and every tensor is there; the text lists every fault, and nothing was changed
   */
  public final void loadStateDict(Map<String, Tensor> state) {
    StateDict.load(this, state);
  }

  /**
   * Writes {@link #stateDict} as a safetensors file, whole or not at all; PyTorch reads it by
   * {@code safetensors.torch.load_file}.
   */
  public final void save(Path file) throws IOException {
    new SafeTensors(stateDict(), SafeTensors.PYTORCH).write(file);
  }

  /** Loads a safetensors file, as {@link #loadStateDict} does; PyTorch's too. */
  public final void load(Path file) throws IOException {
    loadStateDict(SafeTensors.read(file).tensors());
  }

  /**
   * Moves the parameters and their gradients to a device, in place, and returns this. Optimizers
   * are made after it.
   */
  public final Module to(Device device) {
    for (Parameter p : parameters()) {
      if (p.device().equals(device)) continue;
      Tensor grad = p.grad();
      p.setGrad(null);
      p.setData(p.detach().to(device));
      if (grad != null) p.setGrad(grad.detach().to(device));
    }
    return this;
  }

  /** Forgets every gradient. */
  public final void zeroGrad() {
    for (Parameter p : parameters()) p.setGrad(null);
  }

  private void collect(String prefix, Map<String, Parameter> named, Set<Object> seen) {
    if (!seen.add(this)) return;
    fields(Parameter.class)
        .forEach(
            (name, p) -> {
              if (seen.add(p)) named.put(prefix + name, p);
            });
    children().forEach((name, child) -> child.collect(prefix + name + ".", named, seen));
  }

  private <T> Map<String, T> fields(Class<T> type) {
    Deque<Class<?>> line = new ArrayDeque<>();
    for (Class<?> c = getClass(); c != Module.class; c = c.getSuperclass()) line.push(c);
    Map<String, T> found = new LinkedHashMap<>();
    for (Class<?> c : line) {
      for (Field f : c.getDeclaredFields()) {
        if (Modifier.isStatic(f.getModifiers()) || f.isSynthetic() || f.getType().isPrimitive())
          continue;
        Object value = mayHold(f, type) ? read(f, this) : null;
        if (type.isInstance(value)) found.put(f.getName(), type.cast(value));
      }
    }
    return found;
  }

  /* By its value, as in PyTorch: a Parameter in a field of type Tensor is one. */
  private static boolean mayHold(Field f, Class<?> type) {
    Class<?> declared = f.getType();
    return declared.isInterface()
        || type.isAssignableFrom(declared)
        || declared.isAssignableFrom(type);
  }

  static Object read(Field f, Object owner) {
    try {
      f.setAccessible(true);
      return f.get(owner);
    } catch (ReflectiveOperationException | RuntimeException e) {
      throw new IllegalStateException(
          "field %s of %s cannot be read as a part of the module: open its package to io.sparkgrad, or make the field public"
              .formatted(f.getName(), owner.getClass().getName()),
          e);
    }
  }

  /** PyTorch's text: the class, and its children a line each. */
  @Override
  public String toString() {
    Map<String, Module> children = children();
    if (children.isEmpty()) return getClass().getSimpleName() + "(" + describe() + ")";
    StringBuilder text = new StringBuilder(getClass().getSimpleName()).append("(");
    children.forEach(
        (name, child) ->
            text.append("\n  (")
                .append(name)
                .append("): ")
                .append(child.toString().replace("\n", "\n  ")));
    return text.append("\n)").toString();
  }

  /** The text in the parentheses of a module without children: its sizes and settings. */
  protected String describe() {
    return "";
  }
}
