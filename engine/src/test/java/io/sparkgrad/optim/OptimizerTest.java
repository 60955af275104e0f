package io.sparkgrad.optim;

import static io.sparkgrad.WrongCall.wrongCall;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class OptimizerTest {
  @Provide
  Arbitrary<Optimizer> rules() throws ReflectiveOperationException {
    return Arbitraries.of(allRules().toList());
  }

  /** Every registered rule with its defaults, every golden rule, and some with all settings on. */
  static Stream<Optimizer> allRules() throws ReflectiveOperationException {
    Schedule schedule = new LinearLR(0.5, 1, 3);
    Stream<Optimizer> full =
        Stream.of(
            new SGD(0.1).momentum(0.9).dampening(0.3).weightDecay(0.01).maximize(),
            new SGD(0.1).momentum(0.9).nesterov().weightDecay(0.01).schedule(schedule),
            new Adam(0.01).betas(0.8, 0.95).eps(1e-6).weightDecay(0.1).amsgrad().maximize(),
            new Adam(0.01).schedule(schedule),
            new AdamW(0.01).betas(0.8, 0.95).weightDecay(0.3).amsgrad().maximize(),
            new AdamW(0.01).schedule(schedule),
            new RMSprop(0.01).clipValue(0.5).weightDecay(0.1));
    Stream<Optimizer> golden = GoldenOptimizerTest.cases().stream().map(c -> c.rule());
    return Stream.of(Optimizers.all().stream(), golden, full).flatMap(s -> s);
  }

  @Property(tries = 200)
  void cuttingARun_changesNoBit(
      @ForAll("rules") Optimizer rule,
      @ForAll @IntRange(min = 1, max = 1500) int n,
      @ForAll @IntRange(max = 1500) int cut,
      @ForAll long seed) {
    int at = Math.min(cut, n);
    Run whole = new Run(rule, n);
    Run pieces = new Run(rule, n);
    for (int t = 1; t <= 3; t++) {
      double[] g = numbers(n, seed + t);
      float[] gf = floats(g);
      rule.step(whole.w, 0, g.clone(), 0, whole.slots, n, t);
      rule.step(whole.wf, 0, gf, 0, whole.slotsF, n, t);
      double[] second = numbers(n + 7, 0); // a piece's gradient may lie elsewhere than its weights
      System.arraycopy(g, at, second, 7, n - at);
      rule.step(pieces.w, at, second, 7, pieces.slots, n - at, t);
      rule.step(pieces.wf, at, floats(second), 7, pieces.slotsF, n - at, t);
      rule.step(pieces.w, 0, g, 0, pieces.slots, at, t);
      rule.step(pieces.wf, 0, gf, 0, pieces.slotsF, at, t);
    }
    whole.assertSame(pieces);
  }

  /**
   * One step from the same numbers: the float path is the double path, rounded once; a loop in
   * float32 rounds four times, settings included.
   */
  @Property(tries = 100)
  void floatStep_isTheDoubleStep(
      @ForAll("rules") Optimizer rule,
      @ForAll @IntRange(min = 1, max = 1200) int n,
      @ForAll @IntRange(min = 1, max = 20) int step,
      @ForAll long seed) {
    Run run = new Run(rule, n);
    float[] g = floats(numbers(n, seed));
    run.wf = floats(numbers(n, seed + 1));
    run.w = doubles(run.wf);
    for (int s = 0; s < run.slots.length; s++) {
      run.slots[s] = numbers(n, seed + 2 + s);
      for (int i = 0; i < n; i++) run.slots[s][i] = Math.abs((float) run.slots[s][i]);
      run.slotsF[s] = floats(run.slots[s]);
    }
    rule.step(run.wf, 0, g, 0, run.slotsF, n, step);
    rule.step(run.w, 0, doubles(g), 0, run.slots, n, step);
    float roundings = rule instanceof SGD ? 4 * Math.ulp(2f) : 0; // of numbers up to 4
    assertArrayEquals(floats(run.w), run.wf, roundings);
    for (int s = 0; s < run.slots.length; s++) {
      assertArrayEquals(floats(run.slots[s]), run.slotsF[s], roundings);
    }
  }

  /** Else each of its steps would cost as much as a hundred. */
  @Test
  void momentumWithoutGradients_endsAtZero() {
    Optimizer rule = new SGD(0.1).momentum(0.9);
    float[] w = {1};
    float[][] slots = {{1}};
    for (int step = 2; step <= 1024; step++) rule.step(w, 0, new float[1], 0, slots, 1, step);
    assertEquals(0f, slots[0][0]);
    assertEquals(1 - 0.1 * 0.9 / (1 - 0.9), w[0], 1e-6); // the sum of all steps
  }

  @Property(tries = 50)
  void aRuleSentAway_isEqualAndStepsAlike(@ForAll("rules") Optimizer rule) throws Exception {
    Optimizer copy = sent(rule);
    assertEquals(rule, copy);
    assertEquals(rule.hashCode(), copy.hashCode());
    assertEquals(rule.toString(), copy.toString());
    Run here = new Run(rule, 10);
    Run there = new Run(rule, 10);
    rule.step(here.w, 0, numbers(10, 1), 0, here.slots, 10, 2);
    copy.step(there.w, 0, numbers(10, 1), 0, there.slots, 10, 2);
    here.assertSame(there);
  }

  @Test
  void everyRule_isRegistered() {
    JavaClasses room =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.sparkgrad.optim");
    Set<String> rules = concrete(room, Optimizer.class);
    assertEquals(rules, names(Optimizers.all()));
    Set<String> schedules = concrete(room, Schedule.class);
    schedules.remove(Schedule.Constant.class.getName());
    assertEquals(schedules, names(Schedules.all()));
  }

  private static Set<String> concrete(JavaClasses room, Class<?> type) {
    return room.stream()
        .filter(c -> c.isAssignableTo(type) && !c.isInterface())
        .filter(c -> c.getModifiers().stream().noneMatch(m -> m.name().equals("ABSTRACT")))
        .map(c -> c.getName())
        .collect(Collectors.toSet());
  }

  private static Set<String> names(List<?> all) {
    return all.stream().map(r -> r.getClass().getName()).collect(Collectors.toSet());
  }

  static Stream<Arguments> threeSteps() {
    return Stream.of(
        steps(new SGD(0.1).momentum(0.9), 0.95, 1.005, 0.8545),
        steps(new SGD(0.1).momentum(0.9).dampening(0.1), 0.95, 0.995, 0.8555),
        steps(new SGD(0.1).momentum(0.9).nesterov(), 0.905, 1.0545, 0.71905),
        steps(new SGD(0.1).momentum(0.9).weightDecay(0.1), 0.94, 0.9766, 0.799774),
        steps(new SGD(0.1).maximize(), 1.05, 0.95, 1.15),
        steps(new Adam(0.1), 0.900000002, 0.93661035, 0.89464479),
        steps(new Adam(0.1).weightDecay(0.1), 0.90000000, 0.92526352, 0.87761726),
        steps(new SGD(0.1).schedule(new LinearLR(0.5, 1, 2)), 0.975, 1.05, 0.85),
        steps(new SGD(0.1).schedule((lr, done) -> done == 0 ? lr : 0), 0.95, 0.95, 0.95));
  }

  private static Arguments steps(Optimizer rule, double... expected) {
    return argumentSet(rule.toString(), rule, expected);
  }

  /** The values after three steps from 1 with gradients 0.5, -1, 2, seen in PyTorch. */
  @ParameterizedTest
  @MethodSource("threeSteps")
  void threeSteps_byHand(Optimizer rule, double[] expected) {
    double[] g = {0.5, -1, 2};
    double[] w = {1};
    double[][] slots = new double[rule.slots().size()][1];
    for (int t = 0; t < 3; t++) {
      rule.step(w, 0, g, t, slots, 1, t + 1);
      assertEquals(expected[t], w[0], 1e-8, "step " + (t + 1));
    }
  }

  static Stream<StandardOptimizer<?>> standard() {
    return Optimizers.all().stream().map(rule -> (StandardOptimizer<?>) rule);
  }

  @ParameterizedTest
  @MethodSource("standard")
  void maximizing_isDescendingOnTheNegative(StandardOptimizer<?> rule) {
    Optimizer up = rule.weightDecay(0).maximize();
    assertStepsAlike(rule.weightDecay(0), up, (w, g) -> -g);
  }

  @ParameterizedTest
  @MethodSource("standard")
  void clipping_comesBeforeAllElse(StandardOptimizer<?> rule) {
    StandardOptimizer<?> before = rule.weightDecay(0.25).maximize();
    Optimizer clipped = before.clipValue(0.75);
    assertStepsAlike(clipped, before, (w, g) -> Math.max(-0.75, Math.min(0.75, g)));
  }

  @ParameterizedTest
  @MethodSource("standard")
  void weightDecay_comesBeforeTheRule(StandardOptimizer<?> rule) {
    if (rule.decouplesWeightDecay()) {
      Optimizer still = rule.lr(0.5).schedule((lr, done) -> lr).weightDecay(0.5);
      Run run = new Run(still, 5);
      still.step(run.w, 0, new double[5], 0, run.slots, 5, 1);
      for (int i = 0; i < 5; i++) assertEquals(0.75 * numbers(5, 0)[i], run.w[i]);
    } else {
      assertStepsAlike(rule.weightDecay(0), rule.weightDecay(0.25), (w, g) -> g - 0.25 * w);
    }
  }

  /* b with gradients that are changed so, seeing the weights, is a with the plain ones. */
  private static void assertStepsAlike(Optimizer a, Optimizer b, DoubleBinaryOperator changed) {
    Run plain = new Run(a, 5);
    Run other = new Run(b, 5);
    for (int t = 1; t <= 3; t++) {
      double[] g = numbers(5, t);
      double[] h = new double[5];
      for (int i = 0; i < 5; i++) h[i] = changed.applyAsDouble(plain.w[i], g[i]);
      a.step(plain.w, 0, g, 0, plain.slots, 5, t);
      b.step(other.w, 0, h, 0, other.slots, 5, t);
      assertArrayEquals(plain.w, other.w, 1e-12);
    }
  }

  static Stream<Arguments> wrongSettings() {
    String nesterov = "Nesterov momentum requires a momentum and zero dampening";
    return Stream.of(
        wrongCall("Invalid learning rate: -1", () -> new SGD(-1)),
        wrongCall("Invalid learning rate: nan", () -> new Adam(Double.NaN)),
        wrongCall("Invalid momentum value: -0.5", () -> new SGD(0.1).momentum(-0.5)),
        wrongCall("Invalid weight_decay value: -1e-05", () -> new SGD(0.1).weightDecay(-1e-5)),
        wrongCall(nesterov, () -> new SGD(0.1).nesterov()),
        wrongCall(nesterov, () -> new SGD(0.1).momentum(0.9).nesterov().dampening(0.1)),
        wrongCall("Invalid epsilon value: -1", () -> new Adam().eps(-1)),
        wrongCall("Invalid beta parameter at index 0: 1.5", () -> new Adam().betas(1.5, 0.9)),
        wrongCall("Invalid beta parameter at index 1: 1", () -> new Adam().betas(0.5, 1)),
        wrongCall("Invalid weight_decay value: -0.1", () -> new Adam().weightDecay(-0.1)),
        wrongCall(
            "Starting multiplicative factor expected to be between 0 and 1.",
            () -> new LinearLR(1.5, 1, 5)),
        wrongCall(
            "Ending multiplicative factor expected to be between 0 and 1.",
            () -> new LinearLR(0.5, -1, 5)),
        wrongCall("totalIters must be at least 1, got 0", () -> new LinearLR(0.5, 1, 0)),
        wrongCall("stepSize must be at least 1, got 0", () -> new StepLR(0)),
        wrongCall("totalIters must not be negative, got -1", () -> new ConstantLR(1, -1)),
        wrongCall("tMult must be at least 1, got 0", () -> new CosineAnnealingWarmRestarts(1, 0)),
        wrongCall(
            "mode must be one of [triangular, triangular2, exp_range], got 'up'",
            () -> new CyclicLR(0, 1, 1, 1, "up", 1)),
        wrongCall(
            "Expected float between 0 and 1 pct_start, but got 1.5",
            () -> new OneCycleLR(1, 10, 1.5, "cos", 25, 1e4, false)),
        wrongCall(
            "milestones must rise, got [5, 5]",
            () ->
                new SequentialLR(
                    List.of(new LinearLR(), new LinearLR(), new LinearLR()), List.of(5L, 5L))),
        wrongCall("Invalid rho value: 2", () -> new Adadelta(1).rho(2)),
        wrongCall("Invalid momentum_decay value: -1", () -> new NAdam(1).momentumDecay(-1)),
        wrongCall("Invalid l1 value: -1", () -> new FTRL(1).l1(-1)));
  }

  @ParameterizedTest
  @MethodSource("wrongSettings")
  void settings_areRefusedInPyTorchsWords(String text, Executable what) {
    refused(text, what);
  }

  @Test
  void aWrongCallOfStep_isRefused() {
    Optimizer rule = new SGD(0.1).momentum(0.9);
    float[] w = new float[3];
    refused(
        rule + " needs slots [momentum_buffer], got 0",
        () -> rule.step(w, 0, w, 0, new float[0][], 3, 1));
    refused("the first step is 1, got 0", () -> rule.step(w, 0, w, 0, new float[1][3], 3, 0));
    for (int[] range : new int[][] {{1, 0}, {0, 1}}) {
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> rule.step(w, range[0], w, range[1], new float[1][9], 3, 1));
    }
    assertThrows(
        IndexOutOfBoundsException.class, () -> rule.step(w, 0, w, 0, new float[1][2], 3, 1));
  }

  @Test
  void text_isPyTorchs() {
    assertEquals(
        "SGD(lr=0.1, momentum=0.9, dampening=0, weight_decay=0, nesterov=True, maximize=False)",
        new SGD(0.1).momentum(0.9).nesterov().toString());
    assertEquals(
        "Adam(lr=0.001, betas=(0.9, 0.999), eps=1e-08, weight_decay=0, amsgrad=False,"
            + " maximize=False, schedule=LinearLR[startFactor=0.5, endFactor=1.0, totalIters=4])",
        new Adam().schedule(new LinearLR(0.5, 1, 4)).toString());
  }

  @Test
  void equality_seesEverySetting() {
    List<Optimizer> all =
        List.of(
            new SGD(0.1),
            new SGD(0.2),
            new SGD(0.1).momentum(0.9),
            new SGD(0.1).momentum(0.9).nesterov(),
            new SGD(0.1).weightDecay(0.1),
            new SGD(0.1).maximize(),
            new SGD(0.1).schedule(new LinearLR()),
            new SGD(0.1).clipValue(1),
            new Adam(0.1),
            new Adam(0.1).amsgrad(),
            new Adam(0.1).eps(1),
            new Adam(0.1).betas(0.5, 0.6));
    for (Optimizer a : all) {
      for (Optimizer b : all) assertEquals(a == b, a.equals(b), a + " " + b);
    }
    assertEquals(new SGD(0.1), new SGD(0.2).lr(0.1));
    assertEquals(new Adam(0.1), new Adam().lr(0.1));
    assertNotEquals(null, all.get(0));
  }

  @Test
  void linearLR_movesOnALineAndStays() {
    Schedule s = new LinearLR(0.25, 1, 3);
    double[] expected = {0.5, 1, 1.5, 2, 2, 2};
    for (int t = 0; t < expected.length; t++) assertEquals(expected[t], s.at(2, t), 1e-15);
    assertEquals(7, Schedule.CONSTANT.at(7, 1_000_000));
  }

  @Test
  void schedules_areMadeOfOthersAndOfNumbers() {
    Schedule warm = new LinearLR(0.5, 1, 2);
    Schedule decay = MultiStepLR.of(0.5, 1, 3);
    Schedule both = warm.followedBy(decay, 4).followedBy((lr, done) -> 7 + done, 6);
    double[] expected = {0.5, 0.75, 1, 1, 1, 0.5, 7, 8};
    for (int t = 0; t < expected.length; t++) assertEquals(expected[t], both.at(1, t), "" + t);
    assertEquals(new MultiStepLR(List.of(1L, 3L), 0.5), decay);
    assertEquals(new SequentialLR(List.of(warm, decay), List.of(4L)), warm.followedBy(decay, 4));
  }

  private static void refused(String text, Executable what) {
    assertEquals(text, assertThrows(IllegalArgumentException.class, what).getMessage());
  }

  private static Optimizer sent(Optimizer rule) throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(rule);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return (Optimizer) in.readObject();
    }
  }

  private static double[] numbers(int n, long seed) {
    return new Random(seed).doubles(n, -2, 2).toArray();
  }

  private static float[] floats(double[] a) {
    float[] f = new float[a.length];
    for (int i = 0; i < f.length; i++) f[i] = (float) a[i];
    return f;
  }

  private static double[] doubles(float[] a) {
    double[] d = new double[a.length];
    for (int i = 0; i < d.length; i++) d[i] = a[i];
    return d;
  }

  /** Weights and slots of one training, in both types. */
  private static final class Run {
    double[] w;
    float[] wf;
    final double[][] slots;
    final float[][] slotsF;

    Run(Optimizer rule, int n) {
      w = numbers(n, 0);
      wf = floats(w);
      slots = new double[rule.slots().size()][n];
      slotsF = new float[slots.length][n];
    }

    void assertSame(Run that) {
      assertArrayEquals(w, that.w);
      assertArrayEquals(wf, that.wf);
      assertTrue(Arrays.deepEquals(slots, that.slots));
      assertTrue(Arrays.deepEquals(slotsF, that.slotsF));
    }
  }
}
