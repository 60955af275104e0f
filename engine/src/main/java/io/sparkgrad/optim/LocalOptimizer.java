package io.sparkgrad.optim;

import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Grad;
import io.sparkgrad.RowSparse;
import io.sparkgrad.Tensor;
import io.sparkgrad.TensorScope;
import io.sparkgrad.backend.cuda.CudaDevice;
import io.sparkgrad.backend.cuda.CudaKernel;
import io.sparkgrad.backend.cuda.KernelArgs;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A rule at work on local parameters: what PyTorch calls an optimizer object. A parameter without a
 * gradient is skipped: what corrects its own means then counts no update, while the schedule, whose
 * rate is the same for all, counts every step. Each parameter is stepped on the device where it was
 * when this was made, in place on a GPU. Not thread-safe.
 */
public final class LocalOptimizer {
  private static final int THREADS = 256;
  private static final int VECTOR_BYTES = 16;

  private final Optimizer rule;
  private final Map<String, State> states = new LinkedHashMap<>(); // by the parameters' names
  private long steps;
  private double rateScale = 1;
  /* The settings of the last update on a GPU, mostly those of the next parameter too. */
  private double[] settings;
  private Optimizer settingsBy;
  private long settingsOf;
  private double settingsRate;

  LocalOptimizer(Optimizer rule, Map<String, ? extends Tensor> parameters) {
    if (parameters.isEmpty())
      throw new IllegalArgumentException("optimizer got an empty parameter list");
    this.rule = rule;
    Iterator<Optimizer> rules = rule.rulesFor(parameters.keySet()).iterator();
    parameters.forEach(
        (name, p) -> {
          if (!p.isLeaf())
            throw new IllegalArgumentException("can't optimize a non-leaf Tensor: " + p.gradFn());
          states.put(name, new State(name, p, rules.next()));
        });
  }

  /** A parameter and what the rule remembers of it, in its own type and on its own device. */
  private static final class State {
    final String name;
    final Tensor parameter;
    final Optimizer rule;
    final Device device;
    final Tensor[] slots;
    long updates;

    /* Some rows of another, gathered. */
    State(State of, Tensor index) {
      this.name = of.name;
      Tensor p = of.parameter.detach();
      this.parameter = p.indexSelect(0, index);
      this.rule = of.rule;
      this.device = of.device;
      this.slots = new Tensor[of.slots.length];
      for (int i = 0; i < slots.length; i++)
        slots[i] = of.slots[i].view(p.shape()).indexSelect(0, index).contiguous();
      this.updates = of.updates;
    }

    /* The rows back to their places. */
    void scatter(State rows, Tensor index) {
      Tensor p = parameter.detach();
      p.indexCopy_(0, index, rows.parameter);
      for (int i = 0; i < slots.length; i++)
        slots[i].view(p.shape()).indexCopy_(0, index, rows.slots[i]);
    }

    State(String name, Tensor parameter, Optimizer rule) {
      this.name = name;
      this.parameter = parameter;
      this.rule = rule;
      this.device = parameter.device();
      this.slots = new Tensor[rule.slots().size()];
      for (int i = 0; i < slots.length; i++)
        this.slots[i] = Tensor.zeros(device, parameter.dtype(), parameter.numel());
    }

    /* The slots' numbers, on the CPU. */
    float[][] floats() {
      return Arrays.stream(slots).map(t -> t.storage().<float[]>array()).toArray(float[][]::new);
    }

    double[][] doubles() {
      return Arrays.stream(slots).map(t -> t.storage().<double[]>array()).toArray(double[][]::new);
    }

    /* The slots by name, in the parameter's shape; views. */
    Map<String, Tensor> bySlot() {
      Map<String, Tensor> named = new LinkedHashMap<>();
      for (int i = 0; i < slots.length; i++)
        named.put(rule.slots().get(i), slots[i].view(parameter.shape()));
      return named;
    }

    /* The numbers one behind the other, on the CPU from the start of an array, as the slots are. */
    Tensor runOf(Tensor p) {
      return p.isContiguous() && (device.isCuda() || p.offset() == 0)
          ? p
          : Tensor.empty(device, p.dtype(), p.shape()).copy_(p);
    }

    void checkDevice() {
      Device now = parameter.device();
      Device grad = parameter.grad().device();
      if (now.equals(device) && grad.equals(device)) return;
      throw new IllegalStateException(
          ("a parameter of shape %s was on %s when the optimizer was made; now it is on %s and its "
                  + "gradient on %s: make the optimizer after model.to(device)")
              .formatted(Arrays.toString(parameter.shape()), device, now, grad));
    }
  }

  /** One update of every parameter that has a gradient and is not frozen. */
  public void step() {
    List<State> stepped =
        states.values().stream()
            .filter(s -> s.parameter.grad() != null && !s.rule.isFrozen())
            .toList();
    double factor = clipFactor(stepped);
    for (State s : stepped) step(s, factor, rateScale * s.rule.rate(steps));
    steps++;
  }

