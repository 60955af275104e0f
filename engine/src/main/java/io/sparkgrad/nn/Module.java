package io.sparkgrad.nn;

import io.sparkgrad.Buffer;
import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Parameter;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.RemovableHandle;
import io.sparkgrad.files.SafeTensors;
import io.sparkgrad.files.TorchFile;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A function with parameters: PyTorch's nn.Module. Fields of type {@link Parameter}, {@link Buffer}
 * and {@link Module} are its parameters, buffers and children by the field's name, so that {@code
 * model.fc = new Linear(512, 10)} replaces one; arrays, lists (Scala's Seq too) and ordered maps of
 * them hold parts as well: {@code layers.0}. Parts held in another way (in a set, a lazy val of
 * Scala) are an error when parameters are asked for, unless {@link #children} names them; a
 * transient field is not looked into.
 *
 * <pre>{@code
 * class Net extends Module {
 *   Linear fc1 = new Linear(784, 128), fc2 = new Linear(128, 10);
 *   public Tensor forward(Tensor x) { return fc2.forward(fc1.forward(x).relu()); }
 * }
 * }</pre>
 *
 * <p>A new module is in training mode; a trainer puts its model into evaluation mode for validation
 * and prediction, as {@link #eval} does.
 */
public abstract class Module implements Serializable {
  private static final long serialVersionUID = 1;

  private boolean evaluating;
  private final List<ForwardPreHook> preHooks = new ArrayList<>();
  private final List<ForwardHook> hooks = new ArrayList<>();
  private final List<BackwardHook> backwardHooks = new ArrayList<>();

  /** The output for a batch; rows first. */
  public abstract Tensor forward(Tensor x);

  /**
   * The outputs for inputs by name: of a module of one tensor the one of {@link #apply(Tensor)}.
   * For others see {@link NamedModule}.
   */
  public Tensors forward(Tensors inputs) {
    return Tensors.of(apply(inputs.only()));
  }

  /** {@link #forward} with the hooks around it: PyTorch's module(x), and so it reads in Scala. */
  public final Tensor apply(Tensor x) {
    Tensor in = x;
    for (ForwardPreHook hook : List.copyOf(preHooks)) in = orElse(hook.before(this, in), in);
    Tensor out =
        backwardHooks.isEmpty()
            ? forward(in)
            : new BackwardHooks(this, backwardHooks).around(this::forward, in);
    for (ForwardHook hook : List.copyOf(hooks)) out = orElse(hook.after(this, in, out), out);
    return out;
  }

  private static Tensor orElse(Tensor given, Tensor otherwise) {
    return given == null ? otherwise : given;
  }

  /** Adds a hook that {@link #apply(Tensor)} runs first. */
  public final RemovableHandle registerForwardPreHook(ForwardPreHook hook) {
    return register(preHooks, hook);
  }

  /** Adds a hook that {@link #apply(Tensor)} runs last. */
  public final RemovableHandle registerForwardHook(ForwardHook hook) {
    return register(hooks, hook);
  }

  /**
   * Adds a hook that backward runs when it has the gradient of the input of {@link #apply(Tensor)},
   * or of the output where the input needs none: PyTorch's register_full_backward_hook.
   */
  public final RemovableHandle registerFullBackwardHook(BackwardHook hook) {
    return register(backwardHooks, hook);
  }

  private <H> RemovableHandle register(List<H> hooks, H hook) {
    if (this instanceof NamedModule)
      throw new UnsupportedOperationException(
          "%s takes its inputs by name, and hooks see one tensor: register them on its parts"
              .formatted(getClass().getSimpleName()));
    if (hook == null) throw new IllegalArgumentException("a hook must not be null");
    hooks.add(hook);
    int[] left = {1}; // the same hook may be there twice
    return new RemovableHandle(() -> hooks.removeIf(h -> h == hook && left[0]-- > 0));
  }

  /** Whether dropout drops and batch norm uses the batch: true for a new module. */
  public final boolean isTraining() {
    return !evaluating;
  }

  /** Puts this module and those within it into training mode, and returns this. */
  public final Module train() {
    return train(true);
  }

  /** Puts this module and those within it into training or evaluation mode, and returns this. */
  public final Module train(boolean mode) {
    for (Module m : modules()) m.evaluating = !mode;
    return this;
  }

  /** Puts this module and those within it into evaluation mode, and returns this. */
  public final Module eval() {
    return train(false);
  }

  /**
   * Puts this module and those within it into evaluation mode until the scope is closed, which
   * gives each its own mode back.
   */
  public final ModeScope evaluating() {
    List<Module> training = modules().stream().filter(Module::isTraining).toList();
    eval();
    return new ModeScope(training);
  }

  /** Ends by giving modules their modes back, once. */
  public static final class ModeScope implements AutoCloseable {
    private List<Module> training;

    private ModeScope(List<Module> training) {
      this.training = training;
    }

    @Override
    public void close() {
      training.forEach(m -> m.evaluating = false);
      training = List.of();
    }

    @Override
    public String toString() {
      return "ModeScope(%d modules that train)".formatted(training.size());
    }
  }

  /** Does something to every module within this one, and to this one last; returns this. */
  public final Module apply(Consumer<Module> action) {
    apply(action, Collections.newSetFromMap(new IdentityHashMap<>()));
    return this;
  }

  private void apply(Consumer<Module> action, Set<Module> seen) {
    if (!seen.add(this)) return;
    children().values().forEach(child -> child.apply(action, seen));
    action.accept(this);
  }

  /** Freezes all parameters, or has them trained again; returns this. */
  public final Module requiresGrad_(boolean requiresGrad) {
    for (Parameter p : parameters()) p.requiresGrad_(requiresGrad);
    return this;
  }

  /** The modules this one is made of, by name, in the order of their fields. */
  protected Map<String, Module> children() {
    return Members.of(this, Module.class);
  }

  /**
   * Every parameter of this module and its children by its dotted name; one used in two places
   * comes once.
   *
   * @throws IllegalStateException if a field holds parts in a way that would miss them
   */
  public final Map<String, Parameter> namedParameters() {
    return named(Parameter.class);
  }

  public final List<Parameter> parameters() {
    return new ArrayList<>(namedParameters().values());
  }

  /** Every buffer of this module and its children, as {@link #namedParameters}. */
  public final Map<String, Buffer> namedBuffers() {
    return named(Buffer.class);
  }

  public final List<Buffer> buffers() {
    return new ArrayList<>(namedBuffers().values());
  }

  private <T extends Tensor> Map<String, T> named(Class<T> type) {
    Map<String, T> named = new LinkedHashMap<>();
    Set<Object> parts = Collections.newSetFromMap(new IdentityHashMap<>());
    collect(
        "",
        parts,
        (name, part) -> {
          if (type.isInstance(part)) named.put(name, type.cast(part));
        });
    UnregisteredParts.check(parts);
    return named;
  }

  private void collect(String prefix, Set<Object> seen, BiConsumer<String, Tensor> found) {
    if (!seen.add(this)) return;
    Map<String, Tensor> own = new LinkedHashMap<>(Members.of(this, Parameter.class));
    own.putAll(Members.of(this, Buffer.class));
    own.forEach(
        (name, part) -> {
          if (seen.add(part)) found.accept(prefix + name, part);
        });
    children().forEach((name, child) -> child.collect(prefix + name + ".", seen, found));
  }

  /**
   * The tensors in the fields of this module and its children, parameters and others; to be kept by
   * a {@link io.sparkgrad.TensorScope} around a forward that may have set them.
   */
  public final Tensor[] tensors() {
    List<Tensor> held = new ArrayList<>();
    for (Module m : modules()) held.addAll(Members.of(m, Tensor.class).values());
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

  /**
   * The numbers of parameters and buffers by dotted name: tensors without history that share the
   * numbers, so they change as training goes on.
   */
  public final Map<String, Tensor> stateDict() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    named(Tensor.class).forEach((name, t) -> state.put(name, t.detach()));
    return state;
  }

  /**
   * Copies numbers over the parameters and buffers of the same names. Other floating types are
   * cast, as in PyTorch.
   *
   * @throws IllegalArgumentException unless names and shapes are just those of {@link #stateDict},
   *     and every tensor is there; the text lists every fault, and nothing was changed
   */
  public final void loadStateDict(Map<String, Tensor> state) {
    loadStateDict(state, true);
  }

  /**
   * As {@link #loadStateDict(Map)}; unless it is strict, names may be missing on both sides.
   *
   * @return the names that were
   */
  public final IncompatibleKeys loadStateDict(Map<String, Tensor> state, boolean strict) {
    return StateDict.load(this, named(Tensor.class), state, strict);
  }

  /**
   * Writes {@link #stateDict}, whole or not at all: as PyTorch's torch.save if the file's name ends
   * in {@code .pt} or {@code .pth}, else as a safetensors file; PyTorch reads it by {@code
   * safetensors.torch.load_file}.
   */
  public final void save(Path file) throws IOException {
    String name = file.toString();
    if (name.endsWith(".pt") || name.endsWith(".pth")) new TorchFile(stateDict()).write(file);
    else new SafeTensors(stateDict(), SafeTensors.PYTORCH).write(file);
  }

  /**
   * Loads a safetensors file or one of PyTorch's torch.save, as {@link #loadStateDict(Map)} does.
   * Where that has several dicts of tensors, or other names, {@link TorchFile} takes it apart.
   */
  public final void load(Path file) throws IOException {
    load(file, true);
  }

  /**
   * As {@link #load(Path)}; unless it is strict, names may be missing on both sides.
   *
   * @return the names that were
   */
  public final IncompatibleKeys load(Path file, boolean strict) throws IOException {
    Map<String, Tensor> state =
        TorchFile.isTorchFile(file)
            ? TorchFile.read(file).stateDict()
            : SafeTensors.read(file).tensors();
    return loadStateDict(state, strict);
  }

  /**
   * Moves parameters, their gradients and buffers to a device, in place, and returns this.
   * Optimizers are made after it.
   */
  public final Module to(Device device) {
    return change(t -> t.to(device));
  }

  /** Casts parameters, their gradients and buffers of floating types, in place; returns this. */
  public final Module to(DType dtype) {
    if (!dtype.isFloatingPoint())
      throw new IllegalArgumentException(
          "to: a module's parameters must be floating point, got %s".formatted(dtype));
    return change(t -> t.dtype().isFloatingPoint() ? t.to(dtype) : t);
  }

  private Module change(UnaryOperator<Tensor> as) {
    for (Tensor t : named(Tensor.class).values()) {
      Tensor now = as.apply(t.detach());
      if (now.dtype() == t.dtype() && now.device().equals(t.device())) continue;
      Tensor grad = t.grad();
      t.setGrad(null);
      t.setData(now);
      if (grad != null) t.setGrad(as.apply(grad.detach()));
    }
    return this;
  }

  /** Forgets every gradient. */
  public final void zeroGrad() {
    for (Parameter p : parameters()) p.setGrad(null);
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
