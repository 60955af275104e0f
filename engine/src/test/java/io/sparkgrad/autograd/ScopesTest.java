package io.sparkgrad.autograd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.TensorScope;
import io.sparkgrad.backend.MemoryScope;
import io.sparkgrad.random.Generator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What every scope of the engine has in common: closing one brings back what held when it was
 * opened and ends what was opened inside it, in whatever order and however often they are closed.
 */
class ScopesTest {
  private static int names;

  /** Something to open, and what shows which one holds. */
  enum Kind {
    NO_GRAD(Grad::noGrad, Kind::mode),
    ENABLE_GRAD(Grad::enableGrad, Kind::mode),
    GRAD_OFF(() -> Grad.setGradEnabled(false), Kind::mode),
    GRAD_ON(() -> Grad.setGradEnabled(true), Kind::mode),
    INFERENCE(Grad::inferenceMode, Kind::mode),
    NO_INFERENCE(() -> Grad.inferenceMode(false), Kind::mode),
    COMPUTING(Grad::computing, Kind::mode),
    HOOKS(() -> SavedTensorHooks.use(t -> t, t -> t), SavedTensorHooks::inherited),
    ON_CPU(SavedTensorHooks::saveOnCpu, SavedTensorHooks::inherited),
    ANOMALY(Anomaly::detect, Anomaly::current),
    PROFILER(Profiler::start, Profiler::current),
    EARLY_STOP(() -> Checkpoint.setEarlyStop(true), Checkpoint::stopsEarly),
    NO_EARLY_STOP(() -> Checkpoint.setEarlyStop(false), Checkpoint::stopsEarly),
    GENERATOR(() -> Generator.use(new Generator(1)), Generator::current),
    MEMORY(() -> MemoryScope.open("memory " + names++), MemoryScope::currentName),
    TENSORS(
        () -> {
          String name = "tensors " + names++;
          return TensorScope.open(() -> name);
        },
        MemoryScope::currentName);

    final Callable<AutoCloseable> open;
    final Supplier<Object> now;

    Kind(Callable<AutoCloseable> open, Supplier<Object> now) {
      this.open = open;
      this.now = now;
    }

    private static Object mode() {
      Tensor view = Tensor.ones(1).view(1); // how it was made is part of the mode
      return List.of(
          Grad.isEnabled(), Grad.isInferenceModeEnabled(), view.isInference(), recordsWrites(view));
    }

    private static boolean recordsWrites(Tensor view) {
      if (view.isInference()) return false;
      try (var on = Grad.inferenceMode(false)) {
        view.mul_(Tensor.ones(1).requiresGrad_());
        return true;
      } catch (AutogradException madeInNoGrad) {
        return false;
      }
    }
  }

  /** The scopes that must be open, as a list, and what held once each was opened. */
  private static final class Model {
    final List<AutoCloseable> open = new ArrayList<>();
    final List<List<Object>> held = new ArrayList<>(List.of(now()));
    final List<AutoCloseable> all = new ArrayList<>();

    static List<Object> now() {
      List<Object> now = new ArrayList<>();
      for (Kind kind : Kind.values()) now.add(kind.now.get());
      return now;
    }

    void open(Kind kind) throws Exception {
      AutoCloseable scope = kind.open.call();
      all.add(scope);
      open.add(scope);
      held.add(now());
    }

    void close(AutoCloseable scope) throws Exception {
      scope.close();
      int at = open.indexOf(scope);
      if (at < 0) return;
      open.subList(at, open.size()).clear();
      held.subList(at + 1, held.size()).clear();
    }

    void check() {
      assertEquals(held.get(held.size() - 1), now());
    }
  }

  @Property(tries = 400)
  void ofOneKind_inAnyOrder(
      @ForAll Kind kind, @ForAll @Size(max = 30) List<@IntRange(min = -4, max = 20) Integer> steps)
      throws Exception {
    Model model = new Model();
    run(model, List.of(kind), steps);
  }

