package io.sparkgrad.autograd;

import io.sparkgrad.DType;
import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Checks derivatives against central differences, in float64: PyTorch's gradcheck and
 * gradgradcheck. Every entry of the Jacobian is compared, so keep the inputs small.
 *
 * <pre>{@code GradCheck.gradcheck(in -> List.of(in.get(0).mul(in.get(1))), x, y);}</pre>
 */
public final class GradCheck {
  private static final double EPS = 1e-6;
  private static final double ATOL = 1e-5;
  private static final double RTOL = 1e-3;

  private GradCheck() {}

  /**
   * What is checked: outputs from inputs. It must not change its inputs, and give the same twice.
   */
  @FunctionalInterface
  public interface Function {
    List<Tensor> apply(List<Tensor> inputs);
  }

  /**
   * Passes, or throws an {@link AssertionError} with the first entry that differs.
   *
   * @param inputs those that require a gradient are checked; they must be float64
   */
  public static void gradcheck(Function f, Tensor... inputs) {
    List<Tensor> in = List.of(inputs);
    requireInputs(in);
    List<Tensor> outputs = f.apply(in);
    for (int o = 0; o < outputs.size(); o++) {
      Tensor output = outputs.get(o);
      if (output.requiresGrad() && output.dtype().isFloatingPoint()) checkOutput(f, in, output, o);
    }
  }

  /** Checks the derivative of the derivative, for random gradients of the outputs. */
  public static void gradgradcheck(Function f, Tensor... inputs) {
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
    gradcheck(
        in -> derivative(f, in.subList(0, n), seeded, in.subList(n, in.size())),
        all.toArray(Tensor[]::new));
  }

  private static List<Tensor> derivative(
      Function f, List<Tensor> in, List<Integer> seeded, List<Tensor> seeds) {
    List<Tensor> leaves = in.stream().filter(Tensor::requiresGrad).toList();
    try (var recording =
        Grad.enableGrad()) { // the differences are taken without, but this is what they compare
      List<Tensor> all = f.apply(in);
      List<Tensor> outputs = seeded.stream().map(all::get).toList();
      return Autograd.grad(
              outputs, leaves, GradOptions.of().gradOutputs(seeds).createGraph().allowUnused())
          .stream()
          .filter(g -> g != null)
          .toList();
    }
  }

  private static void requireInputs(List<Tensor> inputs) {
    boolean any = false;
    for (Tensor t : inputs) {
      if (!t.requiresGrad()) continue;
      any = true;
      if (t.dtype() != DType.FLOAT64) {
        throw new IllegalArgumentException(
            "gradcheck needs float64 inputs: " + t.dtype() + " is too coarse to tell");
      }
    }
    if (!any) {
      throw new IllegalArgumentException(
          "gradcheck expects at least one input tensor to require gradient, but none of them do.");
    }
  }

  private static void checkOutput(Function f, List<Tensor> in, Tensor output, int o) {
    for (int i = 0; i < in.size(); i++) {
      Tensor input = in.get(i);
      if (!input.requiresGrad()) continue;
      double[][] numeric = numeric(f, in, input, o);
      for (int row = 0; row < output.numel(); row++) {
        double[] analytic = analytic(output, input, row);
        for (int col = 0; col < input.numel(); col++)
          compare(o, i, row, col, numeric[col][row], analytic[col]);
      }
    }
  }

  private static double[] analytic(Tensor output, Tensor input, int row) {
    double[] oneHot = new double[output.numel()];
    oneHot[row] = 1;
    Tensor seed = Tensor.of(oneHot, output.shape()).to(output.device());
    Tensor grad =
        Autograd.grad(
                List.of(output),
                List.of(input),
                GradOptions.of().gradOutputs(Arrays.asList(seed)).createGraph().allowUnused())
            .get(0);
    return grad == null ? new double[input.numel()] : grad.toDoubles();
  }

  /** Row c: the derivatives of all outputs by the c-th input number. */
  private static double[][] numeric(Function f, List<Tensor> in, Tensor input, int o) {
    double[][] jacobian = new double[input.numel()][];
    double[] numbers = input.toDoubles();
    try (var quiet = Grad.noGrad()) {
      for (int c = 0; c < numbers.length; c++) {
        double[] up = shifted(f, in, input, numbers, c, EPS, o);
        double[] down = shifted(f, in, input, numbers, c, -EPS, o);
        for (int r = 0; r < up.length; r++) up[r] = (up[r] - down[r]) / (2 * EPS);
        jacobian[c] = up;
      }
    }
    return jacobian;
  }

  private static double[] shifted(
      Function f, List<Tensor> in, Tensor input, double[] numbers, int c, double by, int o) {
    double[] moved = numbers.clone();
    moved[c] += by;
    Tensor other = Tensor.of(moved, input.shape()).to(input.device()).requiresGrad_();
    List<Tensor> shifted = new ArrayList<>();
    for (Tensor t : in) shifted.add(t == input ? other : t);
    return f.apply(shifted).get(o).toDoubles();
  }

  private static void compare(
      int output, int input, int row, int col, double numeric, double analytic) {
    if (Math.abs(numeric - analytic) <= ATOL + RTOL * Math.abs(numeric)) return;
    throw new AssertionError(
        String.format(
            Locale.ROOT,
            "Jacobian mismatch for output %d with respect to input %d at [%d, %d]: numerical %s, analytical %s",
            output,
            input,
            row,
            col,
            numeric,
            analytic));
  }
}
