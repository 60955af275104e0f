package io.sparkgrad.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Goldens;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.BackwardOptions;
import io.sparkgrad.op.nn.EmbeddingOptions;
import io.sparkgrad.random.Generator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Modules, initial values and losses give PyTorch's numbers. */
class GoldenModulesTest {
  /** Modules of the file that there are not yet. */
  private static final Set<String> LATER =
      Set.of("RNN", "GRU", "LSTM", "MultiheadAttention", "TransformerEncoderLayer");

  private static Stream<JsonNode> cases(String file) {
    return StreamSupport.stream(Goldens.read(file).get("cases").spliterator(), false);
  }

  static Stream<JsonNode> modules() {
    return cases("modules.json").filter(c -> !LATER.contains(c.get("module").asText()));
  }

  @ParameterizedTest
  @MethodSource("modules")
  void giveOutputsGradientsAndState(JsonNode c) {
    Module module = module(c.get("module").asText(), c.get("args"));
    module.to(DType.FLOAT64).train(c.get("train").asBoolean());
    module.loadStateDict(tensors(c.get("state_dict")));
    module.to(device());
    Tensor x = tensor(c.get("inputs").get(0)).to(device());
    boolean floats = x.dtype().isFloatingPoint();
    if (floats) x.requiresGrad_();
    Tensor y = module.apply(x);
    close(c.get("outputs").get(0), y, "output");
    y.backward(tensor(c.get("grad_outputs").get(0)).to(device()));
    if (floats) close(c.get("grad_inputs").get(0), x.grad(), "gradient of the input");
    each(
        c.get("grad_params"),
        (name, grad) -> close(grad, module.namedParameters().get(name).grad(), name));
    Map<String, Tensor> after = module.stateDict();
    each(c.get("state_dict_after"), (name, state) -> close(state, after.get(name), name));
  }

  private static Module module(String name, JsonNode args) {
    return switch (name) {
      case "Linear" -> new Linear(args.get("inFeatures").asInt(), args.get("outFeatures").asInt());
      case "Conv2d" ->
          new Conv2d(
              args.get("inChannels").asInt(),
              args.get("outChannels").asInt(),
              args.get("kernelSize").asInt(),
              args.get("stride").asInt(),
              args.get("padding").asInt());
      case "BatchNorm2d" -> new BatchNorm2d(args.get("numFeatures").asInt());
      case "BatchNorm1d" -> new BatchNorm1d(args.get("numFeatures").asInt());
      case "LayerNorm" -> new LayerNorm(args.get("normalizedShape").get(0).asInt());
      case "Embedding" ->
          new Embedding(args.get("numEmbeddings").asInt(), args.get("embeddingDim").asInt());
      case "PReLU" -> new PReLU();
      default -> throw new AssertionError(name);
    };
  }

  static Stream<JsonNode> losses() {
    return cases("losses.json");
  }

  @ParameterizedTest
  @MethodSource("losses")
  void lossesGiveMeansGradientsAndSecondOrder(JsonNode c) {
    Tensor[] in =
        StreamSupport.stream(c.get("inputs").spliterator(), false)
            .map(t -> tensor(t).to(device()))
            .toArray(Tensor[]::new);
    in[0].requiresGrad_();
    Tensor mean = loss(c.get("loss").asText(), c.get("args"), in).mean();
    Goldens.assertClose(
        new double[] {c.get("mean").asDouble()}, new double[] {mean.item()}, "mean");
    mean.backward(BackwardOptions.of().createGraph());
    Tensor grad = in[0].grad();
    close(c.get("grad"), grad, "gradient");
    if (c.has("second")) close(c.get("second"), secondOrder(in[0], grad), "second order");
  }

  private static Tensor secondOrder(Tensor x, Tensor grad) {
    x.setGrad(null);
    if (grad.requiresGrad()) grad.square().sum().backward();
    return x.grad() == null ? Tensor.zerosLike(x) : x.grad();
  }

