package io.sparkgrad;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkgrad.autograd.Autograd;
import io.sparkgrad.autograd.GradOptions;
import io.sparkgrad.op.nn.EmbeddingOptions;
import io.sparkgrad.op.nn.Reduction;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each kind of index in each operation that takes one: taken, wrapped or refused as PyTorch does
 * it, with its gradients. {@code goldens/indices.py} says which.
 */
class IndicesTest {
  private static final Map<String, Tensor> INDICES = indices();
  private static final Map<String, Call> OPS = ops();

  /** x, m and v as in the script. */
  private interface Call {
    Tensor of(Tensor x, Tensor m, Tensor v, Tensor i);
  }

  private static Map<String, Tensor> indices() {
    Tensor two = Tensor.tensor(0L, 1L);
    Map<String, Tensor> all = new TreeMap<>();
    all.put("int64", two);
    for (DType t : List.of(DType.INT32, DType.UINT8, DType.INT8, DType.INT16, DType.BOOL))
      all.put(t.toString().substring(6), two.to(t));
    all.put("float32", two.to(DType.FLOAT32));
    all.put("nan", Tensor.of(new double[] {Double.NaN, 1}, 2));
    all.put("negative", Tensor.tensor(-1L, 0L));
    all.put("farNegative", Tensor.tensor(-3L, 0L));
    all.put("far", Tensor.tensor(0L, 3L));
    all.put("empty", Tensor.zeros(DType.INT64, 0));
    all.put("zeroDim", Tensor.of(new long[] {1}, new int[0]));
    all.put("matrix", two.reshape(1, 2));
    all.put("expanded", Tensor.tensor(1L).expand(2));
    all.put("repeated", Tensor.tensor(1L, 1L));
    all.put("emptyFloat", Tensor.zeros(DType.FLOAT32, 0));
    all.put("emptyInt32", Tensor.zeros(DType.INT32, 0));
    all.put("maskOfThree", Tensor.tensor(1L, 0L, 1L).to(DType.BOOL));
    all.put("maskOfFive", Tensor.tensor(1L, 0L, 1L, 0L, 0L).to(DType.BOOL));
    all.put("maskMatrix", Tensor.tensor(1L, 0L, 1L, 0L, 1L, 0L).reshape(2, 3).to(DType.BOOL));
    all.put("maskZeroDim", Tensor.of(new boolean[] {true}, new int[0]));
    all.put("maskZeroDimFalse", Tensor.of(new boolean[] {false}, new int[0]));
    all.put("int64OfFour", Tensor.tensor(0L, 1L, 1L, 0L));
    return all;
  }

  private static Map<String, Call> ops() {
    Map<String, Call> all = new TreeMap<>();
    all.put("gather", (x, m, v, i) -> x.gather(0, i));
    all.put("gatherRows", (x, m, v, i) -> m.gather(1, i));
    all.put("scatter", (x, m, v, i) -> x.scatter(0, i, v));
    all.put("scatterValue", (x, m, v, i) -> x.scatter(0, i, 2.0));
    all.put("scatterAdd", (x, m, v, i) -> x.scatterAdd(0, i, v));
    all.put("scatterReduce", (x, m, v, i) -> x.scatterReduce(0, i, v, "amax"));
    all.put("indexSelect", (x, m, v, i) -> x.indexSelect(0, i));
    all.put("indexSelectColumns", (x, m, v, i) -> m.indexSelect(1, i));
    all.put("indexAdd", (x, m, v, i) -> x.indexAdd(0, i, v));
    all.put("indexAddAlpha", (x, m, v, i) -> x.indexAdd(0, i, v, 2.5));
    all.put("indexCopy", (x, m, v, i) -> x.indexCopy(0, i, v));
    all.put("indexFill", (x, m, v, i) -> x.indexFill(0, i, 9.0));
    all.put("indexFillColumns", (x, m, v, i) -> m.indexFill(1, i, 9.0));
    all.put("indexFillTensor", (x, m, v, i) -> x.indexFill(0, i, v.sum()));
    all.put("index", (x, m, v, i) -> m.index(i));
    all.put("indexColumns", (x, m, v, i) -> m.index(null, i));
    all.put("indexPut", (x, m, v, i) -> m.indexPut(new Tensor[] {i}, v.sum(), false));
    all.put("indexPutAdd", (x, m, v, i) -> m.indexPut(new Tensor[] {i}, v.sum(), true));
    all.put("take", (x, m, v, i) -> m.take(i));
    all.put("put", (x, m, v, i) -> m.put(i, v.reshape(i.shape()), false));
    all.put("putAdd", (x, m, v, i) -> m.put(i, v.reshape(i.shape()), true));
    all.put("takeAlongDim", (x, m, v, i) -> x.takeAlongDim(i, 0));
    all.put("takeAlong", (x, m, v, i) -> m.takeAlongDim(i));
    all.put("maskedSelect", (x, m, v, i) -> start(x, i).maskedSelect(i));
    all.put("maskedFill", (x, m, v, i) -> start(x, i).maskedFill(i, 9.0));
    all.put("maskedScatter", (x, m, v, i) -> start(x, i).maskedScatter(i, m));
    all.put("where", (x, m, v, i) -> i.where(m.sum(), x.sum()));
    all.put("embedding", (x, m, v, i) -> m.embedding(i));
    all.put("embeddingBag", (x, m, v, i) -> bag(m, i));
    all.put("nllLoss", (x, m, v, i) -> m.nllLoss(i, Reduction.MEAN));
    all.put("crossEntropy", (x, m, v, i) -> m.crossEntropy(i, Reduction.MEAN));
    all.put("oneHot", (x, m, v, i) -> Tensor.oneHot(i, 3));
    all.put("oneHotOfAll", (x, m, v, i) -> Tensor.oneHot(i));
    all.put("repeatInterleave", (x, m, v, i) -> m.repeatInterleave(i, 0));
    all.put("bincount", (x, m, v, i) -> i.bincount(0));
    return all;
  }

