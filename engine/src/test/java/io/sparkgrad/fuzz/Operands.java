package io.sparkgrad.fuzz;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Draws the tensors of a call: tensors of the program where some fit, new leaves otherwise. Most
 * fit the method; each kind of misfit is drawn now and then.
 */
final class Operands {
  private final Draw draw;
  private final Leaves leaves;
  private final Parameters parameters;
  private final Map<String, Tensor> alive;
  /* Adds a leaf to the program and gives its name. */
  private final Function<Function<String, Statement.Leaf>, String> add;

  Operands(
      Draw draw,
      Leaves leaves,
      Parameters parameters,
      Map<String, Tensor> alive,
      Function<Function<String, Statement.Leaf>, String> add) {
    this.draw = draw;
    this.leaves = leaves;
    this.parameters = parameters;
    this.alive = alive;
    this.add = add;
  }

  // ---- single tensors

  String leaf(String dtype, int... shape) {
    return add.apply(id -> leaves.leaf(id, dtype, shape));
  }

  String leafOf(List<Object> values, String dtype, boolean grad, int... shape) {
    return add.apply(id -> new Statement.Leaf(id, dtype, values, shape, null, 0, grad));
  }

  /** One of the program's tensors that fits, the later the likelier, or null. */
  String existing(Predicate<Tensor> fits) {
    List<String> names =
        alive.entrySet().stream()
            .filter(e -> fits(fits, e.getValue()))
            .map(Map.Entry::getKey)
            .toList();
    if (names.isEmpty()) return null;
    return names.get(
        Math.max(draw.between(0, names.size() - 1), draw.between(0, names.size() - 1)));
  }

  private static boolean fits(Predicate<Tensor> fits, Tensor t) {
    try {
      return !SparkgradRun.isConstantGradient(t) && fits.test(t);
    } catch (RuntimeException historyIsGone) {
      return false;
    }
  }

  private String floating(int... shape) {
    return tensor(leaves.floating(), shape);
  }

  /** Of just that shape and mostly that dtype. */
  private String tensor(String dtype, int... shape) {
    if (draw.chance(0.03)) dtype = leaves.dtype();
    if (draw.chance(0.03)) shape = leaves.shape();
    int[] wanted = shape;
    String type = dtype;
    String old =
        draw.chance(0.5)
            ? existing(t -> Arrays.equals(t.shape(), wanted) && name(t.dtype()).equals(type))
            : null;
    return old != null ? old : leaf(dtype, shape);
  }

  static String name(DType dtype) {
    return dtype.toString().substring("torch.".length());
  }

  private Tensor get(String name) {
    return alive.get(name);
  }

  /** int64 indices below n, now and then one that is out of range or of another type. */
  private String index(int n, int... shape) {
    boolean negative = draw.chance(0.08);
    boolean outside = draw.chance(0.04);
    List<Object> values = new ArrayList<>();
    int numel = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    for (int i = 0; i < numel; i++)
      values.add((long) (n <= 0 ? 0 : draw.between(negative ? -n : 0, n - 1)));
    if (outside && numel > 0)
      values.set(draw.between(0, numel - 1), (long) draw.of(n, n + 3, -n - 1));
    String dtype = draw.chance(0.04) ? draw.of("int32", "float64", "bool", "float32") : "int64";
    if (dtype.equals("bool")) values.replaceAll(v -> ((Long) v) != 0);
    return leafOf(values, dtype, false, shape);
  }

  private String mask(int[] shape) {
    int[] mask = draw.chance(0.5) ? shape : parameters.narrowed(shape);
    if (draw.chance(0.25)) {
      String old = existing(t -> t.dtype() == DType.BOOL && Arrays.equals(t.shape(), mask));
      if (old != null) return old;
    }
    return leaf(draw.chance(0.04) ? draw.of("int64", "float64", "int32") : "bool", mask);
  }

  private String ascending(String dtype, int n) {
    List<Object> values = new ArrayList<>();
    double at = -2;
    for (int i = 0; i < n; i++) {
      at += draw.of(0.0, 0.5, 1.0);
      values.add(dtype.startsWith("int") ? (Object) (long) Math.floor(at) : at);
    }
    return leafOf(values, dtype, false, n);
  }

