package io.sparkgrad.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Checkpoint;
import io.sparkgrad.autograd.SavedTensorHooks;
import io.sparkgrad.random.Generator;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Activations of modules that are computed again instead of kept. */
class CheckpointedTest {
  private static Sequential net() {
    try (var seed = Generator.use(new Generator(4))) {
      return new Sequential(
          new Conv2d(2, 6, 3),
          new BatchNorm2d(6),
          new ReLU(),
          new Dropout(0.5),
          new Conv2d(6, 4, 3),
          new BatchNorm2d(4),
          new Flatten(),
          new Linear(4 * 4 * 4, 3));
    }
  }

  private static Map<String, Tensor> step(Sequential net) {
    try (var seed = Generator.use(new Generator(9))) {
      net.apply(Tensor.randn(5, 2, 8, 8)).pow(2).sum().backward();
    }
    return net.stateDict();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 8})
  void gradientsBuffersAndDroppedNumbersAreThoseWithout(int segments) {
    Sequential plain = net();
    Sequential checkpointed = net().checkpointed(segments);
    Map<String, Tensor> expected = step(plain);
    Map<String, Tensor> actual = step(checkpointed);
    expected.forEach(
        (name, t) -> assertArrayEquals(t.toDoubles(), actual.get(name).toDoubles(), name));
    Map<String, ? extends Tensor> parameters = checkpointed.namedParameters();
    plain
        .namedParameters()
        .forEach(
            (name, p) ->
                assertArrayEquals(
                    p.grad().toFloats(), parameters.get(name).grad().toFloats(), name));
  }

  @Test
  void onlyTheLastSegmentIsKept() {
    assertTrue(kept(net().checkpointed(2)) < kept(net()) / 2);
  }

  /* Numbers that are saved by the nodes themselves; of a segment its input. */
  private static long kept(Sequential net) {
    long[] kept = new long[1];
    try (var hooks =
        SavedTensorHooks.use(
            t -> {
              kept[0] += t.numel();
              return t;
            },
            t -> t)) {
      net.apply(Tensor.randn(5, 2, 8, 8));
    }
    return kept[0];
  }

  @Test
  void functionsAreTakenAsWell() {
    List<UnaryOperator<Tensor>> functions = List.of(Tensor::exp, Tensor::sin, Tensor::exp);
    Tensor x = Tensor.of(new float[] {0.3f, 0.7f}).requiresGrad_();
    Tensor y = Tensor.of(new float[] {0.3f, 0.7f}).requiresGrad_();
    Checkpoint.sequential(functions, 2, x).sum().backward();
    y.exp().sin().exp().sum().backward();
    assertArrayEquals(y.grad().toFloats(), x.grad().toFloats());
  }

  @Test
  void segmentsMustFit() {
    var e = assertThrows(IllegalArgumentException.class, () -> net().checkpointed(9));
    assertEquals("Sequential: 8 modules make 1 to 8 segments, not 9", e.getMessage());
    var none =
        assertThrows(
            IllegalArgumentException.class,
            () -> Checkpoint.sequential(List.of(Tensor::exp), 0, Tensor.ones(1)));
    assertEquals("checkpoint: 1 functions make 1 to 1 segments, not 0", none.getMessage());
  }
}