  private static Tensor start(Tensor x, Tensor mask) {
    return x.narrow(0, 0, mask.dim() == 0 ? 5 : mask.size(-1));
  }

  private static Tensor bag(Tensor m, Tensor i) {
    Tensor offsets = i.dim() == 2 ? null : Tensor.tensor(0L);
    return m.embeddingBag(i, offsets, null, EmbeddingOptions.of().mode("mean"));
  }

  /** Where the tensors lie. */
  Device device() {
    return Device.CPU;
  }

  static Stream<Named<JsonNode>> cases() {
    return StreamSupport.stream(Goldens.read("indices.json").get("cases").spliterator(), false)
        .map(c -> Named.of(c.get("op").asText() + " by " + c.get("index").asText(), c));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void anIndexIsTakenOrRefusedAsInPyTorch(JsonNode c) {
    try (TensorScope scope = TensorScope.open()) {
      check(c);
    }
  }

  private void check(JsonNode c) {
    String op = c.get("op").asText();
    Tensor i = INDICES.get(c.get("index").asText()).to(device());
    int n = op.startsWith("index") || op.startsWith("put") ? i.numel() : Math.max(1, i.numel());
    List<Tensor> leaves = List.of(leaf(arange(5)), leaf(arange(6).reshape(2, 3)), leaf(ones(n)));
    if (c.has("error")) {
      Throwable e =
          assertThrows(
              RuntimeException.class,
              () -> OPS.get(op).of(leaves.get(0), leaves.get(1), leaves.get(2), i).toDoubles());
      assertTrue(
          e instanceof IllegalArgumentException || e instanceof IndexOutOfBoundsException,
          e::toString);
      assertTrue(!(e instanceof ArrayIndexOutOfBoundsException), e::toString);
      return;
    }
    Tensor y = OPS.get(op).of(leaves.get(0), leaves.get(1), leaves.get(2), i);
    assertArrayEquals(Goldens.shape(c), y.shape());
    assertEquals("torch." + c.get("dtype").asText(), y.dtype().toString());
    assertArrayEquals(Goldens.doubles(c), y.toDoubles(), 1e-12);
    if (c.has("gradients")) checkGradients(c.get("gradients"), y, leaves);
  }

  private void checkGradients(JsonNode expected, Tensor y, List<Tensor> leaves) {
    Tensor g = arange(y.numel()).add(1).reshape(y.shape()).to(device());
    List<Tensor> found =
        Autograd.grad(List.of(y), leaves, GradOptions.of().gradOutputs(g).allowUnused());
    for (int k = 0; k < leaves.size(); k++) {
      double[] e = new double[leaves.get(k).numel()];
      if (!expected.get(k).isNull()) e = Goldens.doubles(expected.get(k));
      double[] a = found.get(k) == null ? new double[e.length] : found.get(k).toDoubles();
      assertArrayEquals(e, a, 1e-12, "gradient " + k);
    }
  }

  private Tensor leaf(Tensor t) {
    return t.to(device()).requiresGrad_();
  }

  private static Tensor arange(int n) {
    return Tensor.arange(n).to(DType.FLOAT64);
  }

  private static Tensor ones(int n) {
    return arange(n).mul(0).add(1);
  }
}
