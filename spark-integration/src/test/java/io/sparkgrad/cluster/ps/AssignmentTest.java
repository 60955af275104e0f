package io.sparkgrad.cluster.ps;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class AssignmentTest {
  @Provide
  Arbitrary<List<Assignment.TaskLocation>> tasks() {
    return Arbitraries.integers()
        .between(0, 4)
        .list()
        .ofMinSize(1)
        .ofMaxSize(20)
        .map(
            executors -> {
              List<Assignment.TaskLocation> all = new ArrayList<>();
              for (int e : executors)
                all.add(new Assignment.TaskLocation(100 - all.size(), "e" + e));
              return all;
            });
  }

  @Property
  void everyWorkerHasExactlyOneTask(
      @ForAll @IntRange(min = 1, max = 40) int workers,
      @ForAll("tasks") List<Assignment.TaskLocation> tasks) {
    BitSet covered = new BitSet();
    Set<Long> owners = new HashSet<>();
    for (Assignment.WorkerRange l : Assignment.assign(1, workers, tasks).ranges()) {
      assertTrue(l.count() > 0);
      assertTrue(owners.add(l.task()), "one contiguous range a task");
      assertTrue(tasks.contains(new Assignment.TaskLocation(l.task(), l.executor())));
      for (int w = l.first(); w < l.first() + l.count(); w++) {
        assertFalse(covered.get(w));
        covered.set(w);
      }
    }
    assertEquals(workers, covered.cardinality());
    assertEquals(workers, covered.length());
    assertEquals(Math.min(workers, tasks.size()), owners.size());
  }

  @Property
  void leasesAreAlignedBlocksThatDifferByATwofoldAtMost(
      @ForAll @IntRange(min = 1, max = 40) int workers,
      @ForAll("tasks") List<Assignment.TaskLocation> tasks) {
    int largest = 0;
    int smallest = Integer.MAX_VALUE;
    for (Assignment.WorkerRange l : Assignment.assign(1, workers, tasks).ranges()) {
      int end = l.first() + l.count();
      int size = Integer.highestOneBit(Math.max(1, 2 * l.count() - 1));
      assertEquals(0, l.first() % size, "aligned: " + l);
      assertTrue(l.count() == size || end == workers, "whole: " + l);
      largest = Math.max(largest, l.count());
      // the ragged end of a K that is no power of two may be smaller
      if (end < workers || Integer.bitCount(workers) == 1) smallest = Math.min(smallest, l.count());
    }
    assertTrue(smallest == Integer.MAX_VALUE || largest <= 2 * smallest);
  }

  @Property
  void aTaskWithALeaseKeepsOneWhenOthersJoin(
      @ForAll @IntRange(min = 1, max = 40) int workers,
      @ForAll("tasks") List<Assignment.TaskLocation> tasks) {
    Assignment all = Assignment.assign(2, workers, tasks);
    for (int n = 1; n < tasks.size(); n++)
      for (Assignment.WorkerRange l : Assignment.assign(1, workers, tasks.subList(0, n)).ranges())
        assertTrue(all.includes(l.task()));
  }

  @Property
  void theSameQuestionHasTheSameAnswer(
      @ForAll @IntRange(min = 1, max = 40) int workers,
      @ForAll("tasks") List<Assignment.TaskLocation> tasks) {
    assertEquals(
        Assignment.assign(3, workers, tasks),
        Assignment.assign(3, workers, new ArrayList<>(tasks)));
  }

  @Test
  void tasksOfAnExecutorGetNeighboursInOneSubtree() {
    Assignment assignment =
        Assignment.assign(1, 8, List.of(h(1, "a"), h(2, "b"), h(3, "a"), h(4, "b")));
    assertArrayEquals(new int[] {0, 1}, assignment.workersOf(1));
    assertArrayEquals(new int[] {2, 3}, assignment.workersOf(3));
    assertArrayEquals(new int[] {4, 5}, assignment.workersOf(2));
    assertArrayEquals(new int[] {6, 7}, assignment.workersOf(4));
  }

  @Test
  void threeTasksOnEachOfTwoExecutorsStillMakeOneSubtreeAnExecutor() {
    List<Assignment.TaskLocation> tasks = new ArrayList<>();
    for (int t = 0; t < 6; t++) tasks.add(h(t, t < 3 ? "a" : "b"));
    Assignment assignment = Assignment.assign(1, 8, tasks);
    assertEquals(4, assignment.workersOn("a"));
    assertEquals(4, assignment.workersOn("b"));
  }

  private static Assignment.TaskLocation h(long task, String executor) {
    return new Assignment.TaskLocation(task, executor);
  }
}
