package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Sums over the workers of one step and one range of numbers, in a fixed tree. Owns the numbers it
 * is given: siblings are added in place. Thread-safe.
 */
final class TreeSum {
  /* Siblings merge as soon as both are there, so at most one array a level waits, and which thread adds is left to chance
   * but never what is added to what: the bits depend on the tree alone. Siblings are taken out under the lock and added
   * outside it, so that the tasks of an executor add at the same time. */
  private final int workers;
  private final int maxima;
  private final TreeNode root;
  private final Consumer<Floats> freed;
  private final Map<TreeNode, PartialSum> waiting = new HashMap<>();
  private final BitSet seen;

  /**
   * @param maxima of so many dense numbers, the first ones, the largest stays instead of the sum
   * @param freed receives arrays that are no longer needed, on the thread that adds
   */
  TreeSum(int workers, int maxima, Consumer<Floats> freed) {
    this.workers = workers;
    this.maxima = maxima;
    this.root = TreeNode.root(workers);
    this.freed = freed;
    this.seen = new BitSet(workers);
  }

  /**
   * Adds a node's sum. Workers counted before are ignored, so a message may come twice.
   *
   * @return whether this call completed the sum over all workers
   * @throws IllegalArgumentException if only some of the node's workers were counted before, which
   *     no duplicate can cause
   */
  boolean add(PartialSum p) {
    if (!claim(p.node())) return false;
    PartialSum at = p;
    while (!at.node().equals(root)) {
      TreeNode sibling = at.node().sibling();
      if (sibling.first() >= workers) { // nobody there: the node bubbles up alone
        at = at.raised();
        continue;
      }
      PartialSum other = takeOrWait(sibling, at);
      if (other == null) return false;
      boolean left = at.node().first() < sibling.first();
      at = PartialSum.sum(left ? at : other, left ? other : at, maxima, freed);
    }
    synchronized (this) {
      waiting.put(root, at);
    }
    return true;
  }

  /** The largest complete nodes, by first worker; just the root once all workers are in. */
  synchronized List<PartialSum> nodes() {
    List<PartialSum> nodes = new ArrayList<>(waiting.values());
    nodes.sort(Comparator.comparing(p -> p.node().first()));
    return nodes;
  }

  private synchronized boolean claim(TreeNode node) {
    int end = node.end(workers);
    if (node.first() >= workers || node.level() > root.level())
      throw new IllegalArgumentException(node + " is outside the " + workers + " workers");
    if (seen.nextClearBit(node.first()) >= end) return false;
    int again = seen.nextSetBit(node.first());
    if (again >= 0 && again < end)
      throw new IllegalArgumentException(node + " holds worker " + again + ", summed before");
    seen.set(node.first(), end);
    return true;
  }

  private synchronized PartialSum takeOrWait(TreeNode sibling, PartialSum mine) {
    PartialSum other = waiting.remove(sibling);
    if (other == null) waiting.put(mine.node(), mine);
    return other;
  }
}