  /* Kinds that are no matter of each other are independent, so a model of one list fits a family only. */
  @Property(tries = 400)
  void ofAFamily_inAnyOrder(
      @ForAll @IntRange(max = 4) int family,
      @ForAll @Size(max = 40) List<@IntRange(min = -6, max = 20) Integer> steps)
      throws Exception {
    List<List<Kind>> families =
        List.of(
            List.of(
                Kind.NO_GRAD,
                Kind.ENABLE_GRAD,
                Kind.GRAD_OFF,
                Kind.GRAD_ON,
                Kind.INFERENCE,
                Kind.NO_INFERENCE,
                Kind.COMPUTING),
            List.of(Kind.HOOKS, Kind.ON_CPU),
            List.of(Kind.EARLY_STOP, Kind.NO_EARLY_STOP),
            List.of(Kind.MEMORY, Kind.TENSORS),
            List.of(Kind.GENERATOR));
    run(new Model(), families.get(family), steps);
  }

  /* A number below 0 opens one, any other closes one of all that ever were, ended ones among them. */
  private static void run(Model model, List<Kind> kinds, List<Integer> steps) throws Exception {
    List<Object> before = Model.now();
    for (int step : steps) {
      if (step < 0) model.open(kinds.get(-step % kinds.size()));
      else if (!model.all.isEmpty()) model.close(model.all.get(step % model.all.size()));
      model.check();
    }
    for (AutoCloseable scope : model.all) model.close(scope);
    assertEquals(before, Model.now());
  }

  @ParameterizedTest
  @EnumSource
  void twice_changesNothingAgain(Kind kind) throws Exception {
    Object before = kind.now.get();
    AutoCloseable first = kind.open.call();
    first.close();
    try (AutoCloseable second = kind.open.call()) {
      Object inside = kind.now.get();
      first.close();
      assertEquals(inside, kind.now.get());
    }
    assertEquals(before, kind.now.get());
  }

  @ParameterizedTest
  @EnumSource
  void outerFirst_leavesNothingBehind(Kind kind) throws Exception {
    Object before = kind.now.get();
    AutoCloseable outer = kind.open.call();
    AutoCloseable inner = kind.open.call();
    outer.close();
    assertEquals(before, kind.now.get());
    inner.close();
    assertEquals(before, kind.now.get());
  }

  @ParameterizedTest
  @EnumSource
  void anException_leavesNothingBehind(Kind kind) {
    Object before = kind.now.get();
    assertThrows(
        ArithmeticException.class,
        () -> {
          try (AutoCloseable outer = kind.open.call()) {
            kind.open.call(); // and never closed
            throw new ArithmeticException();
          }
        });
    assertEquals(before, kind.now.get());
  }

  @ParameterizedTest
  @EnumSource
  void anotherThread_cannotCloseIt(Kind kind) throws Exception {
    Object before = kind.now.get();
    try (AutoCloseable scope = kind.open.call()) {
      Object inside = kind.now.get();
      String text = onAnotherThread(() -> failureOfClosing(kind, scope));
      assertTrue(text.contains("was opened by thread"), text);
      assertEquals(inside, kind.now.get());
    }
    assertEquals(before, kind.now.get());
  }

