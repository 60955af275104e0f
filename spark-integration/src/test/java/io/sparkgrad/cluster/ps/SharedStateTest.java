package io.sparkgrad.cluster.ps;

import java.util.BitSet;
import java.util.List;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * State that threads share, under the interleavings that a model checker chooses: whatever calls
 * return, they return in some order of one after the other, too.
 */
@Tag("matrix") // a minute of a quiet core
class SharedStateTest {
  private static final int WORKERS = 3;

  private static void check(Class<?> state) {
    new ModelCheckingOptions()
        .threads(3)
        .actorsPerThread(2)
        .iterations(8)
        .invocationsPerIteration(60)
        .check(state);
  }

  private static PartialSum leaf(int worker) {
    BitSet present = new BitSet();
    present.set(0);
    Floats numbers = Floats.of(new float[] {worker + 1, 2});
    return new PartialSum(
        TreeNode.leaf(worker), new Gradient(numbers, present, List.of()), worker + 1, 1);
  }

  /** A step's sum, to which each worker adds once, or more often. */
  public static class Sum {
    private final TreeSum sum = new TreeSum(WORKERS, 0, freed -> {});

    /** The losses of all; -1 where the sum is not complete by this. */
    @Operation
    public double add(@Param(gen = IntGen.class, conf = "0:2") int worker) {
      return sum.add(leaf(worker)) ? sum.nodes().get(0).lossSum() : -1;
    }
  }

  @Test
  void aSumIsCompletedOnceByWhoeverComesLast() {
    check(Sum.class);
  }

  /** A copy whose first step is pushed, fenced and looked at. */
  public static class Copy {
    private static final Spans ONE = new Spans(List.of(new Spans.Span(0, 1)));
    private static final Address SELF = new Address("h", 1);
    private final ChunkCopy copy;

    public Copy() {
      RunSpec spec =
          RunSpec.of("r", 2, WORKERS, 1, 1, new Momentum(), TransportSpec.local(), WORKERS);
      List<Floats> zeros = List.of(Floats.of(new float[2]));
      copy =
          new ChunkCopy(
              spec,
              new float[2],
              new CopyState(
                  ONE,
                  0,
                  new CopyState.Dense(zeros, zeros, null),
                  List.of(0L),
                  -1,
                  List.of(),
                  List.of()));
      copy.open(1, new Chunk(0, ONE, 0, SELF, null), true, false);
    }

    /** Whether this made the step. */
    @Operation
    public boolean push(@Param(gen = IntGen.class, conf = "0:2") int worker) {
      Message.Push m = new Message.Push("r", 1, SELF, 0, 0, -1, List.of(leaf(worker)), List.of());
      Outbox out = new Outbox();
      boolean made = copy.push(m, answer -> {}, out);
      out.flush();
      return made;
    }

    @Operation
    public void fence() {
      copy.fence(2, new Outbox());
    }

    @Operation
    public long version() {
      return copy.version();
    }
  }

  @Test
  void aStepIsMadeOnceOrVoid() {
    check(Copy.class);
  }

  /** Memory that is lent. */
  public static class Lent {
    private static final int LENGTH = 1_024;
    private final Buffers buffers = new Buffers();

    @Operation
    public void give() {
      float[] a = new float[LENGTH];
      a[0] = 1;
      buffers.give(a);
    }

    /** Whether the array was given before. */
    @Operation
    public boolean take() {
      return buffers.floats(LENGTH)[0] != 0;
    }
  }

  @Test
  void anArrayIsLentToOneAtATime() {
    check(Lent.class);
  }
}
