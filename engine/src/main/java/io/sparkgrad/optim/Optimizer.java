package io.sparkgrad.optim;

import io.sparkgrad.AnyList;
import io.sparkgrad.Tensor;
import java.io.Serializable;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * An update rule over runs of numbers. It knows neither tensors nor servers: a shard of the
 * parameter server runs it on its blocks, {@code over(parameters)} on local tensors. Immutable, so
 * one rule may serve any number of runs and threads.
 *
 * <p>A rule is written once, in double; numbers of other types are converted chunk by chunk on the
 * way in and out, and every number is updated by itself, so cutting a run elsewhere changes no bit.
 *
 * <p>On a GPU it is CUDA C beside the loop, written for one number.
 *
 * <p>Climbing instead of descending, and weight decay, come before the rule, here, once for all: a
 * rule states its own mathematics.
 *
 * <p>A new rule is one file, a {@link StandardOptimizer}, and one line in {@link Optimizers#all()}:
 * a constructor with the rate alone, and for every other argument of PyTorch's a method of that
 * name in camel case that returns the changed rule, by {@link #with}.
 */
public abstract class Optimizer implements Serializable, Cloneable {
  private static final long serialVersionUID = 1L;

  /* Small enough for the scratch of a chunk to stay in the L1 cache: weight, gradient and two slots make 16 KiB. */
  private static final int CHUNK = 512;

  /* As optim.cuh has them. */
  static final int CUDA_SLOTS = 3;
  static final int CUDA_SETTINGS = 12;

  /* As in PyTorch: a norm of 0 divides by this. */
  private static final double CLIP_EPS = 1e-6;

  /** The learning rate before the schedule. */
  public abstract double lr();

  /** How the rate moves with the optimizer's finished steps. */
  public Schedule schedule() {
    return Schedule.CONSTANT;
  }

  /** This rule with another schedule; a rule that gives a schedule should take one, too. */
  public Optimizer schedule(Schedule schedule) {
    throw new UnsupportedOperationException(
        getClass().getSimpleName() + " takes no schedule: override schedule(Schedule)");
  }

  /** This much of each weight is added to its gradient before the rule: an L2 penalty. */
  public double weightDecay() {
    return 0;
  }

  /** Whether weight decay shrinks the weights by lr · weightDecay instead of adding a penalty. */
  protected boolean decouplesWeightDecay() {
    return false;
  }

  /** Whether it climbs instead of descending: gradients are turned round before the rule. */
  public boolean maximizes() {
    return false;
  }

  /** Gradients are cut to at most this size, number by number, before the rule. */
  public double clipValue() {
    return Double.POSITIVE_INFINITY;
  }

  /**
   * Gradients that are longer than this, all parameters' together, are shortened to it, before all
   * else.
   */
  public double clipNorm() {
    return Double.POSITIVE_INFINITY;
  }

  /**
   * What gradients are multiplied by where their numbers' squares have this sum, over all
   * parameters that are stepped: torch.nn.utils.clip_grad_norm_.
   */
  public final double clipFactor(double squares) {
    return Math.min(1, clipNorm() / (Math.sqrt(squares) + CLIP_EPS));
  }

  /**
   * Whether the rate of each parameter is multiplied by {@link #trustRatio}: a layer-wise rule. Who
   * steps by it measures the whole parameter first.
   */
  public boolean isLayerwise() {
    return false;
  }

  /**
   * The factor of a layer-wise rule, by what {@link #measure} sums over a parameter: the norm of
   * its weights over that of its step at a rate of 1; 1 if one of them is 0.
   */
  public final double trustRatio(double weights, double step) {
    return weights > 0 && step > 0 ? Math.sqrt(weights) / Math.sqrt(step) : 1;
  }

  /** Parameters with settings of their own, by name. */
  public List<ParameterGroup> groups() {
    return List.of();
  }

  /** The rule for the parameter of this name: with the settings of its groups, without groups. */
  public Optimizer ruleFor(String parameter) {
    return this;
  }

  /** What the scheduled rate is multiplied by for the parameter that this is the rule for. */
  protected double rateFactor() {
    return 1;
  }

  /** Whether the parameter that this is the rule for stays as it is. */
  public boolean isFrozen() {
    return false;
  }

  /**
   * As {@link #ruleFor}, of each; equal rules are one object.
   *
   * @throws IllegalArgumentException if a group has none of them, or all are frozen
   */
  public final List<Optimizer> rulesFor(Collection<String> parameters) {
    for (ParameterGroup g : groups())
      if (parameters.stream().noneMatch(g::matches))
        throw new IllegalArgumentException(
            "no parameter is named '%s'; there are %s"
                .formatted(g.pattern(), String.join(", ", parameters)));
    Map<Optimizer, Optimizer> different = new HashMap<>();
    List<Optimizer> rules =
        parameters.stream()
            .map(this::ruleFor)
            .map(r -> different.computeIfAbsent(r, same -> r))
            .toList();
    if (!rules.isEmpty() && rules.stream().allMatch(Optimizer::isFrozen))
      throw new IllegalArgumentException(
          "the groups freeze every parameter, so that nothing would be trained: "
              + String.join(", ", parameters));
    return rules;
  }

  /**
   * The numbers that are remembered for each weight between steps, by PyTorch's names ({@code
   * momentum_buffer}); starts at zero.
   */
  public abstract List<String> slots();

  /**
   * Whether a gradient that holds few rows is taken: PyTorch's optimizers but for some refuse it.
   */
  protected boolean takesSparse() {
    return false;
  }

  /**
   * Whether a gradient that holds few rows moves those alone, and their slots: as if the others had
   * a gradient of 0, or lazily, as if the step had passed by them.
   */
  protected boolean movesRowsAlone() {
    return false;
  }

  /** Whether a gradient of rows moves those rows alone, and their slots. */
  public final boolean stepsRows() {
    return takesSparse() && movesRowsAlone();
  }

  /**
   * @param parameter whose gradient is of rows, by name
   * @throws UnsupportedOperationException if the rule takes no gradients of rows
   */
  public final void checkSparse(String parameter) {
    if (takesSparse()) return;
    throw new UnsupportedOperationException(
        "parameter '%s': %s does not support sparse gradients; use SGD, SparseAdam, Adagrad or FTRL, or an embedding without sparse()"
            .formatted(parameter, getClass().getSimpleName()));
  }

  /** This rule at work on local parameters, as PyTorch's optimizer objects are. */
  public final LocalOptimizer over(List<? extends Tensor> parameters) {
    if (!groups().isEmpty())
      throw new IllegalArgumentException(
          "groups need the parameters' names: over(model.namedParameters())");
    Map<String, Tensor> numbered = new LinkedHashMap<>();
    for (Tensor p : parameters) numbered.put(Integer.toString(numbered.size()), p);
    return over(numbered);
  }

  /** As {@link #over(List)}, by names: {@code over(model.namedParameters())}. */
  public final LocalOptimizer over(Map<String, ? extends Tensor> parameters) {
    return new LocalOptimizer(this, parameters);
  }

  /** As {@link #over(List)}, of an array or any collection, Scala's among them. */
  public final LocalOptimizer over(Object parameters) {
    return over(AnyList.tensors(getClass().getSimpleName(), parameters));
  }

  /**
   * The settings in PyTorch's order and by its names ({@code weight_decay}). Rules of one class
   * with equal settings and schedules are equal.
   */
  public Map<String, Object> options() {
    return options("lr", lr());
  }

  /**
   * The rule: updates {@code w[0..n)} and the slots in place. The gradient may be overwritten; it
   * is turned round, and has its weight decay, already.
   *
   * @param slots one array a slot, in the order of {@link #slots()}
   * @param step the number of these numbers' update, 1 for the first
   * @param lr the scheduled rate of this update
   */
  protected abstract void update(
      int n, double[] w, double[] g, double[][] slots, long step, double lr);

  /**
   * The rule in float32, for a rule whose benchmark gains by it: a loop that the JVM turns into
   * vector instructions, as it does where one index goes through all arrays. Updates {@code
   * w[from..end)} and the same range of every slot; must leave the gradient alone. Not asked for
   * under weight decay, nor by a rule that climbs.
   *
   * @return false, with nothing done, where there is no such loop: then {@link #update} does it
   */
  protected boolean updateFloats(
      int from, int end, float[] w, float[] g, float[][] slots, long step, double lr) {
    return false;
  }

  /**
   * The rule on a GPU: CUDA C that updates one number, a kernel each for T = float and double. It
   * sees {@code w}, the gradient {@code g} as {@link #update} does, the slots of {@link #cudaSlots}
   * and the settings of {@link #cudaSettings}, all by name. Null for a rule that does not run
   * there.
   */
  protected String cuda() {
    return null;
  }

  /** The slots that the rule has under any settings, 3 at most; see {@link #cuda}. */
  protected List<String> cudaSlots() {
    return slots();
  }

  /**
   * The facts of a step for {@link #cuda}, 9 numbers at most, 0 and 1 for no and yes: computed here
   * in double, rounded to T there.
   */
  protected Map<String, Double> cudaSettings(long step, double lr) {
    return Map.of();
  }

  /** The text of the rule's CUDA kernels, or null if it has none. */
  public final String cudaSource() {
    if (cuda() == null) return null;
    return "#include \"optim.cuh\"\n" + kernel("f32", "float") + kernel("f64", "double");
  }

  private String kernel(String suffix, String type) {
    StringBuilder text = new StringBuilder();
    text.append(String.format("%nKERNEL(%s_%s, 256, OptimArgs) {%n", unit(), suffix));
    text.append(String.format("  using T = %s;%n", type));
    int i = 0;
    for (String name : kernelSettings(1, 1).keySet())
      text.append(String.format("  const T %s = T(args.setting[%d]);%n", name, i++));
    String slots = cudaSlots().stream().map(s -> ", T& " + s).collect(Collectors.joining());
    String rest = ", T&".repeat(CUDA_SLOTS - cudaSlots().size());
    text.append(String.format("  update<T>(args, [&](T& w, T g%s%s) {%n", slots, rest));
    return text.append((cudaPreparation() + cuda()).indent(4)).append("  });\n}\n").toString();
  }

  /* As prepare(...). */
  private String cudaPreparation() {
    return """
        g = g > clip ? clip : g < -clip ? -clip : g;
        g *= sign;
        """
        + (decouplesWeightDecay()
            ? "w *= keep_weight;\n"
            : "if (weight_decay != 0) g += weight_decay * w;\n");
  }

  /** All that the kernel sees: the rule's own facts, and what comes before the rule. */
  final Map<String, Double> kernelSettings(long step, double lr) {
    Map<String, Double> all = new LinkedHashMap<>(cudaSettings(step, lr));
    all.put("clip", clipValue());
    all.put("sign", maximizes() ? -1. : 1);
    if (decouplesWeightDecay()) all.put("keep_weight", 1 - lr * weightDecay());
    else all.put("weight_decay", weightDecay());
    return all;
  }

  /** The rule's class in the style of C, the name of its CUDA unit. */
  public final String unit() {
    String name = getClass().getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", "_");
    return name.toLowerCase(Locale.ROOT);
  }

  /** The scheduled rate after so many finished steps. */
  public final double rate(long done) {
    return rateFactor() * schedule().at(lr(), done);
  }

  /**
   * Updates {@code w[from..from+n)} and the same range of every slot from {@code
   * g[gFrom..gFrom+n)}, where each of the optimizer's steps updates them.
   */
  public final void step(
      float[] w, int from, float[] g, int gFrom, float[][] slots, int n, long step) {
    step(w, from, g, gFrom, slots, n, step, rate(step - 1));
  }

  /**
   * As {@link #step(float[], int, float[], int, float[][], int, long)}, where a step may pass by
   * without an update of these numbers.
   *
   * @param step counts the updates of these numbers: what a correction of their means goes by
   * @param lr the rate, which the schedule moves with the optimizer's steps
   */
  public final void step(
      float[] w, int from, float[] g, int gFrom, float[][] slots, int n, long step, double lr) {
    Objects.checkFromIndexSize(from, n, w.length);
    Objects.checkFromIndexSize(gFrom, n, g.length);
    for (float[] s : slots) Objects.checkFromIndexSize(from, n, s.length);
    check(slots.length, step);
    boolean prepared =
        !maximizes() && weightDecay() == 0 && clipValue() == Double.POSITIVE_INFINITY;
    boolean done =
        prepared
            && (from == gFrom
                ? updateFloats(from, from + n, w, g, slots, step, lr)
                : updateShifted(w, from, g, gFrom, slots, n, step, lr));
    if (!done) chunks(w, from, g, gFrom, slots, n, step, lr);
  }

  /* By copies of chunks, so that one index goes through all arrays: faster than a loop with two. */
  private boolean updateShifted(
      float[] w, int from, float[] g, int gFrom, float[][] slots, int n, long step, double lr) {
    float[] wc = new float[CHUNK];
    float[] gc = new float[CHUNK];
    float[][] sc = new float[slots.length][CHUNK];
    for (int at = 0; at < n; at += CHUNK) {
      int m = Math.min(CHUNK, n - at);
      System.arraycopy(w, from + at, wc, 0, m);
      System.arraycopy(g, gFrom + at, gc, 0, m);
      for (int s = 0; s < slots.length; s++) System.arraycopy(slots[s], from + at, sc[s], 0, m);
      if (!updateFloats(0, m, wc, gc, sc, step, lr)) return false; // the first time, or never
      System.arraycopy(wc, 0, w, from + at, m);
      for (int s = 0; s < slots.length; s++) System.arraycopy(sc[s], 0, slots[s], from + at, m);
    }
    return true;
  }

  /** As {@link #step(float[], int, float[], int, float[][], int, long)}, in double throughout. */
  public final void step(
      double[] w, int from, double[] g, int gFrom, double[][] slots, int n, long step) {
    step(w, from, g, gFrom, slots, n, step, rate(step - 1));
  }

  final void step(
      double[] w, int from, double[] g, int gFrom, double[][] slots, int n, long step, double lr) {
    Objects.checkFromIndexSize(from, n, w.length);
    Objects.checkFromIndexSize(gFrom, n, g.length);
    for (double[] s : slots) Objects.checkFromIndexSize(from, n, s.length);
    check(slots.length, step);
    chunks(w, from, g, gFrom, slots, n, step, lr);
  }

  /* One loop for all types of numbers; what is float[] or double[] shows in load and store alone. */
  private void chunks(
      Object w, int from, Object g, int gFrom, Object[] slots, int n, long step, double lr) {
    double[] wd = new double[CHUNK];
    double[] gd = new double[CHUNK];
    double[][] sd = new double[slots.length][CHUNK];
    for (int at = 0; at < n; at += CHUNK) {
      int m = Math.min(CHUNK, n - at);
      load(w, from + at, wd, m);
      load(g, gFrom + at, gd, m);
      for (int s = 0; s < slots.length; s++) load(slots[s], from + at, sd[s], m);
      prepare(m, wd, gd, lr);
      update(m, wd, gd, sd, step, lr);
      store(wd, w, from + at, m);
      for (int s = 0; s < slots.length; s++) store(sd[s], slots[s], from + at, m);
    }
  }

  /**
   * Adds to {@code sums} the squares of {@code w[from..from+n)}, and of what a step at a rate of 1
   * would take off them: what {@link #trustRatio} goes by. Changes nothing else.
   *
   * @param step as in {@link #step(float[], int, float[], int, float[][], int, long, double)}
   */
  public final void measure(
      float[] w, int from, float[] g, int gFrom, float[][] slots, int n, long step, double[] sums) {
    measureChunks(w, from, g, gFrom, slots, n, step, sums);
  }

  final void measure(
      double[] w,
      int from,
      double[] g,
      int gFrom,
      double[][] slots,
      int n,
      long step,
      double[] sums) {
    measureChunks(w, from, g, gFrom, slots, n, step, sums);
  }

  private void measureChunks(
      Object w, int from, Object g, int gFrom, Object[] slots, int n, long step, double[] sums) {
    double[] wd = new double[CHUNK];
    double[] gd = new double[CHUNK];
    double[][] sd = new double[slots.length][CHUNK];
    double[] before = new double[CHUNK];
    for (int at = 0; at < n; at += CHUNK) {
      int m = Math.min(CHUNK, n - at);
      load(w, from + at, wd, m);
      load(w, from + at, before, m);
      load(g, gFrom + at, gd, m);
      for (int s = 0; s < slots.length; s++) load(slots[s], from + at, sd[s], m);
      prepare(m, wd, gd, 1);
      update(m, wd, gd, sd, step, 1);
      for (int i = 0; i < m; i++) {
        double moved = before[i] - wd[i];
        sums[0] += before[i] * before[i];
        sums[1] += moved * moved;
      }
    }
  }

  /* What comes before every rule. A decay of 0 is none: times an infinite weight it would be NaN. */
  private void prepare(int n, double[] w, double[] g, double lr) {
    double most = clipValue();
    if (most < Double.POSITIVE_INFINITY)
      for (int i = 0; i < n; i++) g[i] = Math.max(-most, Math.min(most, g[i]));
    if (maximizes()) for (int i = 0; i < n; i++) g[i] = -g[i];
    double decay = weightDecay();
    if (decay == 0) return;
    if (decouplesWeightDecay()) {
      double keep = 1 - lr * decay;
      for (int i = 0; i < n; i++) w[i] *= keep;
    } else {
      for (int i = 0; i < n; i++) g[i] += decay * w[i];
    }
  }

  private void check(int slots, long step) {
    if (slots != slots().size()) {
      throw new IllegalArgumentException(
          "%s needs slots %s, got %s".formatted(this, slots(), slots));
    }
    if (step < 1) throw new IllegalArgumentException("the first step is 1, got " + step);
  }

  private static void load(Object from, int at, double[] to, int n) {
    if (from instanceof float[] f) {
      for (int i = 0; i < n; i++) to[i] = f[at + i];
    } else {
      System.arraycopy(from, at, to, 0, n);
    }
  }

  private static void store(double[] from, Object to, int at, int n) {
    if (to instanceof float[] f) {
      for (int i = 0; i < n; i++) f[at + i] = (float) from[i];
    } else {
      System.arraycopy(from, 0, to, at, n);
    }
  }

  @Override
  public final boolean equals(Object o) {
    return o != null
        && o.getClass() == getClass()
        && ((Optimizer) o).options().equals(options())
        && ((Optimizer) o).extras().equals(extras());
  }

  @Override
  public final int hashCode() {
    return Objects.hash(getClass(), options(), extras());
  }

  /** As PyTorch writes the settings: {@code SGD(lr=0.1, momentum=0.9, ..., nesterov=False)}. */
  @Override
  public String toString() {
    String settings =
        options().entrySet().stream()
            .map(e -> e.getKey() + "=" + text(e.getValue()))
            .collect(Collectors.joining(", "));
    StringBuilder tail = new StringBuilder();
    extras().forEach((name, value) -> tail.append(", ").append(name).append('=').append(value));
    return getClass().getSimpleName() + "(" + settings + tail + ")";
  }

  /* The settings that PyTorch's optimizers do not have, but for those that are not set. */
  private Map<String, Object> extras() {
    Map<String, Object> set = new LinkedHashMap<>();
    if (!schedule().equals(Schedule.CONSTANT)) set.put("schedule", schedule());
    if (clipNorm() < Double.POSITIVE_INFINITY) set.put("clip_norm", text(clipNorm()));
    if (clipValue() < Double.POSITIVE_INFINITY) set.put("clip_value", text(clipValue()));
    if (!groups().isEmpty()) set.put("groups", groups());
    if (rateFactor() != 1) set.put("rate_factor", text(rateFactor()));
    if (isFrozen()) set.put("frozen", text(true));
    return set;
  }

  // ---- for rules

  /**
   * A copy of the rule with a setting changed, and checked: {@code return with(this, r -> r.eps =
   * eps)}. Nothing else writes the fields of a rule.
   */
  protected static <R extends Optimizer> R with(R rule, Consumer<? super R> change) {
    try {
      @SuppressWarnings("unchecked")
      R copy = (R) rule.clone();
      change.accept(copy);
      copy.checkSettings();
      return copy;
    } catch (CloneNotSupportedException e) {
      throw new AssertionError(e); // Optimizer is Cloneable
    }
  }

  /** Refuses settings that cannot be, by {@link #valid}. */
  protected void checkSettings() {}

  /** As {@link #options(Object...)}, for {@link #cudaSettings}. */
  protected static Map<String, Double> numbers(Object... keysAndValues) {
    Map<String, Double> map = new LinkedHashMap<>();
    options(keysAndValues)
        .forEach(
            (k, v) -> map.put(k, v instanceof Boolean b ? b ? 1. : 0 : ((Number) v).doubleValue()));
    return map;
  }

  /** A map that keeps the order of its entries: key, value, key, value. */
  protected static Map<String, Object> options(Object... keysAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return map;
  }

  /** Refuses a setting in PyTorch's words: "Invalid momentum value: -0.5". NaN is never valid. */
  protected static void valid(boolean condition, String name, double value) {
    if (!condition)
      throw new IllegalArgumentException("Invalid %s: %s".formatted(name, text(value)));
  }

  /* Numbers and flags as Python prints them: 0.1, 1e-08, -1 (there an int was given), True. */
  private static String text(Object value) {
    if (value instanceof Boolean b) return b ? "True" : "False";
    if (value instanceof List<?> l) {
      return l.stream().map(Optimizer::text).collect(Collectors.joining(", ", "(", ")"));
    }
    return value instanceof Double d ? text((double) d) : String.valueOf(value);
  }

  private static String text(double v) {
    if (Double.isNaN(v)) return "nan";
    if (Double.isInfinite(v)) return v > 0 ? "inf" : "-inf";
    if (v == Math.rint(v) && Math.abs(v) < 1e16) return Long.toString((long) v);
    BigDecimal d = BigDecimal.valueOf(v).stripTrailingZeros();
    int exponent = d.precision() - d.scale() - 1;
    if (exponent >= -4 && exponent < 16) return d.toPlainString();
    String mantissa = d.movePointLeft(exponent).stripTrailingZeros().toPlainString();
    String sign = exponent < 0 ? "-" : "+";
    return mantissa + "e" + sign + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
  }
}