  private String natural(String dtype, int bound, int... shape) {
    int numel = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < numel; i++)
      values.add((long) draw.between(draw.chance(0.01) ? -1 : 0, bound));
    return leafOf(values, dtype, false, shape);
  }

  private String within(double low, double high, int... shape) {
    int numel = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < numel; i++)
      values.add(
          draw.chance(0.02)
              ? Double.NaN
              : draw.chance(0.2) ? draw.of(low, high) : draw.real(low, high));
    return leafOf(values, leaves.floating(), draw.chance(0.3), shape);
  }

  private String positiveDefinite(String dtype, int n) {
    double[][] a = new double[n][n];
    for (double[] row : a)
      for (int j = 0; j < n; j++) row[j] = Math.round(draw.real(-1, 1) * 100) / 100.0;
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < n; i++)
      for (int j = 0; j < n; j++) {
        double sum = i == j ? 1 : 0;
        for (int k = 0; k < n; k++) sum += a[i][k] * a[j][k];
        values.add(sum);
      }
    return leafOf(values, dtype, draw.chance(0.6), n, n);
  }

  // ---- receivers

  /** A receiver for a method that takes any. */
  String receiver(String method) {
    boolean writes = method.endsWith("_") && !method.startsWith("requiresGrad");
    int least =
        switch (method) {
          case "tril", "triu", "diagonal", "trace", "rot90" -> 2;
          case "cumsum",
              "cumprod",
              "sort",
              "topk",
              "gather",
              "unfold",
              "split",
              "chunk",
              "flip",
              "roll",
              "glu",
              "select",
              "slice",
              "narrow" ->
              1;
          default -> 0;
        };
    int most =
        switch (method) {
          case "t", "t_", "diag" -> 2;
          case "trace" -> 2;
          default -> 9;
        };
    Predicate<Tensor> fits = t -> t.dim() >= least && t.dim() <= most;
    String old = null;
    if (writes && draw.chance(0.85))
      old = existing(t -> fits.test(t) && !(t.isLeaf() && t.requiresGrad()));
    else if (draw.chance(0.72)) old = existing(draw.chance(0.97) ? fits : t -> true);
    if (old != null) return old;
    String dtype =
        method.startsWith("bitwise") || method.startsWith("logical") && draw.chance(0.5)
            ? draw.of("int64", "bool", "int32")
            : leaves.dtype();
    int[] shape = leaves.shape();
    if (draw.chance(0.95) && (shape.length < least || shape.length > most))
      shape = leaves.shape(Math.max(least, Math.min(most, 2)));
    if (numel(shape) > 200) shape = new int[] {2, 3};
    int[] chosen = shape;
    return add.apply(
        id ->
            writes && draw.chance(0.9)
                ? leaves.leaf(id, dtype, false, chosen)
                : leaves.leaf(id, dtype, chosen));
  }

  private static int numel(int[] shape) {
    return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
  }

  // ---- calls

  /**
   * Receiver ({@code self}) and arguments that belong together; what is left open is drawn alone.
   */
  Map<String, Argument> of(Method m) {
    Map<String, Argument> given = new HashMap<>();
    String type = draw.chance(0.85) ? leaves.floating() : leaves.dtype();
    int n = leaves.size();
    int k = leaves.size();
    int c = leaves.size();
    int b = draw.between(1, 3);
    String method = m.getName().endsWith("_") ? m.getName().replaceAll("_$", "") : m.getName();
    boolean writes = !method.equals(m.getName());
    switch (method) {
      case "mm" -> put(given, "self", tensor(type, n, k), "other", tensor(type, k, c));
      case "bmm" -> put(given, "self", tensor(type, b, n, k), "other", tensor(type, b, k, c));
      case "mv" -> put(given, "self", tensor(type, n, k), "vector", tensor(type, k));
      case "dot", "vdot" -> put(given, "self", tensor(type, k), "other", tensor(type, k));
      case "outer" -> put(given, "self", tensor(type, n), "other", tensor(type, k));
      case "chainMatmul" -> {
        put(given, "self", tensor(type, n, k));
        given.put(
            "others",
            Argument.tensors(
                draw.chance(0.1)
                    ? List.of()
                    : draw.chance(0.5)
                        ? List.of(tensor(type, k, c))
                        : List.of(tensor(type, k, c), tensor(type, c, b))));
      }
      case "addmm" ->
          put(
              given,
              "self",
              part(writes, type, n, c),
              "mat1",
              tensor(type, n, k),
              "mat2",
              tensor(type, k, c));
      case "baddbmm" ->
          put(
              given,
              "self",
              part(writes, type, b, n, c),
              "batch1",
              tensor(type, b, n, k),
              "batch2",
              tensor(type, b, k, c));
      case "addbmm" ->
          put(
              given,
              "self",
              part(writes, type, n, c),
              "batch1",
              tensor(type, b, n, k),
              "batch2",
              tensor(type, b, k, c));
      case "addmv" ->
          put(
              given,
              "self",
              part(writes, type, n),
              "matrix",
              tensor(type, n, k),
              "vector",
              tensor(type, k));
      case "addr" ->
          put(
              given,
              "self",
              part(writes, type, n, c),
              "vec1",
              tensor(type, n),
              "vec2",
              tensor(type, c));
      case "inner" -> {
        if (draw.chance(0.15))
          put(given, "self", tensor(type), "other", tensor(type, leaves.shape(1)));
        else
          put(
              given,
              "self",
              tensor(type, with(k, draw.between(0, 2))),
              "other",
              tensor(type, with(k, draw.between(0, 2))));
      }
      case "kron" ->
          put(
              given,
              "self",
              tensor(type, leaves.shape(draw.between(0, 2))),
              "other",
              tensor(type, leaves.shape(draw.between(0, 2))));
      case "matmul" -> matmul(given, type, n, k, c);
      case "matrixPower", "inverse", "det", "slogdet", "logdet" ->
          put(
              given,
              "self",
              draw.chance(0.3)
                  ? positiveDefinite(leaves.floating(), Math.max(n, 1))
                  : draw.chance(0.3) ? tensor(type, b, n, n) : tensor(type, n, n));
      case "cholesky" ->
          put(
              given,
              "self",
              draw.chance(0.8)
                  ? positiveDefinite(leaves.floating(), Math.max(n, 1))
                  : tensor(type, n, n));
      case "solve" -> {
        boolean batch = draw.chance(0.25);
        put(
            given,
            "self",
            batch ? tensor(type, b, n, n) : tensor(type, n, n),
            "other",
            draw.chance(0.4)
                ? (batch ? tensor(type, b, n) : tensor(type, n))
                : batch ? tensor(type, b, n, c) : tensor(type, n, c));
      }
      case "triangularSolve" -> put(given, "self", tensor(type, n, c), "a", tensor(type, n, n));
      case "tensordot" -> tensordot(m, given, type);
      case "linear" -> {
        put(given, "self", tensor(type, with(k, draw.between(0, 2))), "weight", tensor(type, c, k));
        put(
            given,
            "bias",
            draw.chance(0.3) ? null : draw.chance(0.1) ? tensor(type) : tensor(type, c));
      }
      case "conv1d", "conv2d" ->
          convolved(m, given, type, b, method.equals("conv1d") ? 1 : 2, false);
      case "convTranspose2d" -> convolved(m, given, type, b, 2, true);
      case "maxPool1d", "avgPool1d" -> put(given, "self", images(type, b, 1));
      case "maxPool2d", "maxPool2dWithIndices", "avgPool2d", "adaptiveAvgPool2d" ->
          put(given, "self", images(type, b, 2));
      case "interpolate" -> put(given, "self", tensor(type, sizes(b, 2, draw.of(1, 2, 2, 3))));
      case "batchNorm", "groupNorm", "instanceNorm" -> {
        int channels = draw.between(1, 4);
        put(given, "self", tensor(type, sizes(b, channels, draw.between(0, 2))));
        put(given, "weight", draw.chance(0.3) ? null : tensor(type, channels));
        put(given, "bias", draw.chance(0.3) ? null : tensor(type, channels));
        if (has(m, "runningMean")) {
          boolean runs = draw.chance(0.7);
          put(given, "runningMean", runs ? constant(type, channels) : null);
          put(given, "runningVar", runs ? constant(type, channels) : null);
        }
      }
      case "rmsNorm" -> {
        int[] shape = sizes(b, n, 1);
        int[] last = Arrays.copyOfRange(shape, draw.between(1, 2), 3);
        put(given, "self", tensor(type, shape));
        put(given, "weight", draw.chance(0.3) ? null : tensor(type, last));
        given.put("normalizedShape", Argument.sizes(last));
      }
      case "cdist" -> {
        if (draw.chance(0.3))
          put(given, "self", floating(b, n, k), "other", floating(draw.of(1, b), c, k));
        else put(given, "self", tensor(type, n, k), "other", tensor(type, c, k));
      }
      case "nllLoss", "crossEntropy" ->
          classes(m, given, type, n, Math.max(c, draw.chance(0.1) ? 0 : 1));
      case "mseLoss" -> {
        String self = receiver("");
        put(given, "self", self, "target", tensor(name(get(self).dtype()), get(self).shape()));
      }
      case "embedding" -> {
        put(
            given,
            "self",
            tensor(type, Math.max(n, 2), c),
            "indices",
            index(Math.max(n, 2), leaves.shape(draw.between(0, 2))));
        if (has(m, "options")) given.put("options", options(false));
      }
      case "embeddingBag" -> bags(m, given, type, Math.max(n, 2), c);
      case "searchsorted" ->
          put(
              given,
              "self",
              ascending(draw.of("float64", "float32", "int64"), n),
              "values",
              tensor(type, leaves.shape()));
      case "bucketize" ->
          put(given, "boundaries", ascending(draw.of("float64", "float32", "int64"), n));
      case "bincount" -> {
        String self = draw.chance(0.9) ? natural("int64", 5, n) : receiver("");
        put(given, "self", self);
        if (has(m, "weights")) put(given, "weights", tensor(leaves.dtype(), get(self).shape()));
      }
      case "multinomial" ->
          put(given, "weights", within(0, 2, draw.chance(0.6) ? new int[] {n} : new int[] {b, n}));
      case "oneHot" ->
          put(given, "classes", natural(draw.chance(0.05) ? "int32" : "int64", 5, leaves.shape()));
      case "bernoulli" -> {
        if (!writes && m.getParameterCount() == 1) put(given, "p", within(0, 1, leaves.shape()));
      }
      case "normal" -> {
        int[] shape = leaves.shape();
        if (!writes && m.getParameterTypes()[0] == Tensor.class)
          put(given, "mean", tensor(type, shape));
        if (!writes && m.getParameterTypes()[1] == Tensor.class)
          put(given, "std", within(0, 2, draw.chance(0.8) ? shape : parameters.narrowed(shape)));
      }
      case "where" -> put(given, "self", mask(leaves.shape()));
      case "cross" -> {
        int[] vectors = with(3, draw.between(0, 2));
        put(given, "self", tensor(type, vectors), "other", tensor(type, vectors));
      }
      case "cov", "corrcoef" -> put(given, "self", tensor(type, with(k, draw.between(0, 1))));
      case "ger" -> put(given, "self", tensor(type, n), "vec2", tensor(type, k));
      case "cartesianProd", "blockDiag" -> {
        List<String> all = new ArrayList<>();
        int dims = method.equals("blockDiag") ? draw.between(0, 2) : 1;
        for (int i = draw.between(1, 3); i > 0; i--) all.add(tensor(type, leaves.shape(dims)));
        given.put("tensors", Argument.tensors(all));
      }
      case "einsum" -> einsum(given, type, n, k, c);
      case "meshgrid" -> {
        List<String> all = new ArrayList<>();
        for (int i = draw.between(1, 3); i > 0; i--)
          all.add(tensor(type, leaves.shape(draw.chance(0.2) ? 0 : 1)));
        given.put("tensors", Argument.tensors(all));
      }
      case "hstack", "vstack", "dstack", "columnStack", "cat", "stack" ->
          several(m.getName(), given);
      default -> {}
    }
    return given;
  }

  /* Images, and kernels for a divisor of their channels as groups. */
  private void convolved(
      Method m, Map<String, Argument> given, String type, int n, int dims, boolean transposed) {
    int groups = has(m, "groups") ? draw.of(1, 1, 2) : 1;
    int channels = groups * draw.between(1, 2);
    int outputs = groups * draw.between(1, 2);
    int[] input = sizes(n, channels, dims);
    int[] kernel =
        transposed
            ? sizes(channels, outputs / groups, dims)
            : sizes(outputs, channels / groups, dims);
    for (int d = 2; d < kernel.length; d++) kernel[d] = draw.between(1, 3);
    int[] alone = Arrays.copyOfRange(input, 1, input.length);
    put(given, "self", tensor(type, draw.chance(0.1) ? alone : input));
    put(given, "weight", tensor(type, kernel));
    put(given, "bias", draw.chance(0.4) ? null : tensor(type, outputs));
    if (has(m, "groups")) given.put("groups", Argument.number((long) groups));
  }

  /* Numbers that need no gradient and may be written to. */
  private String constant(String dtype, int n) {
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < n; i++) values.add(draw.of(0.5, 1.0, 2.0));
    return leafOf(values, Leaves.isFloating(dtype) ? dtype : leaves.floating(), false, n);
  }

  private String images(String type, int n, int dims) {
    int[] shape = sizes(n, draw.between(1, 2), dims);
    return tensor(type, draw.chance(0.2) ? Arrays.copyOfRange(shape, 1, shape.length) : shape);
  }

  private int[] sizes(int n, int channels, int dims) {
    int[] shape = new int[dims + 2];
    shape[0] = n;
    shape[1] = channels;
    for (int d = 2; d < shape.length; d++) shape[d] = draw.between(2, 6);
    return shape;
  }

  private static boolean has(Method m, String parameter) {
    return Arrays.stream(m.getParameters()).anyMatch(p -> p.getName().equals(parameter));
  }

  private static void put(Map<String, Argument> given, String... namesAndTensors) {
    for (int i = 0; i < namesAndTensors.length; i += 2)
      given.put(namesAndTensors[i], Argument.tensor(namesAndTensors[i + 1]));
  }

  /* What is added to a product: it broadcasts. */
  private String part(boolean writes, String type, int... shape) {
    if (writes && draw.chance(0.9)) return add.apply(id -> leaves.leaf(id, type, false, shape));
    return draw.chance(0.05)
        ? tensor(type, leaves.shape())
        : tensor(type, parameters.narrowed(shape));
  }

  private int[] with(int last, int before) {
    int[] shape = Arrays.copyOf(leaves.shape(before), before + 1);
    shape[before] = last;
    return shape;
  }

  private void matmul(Map<String, Argument> given, String type, int n, int k, int c) {
    int b = draw.between(1, 3);
    int[] self = draw.of(new int[] {k}, new int[] {n, k}, new int[] {n, k}, new int[] {b, n, k});
    int[] other =
        draw.of(
            new int[] {k},
            new int[] {k, c},
            new int[] {k, c},
            new int[] {b, k, c},
            new int[] {1, k, c});
    put(given, "self", tensor(type, self), "other", tensor(type, other));
  }

  private void tensordot(Method m, Map<String, Argument> given, String type) {
    int[] self = leaves.shape(draw.between(1, 3));
    int dims = draw.between(0, Math.min(2, self.length));
    int[] shared = Arrays.copyOfRange(self, self.length - dims, self.length);
    int[] other = Arrays.copyOf(shared, dims + 1);
    other[dims] = leaves.size();
    put(given, "self", tensor(type, self), "other", tensor(type, other));
    if (has(m, "dims"))
      given.put("dims", Argument.number((long) (draw.chance(0.05) ? dims + 1 : dims)));
    else {
      int[] mine = new int[dims];
      int[] others = new int[dims];
      for (int i = 0; i < dims; i++) {
        mine[i] = self.length - dims + i - (draw.chance(0.3) ? self.length : 0);
        others[i] = i;
      }
      if (dims > 1 && draw.chance(0.05)) mine[0] = mine[1];
      given.put("dimsSelf", Argument.sizes(mine));
      given.put("dimsOther", Argument.sizes(others));
    }
  }

  private void classes(Method m, Map<String, Argument> given, String type, int n, int c) {
    int[] shape = draw.of(new int[] {n, c}, new int[] {n, c}, new int[] {c}, new int[] {n, c, 2});
    int[] targets =
        shape.length == 1 ? new int[0] : shape.length == 2 ? new int[] {n} : new int[] {n, 2};
    put(given, "self", tensor(type, shape));
    boolean probabilities = m.getName().equals("crossEntropy") && draw.chance(0.25);
    put(given, "target", probabilities ? tensor(type, shape) : index(c, targets));
    if (has(m, "weight")) put(given, "weight", draw.chance(0.4) ? null : within(0, 2, c));
  }

  private Argument options(boolean bag) {
    Map<String, Object> options = new HashMap<>();
    if (draw.chance(0.3)) options.put("padding_idx", draw.of(0, 1, -1));
    if (draw.chance(0.2)) options.put("max_norm", draw.of(1.0, 0.5, 3.0));
    if (options.containsKey("max_norm") && draw.chance(0.4))
      options.put("norm_type", draw.of(1.0, 3.0));
    if (draw.chance(0.2)) options.put("scale_grad_by_freq", true);
    if (draw.chance(0.15)) options.put("sparse", true);
    if (bag) options.put("mode", draw.of("sum", "mean", "max"));
    if (bag && draw.chance(0.15)) options.put("include_last_offset", true);
    return new Argument("embedding", options);
  }

  private void bags(Method m, Map<String, Argument> given, String type, int n, int c) {
    put(given, "self", tensor(type, n, c));
    boolean flat = draw.chance(0.7);
    int count = draw.between(0, 5);
    int[] shape = flat ? new int[] {count} : new int[] {draw.between(1, 3), draw.between(1, 3)};
    put(given, "indices", index(n, shape));
    String offsets = null;
    if (flat) {
      List<Object> starts = new ArrayList<>();
      for (long at = 0; at <= count && starts.size() < 4; at += draw.between(0, 3)) starts.add(at);
      offsets = leafOf(starts, "int64", false, starts.size());
    }
    put(given, "offsets", offsets);
    if (has(m, "options")) {
      given.put("options", options(true));
      put(given, "perSampleWeights", draw.chance(0.7) ? null : tensor(type, shape));
    }
  }

  private void einsum(Map<String, Argument> given, String type, int n, int k, int c) {
    String equation =
        draw.of(
            "ij,jk->ik",
            "ij,jk",
            "ij->ji",
            "ii->i",
            "ii",
            "i,i->",
            "i,j->ij",
            "bij,bjk->bik",
            "...i,ij->...j",
            "ij->",
            "ij->i",
            "ij,ij->j",
            "ij,j->i",
            "ij,k->kij");
    Map<Character, Integer> sizes = Map.of('i', n, 'j', k, 'k', c, 'b', 2);
    List<String> operands = new ArrayList<>();
    for (String letters : equation.split("->")[0].split(",")) {
      List<Integer> shape = new ArrayList<>();
      if (letters.startsWith("...")) shape.addAll(List.of(2));
      letters.replace(".", "").chars().forEach(l -> shape.add(sizes.get((char) l)));
      operands.add(tensor(type, shape.stream().mapToInt(Integer::intValue).toArray()));
    }
    given.put("equation", Argument.text(equation));
    given.put("operands", Argument.tensors(operands));
  }

  private void several(String method, Map<String, Argument> given) {
    int[] shape = leaves.shape(draw.chance(0.05) ? 0 : draw.between(1, 3));
    String type = leaves.dtype();
    int dim = parameters.dim(method.equals("stack") ? shape.length + 1 : shape.length);
    int d = dim < 0 ? dim + shape.length : dim;
    List<String> all = new ArrayList<>();
    for (int i = draw.chance(0.03) ? 0 : draw.between(1, 3); i > 0; i--) {
      int[] one = shape.clone();
      if (method.equals("cat") && d >= 0 && d < one.length) one[d] = leaves.size();
      if (method.equals("cat") && draw.chance(0.06)) one = new int[] {0};
      all.add(tensor(draw.chance(0.9) ? type : leaves.dtype(), one));
    }
    given.put("tensors", Argument.tensors(all));
    given.put("dim", Argument.number((long) dim));
  }

  /** A tensor for a parameter that nothing else gave. */
  Argument draw(Method m, Parameter p, String self, Map<String, Argument> before) {
    Tensor x = self == null ? null : get(self);
    if (p.getType() == Tensor.class)
      return Argument.tensor(single(m, p.getName(), self, x, before));
    if (p.getName().equals("indices") && x != null) return indices(x, before);
    List<String> all = new ArrayList<>();
    for (int i = draw.between(1, 3); i > 0; i--) all.add(receiver(""));
    return Argument.tensors(all);
  }

  private String single(
      Method m, String name, String self, Tensor x, Map<String, Argument> before) {
    String method = m.getName();
    if (x == null) return receiver("");
    int[] shape = x.shape();
    if (method.contains("Shift")) return shifts(shape);
    return switch (name) {
      case "index" -> indexOf(method, x, before);
      case "src" -> source(method, x, before);
      case "mask" -> mask(shape);
      case "indices" -> along(x, before);
      case "source" ->
          method.startsWith("masked")
              ? tensor(name(x.dtype()), Math.max(1, x.numel()))
              : method.startsWith("put")
                  ? tensor(name(x.dtype()), get(argument(before, "index")).shape())
                  : broadcast(method, self, x);
      case "repeats" ->
          natural("int64", 3, draw.chance(0.15) ? new int[] {1} : new int[] {along(shape, before)});
      case "weight" ->
          method.startsWith("prelu")
              ? leaf(name(x.dtype()), draw.chance(0.5) || shape.length < 2 ? 1 : shape[1])
              : broadcast(method, self, x);
      case "values" ->
          method.startsWith("indexPut") ? putValues(x, before) : broadcast(method, self, x);
      case "grad" -> draw.chance(0.08) ? null : draw.chance(0.9) ? leafLike(x) : receiver("");
      case "data" -> draw.chance(0.97) ? leafLike(x) : receiver("");
      case "p" -> within(0, 1, parameters.narrowed(shape));
      case "gradient" -> draw.chance(0.1) ? null : leafLike(x);
      case "value" -> tensor(name(x.dtype()));
      default -> {
        boolean view = method.equals("viewAs") || method.equals("reshapeAs");
        if (view) yield tensor(leaves.dtype(), draw.chance(0.3) ? new int[] {x.numel()} : shape);
        boolean same =
            method.equals("pairwiseDistance")
                || method.equals("cosineSimilarity")
                || method.equals("dist");
        if (same && draw.chance(0.7)) yield tensor(name(x.dtype()), shape);
        yield broadcast(method, self, x);
      }
    };
  }

  /* By less than any type's width: C++ says nothing of more. */
  private String shifts(int[] shape) {
    List<Object> values = new ArrayList<>();
    int[] narrowed = parameters.narrowed(shape);
    for (int i = numel(narrowed); i > 0; i--) values.add((long) draw.between(0, 7));
    return leafOf(values, draw.of("int64", "int64", "int32", "uint8"), false, narrowed);
  }

  private String leafLike(Tensor x) {
    return add.apply(
        id ->
            leaves.leaf(
                id,
                name(x.dtype()),
                draw.chance(0.15) && Leaves.isFloating(name(x.dtype())),
                x.shape()));
  }

  private String broadcast(String method, String self, Tensor x) {
    if (draw.chance(0.06)) return self;
    int[] shape =
        draw.chance(0.04)
            ? leaves.shape()
            : draw.chance(0.55) ? x.shape() : parameters.narrowed(x.shape());
    if (!method.endsWith("_") && draw.chance(0.15) && shape.length < 3) {
      int[] wider = new int[shape.length + 1];
      System.arraycopy(shape, 0, wider, 1, shape.length);
      wider[0] = draw.between(1, 2);
      shape = wider;
    }
    int[] wanted = shape;
    String type = draw.chance(0.75) ? name(x.dtype()) : leaves.dtype();
    if (draw.chance(0.45)) {
      String old = existing(t -> Arrays.equals(t.shape(), wanted));
      if (old != null) return old;
    }
    return leaf(type, shape);
  }

  private static String argument(Map<String, Argument> before, String name) {
    return (String) before.get(name).value();
  }

  private int along(int[] shape, Map<String, Argument> before) {
    if (shape.length == 0) return 1;
    int d = before.containsKey("dim") ? ((Number) before.get("dim").value()).intValue() : 0;
    if (d < 0) d += shape.length;
    return d < 0 || d >= shape.length ? 1 : shape[d];
  }

  private String indexOf(String method, Tensor x, Map<String, Argument> before) {
    if (method.equals("take") || method.startsWith("put")) return index(x.numel(), leaves.shape());
    int n = along(x.shape(), before);
    if (method.startsWith("index"))
      return index(n, draw.chance(0.1) ? new int[0] : new int[] {leaves.size()});
    int[] shape = x.shape().clone();
    for (int d = 0; d < shape.length; d++)
      if (draw.chance(0.3)) shape[d] = draw.between(0, shape[d]);
    if (shape.length > 0 && draw.chance(0.3)) {
      int d = ((Number) before.get("dim").value()).intValue();
      if (d < 0) d += shape.length;
      if (d >= 0 && d < shape.length) shape[d] = leaves.size();
    }
    return index(n, shape);
  }

  private String along(Tensor x, Map<String, Argument> before) {
    if (!before.containsKey("dim") && draw.chance(0.5)) return index(x.numel(), leaves.size());
    int[] shape = x.shape().clone();
    if (draw.chance(0.3)) for (int d = 0; d < shape.length; d++) if (draw.chance(0.3)) shape[d] = 1;
    return index(shape.length == 0 ? 1 : Arrays.stream(x.shape()).min().orElse(1), shape);
  }

  private String source(String method, Tensor x, Map<String, Argument> before) {
    Tensor index = get(argument(before, "index"));
    int[] shape = x.shape().clone();
    if (method.startsWith("index")) {
      int d = ((Number) before.get("dim").value()).intValue();
      if (d < 0) d += shape.length;
      if (d >= 0 && d < shape.length) shape[d] = index.numel();
    } else {
      shape = index.shape().clone();
      if (draw.chance(0.2)) for (int d = 0; d < shape.length; d++) shape[d] += draw.between(0, 1);
    }
    return tensor(name(x.dtype()), shape);
  }

  private Argument indices(Tensor x, Map<String, Argument> before) {
    List<String> all = new ArrayList<>();
    int[] shape = leaves.shape(draw.of(0, 1, 1, 1, 2));
    int count =
        draw.chance(0.03) ? x.dim() + 1 : draw.between(Math.min(1, x.dim()), Math.max(x.dim(), 1));
    for (int d = 0; d < count; d++) {
      int n = d < x.dim() ? x.size(d) : 1;
      double p = draw.real(0, 1);
      if (p < 0.2) all.add(null);
      else if (p < 0.35 && d < x.dim()) all.add(leaf("bool", n));
      else if (p < 0.4 && d == 0) {
        all.add(leaf("bool", x.shape()));
        break;
      } else all.add(index(n, draw.chance(0.8) ? shape : parameters.narrowed(shape)));
    }
    if (!all.isEmpty() && all.stream().allMatch(i -> i == null) && draw.chance(0.9))
      all.set(0, index(x.dim() == 0 ? 1 : x.size(0), shape));
    return Argument.tensors(all);
  }

  /* Of the shape that reading by these indices gives. */
  private String putValues(Tensor x, Map<String, Argument> before) {
    try {
      Tensor[] indices =
          ((List<?>) before.get("indices").value())
              .stream().map(n -> n == null ? null : alive.get(n)).toArray(Tensor[]::new);
      int[] shape = x.detach().index(indices).shape();
      return tensor(name(x.dtype()), draw.chance(0.5) ? shape : parameters.narrowed(shape));
    } catch (RuntimeException wrongIndices) {
      return tensor(name(x.dtype()));
    }
  }
}
