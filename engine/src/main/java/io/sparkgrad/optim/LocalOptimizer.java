package io.sparkgrad.optim;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A rule at work on local parameters: what PyTorch calls an optimizer object. A parameter without a
 * gradient is skipped, and its step is not counted. Not thread-safe.
 */
public final class LocalOptimizer {
  private final Optimizer rule;
  private final List<State> states = new ArrayList<>();

  LocalOptimizer(Optimizer rule, List<? extends Tensor> parameters) {
    if (parameters.isEmpty())
      throw new IllegalArgumentException("optimizer got an empty parameter list");
    this.rule = rule;
    for (Tensor p : parameters) {
      if (!p.isLeaf())
        throw new IllegalArgumentException("can't optimize a non-leaf Tensor: " + p.gradFn());
      states.add(new State(p, rule.slots().size()));
    }
  }

  /** A parameter and what the rule remembers of it, in the parameter's own type as on a shard. */
  private static final class State {
    final Tensor parameter;
    final float[][] floats;
    final double[][] doubles;
    long steps;

    State(Tensor parameter, int slots) {
      this.parameter = parameter;
      boolean narrow = parameter.dtype() == DType.FLOAT32;
      floats = new float[slots][narrow ? parameter.numel() : 0];
      doubles = new double[slots][narrow ? 0 : parameter.numel()];
    }
  }

  /** One update of every parameter that has a gradient. */
  public void step() {
    for (State s : states) if (s.parameter.grad() != null) step(s);
  }

  /** Forgets the gradients. */
  public void zeroGrad() {
    for (State s : states) s.parameter.setGrad(null);
  }

  private void step(State s) {
    Tensor p = s.parameter;
    s.steps++;
    Tensor moved;
    if (p.dtype() == DType.FLOAT32) {
      float[] numbers = p.toFloats();
      rule.step(numbers, 0, p.grad().toFloats(), 0, s.floats, p.numel(), s.steps);
      moved = Tensor.of(numbers, p.shape());
    } else {
      double[] numbers = p.toDoubles();
      rule.step(numbers, 0, p.grad().toDoubles(), 0, s.doubles, p.numel(), s.steps);
      moved = Tensor.of(numbers, p.shape());
    }
    p.detach().copy_(moved);
  }

  @Override
  public String toString() {
    long numbers = states.stream().mapToLong(s -> s.parameter.numel()).sum();
    return rule + " over " + states.size() + " parameters, " + numbers + " numbers";
  }
}
