package io.sparkgrad.autograd;

import io.sparkgrad.DType;
import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Checks derivatives against central differences, in float64: PyTorch's gradcheck and
 * gradgradcheck. Every entry of the Jacobian is compared, so keep the inputs small, or take {@link
 * GradCheckOptions#fastMode()}.
 *
 * <pre>{@code GradCheck.gradcheck(in -> List.of(in.get(0).mul(in.get(1))), x, y);}</pre>
 */
public final class GradCheck {
  private final GradCheckOptions options;
  private final TensorFunction f;
  private final List<Tensor> in;

  private GradCheck(GradCheckOptions options, TensorFunction f, List<Tensor> in) {
    this.options = options;
    this.f = f;
    this.in = in;
  }

  /** As {@link #gradcheck(GradCheckOptions, TensorFunction, Tensor...)}, with the defaults. */
  public static boolean gradcheck(TensorFunction f, Tensor... inputs) {
    return gradcheck(GradCheckOptions.of(), f, inputs);
  }

  /**
   * True, or an {@link AssertionError} with what differs.
   *
   * @param f must not change its inputs
   * @param inputs those that require a gradient are checked; they must be float64
   */
  public static boolean gradcheck(GradCheckOptions options, TensorFunction f, Tensor... inputs) {
    requireInputs(List.of(inputs));
    try {
      new GradCheck(options, f, List.of(inputs)).run();
      return true;
    } catch (AssertionError mismatch) {
      if (options.raises()) throw mismatch;
      return false;
    }
  }

  /** As {@link #gradgradcheck(GradCheckOptions, TensorFunction, Tensor...)}, with the defaults. */
  public static boolean gradgradcheck(TensorFunction f, Tensor... inputs) {
    return gradgradcheck(GradCheckOptions.of(), f, inputs);
  }

  /** Checks the derivative of the derivative, for random gradients of the outputs. */
  public static boolean gradgradcheck(
      GradCheckOptions options, TensorFunction f, Tensor... inputs) {
    List<Tensor> all = new ArrayList<>(List.of(inputs));
    requireInputs(all);
    int n = all.size();
    List<Integer> seeded = new ArrayList<>();
    List<Tensor> outputs = f.apply(all);
    for (int o = 0; o < outputs.size(); o++) {
      if (outputs.get(o).requiresGrad()) {
        seeded.add(o);
        all.add(Tensor.randn(DType.FLOAT64, outputs.get(o).shape()).requiresGrad_());
      }
    }
    return gradcheck(
        options,
        in -> derivative(f, in.subList(0, n), seeded, in.subList(n, in.size())),
        all.toArray(Tensor[]::new));
  }

  private static List<Tensor> derivative(
      TensorFunction f, List<Tensor> in, List<Integer> seeded, List<Tensor> seeds) {
    List<Tensor> leaves = in.stream().filter(Tensor::requiresGrad).toList();
    try (var recording =
        Grad.enableGrad()) { // the differences are taken without, but this is what they compare
      List<Tensor> all = f.apply(in);
      List<Tensor> outputs = seeded.stream().map(all::get).toList();
      GradOptions options = GradOptions.of().gradOutputs(seeds).createGraph().allowUnused();
      return Autograd.grad(outputs, leaves, options).stream().filter(Objects::nonNull).toList();
    }
  }

  private static void requireInputs(List<Tensor> inputs) {
    boolean any = false;
    for (Tensor t : inputs) {
      if (!t.requiresGrad()) continue;
      any = true;
      if (t.dtype() != DType.FLOAT64) {
        throw new IllegalArgumentException(
            "gradcheck needs float64 inputs: %s is too coarse to tell".formatted(t.dtype()));
      }
    }
    if (!any) {
      throw new IllegalArgumentException(
          "gradcheck expects at least one input tensor to require gradient, but none of them do.");
    }
  }

  private void run() {
    List<Tensor> outputs = f.apply(in);
    for (int o = 0; o < outputs.size(); o++) {
      if (!isChecked(outputs.get(o))) continue;
      for (int i = 0; i < in.size(); i++) {
        if (!in.get(i).requiresGrad()) continue;
        if (options.fast()) checkFast(outputs.get(o), o, i);
        else checkSlow(outputs.get(o), o, i);
      }
    }
    checkMissingGradients(outputs);
  }

  private static boolean isChecked(Tensor output) {
    return output.requiresGrad() && output.dtype().isFloatingPoint();
  }

  // ---- every entry

  private void checkSlow(Tensor output, int o, int i) {
    double[][] numeric = numeric(output, o, i);
    double[][] analytic = new double[output.numel()][];
    for (int row = 0; row < analytic.length; row++) {
      double[] oneHot = new double[output.numel()];
      oneHot[row] = 1;
      analytic[row] = analytic(output, in.get(i), oneHot);
    }
    for (int row = 0; row < analytic.length; row++) {
      for (int col = 0; col < analytic[row].length; col++) {
        if (!options.close(numeric[col][row], analytic[row][col]))
          throw mismatch(o, i, transposed(numeric), analytic);
      }
    }
  }

  private static AssertionError mismatch(int o, int i, double[][] numeric, double[][] analytic) {
    return new AssertionError(
        "Jacobian mismatch for output %s with respect to input %s,\nnumerical:%s\nanalytical:%s"
            .formatted(o, i, Arrays.deepToString(numeric), Arrays.deepToString(analytic)));
  }

  private static double[][] transposed(double[][] a) {
    double[][] t = new double[a[0].length][a.length];
    for (int r = 0; r < a.length; r++) for (int c = 0; c < t.length; c++) t[c][r] = a[r][c];
    return t;
  }

  /* Twice, so that a backward that is not the same each time is found. */
  private double[] analytic(Tensor output, Tensor input, double[] seed) {
    double[] first = product(output, input, seed);
    double[] second = product(output, input, seed);
    for (int k = 0; k < first.length; k++) {
      if (Math.abs(first[k] - second[k]) > options.nondetTol()) {
        throw new AssertionError(
            ("Backward is not reentrant, i.e., running backward with same input and grad_output multiple "
                    + "times gives different values, although analytical gradient matches numerical gradient. The "
                    + "tolerance for nondeterminism was %s.")
                .formatted(options.nondetTol()));
      }
    }
    return first;
  }

  private static double[] product(Tensor output, Tensor input, double[] seed) {
    Tensor weights = Tensor.of(seed, output.shape()).to(output.device());
    GradOptions options = GradOptions.of().gradOutputs(weights).retainGraph().allowUnused();
    Tensor grad = Autograd.grad(output, input, options);
    return grad == null ? new double[input.numel()] : grad.toDoubles();
  }

  /** Row c: the derivatives of all numbers of the output by the c-th number of the input. */
  private double[][] numeric(Tensor output, int o, int i) {
    double[][] jacobian = new double[in.get(i).numel()][];
    for (int c = 0; c < jacobian.length; c++) {
      double[] direction = new double[jacobian.length];
      direction[c] = 1;
      jacobian[c] = difference(output, o, i, direction);
    }
    return jacobian;
  }

  private double[] difference(Tensor output, int o, int i, double[] direction) {
    try (var quiet = Grad.noGrad()) {
      double[] up = shifted(output, o, i, direction, options.eps());
      double[] down = shifted(output, o, i, direction, -options.eps());
      for (int r = 0; r < up.length; r++) up[r] = (up[r] - down[r]) / (2 * options.eps());
      return up;
    }
  }

  private double[] shifted(Tensor output, int o, int i, double[] direction, double by) {
    Tensor input = in.get(i);
    double[] moved = input.toDoubles();
    for (int k = 0; k < moved.length; k++) moved[k] += by * direction[k];
    Tensor other = Tensor.of(moved, input.shape()).to(input.device()).requiresGrad_();
    List<Tensor> shifted = new ArrayList<>();
    for (Tensor t : in) shifted.add(t == input ? other : t);
    Tensor out = f.apply(shifted).get(o);
    if (!Arrays.equals(out.shape(), output.shape())) {
      throw new AssertionError(
          "Expected the function to return outputs with the same shape when inputs are perturbed, but got: %s and %s"
              .formatted(Arrays.toString(out.shape()), Arrays.toString(output.shape())));
    }
    return out.toDoubles();
  }

  // ---- one product

  private void checkFast(Tensor output, int o, int i) {
    double[] u = unit(in.get(i).numel());
    double[] v = unit(output.numel());
    double numeric = dot(difference(output, o, i, u), v);
    double analytic = dot(analytic(output, in.get(i), v), u);
    double tolerance = options.atol() * sum(u) * sum(v) + options.rtol() * Math.abs(numeric);
    if (Math.abs(numeric - analytic) <= tolerance) return;
    checkSlow(output, o, i);
    throw new AssertionError(
        ("Fast gradcheck failed but element-wise differences are small: output %s with respect to "
                + "input %s, numerical %s, analytical %s. Try the slow mode, or larger tolerances.")
            .formatted(o, i, numeric, analytic));
  }

  /* Of positive numbers, so that errors of one sign do not cancel. */
  private static double[] unit(int n) {
    double[] u = Tensor.rand(DType.FLOAT64, n).toDoubles();
    double norm = Math.sqrt(dot(u, u));
    for (int k = 0; k < n; k++) u[k] /= norm;
    return u;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int k = 0; k < a.length; k++) sum += a[k] * b[k];
    return sum;
  }

  private static double sum(double[] a) {
    double sum = 0;
    for (double v : a) sum += v;
    return sum;
  }

  // ---- outputs that nothing depends on

  private void checkMissingGradients(List<Tensor> outputs) {
    List<Tensor> checked = outputs.stream().filter(GradCheck::isChecked).toList();
    if (checked.size() < 2) return;
    List<Tensor> leaves = in.stream().filter(Tensor::requiresGrad).toList();
    for (int o = 0; o < checked.size(); o++) {
      Tensor output = checked.get(o);
      Tensor seed = output.newZeros(output.shape()).fill_(1);
      List<Tensor> zeros = new ArrayList<>();
      for (Tensor t : checked) zeros.add(t.newZeros(t.shape()));
      zeros.set(o, seed);
      GradOptions options = GradOptions.of().retainGraph().materializeGrads();
      List<Tensor> missing = Autograd.grad(List.of(output), leaves, options.gradOutputs(seed));
      List<Tensor> given = Autograd.grad(checked, leaves, options.gradOutputs(zeros));
      for (int i = 0; i < leaves.size(); i++) requireSame(missing.get(i), given.get(i));
    }
  }

  private void requireSame(Tensor missing, Tensor given) {
    double[] a = missing.toDoubles();
    double[] b = given.toDoubles();
    for (int k = 0; k < a.length; k++) {
      if (!options.close(b[k], a[k])) {
        throw new AssertionError(
            "Expected backward function to handle undefined output grads: without a gradient for the other outputs it answers %s, with zeros %s"
                .formatted(a[k], b[k]));
      }
    }
  }
}