  private Loss.Value loss(String name, JsonNode args, Tensor... in) {
    Tensor target =
        args.has("target") ? tensor(args.get("target")).to(device()) : in.length > 1 ? in[1] : null;
    Loss of =
        switch (name) {
          case "l1" -> Losses::l1;
          case "mse" -> Losses::mse;
          case "smoothL1" -> Losses.smoothL1(args.get("beta").asDouble());
          case "huber" -> Losses.huber(args.get("delta").asDouble());
          case "bce" -> Losses::bce;
          case "bceWithLogits" -> Losses.bceWithLogits(args.get("posWeight").asDouble());
          case "softMargin" -> Losses::softMargin;
          case "hinge" -> Losses::hinge;
          case "klDiv" -> Losses::klDiv;
          case "cosine" -> Losses::cosine;
          case "poissonNll" -> Losses.poissonNll(args.get("logInput").asBoolean());
          case "multiMargin" -> Losses.multiMargin(args.get("margin").asDouble());
          case "gaussianNll" -> (x, t) -> Losses.gaussianNll(x, t, in[1]);
          case "marginRanking" ->
              (x, t) -> Losses.marginRanking(x, in[1], t, args.get("margin").asDouble());
          case "cosineEmbedding" ->
              (x, t) -> Losses.cosineEmbedding(x, in[1], t, args.get("margin").asDouble());
          case "tripletMargin" ->
              (x, t) -> Losses.tripletMargin(x, in[1], in[2], args.get("margin").asDouble());
          case "crossEntropy" -> crossEntropy(args);
          default -> throw new AssertionError(name);
        };
    return of.of(in[0], target);
  }

  private static Loss crossEntropy(JsonNode args) {
    double smoothing = args.get("labelSmoothing").asDouble();
    CrossEntropyLoss loss = new CrossEntropyLoss().labelSmoothing(smoothing);
    return args.get("weight").isNull()
        ? loss
        : loss.classWeights(Goldens.doubles(args.get("weight")));
  }

  static Stream<JsonNode> inits() {
    return cases("init.json");
  }

  @ParameterizedTest
  @MethodSource("inits")
  void initialValuesAreThoseOfTheSameSeed(JsonNode c) {
    Tensor t = Tensor.full(9.0, Goldens.shape(c.get("values")));
    try (var random = Generator.use(new Generator(7))) {
      Tensor same =
          switch (c.get("init").asText()) {
            case "constant" -> Init.constant_(t, 0.5);
            case "eye" -> Init.eye_(t);
            case "uniform" -> Init.uniform_(t, -2, 0.5);
            case "normal" -> Init.normal_(t, 1, 0.2);
            case "truncNormal" -> Init.truncNormal_(t, 0.1, 0.5, -0.4, 1);
            case "xavierUniform" -> Init.xavierUniform_(t, 1.5);
            case "xavierNormal" -> Init.xavierNormal_(t, 1);
            case "kaimingUniform" -> Init.kaimingUniform_(t, Init.gain("relu"), Init.Fan.IN);
            case "kaimingNormal" -> Init.kaimingNormal_(t, Init.gainOfLeakyRelu(0.2), Init.Fan.OUT);
            default -> throw new AssertionError(c);
          };
      assertEquals(t, same);
    }
    Goldens.assertClose(Goldens.doubles(c.get("values")), t.toDoubles(), 1e-6, c.toString());
  }

  @Test
  void printAndComputeAsPyTorchsDo() {
    JsonNode file = Goldens.read("module-texts.json");
    Map<String, JsonNode> expected = new LinkedHashMap<>();
    file.get("cases").forEach(c -> expected.put(c.get("text").asText(), c.get("output")));
    Map<String, Module> modules = new LinkedHashMap<>();
    for (Module m : all()) modules.put(m.toString(), m);
    assertEquals(List.copyOf(expected.keySet()), List.copyOf(modules.keySet()));
    Tensor x = tensor(file.get("input")).to(device());
    modules.forEach(
        (text, m) -> {
          if (m instanceof LookUp) return; // of ids
          m.to(DType.FLOAT64).to(device()).eval();
          close(expected.get(text), m.apply(x), text);
        });
  }

  private static List<Module> all() {
    return List.of(
        new ReLU(),
        new ReLU6(),
        new Sigmoid(),
        new Tanh(),
        new SiLU(),
        new Mish(),
        new Softsign(),
        new LogSigmoid(),
        new Hardswish(),
        new Hardsigmoid(),
        new SELU(),
        new Tanhshrink(),
        new GELU(),
        new GELU("tanh"),
        new Softplus(),
        new Softplus(2, 0.5),
        new Hardtanh(),
        new ELU(),
        new ELU(0.5),
        new CELU(0.5),
        new LeakyReLU(),
        new LeakyReLU(0.2),
        new Hardshrink(),
        new Softshrink(0.25),
        new Threshold(0.1, 2),
        new GLU(),
        new Softmax(1),
        new LogSoftmax(0),
        new PReLU(),
        new Identity(),
        new Flatten(),
        new Flatten(0, -1),
        new Unflatten(1, 2, 2),
        new Dropout(),
        new Dropout(0.3),
        new AlphaDropout(),
        new LayerNorm(new int[] {4}, 1e-5, false),
        new LayerNorm(3, 4),
        new BatchNorm1d(4),
        new BatchNorm1d(4, 1e-5, null, false),
        new EmbeddingBag(4, 3),
        new Embedding(4, 3, EmbeddingOptions.of().paddingIdx(0)));
  }

