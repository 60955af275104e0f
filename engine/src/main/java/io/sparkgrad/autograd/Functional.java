package io.sparkgrad.autograd;

import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Whole derivatives of functions: PyTorch's torch.autograd.functional. Immutable. The inputs need
 * not require a gradient; the results have a history only with {@link #createGraph}.
 *
 * <pre>{@code Tensor h = Functional.of().hessian(x -> x.pow(3).sum(), point);}</pre>
 */
public final class Functional {
  private final boolean createGraph;
  private final boolean strict;

  private Functional(boolean createGraph, boolean strict) {
    this.createGraph = createGraph;
    this.strict = strict;
  }

  public static Functional of() {
    return new Functional(false, false);
  }

  /** The results can be differentiated. */
  public Functional createGraph() {
    return new Functional(true, strict);
  }

  /** An output that does not depend on an input is an error, where else its derivative is zeros. */
  public Functional strict() {
    return new Functional(createGraph, true);
  }

  /** The function's outputs, and their derivative in one direction. */
  public record Product(List<Tensor> outputs, List<Tensor> derivatives) {}

  /** d output / d input, of the output's shape followed by the input's. */
  public Tensor jacobian(UnaryOperator<Tensor> f, Tensor input) {
    return jacobian(lift(f), List.of(input)).get(0).get(0);
  }

  /** As {@link #jacobian(UnaryOperator, Tensor)}: a list an output, of a tensor an input. */
  public List<List<Tensor>> jacobian(TensorFunction f, List<Tensor> inputs) {
    try (var recording = Grad.enableGrad()) {
      List<Tensor> in = prepare(inputs, createGraph);
      List<Tensor> outputs = outputs(f, in);
      List<List<Tensor>> rows = new ArrayList<>();
      for (int o = 0; o < outputs.size(); o++) rows.add(jacobian(o, outputs.get(o), in));
      return rows;
    }
  }

  private List<Tensor> jacobian(int o, Tensor output, List<Tensor> in) {
    List<List<Tensor>> rows = new ArrayList<>();
    for (int i = 0; i < in.size(); i++) rows.add(new ArrayList<>());
    for (int r = 0; r < output.numel(); r++) {
      Tensor oneHot = output.newZeros(output.numel());
      oneHot.select(0, r).fill_(1);
      List<Tensor> row = derive(List.of(output), in, List.of(oneHot.view(output.shape())), true);
      for (int i = 0; i < in.size(); i++) {
        requireDependence(row.get(i), "Output " + o + " of the user-provided function", i);
        rows.get(i).add(orZeros(row.get(i), in.get(i)));
      }
    }
    List<Tensor> stacked = new ArrayList<>();
    for (int i = 0; i < in.size(); i++) stacked.add(stack(rows.get(i), output, in.get(i)));
    return stacked;
  }

  private Tensor stack(List<Tensor> rows, Tensor output, Tensor input) {
    int[] shape = Arrays.copyOf(output.shape(), output.dim() + input.dim());
    System.arraycopy(input.shape(), 0, shape, output.dim(), input.dim());
    if (rows.isEmpty()) return input.newZeros(shape);
    return finished(new Stack().apply(rows.toArray(Tensor[]::new)).view(shape));
  }

  /** d² output / d input², of the input's shape twice, for a function of one number. */
  public Tensor hessian(UnaryOperator<Tensor> f, Tensor input) {
    return hessian(lift(f), List.of(input)).get(0).get(0);
  }

  /** As {@link #hessian(UnaryOperator, Tensor)}: block (i, j) by inputs i and j. */
  public List<List<Tensor>> hessian(TensorFunction f, List<Tensor> inputs) {
    return jacobian(in -> gradient(f, in, "hessian"), inputs);
  }

  /* Differentiable; the derivative in strict mode must depend on the inputs itself. */
  private List<Tensor> gradient(TensorFunction f, List<Tensor> in, String caller) {
    Tensor output = onlyNumber(outputs(f, in), caller);
    List<Tensor> gradient = derive(List.of(output), in, null, true);
    List<Tensor> filled = new ArrayList<>();
    for (int i = 0; i < in.size(); i++) {
      requireDependence(gradient.get(i), "Output 0 of the user-provided function", i);
      if (strict && isConstant(gradient.get(i))) {
        throw new AutogradException(
            "The jacobian of the user-provided function is independent of input %s. This is not allowed in strict mode."
                .formatted(i));
      }
      filled.add(orZeros(gradient.get(i), in.get(i)));
    }
    return filled;
  }

  /**
   * The vector v times the Jacobian.
   *
   * @param v a tensor an output; null for an output of one number
   */
  public Product vjp(TensorFunction f, List<Tensor> inputs, List<Tensor> v) {
    try (var recording = Grad.enableGrad()) {
      List<Tensor> in = prepare(inputs, createGraph);
      List<Tensor> outputs = outputs(f, in);
      List<Tensor> seeds = direction(v, outputs, "user-provided function returns");
      List<Tensor> product = derive(outputs, in, seeds, createGraph);
      return product(outputs, product, in, "The jacobian of the user-provided function");
    }
  }

  /**
   * The Jacobian times the vector v, by differentiating the product from the left.
   *
   * @param v a tensor an input; null for an input of one number
   */
  public Product jvp(TensorFunction f, List<Tensor> inputs, List<Tensor> v) {
    try (var recording = Grad.enableGrad()) {
      List<Tensor> in = prepare(inputs, createGraph);
      List<Tensor> by = direction(v, in, "input to the user-provided function is");
      List<Tensor> outputs = outputs(f, in);
      List<Tensor> left = zeros(outputs);
      List<Tensor> product = transposed(derive(outputs, in, left, true), left, by);
      return product(outputs, product, outputs, "The jacobian of the user-provided function");
    }
  }

  /** The vector v times the Hessian of a function of one number; see {@link #hvp}. */
  public Product vhp(TensorFunction f, List<Tensor> inputs, List<Tensor> v) {
    try (var recording = Grad.enableGrad()) {
      List<Tensor> in = prepare(inputs, createGraph);
      List<Tensor> by = direction(v, in, "input to the user-provided function is");
      List<Tensor> output = new ArrayList<>();
      List<Tensor> gradient = gradient(keeping(f, output), in, "vhp");
      List<Tensor> product = derive(gradient, in, by, createGraph);
      return product(output, product, in, "The hessian of the user-provided function");
    }
  }

  /** The Hessian of a function of one number times the vector v; {@link #vhp} is faster. */
  public Product hvp(TensorFunction f, List<Tensor> inputs, List<Tensor> v) {
    try (var recording = Grad.enableGrad()) {
      List<Tensor> in = prepare(inputs, createGraph);
      List<Tensor> by = direction(v, in, "input to the user-provided function is");
      List<Tensor> output = new ArrayList<>();
      List<Tensor> gradient = gradient(keeping(f, output), in, "hvp");
      List<Tensor> left = zeros(in);
      List<Tensor> product = transposed(derive(gradient, in, left, true), left, by);
      return product(output, product, in, "The hessian of the user-provided function");
    }
  }

  private static TensorFunction keeping(TensorFunction f, List<Tensor> output) {
    return in -> {
      List<Tensor> out = f.apply(in);
      output.addAll(out);
      return out;
    };
  }

  private static TensorFunction lift(UnaryOperator<Tensor> f) {
    return in -> List.of(f.apply(in.get(0)));
  }

  /* A product that is linear in left, differentiated by it: the product from the other side. */
  private List<Tensor> transposed(List<Tensor> products, List<Tensor> left, List<Tensor> by) {
    List<Tensor> depending = new ArrayList<>();
    List<Tensor> seeds = new ArrayList<>();
    for (int i = 0; i < products.size(); i++) {
      requireDependence(products.get(i), "The output of the user-provided function", i);
      if (products.get(i) == null || !products.get(i).requiresGrad()) continue;
      depending.add(products.get(i));
      seeds.add(by.get(i));
    }
    if (depending.isEmpty()) return Arrays.asList(new Tensor[left.size()]);
    return derive(depending, left, seeds, createGraph);
  }

  private static List<Tensor> zeros(List<Tensor> like) {
    return like.stream().map(t -> t.newZeros(t.shape()).requiresGrad_()).toList();
  }

  private static List<Tensor> prepare(List<Tensor> inputs, boolean createGraph) {
    List<Tensor> in = new ArrayList<>();
    for (Tensor t : inputs) {
      boolean recorded = createGraph && t.requiresGrad();
      in.add(recorded ? t.view(t.shape()) : t.detach().requiresGrad_());
    }
    return in;
  }

  private List<Tensor> outputs(TensorFunction f, List<Tensor> in) {
    List<Tensor> outputs = f.apply(in);
    for (int o = 0; o < outputs.size(); o++) {
      if (strict && !outputs.get(o).requiresGrad()) {
        throw new AutogradException(
            ("Output %s of the user-provided function does not require gradients. The outputs must be "
                    + "computed in a differentiable manner from the input when running in strict mode.")
                .formatted(o));
      }
    }
    return outputs;
  }

  private static Tensor onlyNumber(List<Tensor> outputs, String caller) {
    if (outputs.size() != 1) {
      throw new IllegalArgumentException(
          "The function given to %s should return a single Tensor".formatted(caller));
    }
    if (outputs.get(0).numel() != 1) {
      throw new IllegalArgumentException(
          "The Tensor returned by the function given to %s should contain a single element"
              .formatted(caller));
    }
    return outputs.get(0);
  }

  /* Null for an input that no output depends on. */
  private static List<Tensor> derive(
      List<Tensor> outputs, List<Tensor> in, List<Tensor> seeds, boolean createGraph) {
    List<Tensor> recorded = new ArrayList<>();
    List<Tensor> weights = new ArrayList<>();
    for (int o = 0; o < outputs.size(); o++) {
      if (!outputs.get(o).requiresGrad()) continue;
      recorded.add(outputs.get(o));
      weights.add(seeds == null ? null : seeds.get(o));
    }
    if (recorded.isEmpty()) return Arrays.asList(new Tensor[in.size()]);
    GradOptions options = GradOptions.of().gradOutputs(weights).retainGraph().allowUnused();
    return Autograd.grad(recorded, in, createGraph ? options.createGraph() : options);
  }

  private static List<Tensor> direction(List<Tensor> v, List<Tensor> like, String whose) {
    if (v == null) {
      if (like.size() != 1 || like.get(0).numel() != 1) {
        throw new IllegalArgumentException(
            "The vector v can only be null if the %s a single Tensor with a single element."
                .formatted(whose));
      }
      return List.of(like.get(0).newZeros(like.get(0).shape()).fill_(1));
    }
    if (v.size() != like.size()) {
      throw new IllegalArgumentException(
          "v is a list of invalid length: should be %s but got %s."
              .formatted(like.size(), v.size()));
    }
    for (int i = 0; i < v.size(); i++) {
      if (Arrays.equals(v.get(i).shape(), like.get(i).shape())) continue;
      throw new IllegalArgumentException(
          "%sv has invalid size: should be %s but is %s."
              .formatted(
                  v.size() == 1 ? "" : "Entry " + i + " in ",
                  Arrays.toString(like.get(i).shape()),
                  Arrays.toString(v.get(i).shape())));
    }
    return v;
  }

  private Product product(
      List<Tensor> outputs, List<Tensor> product, List<Tensor> like, String what) {
    List<Tensor> filled = new ArrayList<>();
    for (int i = 0; i < product.size(); i++) {
      requireDependence(product.get(i), what, i);
      filled.add(finished(orZeros(product.get(i), like.get(i))));
    }
    return new Product(outputs.stream().map(this::finished).toList(), filled);
  }

  private Tensor finished(Tensor t) {
    return createGraph ? t : t.detach();
  }

  private static Tensor orZeros(Tensor t, Tensor like) {
    return t == null ? like.newZeros(like.shape()) : t;
  }

  private static boolean isConstant(Tensor t) {
    return !t.requiresGrad() || t.gradFn() instanceof ConstantGradient;
  }

  private void requireDependence(Tensor derivative, String what, int input) {
    if (!strict) return;
    if (derivative == null) {
      throw new AutogradException(
          "%s is independent of input %s. This is not allowed in strict mode."
              .formatted(what, input));
    }
    if (createGraph && isConstant(derivative)) {
      throw new AutogradException(
          "The jacobian of the user-provided function is independent of input %s. This is not allowed in strict mode when createGraph is set."
              .formatted(input));
    }
  }

  @Override
  public String toString() {
    return "Functional(createGraph=%b, strict=%b)".formatted(createGraph, strict);
  }
}
