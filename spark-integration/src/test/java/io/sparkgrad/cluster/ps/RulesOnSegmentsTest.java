package io.sparkgrad.cluster.ps;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.sparkgrad.Tensor;
import io.sparkgrad.optim.LinearLR;
import io.sparkgrad.optim.LocalOptimizer;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.optim.Optimizers;
import io.sparkgrad.optim.ParameterGroup;
import io.sparkgrad.optim.StandardOptimizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Segments are stepped, by every registered rule, to the bits of a local optimizer. */
class RulesOnSegmentsTest {
  private static final int NUMEL = 1600;
  private static final int STEPS = 6;

  /** The parameters' names and counts of numbers, in order. */
  private static final Map<String, Integer> PARAMETERS = new LinkedHashMap<>();

  static {
    PARAMETERS.put("a.weight", 700);
    PARAMETERS.put("a.bias", 11);
    PARAMETERS.put("b.weight", 600);
    PARAMETERS.put("b.bias", 289);
  }

  static Stream<Optimizer> rules() {
    return Optimizers.all().stream()
        .map(r -> (StandardOptimizer<?>) r)
        .flatMap(r -> Stream.of(r, full(r)));
  }

  private static Optimizer full(StandardOptimizer<?> rule) {
    StandardOptimizer<?> decayed = rule.weightDecay(0.1).clipValue(1.5);
    StandardOptimizer<?> scheduled = decayed.schedule(new LinearLR(1, 0.1, 4));
    return scheduled.groups(
        ParameterGroup.of("*.bias").weightDecay(0).rateFactor(0.5),
        ParameterGroup.of("b.bias").frozen());
  }

  @ParameterizedTest
  @MethodSource("rules")
  void stepToTheBitsOfALocalOptimizer(Optimizer rule) {
    RunSpec spec =
        RunSpec.of("r", NUMEL, 1, STEPS, 1, rule, TransportSpec.local(), 1)
            .withParameters(List.copyOf(PARAMETERS.values()), 0, 0, List.of())
            .withRules(rule.rulesFor(PARAMETERS.keySet()));
    float[] expected = locally(rule);
    float off = rule.isLayerwise() ? 1e-6f : 0; // its sums are added piece by piece
    for (int cut : new int[] {1, 512, 699, 700, 705, 1311, NUMEL - 1})
      assertArrayEquals(expected, onSegments(spec, cut), off, "cut at " + cut);
  }

  private static float[] onSegments(RunSpec spec, int cut) {
    List<Spans.Span> spans = List.of(new Spans.Span(0, cut), new Spans.Span(cut, NUMEL));
    List<DenseCopy> copies = new ArrayList<>();
    for (Spans.Span s : spans) {
      Spans numbers = new Spans(List.of(s));
      CopyState.Dense first = first(spec, numbers, numbers(0));
      List<Long> updates = Collections.nCopies(PARAMETERS.size(), 0L);
      CopyState state = new CopyState(numbers, 0, first, updates, -1, List.of(), List.of());
      copies.add(new DenseCopy(spec, numbers, state, first));
    }
    for (int step = 0; step < STEPS; step++) {
      List<Gradient> means = new ArrayList<>();
      for (Spans.Span s : spans)
        means.add(new Gradient(part(numbers(step + 1), s), present(step), List.of()));
      List<Double> layers = layers(spec, spans, copies, means);
      for (int i = 0; i < copies.size(); i++) copies.get(i).apply(means.get(i), layers);
    }
    float[] all = new float[NUMEL];
    for (int i = 0; i < copies.size(); i++)
      System.arraycopy(
          copies.get(i).whole(STEPS).gather(), 0, all, spans.get(i).from(), spans.get(i).length());
    return all;
  }

  private static List<Double> layers(
      RunSpec spec, List<Spans.Span> spans, List<DenseCopy> copies, List<Gradient> means) {
    Double[] totals = new Double[2 * PARAMETERS.size()];
    Arrays.fill(totals, 0.0);
    for (int i = 0; i < copies.size(); i++) {
      List<Piece> pieces = Piece.of(spec, new Spans(List.of(spans.get(i))));
      List<Double> sums = copies.get(i).measure(Norms.Kind.LAYERS, means.get(i));
      for (int j = 0; j < sums.size(); j++)
        totals[2 * pieces.get(j / 2).parameter() + j % 2] += sums.get(j);
    }
    return List.of(totals);
  }

  private static CopyState.Dense first(RunSpec spec, Spans numbers, float[] weights) {
    List<Floats> slots = new ArrayList<>();
    for (int i = 0; i < spec.optimizer().slots().size(); i++)
      slots.add(Floats.of(new float[numbers.size()]));
    List<Floats> versions = List.of(part(weights, numbers.spans().get(0)));
    return new CopyState.Dense(versions, slots, null);
  }

  private static Floats part(float[] of, Spans.Span span) {
    float[] part = new float[span.length()];
    System.arraycopy(of, span.from(), part, 0, span.length());
    return Floats.of(part);
  }

  /** The second parameter has no gradient in two steps. */
  private static BitSet present(int step) {
    BitSet present = new BitSet();
    present.set(0, PARAMETERS.size());
    present.set(1, step != 0 && step != 3);
    return present;
  }

  private static float[] numbers(int seed) {
    Random random = new Random(seed);
    float[] numbers = new float[NUMEL];
    for (int i = 0; i < NUMEL; i++) numbers[i] = 4 * random.nextFloat() - 2;
    return numbers;
  }

  private static float[] locally(Optimizer rule) {
    float[] weights = numbers(0);
    Map<String, Tensor> parameters = new LinkedHashMap<>();
    List<Integer> begins = new ArrayList<>();
    int at = 0;
    for (Map.Entry<String, Integer> p : PARAMETERS.entrySet()) {
      begins.add(at);
      parameters.put(p.getKey(), slice(weights, at, p.getValue()).requiresGrad_());
      at += p.getValue();
    }
    LocalOptimizer optimizer = rule.over(parameters);
    for (int step = 0; step < STEPS; step++) {
      float[] g = numbers(step + 1);
      int i = 0;
      for (Tensor p : parameters.values()) {
        boolean has = present(step).get(i);
        p.setGrad(has ? slice(g, begins.get(i), p.numel()) : null);
        i++;
      }
      optimizer.step();
    }
    float[] all = new float[NUMEL];
    int i = 0;
    for (Tensor p : parameters.values())
      System.arraycopy(p.toFloats(), 0, all, begins.get(i++), p.numel());
    return all;
  }

  private static Tensor slice(float[] of, int from, int n) {
    float[] part = new float[n];
    System.arraycopy(of, from, part, 0, n);
    return Tensor.of(part, n);
  }
}