  /* In their order: each begins with the same seed, so that initial values are compared, too. */
  @Test
  void modulesOfImagesAndSequencesPrintAndComputeAsPyTorchsDo() {
    JsonNode kinds = Goldens.read("image-modules.json").get("kinds");
    List<List<Supplier<Module>>> makers = List.of(ofImages(), ofSequences());
    for (int k = 0; k < makers.size(); k++) {
      JsonNode cases = kinds.get(k).get("cases");
      assertEquals(cases.size(), makers.get(k).size());
      Tensor x = tensor(kinds.get(k).get("input")).to(device());
      for (int i = 0; i < cases.size(); i++) {
        Module m;
        try (var random = Generator.use(new Generator(3))) {
          m = makers.get(k).get(i).get();
        }
        String text = cases.get(i).get("text").asText();
        assertEquals(text, m.toString());
        m.to(DType.FLOAT64).to(device()).eval();
        close(cases.get(i).get("output"), m.apply(x), text);
      }
    }
  }

  private static List<Supplier<Module>> ofImages() {
    int[] one = {1};
    int[] two = {2};
    int[] none = {0};
    return List.of(
        () -> new Conv2d(4, 6, 3),
        () -> new Conv2d(4, 2, pair(3, 2), two, pair(1, 0), two, 2, false, "zeros"),
        () -> new Conv2d(4, 3, new int[] {3}, one, two, one, 1, true, "reflect"),
        () -> new Conv2d(4, 3, pair(2, 3), one, "same", two, 1, true),
        () -> new Conv2d(4, 3, two, one, one, one, 1, true, "circular"),
        () -> new ConvTranspose2d(4, 3, 3, 2, 1, 1),
        () -> new ConvTranspose2d(4, 2, pair(2, 3), one, none, none, 2, false, two),
        () -> new MaxPool2d(2),
        () -> new MaxPool2d(pair(3, 2), pair(2, 1), pair(1, 0), one, true),
        () -> new AvgPool2d(2),
        () -> new AvgPool2d(3, 2, 1),
        () -> new AvgPool2d(pair(3, 2), two, pair(1, 0), true, false),
        () -> new AdaptiveAvgPool2d(1),
        () -> new AdaptiveAvgPool2d(2, 3),
        () -> new AdaptiveMaxPool2d(1),
        () -> new AdaptiveMaxPool2d(2, 3),
        () -> new BatchNorm2d(4),
        () -> new GroupNorm(2, 4),
        () -> new GroupNorm(4, 4, 1e-5, false),
        () -> new InstanceNorm2d(4),
        () -> new InstanceNorm2d(4, 1e-5, true),
        () -> new ZeroPad2d(1),
        () -> new ConstantPad2d(new int[] {1, 0, 2, 1}, 0.5),
        () -> new ReflectionPad2d(1, 0, 0, 1),
        () -> new ReplicationPad2d(1),
        () -> new Upsample(2),
        () -> new Upsample(pair(5, 4), "bilinear", true),
        () -> new Upsample(new int[] {7}, "nearest", false),
        () -> new Upsample(1.5, "bilinear", false));
  }

  private static List<Supplier<Module>> ofSequences() {
    return List.of(
        () -> new Conv1d(4, 3, 3),
        () -> new Conv1d(4, 2, 3, 2, 1, 2, 2, false),
        () -> new MaxPool1d(2),
        () -> new MaxPool1d(3, 2, 1, 2, true),
        () -> new ConstantPad1d(new int[] {1}, 2),
        () -> new ReflectionPad1d(1),
        () -> new ReplicationPad1d(1, 2),
        () -> new BatchNorm1d(4),
        () -> new GroupNorm(2, 4),
        () -> new Upsample(2, "linear", false));
  }

  private static int[] pair(int a, int b) {
    return new int[] {a, b};
  }

  /** Where the modules compute. */
  Device device() {
    return Device.CPU;
  }

  private static Map<String, Tensor> tensors(JsonNode state) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    each(state, (name, t) -> tensors.put(name, tensor(t)));
    return tensors;
  }

  private static void each(JsonNode node, BiConsumer<String, JsonNode> action) {
    node.fieldNames().forEachRemaining(name -> action.accept(name, node.get(name)));
  }

  private static Tensor tensor(JsonNode t) {
    return t.get("dtype").asText().equals("int64")
        ? Tensor.of(Goldens.longs(t), Goldens.shape(t))
        : Tensor.of(Goldens.doubles(t), Goldens.shape(t));
  }

  private static void close(JsonNode expected, Tensor actual, String what) {
    assertArrayEquals(Goldens.shape(expected), actual.shape(), what);
    Goldens.assertClose(Goldens.doubles(expected), actual.toDoubles(), what);
  }
}