  private double clipFactor(List<State> stepped) {
    if (rule.clipNorm() == Double.POSITIVE_INFINITY) return 1;
    double squares = 0;
    for (State s : stepped) {
      s.checkDevice();
      Tensor g = s.parameter.grad();
      squares += squares(g instanceof RowSparse rows ? rows.coalesce().values() : g.detach());
    }
    return rule.clipFactor(squares);
  }

  private static double squares(Tensor t) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor exact = t.to(DType.FLOAT64);
      return exact.mul(exact).sum().item();
    }
  }

  /** The rate before the schedule. */
  public double lr() {
    return rateScale * rule.lr();
  }

  /** Multiplies the rate, whatever the schedule gives, from the next step on. */
  public void scaleRate(double factor) {
    rateScale *= factor;
  }

  /** Forgets the gradients: {@link #step} then skips parameters that get no other. */
  public void zeroGrad() {
    zeroGrad(true);
  }

  /**
   * Forgets the gradients, or sets them to zeros, which {@link #step} takes as gradients: PyTorch's
   * set_to_none.
   */
  public void zeroGrad(boolean setToNone) {
    for (State s : states.values()) {
      Tensor grad = s.parameter.grad();
      if (setToNone) s.parameter.setGrad(null);
      else if (grad != null) s.parameter.setGrad(zeros(grad));
    }
  }

  /* In place, but for a gradient that has a history, as PyTorch does. */
  private static Tensor zeros(Tensor grad) {
    Tensor plain = grad.gradFn() == null ? grad : grad.detach();
    try (var quiet = Grad.noGrad()) {
      return plain.zero_();
    }
  }

  private void step(State s, double factor, double lr) {
    s.checkDevice();
    s.updates++;
    Tensor p = s.parameter.detach();
    if (p.numel() == 0) return;
    try (TensorScope scope = TensorScope.open(rule::unit)) {
      Tensor g = s.parameter.grad();
      if (g instanceof RowSparse rows) stepRows(s, p, shortened(rows, factor), lr);
      else step(s, p, factor == 1 ? g : g.detach().mul(factor), lr);
    }
  }

  private static RowSparse shortened(RowSparse g, double factor) {
    return factor == 1 ? g : g.withValues(g.values().mul(factor));
  }

  /* A gradient of few rows: where the rule leaves the others alone, only those are stepped. */
  private void stepRows(State s, Tensor p, RowSparse given, double lr) {
    s.rule.checkSparse(s.name);
    if (!s.rule.movesRowsAlone()) {
      step(s, p, given.toDense(), lr);
      return;
    }
    RowSparse g = given.coalesce();
    Tensor index = g.indices().squeeze(0);
    State rows = new State(s, index);
    update(rows, rows.parameter, g.values(), lr);
    s.scatter(rows, index);
  }

  private void step(State s, Tensor p, Tensor g, double lr) {
    Tensor run = s.runOf(p); // in place where the numbers lie so
    update(s, run, g, lr);
    if (run == p) p.storage().bumpVersion();
    else p.copy_(run);
  }

  private void update(State s, Tensor run, Tensor g, double lr) {
    Tensor grad = g.detach().contiguous();
    double rate = s.rule.isLayerwise() ? lr * trustRatio(s, run, grad) : lr;
    if (s.device.isCuda()) launch(s, s.slots, run, grad, rate);
    else loop(s, run, grad, rate);
  }

  private double trustRatio(State s, Tensor w, Tensor g) {
    if (!s.device.isCuda()) return trustRatioHere(s, w, g);
    Tensor[] slots = Arrays.stream(s.slots).map(Tensor::clone).toArray(Tensor[]::new);
    Tensor moved = w.clone();
    launch(s, slots, moved, g, 1);
    return s.rule.trustRatio(squares(w), squares(moved.sub_(w)));
  }

  private static double trustRatioHere(State s, Tensor w, Tensor g) {
    double[] sums = new double[2];
    int n = w.numel();
    if (w.dtype() == DType.FLOAT32) {
      float[] numbers = w.storage().array();
      s.rule.measure(numbers, 0, g.storage().array(), g.offset(), s.floats(), n, s.updates, sums);
    } else {
      double[] numbers = w.storage().array();
      s.rule.measure(numbers, 0, g.storage().array(), g.offset(), s.doubles(), n, s.updates, sums);
    }
    return s.rule.trustRatio(sums[0], sums[1]);
  }

  private static void loop(State s, Tensor w, Tensor g, double lr) {
    int n = w.numel();
    if (w.dtype() == DType.FLOAT32) {
      float[] numbers = w.storage().array();
      s.rule.step(numbers, 0, g.storage().array(), g.offset(), s.floats(), n, s.updates, lr);
    } else {
      double[] numbers = w.storage().array();
      s.rule.step(numbers, 0, g.storage().array(), g.offset(), s.doubles(), n, s.updates, lr);
    }
  }

  /* The queue of the device keeps the order. */
  private void launch(State s, Tensor[] slots, Tensor w, Tensor g, double lr) {
    Optimizer rule = s.rule;
    if (rule.cuda() == null) {
      throw new UnsupportedOperationException(
          rule + " has no CUDA kernel; move the model by .to(Device.CPU)");
    }
    boolean narrow = w.dtype() == DType.FLOAT32;
    CudaDevice device = CudaDevice.of(s.device.ordinal());
    KernelArgs args = device.args();
    pointer(args, w);
    pointer(args, g);
    List<String> names = rule.cudaSlots();
    for (int i = 0; i < Optimizer.CUDA_SLOTS; i++) {
      int at = i < names.size() ? rule.slots().indexOf(names.get(i)) : -1;
      pointer(args, at < 0 ? null : slots[at]);
    }
    args.f64s(Optimizer.CUDA_SETTINGS, settings(rule, s.updates, lr));
    args.i32(w.numel()).i32(isAligned(w) && isAligned(g) ? 1 : 0);
    CudaKernel kernel = device.kernel(rule.unit(), rule.unit() + (narrow ? "_f32" : "_f64"));
    int perThread = VECTOR_BYTES / w.dtype().bytes();
    kernel.launch(args, kernel.blocks(w.numel(), THREADS * perThread), THREADS);
  }

  private double[] settings(Optimizer rule, long update, double lr) {
    if (settingsBy != rule || settingsOf != update || settingsRate != lr)
      settings = rule.kernelSettings(update, lr).values().stream().mapToDouble(v -> v).toArray();
    settingsBy = rule;
    settingsOf = update;
    settingsRate = lr;
    return settings;
  }

  private static void pointer(KernelArgs args, Tensor t) {
    if (t == null) args.pointer(null, 0);
    else args.pointer(t.storage().memory(), (long) t.offset() * t.dtype().bytes());
  }

  private static boolean isAligned(Tensor t) {
    return (long) t.offset() * t.dtype().bytes() % VECTOR_BYTES == 0;
  }

  /**
   * All that the next steps depend on but parameters and settings, by names a safetensors file can
   * have: {@code step}, {@code rate_scale}, and of each parameter {@code weight.step}, the count of
   * its updates, and its slots, {@code weight.momentum_buffer}. Parameters of a list are named 0,
   * 1, and so on.
   *
   * @return copies
   */
  public Map<String, Tensor> stateDict() {
    Map<String, Tensor> state = state();
    state.replaceAll((name, t) -> t.clone());
    return state;
  }

  /* As stateDict(), the slots themselves. */
  private Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.put("step", Tensor.full(steps));
    state.put("rate_scale", Tensor.full(rateScale, DType.FLOAT64));
    states.forEach(
        (name, s) -> {
          state.put(name + ".step", Tensor.full(s.updates));
          s.bySlot().forEach((slot, numbers) -> state.put(name + "." + slot, numbers));
        });
    return state;
  }

  /**
   * Takes up what {@link #stateDict} of an optimizer with like parameters gave.
   *
   * @throws IllegalArgumentException unless names, shapes and types are those of this optimizer's;
   *     then nothing was changed
   */
  public void loadStateDict(Map<String, Tensor> state) {
    Map<String, Tensor> now = state();
    if (!state.keySet().equals(now.keySet()))
      throw new IllegalArgumentException(
          "the state has %s, this optimizer %s".formatted(state.keySet(), now.keySet()));
    now.forEach((name, own) -> checkLike(name, own, state.get(name)));
    steps = state.get("step").itemLong();
    rateScale = state.get("rate_scale").item();
    states.forEach(
        (name, s) -> {
          s.updates = state.get(name + ".step").itemLong();
          s.bySlot().forEach((slot, own) -> own.copy_(state.get(name + "." + slot).detach()));
        });
  }

  private static void checkLike(String name, Tensor own, Tensor given) {
    if (given == null) throw new IllegalArgumentException("the state's '" + name + "' is null");
    if (!Arrays.equals(own.shape(), given.shape()) || own.dtype() != given.dtype())
      throw new IllegalArgumentException(
          "the state's '%s' is %s %s, this optimizer's %s %s"
              .formatted(
                  name,
                  given.dtype(),
                  Arrays.toString(given.shape()),
                  own.dtype(),
                  Arrays.toString(own.shape())));
  }

  @Override
  public String toString() {
    long numbers = states.values().stream().mapToLong(s -> s.parameter.numel()).sum();
    return rule + " over " + states.size() + " parameters, " + numbers + " numbers";
  }
}