  private static String failureOfClosing(Kind kind, AutoCloseable scope) {
    try (AutoCloseable own = kind.open.call()) {
      Object inside = kind.now.get();
      String text = assertThrows(IllegalStateException.class, scope::close).getMessage();
      assertEquals(inside, kind.now.get());
      return text;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static <T> T onAnotherThread(Supplier<T> work) {
    return CompletableFuture.supplyAsync(work, r -> new Thread(r).start()).join();
  }

  @Test
  void hooksThatWereClosedInTheWrongOrder_packNothingMore() {
    int[] packed = new int[2];
    SavedTensorHooks outer = SavedTensorHooks.use(t -> count(packed, 0, t), t -> t);
    SavedTensorHooks inner = SavedTensorHooks.use(t -> count(packed, 1, t), t -> t);
    outer.close();
    inner.close();
    outer.close();
    Tensor x = Tensor.ones(2).requiresGrad_();
    x.mul(x).sum().backward();
    assertEquals(0, packed[0] + packed[1]);
  }

  private static Tensor count(int[] packed, int i, Tensor t) {
    packed[i]++;
    return t;
  }

  @Test
  void aSwitchInsideAScope_endsWithIt() {
    try (var on = Grad.enableGrad()) {
      Grad.setGradEnabled(false);
      assertFalse(Grad.isEnabled());
    }
    assertTrue(Grad.isEnabled());
  }

  @Test
  void switchesThatNobodyCanClose_doNotPileUp() {
    long before = bytesInUse();
    switchOften();
    assertFalse(Grad.isEnabled());
    for (int i = 0; i < 3; i++) { // a stack may still show the last one
      System.gc();
      Grad.setGradEnabled(true);
    }
    assertTrue(bytesInUse() - before < 50_000_000, "they would take 200 million bytes");
    assertTrue(Grad.isEnabled());
  }

  private static void switchOften() {
    for (int i = 0; i < 2_000_000; i++) Grad.setGradEnabled(i % 2 == 0);
  }

  private static long bytesInUse() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  @Test
  void aScopeOfMemory_freesWhatWasMadeInScopesThatItEnds() {
    TensorScope outer = TensorScope.open();
    Tensor a = Tensor.ones(100);
    TensorScope inner = TensorScope.open();
    Tensor b = Tensor.ones(100);
    outer.close();
    assertThrows(IllegalStateException.class, () -> a.add(1));
    assertThrows(IllegalStateException.class, () -> b.add(1));
    Tensor c = Tensor.ones(100);
    inner.close();
    assertEquals(100, c.sum().item());
  }

  @Test
  void backwardOnAStackOfItsOwn_hasTheCallersScopes() {
    Generator mine = new Generator(3);
    SavedTensorHooks[] hooks = new SavedTensorHooks[1];
    List<Object> seen = new ArrayList<>();
    try (var random = Generator.use(mine);
        var mode = Grad.noGrad();
        var saved = SavedTensorHooks.saveOnCpu();
        var profiler = Profiler.start()) {
      hooks[0] = saved;
      deeper(
          70,
          () ->
              seen.addAll(
                  List.of(Generator.current(), SavedTensorHooks.inherited(), Profiler.current())));
      assertEquals(List.of(mine, saved, profiler), seen);
      assertSame(mine, Generator.current());
      assertFalse(Grad.isEnabled());
    }
    assertNotSame(mine, Generator.current());
    assertTrue(Grad.isEnabled());
  }

  private static void deeper(int depth, Runnable bottom) {
    if (depth == 0) {
      assertTrue(Thread.currentThread().getName().endsWith("-deeper"));
      bottom.run();
      return;
    }
    try (var on = Grad.enableGrad()) {
      Tensor x = Tensor.ones(1).requiresGrad_();
      x.registerHook(
          g -> {
            deeper(depth - 1, bottom);
            return null;
          });
      x.mul(2).backward();
    }
  }

  @Test
  void theDefaultGenerator_isOneForAllThreads() {
    Generator mine = Generator.current();
    assertSame(mine, onAnotherThread(Generator::current));
    try (var own = Generator.use(new Generator(5))) {
      assertSame(mine, onAnotherThread(Generator::current));
    }
  }

  @Test
  void drawsOfThreads_areThoseOfOneSequence() {
    Generator shared = new Generator(17);
    int threads = 4;
    int draws = 2000;
    float[][] each = new float[threads][draws * 3];
    List<CompletableFuture<Void>> work = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      float[] mine = each[t];
      work.add(
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; i < draws; i++) shared.fillUniform(mine, 3 * i, 3);
              },
              r -> new Thread(r).start()));
    }
    work.forEach(CompletableFuture::join);
    float[] all = new float[threads * draws * 3];
    new Generator(17).fillUniform(all, 0, all.length);
    assertEquals(triples(all), triples(each));
  }

  private static Map<List<Float>, Integer> triples(float[]... runs) {
    Map<List<Float>, Integer> count = new HashMap<>();
    for (float[] run : runs) {
      for (int i = 0; i < run.length; i += 3) {
        count.merge(List.of(run[i], run[i + 1], run[i + 2]), 1, Integer::sum);
      }
    }
    return count;
  }

  @Test
  void aFailureOnAStackOfItsOwn_givesTheScopesBack() {
    assertThrows(
        ArithmeticException.class,
        () -> {
          try (var profiler = Profiler.start();
              var saved = SavedTensorHooks.saveOnCpu()) {
            deeper(
                70,
                () -> {
                  throw new ArithmeticException();
                });
          }
        });
    assertTrue(Grad.isEnabled());
    assertSame(null, Profiler.current());
    assertSame(null, SavedTensorHooks.inherited());
  }
}
